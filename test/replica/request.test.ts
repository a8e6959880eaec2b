import { expect, test } from 'vitest';
import { hexOf } from '../../src/base/bytes.ts';
import { encodeInput } from '../../src/replica/request.ts';
import { decodeInput } from '../../src/replica/request-input.ts';
import type { NumberValue } from '../../src/value/number-value.ts';

test('an input has the bytes of docs/formats/replica.md', () => {
  const input = { a: [null, true, 'x', 1.5, new Uint8Array([7])], b: new Set([10n]) };
  expect(hexOf(encodeInput(input))).toBe(
    `0902${'0161'}0705${'00'}${'02'}${'030178'}${'0403312e35'}${'060107'}` +
      `${'0162'}0801${'05023130'}`,
  );
  const { a, b } = decodeInput(encodeInput(input)) as { a: unknown[]; b: Set<NumberValue> };
  expect(a).toEqual(input.a);
  expect([...b].map(String)).toEqual(['10']);
});
