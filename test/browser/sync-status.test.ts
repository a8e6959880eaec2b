import { afterEach, expect, test } from 'vitest';
import { listDatabases, open } from '../../src/index.ts';
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
  // WebKitGTK has no manager of storage: what it does not say is left out.
  const manager = navigator.storage as StorageManager | undefined;
  const estimate = await manager?.estimate();
  expect(storage.mode).toBe('indexeddb');
  expect(storage.persisted).toBe(await manager?.persisted());
  expect(typeof storage.usage).toBe(typeof estimate?.usage);
  expect(storage.quota ?? 0).toBeGreaterThanOrEqual(storage.usage ?? 0);
  expect((await db.status()).storage).toMatchObject({ mode: 'indexeddb' });
});

test('wipe tells how many writes are on no hub, and deletes the database', async () => {
  const name = `sync-wipe-${crypto.randomUUID()}`;
  const db = await open(name, { persist: false });
  const remote = sync(db, { url: 'http://127.0.0.1:9' });
  await remote.until('offline');
  await expect(remote.wipe({ discard: 1 })).rejects.toThrow('0 writes are on no hub');
  expect(await listDatabases()).toContain(name);
  await remote.until('offline');
  await remote.wipe();
  expect(await listDatabases()).not.toContain(name);
  expect(remote.status.state).toBe('closed');
});

test('a page that is looked at again tries at once', async () => {
  const name = `sync-hint-${crypto.randomUUID()}`;
  const db = await open(name, { persist: false });
  ends.push(
    () => deleteIndexedDB(name),
    () => db.close(),
  );
  const remote = sync(db, { url: 'http://127.0.0.1:9' });
  const states: string[] = [];
  remote.on('status', ({ status }) => states.push(status.state));
  // After some failures the waits are seconds.
  for (let failures = 0; failures < 3; failures += 1) {
    await remote.until('connecting');
    await remote.until('offline');
  }
  states.length = 0;
  const since = performance.now();
  window.dispatchEvent(new Event('online'));
  await remote.until('connecting');
  expect(performance.now() - since).toBeLessThan(900);
});
