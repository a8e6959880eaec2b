import { describe, expect, test } from 'vitest';
import { decodeMark, encodeMark } from '../../src/log/mark.ts';

const storeId = Uint8Array.from({ length: 16 }, (_, at) => at + 1);

function hex(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
}

describe("a barrier's mark", () => {
  test('has the bytes of docs/formats/mark.md', () => {
    expect(hex(encodeMark(storeId, 300))).toBe(
      `54 54 54 42 02 00 5e 37 8c e9 ${hex(storeId)} ac 02`,
    );
  });

  test.each([0, 1, 127, 128, 300, 2 ** 40, Number.MAX_SAFE_INTEGER])('says %d', (sequence) => {
    expect(decodeMark(storeId, encodeMark(storeId, sequence))).toBe(sequence);
  });

  test('of another store claims nothing', () => {
    expect(decodeMark(storeId.toReversed(), encodeMark(storeId, 300))).toBe(0);
  });

  test('that is missing claims nothing', () => {
    expect(decodeMark(storeId, undefined)).toBe(0);
  });

  test('that is damaged anywhere, or cut, claims nothing', () => {
    const bytes = encodeMark(storeId, 300);
    for (let at = 0; at < bytes.length; at += 1) {
      const damaged = bytes.slice();
      damaged[at] = (damaged[at] ?? 0) ^ 0x55;
      expect(decodeMark(storeId, damaged)).toBe(0);
      expect(decodeMark(storeId, bytes.subarray(0, at))).toBe(0);
    }
  });
});
