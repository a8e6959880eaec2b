import { afterEach, expect, test, vi } from 'vitest';
import { askBackgroundSync } from '../../src/client/background-sync.ts';

afterEach(() => vi.unstubAllGlobals());

test('is asked for under the database’s name where there is one, and missed nowhere', async () => {
  const tags: string[] = [];
  const register = async (tag: string): Promise<void> => void tags.push(tag);
  const browsers = [
    [{ serviceWorker: { getRegistration: async () => ({ sync: { register } }) } }, true],
    [{ serviceWorker: { getRegistration: async () => ({}) } }, false],
    [{ serviceWorker: { getRegistration: async () => undefined } }, false],
    [{ serviceWorker: { getRegistration: () => Promise.reject(new Error('denied')) } }, false],
    [{}, false],
  ] as const;
  for (const [navigator, isAsked] of browsers) {
    vi.stubGlobal('navigator', navigator);
    expect(await askBackgroundSync('notes')).toBe(isAsked);
  }
  expect(tags).toEqual(['tidetable:notes']);
});
