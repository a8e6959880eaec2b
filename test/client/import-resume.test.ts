/** Imports that break off and go on: what was kept of the source is not sent once more. */
import { describe, expect, test, vi } from 'vitest';
import type { ImportOptions, ImportSource } from '../../src/client/import.ts';
import { openInMemory, type TestDatabase } from '../../src/client/in-memory.ts';

// A run is stored after some hundred items, and not after 24 MB.
vi.mock('../../src/base/limits.ts', async (importOriginal) => {
  return { ...(await importOriginal<object>()), importRunBytes: 40_000 };
});

const TableName = 'Bulk';
const table = {
  TableName,
  BillingMode: 'PAY_PER_REQUEST',
  AttributeDefinitions: [{ AttributeName: 'p', AttributeType: 'S' }],
  KeySchema: [{ AttributeName: 'p', KeyType: 'HASH' }],
} as const;
const importId = 'mine';

interface Thing {
  readonly p: string;
  readonly state: string;
  readonly text: string;
}

const count = 3000;
const brokenAt = 2500;

/** `state`, which is equally long always, tells who has brought an item. */
function thing(at: number, state: 'first' | 'again'): Thing {
  return { p: `p${at}`, state, text: 'x'.repeat(50) };
}

const again: readonly Thing[] = Array.from({ length: count }, (_, at) => thing(at, 'again'));
const first: readonly Thing[] = Array.from({ length: brokenAt }, (_, at) => thing(at, 'first'));
const cut = new Error('the line was cut');

function stream<T>(parts: Iterable<T>, end?: Error): ReadableStream<T> {
  const rest = parts[Symbol.iterator]();
  return new ReadableStream({
    async pull(controller) {
      // The engine, in the same thread, takes meanwhile what has come.
      await new Promise(setImmediate);
      const { done, value } = rest.next();
      if (done !== true) controller.enqueue(value);
      else if (end === undefined) controller.close();
      else controller.error(end);
    },
  });
}

/** JSON lines in pieces that end anywhere. */
function* pieces(things: readonly Thing[]): Generator<Uint8Array> {
  const bytes = new TextEncoder().encode(things.map((one) => `${JSON.stringify(one)}\n`).join(''));
  for (let at = 0; at < bytes.length; at += 1777) yield bytes.slice(at, at + 1777);
}

async function all(db: TestDatabase): Promise<readonly Thing[]> {
  const { Items = [] } = await db.scan<Thing>({ TableName });
  return Items;
}

describe('an import with an id that broke off goes on behind what was kept of', () => {
  const rows: [string, () => ImportSource, () => ImportSource, ImportOptions?][] = [
    // Its last is no item, and none may be refused.
    ['an array', () => [...first, { q: 1 }], () => again, { maxErrors: 0 }],
    ['a stream of objects', () => stream(first, cut), () => stream(again)],
    ['a stream of JSON lines', () => stream(pieces(first), cut), () => stream(pieces(again))],
  ];
  test.each(rows)('%s', async (_name, broken, whole, options) => {
    const db = await openInMemory({ tables: [table] });
    await expect(db.import(TableName, broken(), { importId, ...options })).rejects.toThrow();
    const result = await db.import(TableName, whole(), { importId });
    expect(result).toMatchObject({
      way: 'build',
      processedItemCount: count,
      importedItemCount: count,
      overwrittenItemCount: 0,
    });
    const items = await all(db);
    expect(items).toHaveLength(count);
    const kept = items.filter(({ state }) => state === 'first').map(({ p }) => p);
    expect(kept.length).toBeGreaterThan(brokenAt / 10);
    const prefix = first.slice(0, kept.length).map(({ p }) => p);
    expect(new Set(kept)).toEqual(new Set(prefix));
    await db.close();
  });
});
