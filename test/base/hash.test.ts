import { describe, expect, test } from 'vitest';
import { fromHex, utf8 } from '../../src/base/bytes.ts';
import { hash32 } from '../../src/base/hash.ts';

describe('hash32 is MurmurHash3, x86, 32 bits', () => {
  // The vectors that implementations of MurmurHash3 share: bytes, seed, hash.
  const rows = [
    ['', 0, 0],
    ['', 1, 0x514e28b7],
    ['', 0xffffffff, 0x81f16f39],
    ['ffffffff', 0, 0x76293b50],
    ['21436587', 0, 0xf55b516b],
    ['21436587', 0x5082edee, 0x2362f9de],
    ['214365', 0, 0x7e4a8634],
    ['2143', 0, 0xa0f7b07a],
    ['21', 0, 0x72661cf4],
    ['00000000', 0, 0x2362f9de],
    ['000000', 0, 0x85f0b427],
    ['0000', 0, 0x30f4c306],
    ['00', 0, 0x514e28b7],
  ] as const;
  test.each(rows)('of %s with seed %i', (hex, seed, expected) => {
    expect(hash32(fromHex(hex), seed)).toBe(expected);
  });

  const texts = [
    ['test', 0, 0xba6bd213],
    ['test', 0x9747b28c, 0x704b81dc],
    ['Hello, world!', 0, 0xc0363e43],
    ['Hello, world!', 0x9747b28c, 0x24884cba],
    ['The quick brown fox jumps over the lazy dog', 0, 0x2e4ff723],
    ['The quick brown fox jumps over the lazy dog', 0x9747b28c, 0x2fa826cd],
  ] as const;
  test.each(texts)('of "%s" with seed %i', (text, seed, expected) => {
    expect(hash32(utf8(text), seed)).toBe(expected);
  });
});
