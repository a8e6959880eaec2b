/** What a page sees of a store that fails, in a real browser (docs/failures.md). */
import { afterEach, describe, expect, test } from 'vitest';
import {
  type CreateTableInput,
  type Database,
  deleteDatabase,
  listDatabases,
  type Notice,
  type NoticeType,
  open,
} from '../../src/index.ts';
import { openIndexedDB } from '../../src/storage/indexeddb.ts';
import { databaseNameOf } from '../../src/storage/names.ts';

const TableName = 'Things';
const table: CreateTableInput = {
  TableName,
  AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
  KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
  BillingMode: 'PAY_PER_REQUEST',
};
const Key = { id: 'a' };

const databases: Database[] = [];
const names = new Set<string>();
let count = 0;

function newName(): string {
  count += 1;
  const name = `failures-test-${Date.now()}-${count}`;
  names.add(name);
  return name;
}

async function openThings(name: string): Promise<Database> {
  const worker = (): Worker =>
    new Worker(new URL('../../worker/web-worker.ts', import.meta.url), { type: 'module' });
  const db = await open(name, { tables: [table], worker, persist: false });
  databases.push(db);
  return db;
}

/** The next notice of this type. */
function next(db: Database, type: NoticeType): Promise<Notice> {
  return new Promise((resolve) => {
    db.on(type, resolve);
  });
}

function ended<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

afterEach(async () => {
  for (const db of databases.splice(0)) await db.close();
  for (const name of names) await deleteDatabase(name);
  names.clear();
});

describe('a database that is deleted', () => {
  test('is listed no more; who has it open is told, and its calls are rejected', async () => {
    const name = newName();
    const db = await openThings(name);
    await db.putItem({ TableName, Item: Key });
    expect(await listDatabases()).toContain(name);
    const closed = next(db, 'closed');
    const startMs = performance.now();
    await deleteDatabase(name);
    expect(performance.now() - startMs).toBeLessThan(5000);
    expect((await closed).message).toContain('is being deleted');
    await expect(db.getItem({ TableName, Key })).rejects.toMatchObject({ why: 'closed' });
    expect(await db.status()).toMatchObject({ connection: 'closed' });
    expect(await listDatabases()).not.toContain(name);
    const again = await openThings(name);
    expect((await again.getItem({ TableName, Key })).Item).toBeUndefined();
    expect((await again.status()).dataLoss).toBeUndefined();
  });
});

describe('a database that was evicted while nobody had it open', () => {
  test('is announced by the next open, and by no later one', async () => {
    const name = newName();
    const first = await openThings(name);
    await first.putItem({ TableName, Item: Key });
    await first.close();
    // As a browser does it: without a word to us.
    await ended(indexedDB.deleteDatabase(databaseNameOf(name)));
    const second = await openThings(name);
    expect(await next(second, 'data-loss')).toMatchObject({ why: 'evicted' });
    expect((await second.status()).dataLoss).toContain(name);
    await second.putItem({ TableName, Item: Key });
    await second.close();
    const third = await openThings(name);
    expect((await third.status()).dataLoss).toBeUndefined();
    expect((await third.getItem({ TableName, Key })).Item).toEqual(Key);
  });

  test('a first visit is none', async () => {
    const db = await openThings(newName());
    expect((await db.status()).dataLoss).toBeUndefined();
  });
});

describe('a transaction of another tab that does not end', () => {
  test('ends writes and reads within the limit, and they succeed after it', async () => {
    const name = newName();
    const store = await openIndexedDB(name, { answerMs: 300 });
    const record = (key: number) => ({ space: 'log', key, value: Uint8Array.of(key) }) as const;
    expect(await store.write({ add: [record(1)] })).toMatchObject({ kind: 'done' });
    const holder = await ended(indexedDB.open(databaseNameOf(name)));
    const transaction = holder.transaction(['log', 'page', 'meta'], 'readwrite');
    let held = true;
    const hold = (): void => {
      if (held) transaction.objectStore('log').count().onsuccess = hold;
    };
    hold();
    const two = { add: [record(2), record(3)] };
    expect(await store.write(two)).toMatchObject({ kind: 'unknown' });
    await expect(store.get('log', 1)).rejects.toMatchObject({ why: 'lost' });
    held = false;
    holder.close();
    expect(await store.get('log', 2)).toBeUndefined();
    expect(await store.write(two)).toMatchObject({ kind: 'done' });
    expect(await store.get('log', 3)).toEqual(Uint8Array.of(3));
    await store.close();
  });
});

describe('closing', () => {
  test('lets the calls under way end, and tells', async () => {
    const name = newName();
    const db = await openThings(name);
    const told = next(db, 'closed');
    const ids = Array.from({ length: 50 }, (_, at) => `k${at}`);
    const puts = ids.map((id) => db.putItem({ TableName, Item: { id } }));
    await db.close();
    await Promise.all(puts);
    expect(await told).toMatchObject({ type: 'closed' });
    const again = await openThings(name);
    expect(await again.scan({ TableName, Select: 'COUNT' })).toMatchObject({ Count: 50 });
  });
});

test('the status says whether the browser may evict the data', async () => {
  const db = await openThings(newName());
  const status = await db.status();
  // WebKitGTK has no manager of storage, and says nothing.
  const manager = navigator.storage as StorageManager | undefined;
  expect(status.persisted).toBe(await manager?.persisted());
  expect(status).toMatchObject({ connection: 'open', reconnects: 0, closed: false });
  expect(status.storeId).toMatch(/^[0-9a-f]{32}$/);
});
