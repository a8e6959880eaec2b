import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { joinKey } from '../../src/value/key.ts';
import { decodeKey, hashOfKey } from '../../src/value/key-decode.ts';
import type { KeyValue } from '../../src/value/value.ts';
import { bytes, decimal, storedText } from './arbitrary.ts';

const text: fc.Arbitrary<KeyValue> = storedText.map((value) => ({ type: 'S', value }));
const number: fc.Arbitrary<KeyValue> = decimal.map((value) => ({ type: 'N', value }));
const zeros = fc.array(fc.constantFrom(0, 1, 255), { maxLength: 12 });
const binary: fc.Arbitrary<KeyValue> = fc
  .oneof(
    bytes,
    zeros.map((array) => Uint8Array.from(array)),
  )
  .map((value) => ({ type: 'B', value }));

describe('a key', () => {
  test('is read back as the values it was made of', () => {
    const part = fc.oneof(text, binary, number);
    fc.assert(
      fc.property(part, fc.option(part, { nil: undefined }), (hash, range) => {
        const values = range === undefined ? [hash] : [hash, range];
        const key = joinKey([hash], values.slice(1));
        expect(
          decodeKey(
            key,
            values.map(({ type }) => type),
          ),
        ).toEqual(values);
      }),
      { numRuns: 500 },
    );
  });

  test('begins with its hash, which only the hash part decides', () => {
    const hash: KeyValue = { type: 'S', value: 'a' };
    const one = joinKey([hash], [{ type: 'N', value: '1' }]);
    expect(hashOfKey(one)).toBe(hashOfKey(joinKey([hash], [])));
    expect(hashOfKey(Uint8Array.of(0x80, 0, 0, 1, 9))).toBe(2 ** 31 + 1);
  });

  test.each([
    ['without an end', [0, 0, 0, 0, 97]],
    ['with a zero that is not escaped', [0, 0, 0, 0, 97, 0, 7]],
    ['with bytes behind it', [0, 0, 0, 0, 97, 0, 1, 9]],
  ])('%s is a mistake of ours', (_name, bytes) => {
    expect(() => decodeKey(Uint8Array.from(bytes), ['S'])).toThrow();
  });
});
