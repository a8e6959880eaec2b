import 'fake-indexeddb/auto';
import { afterEach, expect, test, vi } from 'vitest';
import { deleteDatabase, listDatabases } from '../../src/client/databases.ts';
import { mark } from '../../src/client/witness.ts';
import { openIndexedDB } from '../../src/storage/indexeddb.ts';

afterEach(() => void vi.unstubAllGlobals());

test('a database is listed until it is deleted, and its mark goes with it', async () => {
  const stored = new Map<string, string>();
  vi.stubGlobal('localStorage', {
    getItem: (key: string) => stored.get(key) ?? null,
    setItem: (key: string, value: string) => stored.set(key, value),
    removeItem: (key: string) => stored.delete(key),
  });
  for (const name of ['b', 'a']) await (await openIndexedDB(name)).close();
  mark('a', 'id');
  expect(await listDatabases()).toEqual(['a', 'b']);
  await deleteDatabase('a');
  await deleteDatabase('never there');
  expect(await listDatabases()).toEqual(['b']);
  expect(mark('a')).toBeUndefined();
});

test('without IndexedDB both say so', async () => {
  vi.stubGlobal('indexedDB', undefined);
  const denied = { name: 'StoreFailure', why: 'denied' };
  await expect(listDatabases()).rejects.toMatchObject(denied);
  await expect(deleteDatabase('a')).rejects.toMatchObject(denied);
});
