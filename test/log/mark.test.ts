import { describe, expect, test } from 'vitest';
import { decodeMark, encodeMark } from '../../src/log/mark.ts';

describe("a barrier's mark", () => {
  test('has the bytes of docs/formats/mark.md', () => {
    expect([...encodeMark(300)].map((byte) => byte.toString(16).padStart(2, '0')).join(' ')).toBe(
      '54 54 54 42 01 00 e8 42 69 20 ac 02',
    );
  });

  test.each([0, 1, 127, 128, 300, 2 ** 40, Number.MAX_SAFE_INTEGER])('says %d', (sequence) => {
    expect(decodeMark(encodeMark(sequence))).toBe(sequence);
  });

  test('that is missing claims nothing', () => {
    expect(decodeMark(undefined)).toBe(0);
  });

  test('that is damaged anywhere, or cut, claims nothing', () => {
    const bytes = encodeMark(300);
    for (let at = 0; at < bytes.length; at += 1) {
      const damaged = bytes.slice();
      damaged[at] = (damaged[at] ?? 0) ^ 0x55;
      expect(decodeMark(damaged)).toBe(0);
      expect(decodeMark(bytes.subarray(0, at))).toBe(0);
    }
  });
});
