import { describe, expect, test } from 'vitest';
import { decodeBase64, encodeBase64 } from '../../src/base/base64.ts';
import { prng } from '../../src/base/prng.ts';

describe('base64', () => {
  const rows: readonly (readonly [string, string])[] = [
    ['', ''],
    ['f', 'Zg=='],
    ['fo', 'Zm8='],
    ['foo', 'Zm9v'],
    ['foob', 'Zm9vYg=='],
    ['fooba', 'Zm9vYmE='],
    ['foobar', 'Zm9vYmFy'],
  ];
  test.each(rows)('%j is %j and back (RFC 4648, section 10)', (text, encoded) => {
    const bytes = new TextEncoder().encode(text);
    expect(encodeBase64(bytes)).toBe(encoded);
    expect(decodeBase64(encoded)).toEqual(bytes);
  });

  test('bytes of every length agree with Buffer', () => {
    const chance = prng(7);
    for (let length = 0; length < 200; length += 1) {
      const bytes = chance.bytes(length);
      const encoded = encodeBase64(bytes);
      expect(encoded).toBe(Buffer.from(bytes).toString('base64'));
      expect(decodeBase64(encoded)).toEqual(bytes);
    }
  });

  const wrong = [
    'a',
    'abc',
    '=',
    '====',
    'a===',
    'ab=c',
    'Zh==',
    'Zm9=',
    'Zm 9',
    'Zm9é',
    'Zm-_',
    'A\nAA',
  ];
  test.each(wrong)('%j is refused', (text) => {
    expect(decodeBase64(text)).toBeUndefined();
  });
});
