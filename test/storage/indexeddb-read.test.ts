import 'fake-indexeddb/auto';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { IDBFactory, IDBObjectStore, IDBTransaction } from 'fake-indexeddb';
import { openIndexedDB } from '../../src/storage/indexeddb.ts';
import { storeSuite } from '../suite/store.ts';

type Method = 'get' | 'getAll' | 'getAllKeys' | 'getAllRecords' | 'openCursor';
const methods = ['get', 'getAll', 'getAllKeys', 'getAllRecords', 'openCursor'] as const;

/** Counts the requests that reading makes. */
function countRequests(): () => Partial<Record<Method, number>> {
  const prototype = IDBObjectStore.prototype as unknown as Record<Method, () => void>;
  const spies = methods
    .filter((method) => method in prototype)
    .map((method) => [method, vi.spyOn(prototype, method)] as const);
  return () =>
    Object.fromEntries(
      spies.map(([method, spy]) => [method, spy.mock.calls.length]).filter(([, calls]) => calls),
    );
}

const ranges = [
  ['one record', { from: 2, to: 2 }],
  ['a range', { from: 1, to: 3 }],
  ['the last record', { from: 0, to: 9, limit: 1, last: true }],
] as const;

async function requestsFor(range: { from: number; to: number }): Promise<object> {
  const store = await openIndexedDB('test', { factory: new IDBFactory() });
  const value = Uint8Array.of(1);
  await store.write({ put: [1, 2, 3].map((key) => ({ space: 'log', key, value }) as const) });
  const count = countRequests();
  await store.scan([{ space: 'log', ...range }]);
  return count();
}

afterEach(() => vi.restoreAllMocks());

describe('a read', () => {
  // Left open, it would keep writers of all tabs waiting for as long as this thread is frozen.
  test('is committed once all is asked, before it is answered', async () => {
    const store = await openIndexedDB('test', { factory: new IDBFactory() });
    const commit = vi.spyOn(IDBTransaction.prototype, 'commit');
    const reads = [
      store.get('meta', 0),
      ...ranges.map(([, range]) => store.scan([{ space: 'log', ...range }])),
    ];
    expect(commit).toHaveBeenCalledTimes(reads.length);
    await Promise.all(reads);
  });

  test('whose request fails after the commit is made again, not left without an answer', async () => {
    const store = await openIndexedDB('test', { factory: new IDBFactory() });
    await store.write({ put: [{ space: 'log', key: 1, value: Uint8Array.of(7) }] });
    // As in Firefox and WebKit: the request's error comes, and the transaction completes.
    vi.spyOn(IDBObjectStore.prototype, 'get').mockImplementationOnce(function failing(this: {
      transaction: IDBTransaction;
    }) {
      const error = new DOMException('', 'UnknownError');
      setTimeout(() => this.transaction.onerror?.({ target: { error } } as never));
      return {} as never;
    });
    expect(await store.get('log', 1)).toEqual(Uint8Array.of(7));
  });
});

describe('with getAllRecords', () => {
  const requests = [{ get: 1 }, { getAllRecords: 1 }, { getAllRecords: 1 }];
  test.each(ranges.map((row, at) => [...row, requests[at]] as const))(
    '%s costs one request',
    async (_, range, expected) => {
      expect(await requestsFor(range)).toEqual(expected);
    },
  );
});

describe('without getAllRecords', () => {
  const prototype = IDBObjectStore.prototype as unknown as { getAllRecords?: unknown };
  const { getAllRecords } = prototype;
  beforeEach(() => {
    delete prototype.getAllRecords;
  });
  afterEach(() => {
    prototype.getAllRecords = getAllRecords;
  });

  const requests = [{ get: 1 }, { getAll: 1, getAllKeys: 1 }, { openCursor: 1 }];
  test.each(ranges.map((row, at) => [...row, requests[at]] as const))(
    '%s costs as few requests as can be',
    async (_, range, expected) => {
      expect(await requestsFor(range)).toEqual(expected);
    },
  );

  storeSuite('IndexedDB, faked, as WebKit has it', async () => {
    const factory = new IDBFactory();
    return { open: () => openIndexedDB('test', { factory }), dispose: async () => {} };
  });
});
