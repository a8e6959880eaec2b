import { expect, test } from 'vitest';
import { headFreshMs } from '../../src/base/limits.ts';
import * as limits from '../../src/base/page-limits.ts';

test.each(Object.entries(limits))('%s is a whole number', (_, value) => {
  expect(Number.isSafeInteger(value)).toBe(true);
});

test('a page answers for a small part of the time in which a worker trusts what it knows', () => {
  expect(limits.keptFreshMs * 10).toBeLessThanOrEqual(headFreshMs);
});

test('one item is a small part of what is kept', () => {
  expect(limits.keptItemBytesMax * 16).toBeLessThan(limits.pageCacheBytesDefault);
});
