import { expect, test } from 'vitest';
import * as limits from '../../src/base/trigger-limits.ts';

test.each(Object.entries(limits))('%s is a whole number', (_, value) => {
  expect(Number.isSafeInteger(value)).toBe(true);
});

test('a holder says more often that it is alive than others wait for it', () => {
  expect(limits.triggerBeatMs * 3).toBeLessThan(limits.triggerPatienceMs);
  expect(limits.triggerLookMs * 3).toBeLessThan(limits.triggerPatienceMs);
});

test('a dead letter is a small part of what is kept', () => {
  expect(limits.deadLetterBytesMax * 16).toBeLessThan(limits.deadLettersBytesMax);
});
