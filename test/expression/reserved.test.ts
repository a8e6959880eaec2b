import { expect, test } from 'vitest';
import { isReserved, reservedCount } from '../../src/expression/reserved.ts';

test('all 573 words are there', () => {
  expect(reservedCount).toBe(573);
});

test.each(['ABORT', 'abort', 'Size', 'zone', 'ttl', 'NAME'])('%s is reserved', (word) => {
  expect(isReserved(word)).toBe(true);
});

test.each(['remove', 'contains', 'pk', 'sk', 'names_', ''])('%j is not reserved', (word) => {
  expect(isReserved(word)).toBe(false);
});
