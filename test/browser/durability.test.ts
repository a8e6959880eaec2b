/** Barriers over the browser's own IndexedDB, and what a page and its worker do for them. */
import { afterEach, describe, expect, test, vi } from 'vitest';
import { TestClock } from '../../src/client/test-clock.ts';
import { openEngine } from '../../src/engine/engine.ts';
import type { Engine } from '../../src/engine/engine-types.ts';
import { systemRandom } from '../../src/host/ports.ts';
import { type CreateTableInput, type Database, type OpenOptions, open } from '../../src/index.ts';
import { owner } from '../../src/operation/request.ts';
import { decodeMeta, encodeMeta } from '../../src/pager/meta.ts';
import { metaKey, type Store } from '../../src/port/store.ts';
import { deleteIndexedDB, openIndexedDB } from '../../src/storage/indexeddb.ts';

const TableName = 'Notes';
const notes: CreateTableInput = {
  TableName,
  AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
  KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
  BillingMode: 'PAY_PER_REQUEST',
};

const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  vi.restoreAllMocks();
  for (const end of ends.splice(0)) await end();
});

function newName(): string {
  const name = `durability-test-${crypto.randomUUID()}`;
  ends.push(() => deleteIndexedDB(name));
  return name;
}

async function openNotes(name: string, options: OpenOptions): Promise<Database> {
  const db = await open(name, { tables: [notes], ...options });
  ends.unshift(() => db.close());
  return db;
}

/** Transactions that may write, by what they ask for. */
function spyOnWrites(): { readonly durabilities: (string | undefined)[] } {
  const durabilities: (string | undefined)[] = [];
  const begin = IDBDatabase.prototype.transaction;
  vi.spyOn(IDBDatabase.prototype, 'transaction').mockImplementation(function (
    this: IDBDatabase,
    ...args: Parameters<typeof begin>
  ) {
    if (args[1] === 'readwrite') durabilities.push(args[2]?.durability);
    return begin.apply(this, args);
  });
  return { durabilities };
}

function call(engine: Engine, operation: string, input: object): Promise<object> {
  return engine.call({ operation, input, form: 'plain', caller: owner });
}

async function isCovered(db: { status(): Promise<unknown> }): Promise<boolean> {
  const { sequence, durableSeq } = (await db.status()) as Record<string, number>;
  return sequence === durableSeq;
}

describe('an engine over IndexedDB', () => {
  test('covers a second of relaxed writes by one strict transaction, and then rests', async () => {
    const clock = new TestClock();
    clock.freeze();
    const store: Store = await openIndexedDB(newName());
    const engine = await openEngine({ store, clock, scheduler: clock, random: systemRandom });
    ends.unshift(() => engine.close());
    await call(engine, 'CreateTable', notes);
    await engine.barrier();
    const { durabilities } = spyOnWrites();
    const put = (id: string): Promise<object> =>
      call(engine, 'PutItem', { TableName, Item: { id } });
    await put('a');
    await put('b');
    clock.advance(999);
    await put('c');
    expect(durabilities).toEqual(['relaxed', 'relaxed', 'relaxed']);
    clock.advance(1);
    await engine.whenDurable(engine.status().sequence);
    expect(durabilities.slice(3)).toEqual(['strict']);
    for (let hour = 0; hour < 5; hour += 1) {
      clock.advance(3_600_000);
      await clock.breathe();
    }
    expect(durabilities.length).toBe(4);
  });
});

describe('a page', () => {
  test.each(['visibilitychange', 'pagehide'])(
    'that is hidden (%s) covers its writes',
    async (type) => {
      const db = await openNotes(newName(), { barrierMs: Number.POSITIVE_INFINITY });
      await db.putItem({ TableName, Item: { id: 'a' } });
      expect(await isCovered(db)).toBe(false);
      vi.spyOn(document, 'visibilityState', 'get').mockReturnValue('hidden');
      (type === 'pagehide' ? globalThis : document).dispatchEvent(new Event(type));
      await expect.poll(() => isCovered(db)).toBe(true);
    },
  );

  test('asks for durability by call and by table', async () => {
    const name = newName();
    const options = { barrierMs: Number.POSITIVE_INFINITY };
    const db = await openNotes(name, { ...options, tableDurability: { [TableName]: 'strict' } });
    await db.putItem({ TableName, Item: { id: 'a' } });
    expect(await isCovered(db)).toBe(true);
    await db.putItem({ TableName, Item: { id: 'b' } }, { durability: 'relaxed' });
    expect(await isCovered(db)).toBe(false);
    const other = await openNotes(name, options);
    await other.putItem({ TableName, Item: { id: 'c' } });
    expect(await isCovered(other)).toBe(true);
  });
});

describe('a database that a newer release has changed', () => {
  async function raiseFormat(name: string): Promise<void> {
    const store = await openIndexedDB(name);
    const stored = await store.get('meta', metaKey);
    if (stored === undefined) throw new Error('no meta record');
    const value = encodeMeta({ ...decodeMeta(stored), format: 9 });
    await store.write({ put: [{ space: 'meta', key: metaKey, value }] });
    await store.close();
  }
  const refusal = { name: 'DatabaseError', why: 'update-needed' };

  test('stops a page that has it open, and refuses one that opens it', async () => {
    const name = newName();
    const db = await openNotes(name, {});
    await db.putItem({ TableName, Item: { id: 'a' } });
    await raiseFormat(name);
    const read = db.getItem({ TableName, Key: { id: 'a' }, ConsistentRead: true });
    await expect(read).rejects.toMatchObject(refusal);
    await expect(db.putItem({ TableName, Item: { id: 'b' } })).rejects.toMatchObject(refusal);
    expect(await db.status()).toMatchObject({ stopped: 'update-needed' });
    await expect(open(name)).rejects.toMatchObject(refusal);
  });
});
