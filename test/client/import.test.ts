import { describe, expect, test } from 'vitest';
import { importBatchBytes, importBatchesMax, importBatchItems } from '../../src/base/limits.ts';
import { type ImportOptions, type ImportSource, runImport } from '../../src/client/import.ts';
import type { Connection } from '../../src/client/connection.ts';
import { openInMemory, type TestDatabase } from '../../src/client/in-memory.ts';
import type { ImportState } from '../../src/engine/import-types.ts';
import { unpack } from '../../src/value/packed.ts';
import type { ImportInput } from '../../src/wire/import.ts';

const TableName = 'Bulk';
const table = {
  TableName,
  BillingMode: 'PAY_PER_REQUEST',
  AttributeDefinitions: [
    { AttributeName: 'p', AttributeType: 'S' },
    { AttributeName: 'g', AttributeType: 'S' },
  ],
  KeySchema: [{ AttributeName: 'p', KeyType: 'HASH' }],
  GlobalSecondaryIndexes: [
    {
      IndexName: 'byG',
      KeySchema: [{ AttributeName: 'g', KeyType: 'HASH' }],
      Projection: { ProjectionType: 'ALL' },
    },
  ],
} as const;

interface Thing {
  readonly p: string;
  readonly g: string;
  readonly n: number;
}

const things: readonly Thing[] = Array.from({ length: 3000 }, (_, at) => {
  return { p: `p${(at * 7) % 3000}`, g: `g${at % 5}`, n: at };
});
const lines = things.map((thing) => JSON.stringify(thing)).join('\n');
const wireLines = things
  .map(({ p, g, n }) => JSON.stringify({ Item: { p: { S: p }, g: { S: g }, n: { N: `${n}` } } }))
  .join('\n');

function objectStream(objects: readonly object[] = things): ReadableStream {
  return new ReadableStream({
    start(controller) {
      for (const object of objects) controller.enqueue(object);
      controller.close();
    },
  });
}

async function* slowly(): AsyncGenerator<Thing, void, void> {
  for (const thing of things) {
    if (thing.n % 500 === 0) await new Promise((resolve) => setTimeout(resolve, 2));
    yield thing;
  }
}

async function all(db: TestDatabase, IndexName?: string): Promise<Thing[]> {
  const found: Thing[] = [];
  let ExclusiveStartKey: unknown;
  do {
    const input = {
      TableName,
      ...(IndexName && { IndexName }),
      ...(ExclusiveStartKey ? { ExclusiveStartKey } : {}),
    };
    const page = (await db.call('Scan', input)) as { Items: Thing[]; LastEvaluatedKey?: unknown };
    found.push(...page.Items);
    ExclusiveStartKey = page.LastEvaluatedKey;
  } while (ExclusiveStartKey !== undefined);
  return found.sort((a, b) => a.n - b.n);
}

