import { afterEach, expect, test, vi } from 'vitest';
import { type Database, open, type OpenOptions } from '../../src/index.ts';
import { deleteIndexedDB } from '../../src/storage/indexeddb.ts';

const TableName = 'Things';
const tables = [
  {
    TableName,
    AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
    KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
    BillingMode: 'PAY_PER_REQUEST',
  },
] as const;

const opened: { readonly db: Database; readonly name: string }[] = [];

/** A database with a worker of its own, as each tab has one. */
async function openTab(name: string, options: OpenOptions = {}): Promise<Database> {
  const db = await open(name, { tables, ...options });
  opened.push({ db, name });
  return db;
}

afterEach(async () => {
  const names = new Set(opened.map(({ name }) => name));
  for (const { db } of opened.splice(0)) await db.close();
  for (const name of names) await deleteIndexedDB(name);
});

async function numberOf(db: Database, id = 'a'): Promise<number | undefined> {
  const { Item } = await db.getItem<{ n: number }>({ TableName, Key: { id } });
  return Item?.n;
}

function put(db: Database, n: number, id = 'a'): Promise<object> {
  return db.putItem({ TableName, Item: { id, n } });
}

/** Whether a read was answered before any message could come. */
async function isAtHand(db: Database): Promise<boolean> {
  let came = false;
  void numberOf(db).then(() => {
    came = true;
  });
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
  return came;
}

test('an item that was read is at hand, until the page writes it', async () => {
  const db = await openTab(`page-cache-${Date.now()}`);
  await put(db, 1);
  await vi.waitFor(async () => {
    await numberOf(db);
    expect(await isAtHand(db)).toBe(true);
  });
  await put(db, 2);
  expect(await isAtHand(db)).toBe(false);
  expect(await numberOf(db)).toBe(2);
});

test('what another tab writes is seen soon, however often the item is read meanwhile', async () => {
  const name = `page-cache-tabs-${Date.now()}`;
  const [one, two] = [await openTab(name), await openTab(name)];
  await put(one, 0);
  await vi.waitFor(async () => expect(await numberOf(two)).toBe(0));
  for (let n = 1; n <= 20; n += 1) {
    await put(one, n);
    const seen: (number | undefined)[] = [];
    const started = performance.now();
    while (seen.at(-1) !== n && performance.now() - started < 5000) seen.push(await numberOf(two));
    expect(seen.at(-1)).toBe(n);
    // Never back to an older one.
    expect(seen).toEqual(seen.toSorted((a = 0, b = 0) => a - b));
  }
});

test('with no bytes nothing is kept', async () => {
  const db = await openTab(`page-cache-off-${Date.now()}`, { pageCacheBytes: 0 });
  await put(db, 1);
  for (let round = 0; round < 5; round += 1) {
    await numberOf(db);
    expect(await isAtHand(db)).toBe(false);
  }
});
