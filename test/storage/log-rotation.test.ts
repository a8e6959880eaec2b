import { IDBFactory, IDBObjectStore } from 'fake-indexeddb';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { rotationLimitMs, rotationRestMs } from '../../src/base/limits.ts';
import type { Scheduler } from '../../src/port/scheduler.ts';
import type { Store } from '../../src/port/store.ts';
import {
  reusesLogs,
  rotateFirst,
  rotateLog,
  rotationDatabase,
} from '../../src/storage/log-rotation.ts';
import { createMemory, openMemory } from '../../src/storage/memory.ts';

const record = { space: 'log', key: 1, value: Uint8Array.of(1) } as const;

const scheduler: Scheduler = {
  delay: (delayMs, signal) =>
    new Promise((resolve) => {
      setTimeout(resolve, delayMs);
      signal?.addEventListener('abort', () => resolve());
    }),
  breathe: () => Promise.resolve(),
};

describe('reusesLogs', () => {
  test.each([
    ['Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/156.0.0.0 Safari/537.36', true],
    ['Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 HeadlessChrome/156.0.0.0 Safari', true],
    ['Mozilla/5.0 (Linux; Android 16; wv) AppleWebKit/537.36 Version/4.0 Chrome/156.0', true],
    ['Mozilla/5.0 (X11; Linux x86_64; rv:153.0) Gecko/20100101 Firefox/153.0', false],
    ['Mozilla/5.0 (Macintosh) AppleWebKit/605.1.15 Version/26.0 Safari/605.1.15', false],
    ['Node.js/24', false],
  ])('of %s is %s', (userAgent, expected) => {
    expect(reusesLogs(userAgent)).toBe(expected);
  });
});

describe('rotateFirst', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  interface World {
    readonly store: Store;
    /** Ends the rotation. */
    readonly end: () => void;
    readonly rotations: () => number;
  }

  function world(): World {
    let rotations = 0;
    let end = (): void => {};
    const rotate = (): Promise<void> => {
      rotations += 1;
      return new Promise((resolve) => {
        end = resolve;
      });
    };
    const store = rotateFirst(openMemory(createMemory()), rotate, scheduler);
    return { store, end: () => end(), rotations: () => rotations };
  }

  test('the first write waits for one rotation, later ones for none', async () => {
    const made = world();
    const first = made.store.write({ add: [record] });
    const second = made.store.write({ add: [{ ...record, key: 2 }] });
    await vi.advanceTimersByTimeAsync(rotationLimitMs - 1);
    expect(await made.store.get('log', 1)).toBeUndefined();
    made.end();
    expect([(await first).kind, (await second).kind]).toEqual(['done', 'done']);
    expect((await made.store.write({ put: [record] })).kind).toBe('done');
    await vi.advanceTimersByTimeAsync(2 * rotationLimitMs);
    expect(made.rotations()).toBe(1);
  });

  test('begins without a write a little later, once, and not after a close', async () => {
    const made = world();
    await made.store.get('log', 1);
    await vi.advanceTimersByTimeAsync(rotationRestMs - 1);
    expect(made.rotations()).toBe(0);
    await vi.advanceTimersByTimeAsync(1);
    expect(made.rotations()).toBe(1);
    const write = made.store.write({ add: [record] });
    made.end();
    expect((await write).kind).toBe('done');
    expect(made.rotations()).toBe(1);
    const left = world();
    await left.store.close();
    expect(await left.store.write({ add: [record] })).toMatchObject({ why: 'closed' });
    await vi.advanceTimersByTimeAsync(2 * rotationRestMs);
    expect(left.rotations()).toBe(0);
  });

  test('a rotation that does not end holds no write for ever', async () => {
    const made = world();
    const write = made.store.write({ add: [record] });
    await vi.advanceTimersByTimeAsync(rotationLimitMs);
    expect((await write).kind).toBe('done');
  });

  test('a rotation that fails lets writes through', async () => {
    const store = rotateFirst(
      openMemory(createMemory()),
      () => Promise.reject(new Error('denied')),
      scheduler,
    );
    expect((await store.write({ add: [record] })).kind).toBe('done');
  });

  test('writes that were called before a close end before it', async () => {
    const made = world();
    const write = made.store.write({ add: [record] });
    const closed = made.store.close();
    made.end();
    expect((await write).kind).toBe('done');
    await closed;
    expect(await made.store.write({ put: [record] })).toMatchObject({ why: 'closed' });
  });
});

describe('rotateLog', () => {
  /** The calls of a fake IndexedDB that open and delete. */
  function spied(): { factory: IDBFactory; calls: unknown[] } {
    const factory = new IDBFactory();
    const calls: unknown[] = [];
    for (const method of ['open', 'deleteDatabase'] as const) {
      const act = factory[method].bind(factory) as (name: string) => IDBOpenDBRequest;
      vi.spyOn(factory, method).mockImplementation((name: string) => {
        calls.push([method, name]);
        return act(name);
      });
    }
    return { factory, calls };
  }

  const once = [
    ['open', rotationDatabase],
    ['deleteDatabase', rotationDatabase],
  ];

  test('creates a database of one record and deletes it', async () => {
    const { factory, calls } = spied();
    const put = vi.spyOn(IDBObjectStore.prototype, 'put');
    await rotateLog(factory);
    expect(put).toHaveBeenCalledTimes(1);
    expect(calls).toEqual(once);
    expect(await factory.databases()).toEqual([]);
  });

  test('with Web Locks only the first engine does so, and the second does not wait', async () => {
    const { factory, calls } = spied();
    let held = false;
    const locks = {
      request: async (_: string, __: object, work: (lock: Lock | null) => Promise<void>) => {
        const lock = held ? null : ({ name: rotationDatabase, mode: 'exclusive' } as Lock);
        held = true;
        await work(lock);
      },
    } as unknown as LockManager;
    await rotateLog(factory, locks);
    await rotateLog(factory, locks);
    expect(calls).toEqual(once);
  });

  test('a factory that refuses is an error', async () => {
    const { factory } = spied();
    vi.spyOn(factory, 'deleteDatabase').mockImplementation(() => {
      throw new DOMException('', 'SecurityError');
    });
    await expect(rotateLog(factory)).rejects.toThrow();
  });
});