describe('an import of', () => {
  const rows: [string, () => ImportSource, ImportOptions?][] = [
    ['an array', () => things],
    ['an iterable', () => new Set(things)],
    ['an async iterable', slowly],
    ['a Blob of JSON lines', () => new Blob([lines])],
    ['a Blob of DynamoDB JSON', () => new Blob([wireLines]), { format: 'dynamodb-json' }],
    ['a Response', () => new Response(lines)],
    ['a stream of bytes', () => new Blob([lines]).stream()],
    ['a stream of objects', () => objectStream()],
    ['texts', () => [lines.slice(0, 5000), lines.slice(5000)].values()],
  ];
  test.each(rows)('%s', async (_name, source, options) => {
    const db = await openInMemory();
    const told: ImportState[] = [];
    const onProgress = (state: ImportState): void => void told.push(state);
    const result = await db.import(table, source(), { onProgress, ...options });
    expect(result).toMatchObject({
      way: 'build',
      processedItemCount: 3000,
      importedItemCount: 3000,
      errorCount: 0,
      overwrittenItemCount: 0,
      errors: [],
    });
    expect(result.processedSizeBytes).toBeGreaterThan(3000 * 10);
    expect(told.at(-1)).toMatchObject({ phase: 'done', processedItemCount: 3000 });
    expect(await all(db)).toEqual(things);
    expect(await all(db, 'byG')).toEqual(things);
    await db.close();
  });

  test('lines and objects that are no items goes on, and tells of them', async () => {
    const db = await openInMemory({ tables: [table] });
    const text = '{"p":"a"}\nnonsense\n{"q":1}\n{"p":"b","g":7}\n{"p":"a","n":2}';
    const result = await db.import(TableName, new Blob([text]));
    expect(result).toMatchObject({
      processedItemCount: 5,
      importedItemCount: 2,
      overwrittenItemCount: 1,
      errorCount: 3,
      processedSizeBytes: text.length,
    });
    expect(result.errors.map(({ index }) => index)).toEqual([1, 2, 3]);
    expect(await all(db)).toEqual([{ p: 'a', n: 2 }]);
    await db.close();
  });

  test('objects of all kinds keeps their order, and tells of those that are no items', async () => {
    const db = await openInMemory({ tables: [table] });
    const nested = { p: 'a', n: { deep: [1, 'x'] }, tags: new Set(['t']) };
    const items = [
      { p: 'a', n: 1 },
      { q: 1 },
      nested,
      { p: 'b', n: Number.NaN },
      { p: 'c', g: 'g' },
    ];
    const result = await db.import(TableName, [...items, [], { p: 'd', n: 1 }, { p: 'd', n: 2 }]);
    expect(result).toMatchObject({ processedItemCount: 8, errorCount: 3, overwrittenItemCount: 2 });
    expect(result.errors.map(({ index }) => index)).toEqual([1, 3, 5]);
    expect(result.errors[1]?.message).toContain('cannot be converted to a numeric value');
    expect((await all(db)).sort((a, b) => (a.p < b.p ? -1 : 1))).toEqual([
      nested,
      { p: 'c', g: 'g' },
      { p: 'd', n: 2 },
    ]);
    expect(await all(db, 'byG')).toEqual([{ p: 'c', g: 'g' }]);
    await db.close();
  });

  test('objects of which most are nested has all of them', async () => {
    const db = await openInMemory({ tables: [table] });
    const items = Array.from({ length: 2500 }, (_, n) => {
      return { p: `p${n}`, g: 'g', n, ...(n % 4 === 0 ? {} : { list: [n] }) };
    });
    expect(await db.import(TableName, items)).toMatchObject({
      importedItemCount: 2500,
      way: 'build',
    });
    expect(await all(db)).toHaveLength(2500);
    expect(await all(db, 'byG')).toEqual(items);
    await db.close();
  });

  test('a table with items puts them', async () => {
    const db = await openInMemory({ tables: [table] });
    await db.putItem({ TableName, Item: { p: 'p0', n: -1, g: 'old' } });
    expect(await db.import(TableName, things)).toMatchObject({
      way: 'log',
      importedItemCount: 3000,
    });
    expect(await all(db, 'byG')).toEqual(things);
    await db.close();
  });
});

