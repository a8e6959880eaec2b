import 'fake-indexeddb/auto';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { clockZero } from '../../src/base/hlc.ts';
import { encodeMeta, metaFormat } from '../../src/pager/meta.ts';
import type { Store, WriteBatch } from '../../src/port/store.ts';
import { deleteIndexedDB, openIndexedDB } from '../../src/storage/indexeddb.ts';
import { holdOpen, type IdbWorld, idbWorld, openRaw } from '../support/idb-world.ts';

afterEach(() => vi.restoreAllMocks());

const value = Uint8Array.of(1, 2, 3);
const add = (key: number): WriteBatch => ({ add: [{ space: 'log', key, value }] });

function metaOf(id: number): Uint8Array {
  return encodeMeta({
    format: metaFormat,
    storeId: new Uint8Array(16).fill(id),
    checkpoint: 0,
    position: 0,
    sequence: 0,
    trimmed: 0,
    clock: clockZero,
    reservation: undefined,
    lastNumber: 0,
    dead: [],
    unswept: [],
    turnstile: undefined,
    roots: undefined,
    nextPage: 256,
    cipherKey: '',
  });
}

const putMeta = (id: number): WriteBatch => {
  return { put: [{ space: 'meta', key: 0, value: metaOf(id) }] };
};

/** A store with a meta record, as an engine leaves it. */
async function used(world: IdbWorld): Promise<Store> {
  const store = await world.store();
  expect(await store.write(putMeta(1))).toMatchObject({ kind: 'done' });
  return store;
}

/** What a browser does to a connection when the site's storage is cleared. */
async function clear({ db, factory }: IdbWorld): Promise<() => void> {
  const cut = db();
  cut.close();
  await deleteIndexedDB('test', { factory });
  return () => cut.onclose?.(new Event('close'));
}

const told = ({ notices }: IdbWorld): readonly string[] => notices.map(({ type }) => type);

describe('a request that is never answered', () => {
  test('ends a read as lost within the limit, and the next one on a new connection', async () => {
    const world = idbWorld({ answerMs: 60 });
    const store = await used(world);
    await store.write(add(1));
    const begin = world.db().transaction.bind(world.db());
    vi.spyOn(world.db(), 'transaction').mockImplementationOnce((...args) => {
      const transaction = begin(...args);
      const reader = transaction.objectStore('log');
      vi.spyOn(reader, 'get').mockImplementation(() => ({}) as IDBRequest);
      vi.spyOn(transaction, 'objectStore').mockReturnValue(reader);
      return transaction;
    });
    await expect(store.get('log', 1)).rejects.toMatchObject({
      name: 'StoreFailure',
      why: 'lost',
      message: expect.stringContaining('close other tabs'),
    });
    expect(await store.get('log', 1)).toEqual(value);
    expect(told(world)).toEqual(['connection-lost', 'reconnected']);
  });

  test('ends a write as unknown, and it does not take effect later', async () => {
    const world = idbWorld({ answerMs: 60 });
    const store = await used(world);
    const letGo = holdOpen(world.db());
    const batch = { add: [...(add(1).add ?? []), ...(add(2).add ?? [])] };
    expect(await store.write(batch)).toMatchObject({ kind: 'unknown' });
    letGo();
    expect(await store.get('log', 1)).toBeUndefined();
    expect(await store.write(batch)).toMatchObject({ kind: 'done' });
  });

  test('ends an open within its limit, which makes nothing when it comes late', async () => {
    const world = idbWorld({ openMs: 50 });
    const { factory } = world;
    await (await world.store()).close();
    const holder = await openRaw(factory);
    const deleting = factory.deleteDatabase('tidetable/test');
    const failure = { name: 'StoreFailure', why: 'lost', message: /not opened within 50 ms/ };
    await expect(world.store()).rejects.toMatchObject({
      ...failure,
      message: expect.stringMatching(failure.message),
    });
    const late: IDBOpenDBRequest | undefined = vi.mocked(factory.open).mock.results.at(-1)?.value;
    const ends = new Promise((resolve) => {
      for (const type of ['success', 'error']) late?.addEventListener(type, resolve);
    });
    holder.close();
    await new Promise((resolve) => {
      deleting.onsuccess = resolve;
    });
    await ends;
    expect(await factory.databases()).toEqual([]);
  });
});

