import { expect, test } from 'vitest';
import { within } from '../../src/client/within.ts';

test('a promise is what it comes to in time, else undefined', async () => {
  expect(await within(1000, Promise.resolve(1))).toBe(1);
  expect(await within(5, new Promise(() => undefined))).toBeUndefined();
  await expect(within(1000, Promise.reject(new Error('no')))).rejects.toThrow('no');
});
