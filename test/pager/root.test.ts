import { expect, test } from 'vitest';
import { hexOf } from '../../src/base/bytes.ts';
import { decodeRoot, encodeRoot } from '../../src/pager/root.ts';

test('the root of a tree is read back as it was', () => {
  const root = { page: 2 ** 29 - 1, height: 16, entries: 2 ** 40, bytes: 2 ** 50 };
  expect(decodeRoot(encodeRoot(root))).toEqual(root);
  expect(hexOf(encodeRoot({ page: 256, height: 1, entries: 3, bytes: 300 }))).toBe('80020103ac02');
});
