import { describe, expect, test } from 'vitest';
import { Corruption, UpdateNeeded } from '../../src/base/corruption.ts';
import { decodeConversion, encodeConversion, isConverting } from '../../src/pager/conversion.ts';
import { decodeMeta, formatOf } from '../../src/pager/meta.ts';

const conversion = {
  storeId: new Uint8Array(16).fill(3),
  from: 0,
  to: 1,
  head: 77,
  engine: new Uint8Array(16).fill(4),
  slices: 5,
  records: 600,
  mended: true,
  cursor: new Uint8Array([1, 2, 3]),
  meta: new Uint8Array([9, 9]),
};

describe('the record of a conversion', () => {
  test('survives its encoding, and has the store id where every format has it', () => {
    const bytes = encodeConversion(conversion);
    expect(decodeConversion(bytes)).toEqual(conversion);
    expect(isConverting(bytes)).toBe(true);
    expect(formatOf(bytes)).toBe(0x8001);
    expect(bytes.subarray(10, 26)).toEqual(conversion.storeId);
  });

  test('is newer than any format for who takes it for a meta record', () => {
    expect(() => decodeMeta(encodeConversion(conversion))).toThrow(UpdateNeeded);
  });

  test.each([3, 5, 8, 12, 30, 50])('is refused when byte %i is damaged', (at) => {
    const bytes = encodeConversion(conversion);
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    expect(() => decodeConversion(bytes)).toThrow(Corruption);
  });
});
