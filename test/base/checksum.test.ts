import { describe, expect, test } from 'vitest';
import { utf8 } from '../../src/base/bytes.ts';
import { crc32, crc32c } from '../../src/base/checksum.ts';

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
