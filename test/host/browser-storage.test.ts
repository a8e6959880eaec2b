import { afterEach, expect, test, vi } from 'vitest';
import { browserStorage } from '../../src/host/browser-storage.ts';

afterEach(() => vi.unstubAllGlobals());

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
