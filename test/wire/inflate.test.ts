import { deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { gunzip } from '../../src/wire/inflate.ts';

describe('gunzip', () => {
  test.each([0, 1, 999, 1000])('%i bytes of at most 1000 come back', async (length) => {
    const bytes = new Uint8Array(length).fill(7);
    expect(await gunzip(gzipSync(bytes), 1000)).toEqual(bytes);
  });

  test.each([1001, 50_000_000])('%i bytes of at most 1000 are too large', async (length) => {
    expect(await gunzip(gzipSync(new Uint8Array(length)), 1000)).toBe('large');
  });

  test('what is not gzip, or not all of it, is broken', async () => {
    const whole = gzipSync(new Uint8Array(500));
    for (const body of [
      new Uint8Array(),
      deflateSync('x'),
      whole.subarray(0, -3),
      Buffer.from('{}'),
    ]) {
      expect(await gunzip(body, 1000)).toBe('broken');
    }
  });
});
