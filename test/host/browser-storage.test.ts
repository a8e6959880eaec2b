import { afterEach, expect, test, vi } from 'vitest';
import { storeOpenMs } from '../../src/base/limits.ts';
import { browserStorage } from '../../src/host/browser-storage.ts';

afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

const told = [
  [
    'all of it',
    { persisted: async () => true, estimate: async () => ({ usage: 1, quota: 2 }) },
    { mode: 'indexeddb', persisted: true, usage: 1, quota: 2 },
  ],
  [
    'no estimate',
    { persisted: async () => false, estimate: () => Promise.reject(new Error('no')) },
    { mode: 'indexeddb', persisted: false, usage: undefined, quota: undefined },
  ],
  ['nothing', undefined, { mode: 'indexeddb' }],
] as const;

test.each(told)('a browser that tells %s', async (_, storage, status) => {
  vi.stubGlobal('navigator', { storage });
  expect(await browserStorage()).toEqual(status);
});

const never = (): Promise<never> => new Promise(() => undefined);
const late = [
  [
    'whether it keeps the data',
    { persisted: never, estimate: async () => ({ usage: 1, quota: 2 }) },
    { mode: 'indexeddb', usage: 1, quota: 2 },
  ],
  [
    'how much there is',
    { persisted: async () => true, estimate: never },
    { mode: 'indexeddb', persisted: true },
  ],
  ['anything', { persisted: never, estimate: never }, { mode: 'indexeddb' }],
] as const;

test.each(late)('a browser that never says %s is not waited for', async (_, storage, status) => {
  vi.useFakeTimers();
  vi.stubGlobal('navigator', { storage });
  const answer = browserStorage();
  const now = (): Promise<unknown> => Promise.race([answer, 'waiting']);
  await vi.advanceTimersByTimeAsync(storeOpenMs - 1);
  expect(await now()).toBe('waiting');
  await vi.advanceTimersByTimeAsync(1);
  expect(await now()).toEqual(status);
  expect(vi.getTimerCount()).toBe(0);
});