describe('an import that', () => {
  test('is aborted rejects, and its table is as it was', async () => {
    const db = await openInMemory({ tables: [table] });
    const aborter = new AbortController();
    async function* endless(): AsyncGenerator<Thing, void, void> {
      for (const thing of things) {
        if (thing.n === 2000) aborter.abort(new Error('enough'));
        yield thing;
      }
    }
    const work = db.import(TableName, endless(), { signal: aborter.signal });
    await expect(work).rejects.toMatchObject({ name: 'AbortError' });
    expect(await all(db)).toEqual([]);
    await db.putItem({ TableName, Item: { p: 'a', n: 1, g: 'g' } });
    await expect(db.import(TableName, [], { signal: aborter.signal })).rejects.toMatchObject({
      name: 'AbortError',
    });
    await db.close();
  });

  test('had its table made leaves none when its source fails', async () => {
    const db = await openInMemory();
    async function* broken(): AsyncGenerator<Thing, void, void> {
      yield* things.slice(0, 500);
      throw new Error('the line was cut');
    }
    await expect(db.import(table, broken())).rejects.toThrow('the line was cut');
    await expect(db.describeTable({ TableName })).rejects.toThrow('not found');
    await db.close();
  });

  const large = things.map((thing) => ({ ...thing, v: 'x'.repeat(3000) }));
  const beside = large.map((thing) => ({ ...thing, w: [] }));

  interface Batch {
    readonly items: number;
    readonly bytes: number;
  }

  /** The batches of a source whose answers come one at a time, and how many were under way. */
  async function batchesOf(source: ImportSource): Promise<readonly [readonly Batch[], number]> {
    const held: (() => void)[] = [];
    let most = 0;
    const batches: Batch[] = [];
    const call = async (operation: string, input: Partial<ImportInput>): Promise<object> => {
      if (operation !== 'ImportWrite') return { Id: 1, way: 'build' };
      const { Items = [], Packed } = input;
      const { length } = Packed === undefined ? Items : unpack(Packed, Items);
      const bytes = JSON.stringify(Items).length + (Packed?.length ?? 0);
      batches.push({ items: length, bytes });
      const taken = new Promise<void>((resolve) => void held.push(resolve));
      most = Math.max(most, held.length);
      await taken;
      // Of what the page has weighed nothing is learned from its answer.
      const isKnown = Items.length === 0;
      return { Id: 1, processedItemCount: 1, processedSizeBytes: isKnown ? 1e6 : 3000 };
    };
    let isOver = false;
    const run = runImport({ call } as unknown as Connection, TableName, source).then(() => {
      isOver = true;
    });
    while (!isOver) {
      await new Promise((resolve) => setTimeout(resolve, 1));
      held.shift()?.();
    }
    await run;
    return [batches, most];
  }

  test.each([
    ['an array', () => large],
    ['a stream', () => objectStream(large)],
    ['an array of items that are not packed', () => beside],
    ['a stream of items that are not packed', () => objectStream(beside)],
  ])('%s keeps a few batches under way, whatever the worker takes', async (_name, source) => {
    const [batches, most] = await batchesOf(source());
    expect(batches.reduce((sum, { items }) => sum + items, 0)).toBe(things.length);
    expect(batches.length).toBeGreaterThan(2 * importBatchesMax);
    const largest = Math.max(...batches.map(({ bytes }) => bytes));
    expect(largest).toBeGreaterThan(importBatchBytes / 2);
    expect(largest).toBeLessThan(importBatchBytes * 2);
    expect(most).toBe(importBatchesMax);
  });

  test('begins with small batches', async () => {
    const [batches] = await batchesOf([...things, ...things, ...things]);
    const counts = batches.map(({ items }) => items);
    expect(counts[0]).toBeLessThanOrEqual(32);
    expect(Math.max(...counts)).toBe(importBatchItems);
    for (const [at, count] of counts.entries()) {
      if (at > 0) expect(count).toBeLessThanOrEqual(4 * (counts[at - 1] as number));
    }
  });

  test('has no batch that is too large where items become so', async () => {
    const v = 'x'.repeat(20_000);
    const stretch = [...things, ...things.slice(0, 100).map((thing) => ({ ...thing, v }))];
    const [batches] = await batchesOf([...stretch, ...stretch, ...stretch]);
    const largest = Math.max(...batches.map(({ bytes }) => bytes));
    expect(largest).toBeGreaterThan(importBatchBytes);
    expect(largest).toBeLessThan(importBatchBytes + 21_000);
  });

  test('is into a table that is not there is refused', async () => {
    const db = await openInMemory();
    await expect(db.import('Nothing', [])).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
    await db.close();
  });
});
