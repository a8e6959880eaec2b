import { afterEach, expect, test } from 'vitest';
import { open } from '../../src/index.ts';
import { deleteIndexedDB } from '../../src/storage/indexeddb.ts';
import { sync } from '../../src/sync.ts';

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

test('of the storage it says where it is, whether it may go, and how full it is', async () => {
  const name = `sync-status-${crypto.randomUUID()}`;
  const db = await open(name, { persist: false });
  ends.push(
    () => deleteIndexedDB(name),
    () => db.close(),
  );
  // Nobody is there: what is known of this side is told all the same.
  const remote = sync(db, { url: 'http://127.0.0.1:9' });
  while (remote.status.storage === undefined) {
    await new Promise<void>((resolve) => {
      const leave = remote.on('status', () => {
        leave();
        resolve();
      });
    });
  }
  const { storage } = remote.status;
  const estimate = await navigator.storage.estimate();
  expect(storage.mode).toBe('indexeddb');
  expect(storage.persisted).toBe(await navigator.storage.persisted());
  expect(typeof storage.usage).toBe(typeof estimate.usage);
  expect(storage.quota ?? 0).toBeGreaterThanOrEqual(storage.usage ?? 0);
  expect((await db.status()).storage).toMatchObject({ mode: 'indexeddb' });
});
