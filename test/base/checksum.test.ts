import { describe, expect, test } from 'vitest';
import { utf8 } from '../../src/base/bytes.ts';
import { crc32, crc32c, xxHash32 } from '../../src/base/checksum.ts';

const check = utf8('123456789');
const ascending = Uint8Array.from({ length: 32 }, (_, at) => at);

describe('CRC-32C', () => {
  // RFC 3720, appendix B.4, and the catalogue's check value.
  const rows = [
    ['nothing', new Uint8Array(0), 0],
    ['the check value', check, 0xe3069283],
    ['32 zeros', new Uint8Array(32), 0x8a9136aa],
    ['32 times 0xff', new Uint8Array(32).fill(0xff), 0x62a8ab43],
    ['0 to 31', ascending, 0x46dd794e],
    ['31 to 0', ascending.toReversed(), 0x113fdb5c],
  ] as const;
  test.each(rows)('of %s', (_, bytes, expected) => {
    expect(crc32c(bytes)).toBe(expected);
  });

  test.each([0, 1, 3, 4, 8, 9])('goes on from a part of %i bytes', (length) => {
    const first = crc32c(check.subarray(0, length));
    expect(crc32c(check.subarray(length), first)).toBe(0xe3069283);
  });
});

describe('CRC-32', () => {
  const rows = [
    ['nothing', '', 0],
    ['the check value', '123456789', 0xcbf43926],
    ['a sentence', 'The quick brown fox jumps over the lazy dog', 0x414fa339],
  ] as const;
  test.each(rows)('of %s', (_, text, expected) => {
    expect(crc32(utf8(text))).toBe(expected);
  });
});

describe('xxHash32', () => {
  // The reference implementation's, of its README and of the suites of its ports.
  const rows = [
    ['nothing', '', 0, 0x02cc5d05],
    ['nothing, seeded', '', 0x9e3779b1, 0x36b78ae7],
    ['one byte', 'a', 0, 0x550d7456],
    ['three bytes', 'abc', 0, 0x32d153ff],
    ['the check value of CRCs', '123456789', 0, 0x937bad67],
    ['a sentence', 'Nobody inspects the spammish repetition', 0, 0xe2293b2f],
  ] as const;
  test.each(rows)('of %s', (_, text, seed, expected) => {
    expect(xxHash32(utf8(text), seed)).toBe(expected);
  });

  test('is the same wherever the bytes lie', () => {
    const bytes = Uint8Array.from({ length: 77 }, (_, at) => at * 7);
    for (let length = 0; length < bytes.length; length += 1) {
      const expected = xxHash32(bytes.slice(0, length), length);
      for (const offset of [1, 2, 3, 4]) {
        const moved = new Uint8Array(length + offset).subarray(offset);
        moved.set(bytes.subarray(0, length));
        expect(xxHash32(moved, length)).toBe(expected);
        const { buffer, byteOffset } = moved;
        expect(xxHash32(Buffer.from(buffer, byteOffset, length), length)).toBe(expected);
      }
    }
  });

  test('differs by any bit of the bytes, and by their number', () => {
    const bytes = Uint8Array.from({ length: 53 }, (_, at) => at);
    const seen = new Set([xxHash32(bytes)]);
    for (let bit = 0; bit < bytes.length * 8; bit += 1) {
      const other = bytes.slice();
      other[bit >> 3] = (other[bit >> 3] as number) ^ (1 << (bit & 7));
      seen.add(xxHash32(other));
    }
    for (let length = 0; length < bytes.length; length += 1) {
      seen.add(xxHash32(bytes.subarray(0, length)));
    }
    expect(seen.size).toBe(1 + bytes.length * 8 + bytes.length);
  });
});
