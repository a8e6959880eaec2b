import { expect, test } from 'vitest';
import * as limits from '../../src/base/memory-limits.ts';

test.each(Object.entries(limits))('%s is a whole number', (_, value) => {
  expect(Number.isSafeInteger(value)).toBe(true);
});

test('a call of many items alone may bring what it asks for', () => {
  expect(limits.scoutPagesMax).toBeLessThan(limits.pinnedPagesMax);
});

test('what is copied fills most of a buffer', () => {
  expect(limits.arenaBytesMax * 16).toBeLessThanOrEqual(limits.arenaChunkBytes);
});
