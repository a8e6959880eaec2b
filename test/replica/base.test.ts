import { expect, test } from 'vitest';
import { decodeBase, encodeBase } from '../../src/replica/base.ts';

const stamp = { ms: 5, counter: 1, replica: new Uint8Array(16).fill(3) };

test.each([
  ['an item', Uint8Array.of(1, 2, 3)],
  ['a deletion', undefined],
])('a base holds the stamp and %s', (_, image) => {
  const bytes = encodeBase({ stamp, image });
  expect(bytes).toHaveLength(24 + (image?.length ?? 0));
  expect(decodeBase(bytes)).toEqual({ stamp, image });
});
