import { expect, test } from 'vitest';
import { decodeBase, encodeBase, lackedAfter, lackedOf } from '../../src/replica/base.ts';

const stamp = { ms: 5, counter: 1, replica: new Uint8Array(16).fill(3) };

test.each([
  ['an item', Uint8Array.of(1, 2, 3)],
  ['a deletion', undefined],
])('a base holds the stamp and %s', (_, image) => {
  const bytes = encodeBase({ stamp, image });
  expect(bytes).toHaveLength(24 + (image?.length ?? 0));
  expect(decodeBase(bytes)).toEqual({ stamp, image });
});

test('that a chunk lacked the item is noted as a deletion of nobody, which is no base', () => {
  const bytes = encodeBase(lackedAfter(300));
  expect(bytes).toEqual(Uint8Array.of(0, 0, 0, 0, 1, 44, 0, 0, ...new Uint8Array(16).fill(255)));
  expect(decodeBase(bytes)).toBeUndefined();
  expect(lackedOf(bytes)).toBe(300);
  expect(lackedOf(encodeBase({ stamp, image: undefined }))).toBeUndefined();
});
