import 'fake-indexeddb/auto';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { WriteBatch, WriteResult } from '../../src/port/store.ts';
import { beginWrite, carryOut } from '../../src/storage/indexeddb-write.ts';
import { failNext, idbWorld } from '../support/idb-world.ts';

afterEach(() => vi.restoreAllMocks());

const value = Uint8Array.of(1);
const add = [1, 2].map((key) => ({ space: 'log', key, value }) as const);
// One that waits for its last request, and one that is committed at once.
const batches: readonly WriteBatch[] = [{ add }, { add: add.slice(0, 1) }];

describe('a transaction that is aborted after its requests succeeded', () => {
  const rows: readonly (readonly [string, string, WriteResult])[] = [
    ['QuotaExceededError', '', { kind: 'refused', why: 'full' }],
    ['UnknownError', 'no space left: disk full', { kind: 'refused', why: 'full' }],
    ['UnknownError', '', { kind: 'unknown' }],
    ['AbortError', '', { kind: 'unknown' }],
  ];
  test.each(rows)('%s "%s"', async (name, message, answer) => {
    for (const batch of batches) {
      const world = idbWorld();
      const store = await world.store();
      failNext(world.db(), name, message);
      expect(await store.write(batch)).toMatchObject(answer);
      expect(await store.get('log', 1)).toBeUndefined();
    }
  });
});

test('a quota that only the request knows of is a full disk', async () => {
  const world = idbWorld();
  await world.store();
  const transaction = beginWrite(world.db(), { add });
  const outcome = carryOut(transaction, { add });
  const request = { error: new DOMException('', 'QuotaExceededError') };
  transaction.onerror?.({ target: request } as unknown as Event);
  Object.defineProperty(transaction, 'error', { get: () => null });
  transaction.abort();
  expect(await outcome).toMatchObject({ kind: 'refused', why: 'full' });
});
