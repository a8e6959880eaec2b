import 'fake-indexeddb/auto';
import { IDBFactory } from 'fake-indexeddb';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { storeReopensMax } from '../../src/base/limits.ts';
import type { Store, WriteResult } from '../../src/port/store.ts';
import { deleteIndexedDB, openIndexedDB } from '../../src/storage/indexeddb.ts';
import { storeSuite } from '../suite/store.ts';
import { cutBefore, failNext, failOpens } from '../support/idb-world.ts';

storeSuite('IndexedDB, faked', async () => {
  const factory = new IDBFactory();
  return { open: () => openIndexedDB('test', { factory }), dispose: async () => {} };
});

// A cut costs a call another try, and nothing of what it is to do. Left out are 1, where a test
// changes the bytes of a write before the try that stores them, and 3, where one has removed the
// meta record: what is found then counts as cleared.
describe.each([2, 4, 5, 6, 7, 8])('before transaction %i', (nth) => {
  storeSuite('IndexedDB, faked, whose connection is cut', async () => {
    const factory = new IDBFactory();
    cutBefore(nth, factory);
    return { open: () => openIndexedDB('test', { factory }), dispose: async () => {} };
  });
});

afterEach(() => vi.restoreAllMocks());

const value = Uint8Array.of(1, 2, 3);
const add = (key: number) => ({ add: [{ space: 'log', key, value } as const] });

/** A store, and its raw connection, caught on its way in. */
async function spied(): Promise<{ store: Store; db: IDBDatabase; factory: IDBFactory }> {
  const factory = new IDBFactory();
  let db: IDBDatabase | undefined;
  const open = factory.open.bind(factory);
  vi.spyOn(factory, 'open').mockImplementation((...args) => {
    const request = open(...args);
    request.addEventListener('success', () => {
      db = request.result as IDBDatabase;
    });
    return request;
  });
  const store = await openIndexedDB('test', { factory });
  if (db === undefined) throw new Error('no connection was opened');
  return { store, db, factory };
}

describe('IndexedDB', () => {
  test('keeps its version at 1 and three object stores', async () => {
    const { db, store } = await spied();
    expect(db.version).toBe(1);
    expect([...db.objectStoreNames]).toEqual(['log', 'meta', 'page']);
    await store.close();
  });

  test('opens a write over the spaces it touches, and meta when it is asked about', async () => {
    const { db, store } = await spied();
    const begin = vi.spyOn(db, 'transaction');
    await store.write(add(1));
    await store.write({ ...add(2), expectMeta: () => true, strict: true });
    expect(begin.mock.calls).toEqual([
      [['log'], 'readwrite', { durability: 'relaxed' }],
      [['log', 'meta'], 'readwrite', { durability: 'strict' }],
    ]);
  });

  // The name an abort has when no request of ours failed, and what it means.
  const aborts: readonly (readonly [string, WriteResult])[] = [
    ['QuotaExceededError', { kind: 'refused', why: 'full' }],
    ['UnknownError', { kind: 'unknown' }],
    ['AbortError', { kind: 'unknown' }],
  ];
  test.each(aborts)('answers an abort by %s, then goes on', async (name, answer) => {
    const { db, store } = await spied();
    failNext(db, name);
    const batch = { add: [...add(1).add, ...add(2).add] };
    expect(await store.write(batch)).toMatchObject(answer);
    expect(await store.get('log', 1)).toBeUndefined();
    expect(await store.write(batch)).toMatchObject({ kind: 'done' });
  });

  test('opens a dead connection again before anything was issued', async () => {
    const { db, store, factory } = await spied();
    db.close();
    expect(await store.write(add(1))).toMatchObject({ kind: 'done' });
    expect(await store.get('log', 1)).toEqual(value);
    expect(factory.open).toHaveBeenCalledTimes(2);
  });

  test('reads again on a new connection', async () => {
    const { db, store, factory } = await spied();
    await store.write(add(1));
    db.close();
    const reads = [store.get('log', 1), store.get('log', 1)];
    expect(await Promise.all(reads)).toEqual([value, value]);
    expect(factory.open).toHaveBeenCalledTimes(2);
  });

  test('answers unknown and lost when it cannot be opened again', async () => {
    const { db, store, factory } = await spied();
    db.close();
    vi.spyOn(factory, 'open').mockImplementation(() => {
      throw new DOMException('', 'UnknownError');
    });
    expect(await store.write(add(1))).toMatchObject({ kind: 'unknown' });
    await expect(store.get('log', 1)).rejects.toMatchObject({ why: 'lost' });
  });

  test('opens again after the browser closed it', async () => {
    const { db, store } = await spied();
    await store.write(add(1));
    db.close();
    db.onclose?.(new Event('close'));
    expect(await store.get('log', 1)).toEqual(value);
  });

  test('gets out of the way of who deletes the database', async () => {
    const { store, factory } = await spied();
    await store.write(add(1));
    await deleteIndexedDB('test', { factory });
    expect(await store.write(add(2))).toMatchObject({ kind: 'refused', why: 'closed' });
    await expect(store.get('log', 1)).rejects.toMatchObject({ why: 'closed' });
    expect(await factory.databases()).toEqual([]);
  });

  const failures = [
    ['QuotaExceededError', 'full'],
    ['SecurityError', 'denied'],
    ['VersionError', 'denied'],
    ['UnknownError', 'lost'],
  ] as const;
  test.each(failures)('cannot be opened: %s is %s', async (name, why) => {
    const factory = new IDBFactory();
    vi.spyOn(factory, 'open').mockImplementation(() => {
      throw new DOMException('', name);
    });
    const open = openIndexedDB('test', { factory });
    await expect(open).rejects.toMatchObject({ name: 'StoreFailure', why });
  });

  // Private mode, a sandboxed frame, a user's setting: the browser opens a request, and refuses it.
  const answers = [
    ['InvalidStateError', 'denied'],
    ['NotAllowedError', 'denied'],
    ['SecurityError', 'denied'],
    ['QuotaExceededError', 'full'],
    ['UnknownError', 'lost'],
  ] as const;
  test.each(answers)('is refused by the request that opens it: %s is %s', async (name, why) => {
    const factory = new IDBFactory();
    const events = failOpens(factory, name);
    const open = openIndexedDB('test', { factory });
    await expect(open).rejects.toMatchObject({ name: 'StoreFailure', why, cause: { name } });
    // Only what may pass is asked for again, and none is reported as caught by nobody.
    const tries = why === 'lost' ? storeReopensMax : 1;
    expect(events.map(({ defaultPrevented }) => defaultPrevented)).toEqual(
      Array.from({ length: tries }, () => true),
    );
  });

  test('says so where there is none', async () => {
    vi.stubGlobal('indexedDB', undefined);
    await expect(openIndexedDB('test')).rejects.toMatchObject({ why: 'denied' });
    vi.unstubAllGlobals();
  });

  test('stores of a view only what it shows', async () => {
    const { db, store } = await spied();
    const large = new Uint8Array(1000);
    const view = large.subarray(10, 20);
    await store.write({ put: [{ space: 'page', key: 1, value: view }] });
    const request = db.transaction('page').objectStore('page').get(1);
    const raw = await new Promise<Uint8Array>((resolve) => {
      request.onsuccess = () => resolve(request.result);
    });
    expect(raw.buffer.byteLength).toBe(10);
  });
});
