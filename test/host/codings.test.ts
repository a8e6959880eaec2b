import { deflateSync, gunzipSync, gzipSync, inflateSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { nodeCodings } from '../../src/host/codings.ts';

const bytesOf = (body: Uint8Array | string): readonly number[] | string =>
  typeof body === 'string' ? body : [...body];
const decode = async (coding: 'gzip' | 'deflate', body: Uint8Array) =>
  bytesOf(await nodeCodings.decode(coding, body, 1000));
const pack = { gzip: gzipSync, deflate: deflateSync };
const unpack = { gzip: gunzipSync, deflate: inflateSync };

describe.each(['gzip', 'deflate'] as const)('%s', (coding) => {
  test.each([0, 1, 999, 1000])('%i bytes of at most 1000 come back', async (length) => {
    const bytes = new Uint8Array(length).fill(7);
    expect(await decode(coding, pack[coding](bytes))).toEqual([...bytes]);
  });

  test.each([1001, 50_000_000])('%i bytes of at most 1000 are too large', async (length) => {
    expect(await decode(coding, pack[coding](new Uint8Array(length)))).toBe('large');
  });

  test('what is not of the coding, or not all of it, is broken', async () => {
    const whole = pack[coding](new Uint8Array(500));
    const other = coding === 'gzip' ? deflateSync('x') : gzipSync('x');
    for (const body of [new Uint8Array(), other, whole.subarray(0, -3), Buffer.from('{}')]) {
      expect(await decode(coding, body)).toBe('broken');
    }
  });

  test('what is encoded is of that coding', async () => {
    const packed = await nodeCodings.encode(coding, Buffer.from('abc'));
    expect(unpack[coding](packed).toString()).toBe('abc');
  });
});

test('several gzip members are one body', async () => {
  const body = Buffer.concat([gzipSync('ab'), gzipSync('c')]);
  expect(await decode('gzip', body)).toEqual([...Buffer.from('abc')]);
});
