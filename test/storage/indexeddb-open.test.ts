import 'fake-indexeddb/auto';
import { IDBFactory } from 'fake-indexeddb';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { storeOpenMs } from '../../src/base/limits.ts';
import {
  deleteIndexedDB,
  deleteIndexedDBAt,
  headOfLog,
  isQuota,
  listIndexedDB,
  openDatabase,
} from '../../src/storage/indexeddb-open.ts';
import { databaseNameOf } from '../../src/storage/names.ts';
import { openRaw } from '../support/idb-world.ts';

afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

const denied = { name: 'StoreFailure', why: 'denied' };

describe('a database is deleted at the head that was seen', () => {
  async function withLog(factory: IDBFactory, keys: readonly number[]): Promise<void> {
    const db = await openDatabase('notes', true, { factory });
    const log = db.transaction('log', 'readwrite').objectStore('log');
    for (const key of keys) log.put(new Uint8Array(1), key);
    await new Promise((resolve) => {
      log.transaction.oncomplete = resolve;
    });
    db.close();
  }

  test('and not behind it: then it is as it was', async () => {
    const factory = new IDBFactory();
    await withLog(factory, []);
    expect(await headOfLog('notes', { factory })).toBe(0);
    await withLog(factory, [1, 2]);
    await expect(deleteIndexedDBAt('notes', 0, { factory })).rejects.toMatchObject({
      name: 'StoreFailure',
      why: 'lost',
      message: expect.stringContaining('nothing was deleted'),
    });
    expect(await headOfLog('notes', { factory })).toBe(2);
    await deleteIndexedDBAt('notes', 2, { factory });
    expect(await listIndexedDB({ factory })).toEqual([]);
  });

  test('when all have given way, and one that does not is told of in time', async () => {
    const factory = new IDBFactory();
    await withLog(factory, [1]);
    const holder = await openRaw(factory, databaseNameOf('notes'));
    const late = deleteIndexedDBAt('notes', 1, { factory, openMs: 30 });
    await expect(late).rejects.toMatchObject({ name: 'StoreFailure', why: 'lost' });
    holder.close();
    // Nobody waits for it any more: it stays.
    expect(await headOfLog('notes', { factory })).toBe(1);
  });

  test('and one that is not there is not made', async () => {
    const factory = new IDBFactory();
    await expect(headOfLog('notes', { factory })).rejects.toMatchObject({ why: 'gone' });
    await expect(deleteIndexedDBAt('notes', 0, { factory })).rejects.toThrow();
    expect(await listIndexedDB({ factory })).toEqual([]);
  });
});

describe('databases by name', () => {
  test('are listed without those of others', async () => {
    const factory = new IDBFactory();
    for (const name of ['notes', 'a/b', '']) (await openDatabase(name, true, { factory })).close();
    (await openRaw(factory, 'somebody')).close();
    expect(await listIndexedDB({ factory })).toEqual(['', 'a/b', 'notes']);
    await deleteIndexedDB('notes', { factory });
    expect(await listIndexedDB({ factory })).toEqual(['', 'a/b']);
  });

  test('that are not there are not made unless that is wanted', async () => {
    const factory = new IDBFactory();
    const opening = openDatabase('notes', false, { factory });
    await expect(opening).rejects.toMatchObject({ name: 'StoreFailure', why: 'gone' });
    expect(await factory.databases()).toEqual([]);
  });

  test('of another layout are refused and let go', async () => {
    const factory = new IDBFactory();
    (await openRaw(factory, databaseNameOf('notes'))).close();
    await expect(openDatabase('notes', true, { factory })).rejects.toMatchObject(denied);
    await deleteIndexedDB('notes', { factory, openMs: 500 });
  });

  test('that another connection holds are not deleted within the limit: an error says so', async () => {
    const factory = new IDBFactory();
    (await openDatabase('notes', true, { factory })).close();
    const holder = await openRaw(factory, databaseNameOf('notes'));
    await expect(deleteIndexedDB('notes', { factory, openMs: 30 })).rejects.toMatchObject({
      name: 'StoreFailure',
      why: 'lost',
      message: expect.stringMatching(/not deleted within 30 ms.*Close the other tabs/),
    });
    holder.close();
    await vi.waitFor(async () => expect(await listIndexedDB({ factory })).toEqual([]));
  });
});

describe('the list of databases', () => {
  const listFrom = (databases: () => Promise<IDBDatabaseInfo[]>): Promise<unknown> => {
    const factory = new IDBFactory();
    vi.spyOn(factory, 'databases').mockImplementation(databases);
    return listIndexedDB({ factory }).catch((error: unknown) => error);
  };

  test('that a browser never answers is given up at the limit: an error says so', async () => {
    vi.useFakeTimers();
    const list = listFrom(() => new Promise(() => undefined));
    const now = (): Promise<unknown> => Promise.race([list, 'waiting']);
    await vi.advanceTimersByTimeAsync(storeOpenMs - 1);
    expect(await now()).toBe('waiting');
    await vi.advanceTimersByTimeAsync(1);
    expect(await now()).toMatchObject({
      name: 'StoreFailure',
      why: 'lost',
      message: expect.stringMatching(/list of databases was not read within 5000 ms/),
    });
  });

  test('that is answered leaves no timer', async () => {
    vi.useFakeTimers();
    expect(await listFrom(async () => [{ name: databaseNameOf('notes'), version: 1 }])).toEqual([
      'notes',
    ]);
    expect(vi.getTimerCount()).toBe(0);
  });

  test.each([
    ['SecurityError', 'denied'],
    ['UnknownError', 'lost'],
  ])('that a browser refuses is a typed error: %s is %s', async (name, why) => {
    const list = listFrom(() => Promise.reject(new DOMException('', name)));
    expect(await list).toMatchObject({ name: 'StoreFailure', why, cause: { name } });
  });
});

test('without IndexedDB everything is denied', async () => {
  vi.stubGlobal('indexedDB', undefined);
  await expect(openDatabase('notes', true, {})).rejects.toMatchObject(denied);
  await expect(deleteIndexedDB('notes')).rejects.toMatchObject(denied);
  await expect(listIndexedDB()).rejects.toMatchObject(denied);
  vi.unstubAllGlobals();
});

// Chromium; Firefox; WebKit; LevelDB's files; and what is none.
test.each([
  ['QuotaExceededError', '', true],
  ['UnknownError', 'The quota has been exceeded', true],
  ['AbortError', 'NS_ERROR_FILE_NO_DEVICE_SPACE', true],
  ['UnknownError', 'Internal error: FILE_ERROR_NO_SPACE', true],
  ['UnknownError', 'database or disk is full', true],
  ['UnknownError', 'Connection to Indexed Database server lost', false],
  ['AbortError', '', false],
])('%s "%s" is a full disk: %s', (name, message, full) => {
  expect(isQuota(new DOMException(message, name))).toBe(full);
});