describe('a connection that is lost', () => {
  test('answers at once what was under way when the browser closed it', async () => {
    const world = idbWorld();
    const store = await used(world);
    await store.write(add(1));
    const letGo = holdOpen(world.db());
    const batch = { add: [...(add(2).add ?? []), ...(add(3).add ?? [])] };
    const started = performance.now();
    const write = store.write(batch);
    const read = store.get('log', 1);
    world.db().onclose?.(new Event('close'));
    expect(await write).toMatchObject({ kind: 'unknown' });
    letGo();
    // Reading twice harms nobody.
    expect(await read).toEqual(value);
    expect(performance.now() - started).toBeLessThan(4000);
    expect(await store.get('log', 2)).toBeUndefined();
  });

  test('is opened again when the browser closed it, before anybody asks', async () => {
    const world = idbWorld();
    await used(world);
    const cut = world.db();
    cut.close();
    cut.onclose?.(new Event('close'));
    await vi.waitFor(() => expect(told(world)).toEqual(['connection-lost', 'reconnected']));
    expect(world.connections).toHaveLength(2);
  });

  test('is opened once for all that ask, though the first tries fail', async () => {
    const world = idbWorld();
    const store = await used(world);
    await store.write(add(1));
    const open = vi.mocked(world.factory.open);
    const before = open.mock.calls.length;
    const fail = (): never => {
      throw new DOMException('the server is gone', 'UnknownError');
    };
    open.mockImplementationOnce(fail).mockImplementationOnce(fail);
    world.db().close();
    const reads = await Promise.all([1, 1, 1].map((key) => store.get('log', key)));
    expect(reads).toEqual([value, value, value]);
    expect(open.mock.calls.length - before).toBe(3);
    expect(told(world)).toEqual(['connection-lost', 'reconnected']);
  });

  test('whose every request fails is replaced for reads, and unknown for the write', async () => {
    const world = idbWorld();
    const store = await used(world);
    const dead = world.db();
    vi.spyOn(dead, 'transaction').mockImplementation(() => {
      throw new DOMException('', 'UnknownError');
    });
    expect(await store.write(add(1))).toMatchObject({ kind: 'done' });
    expect(await store.get('log', 1)).toEqual(value);
    expect(world.connections).toHaveLength(2);
  });
});

describe('a store that was cleared under an open connection', () => {
  const gone = { name: 'StoreFailure', why: 'gone' };

  test('is gone: nothing succeeds on an empty one, and nothing is made', async () => {
    const world = idbWorld();
    const store = await used(world);
    (await clear(world))();
    await vi.waitFor(() => expect(told(world)).toEqual(['connection-lost', 'data-loss']));
    expect(await store.write(add(1))).toMatchObject({ kind: 'refused', why: 'gone' });
    await expect(store.get('log', 1)).rejects.toMatchObject(gone);
    await expect(store.scan([{ space: 'log', from: 1, to: 9 }])).rejects.toMatchObject(gone);
    expect(await world.factory.databases()).toEqual([]);
    expect(told(world)).toHaveLength(2);
  });

  test('is gone without a close event too', async () => {
    const world = idbWorld();
    const store = await used(world);
    await clear(world);
    expect(await store.write(add(1))).toMatchObject({ kind: 'refused', why: 'gone' });
    expect(told(world)).toEqual(['connection-lost', 'data-loss']);
  });

  test('is gone when another tab has made a new one', async () => {
    const world = idbWorld();
    const store = await used(world);
    await clear(world);
    const other = await openIndexedDB('test', { factory: world.factory });
    await other.write(putMeta(2));
    await expect(store.get('log', 1)).rejects.toMatchObject(gone);
    expect(await store.write(add(1))).toMatchObject({ why: 'gone' });
    expect(await other.get('log', 1)).toBeUndefined();
  });

  test('is gone when another tab is just making a new one', async () => {
    const world = idbWorld();
    const store = await used(world);
    await clear(world);
    await openIndexedDB('test', { factory: world.factory });
    expect(await store.write(add(1))).toMatchObject({ why: 'gone' });
  });
});

describe('versionchange', () => {
  test('closes at once; what is in flight ends; the caller is told', async () => {
    const world = idbWorld();
    const store = await used(world);
    const write = store.write(add(1));
    const deleted = deleteIndexedDB('test', { factory: world.factory });
    expect(await write).toMatchObject({ kind: 'done' });
    await deleted;
    expect(await store.write(add(2))).toMatchObject({ kind: 'refused', why: 'closed' });
    expect(told(world)).toEqual(['closed']);
  });
});
