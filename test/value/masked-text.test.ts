import { expect, test } from 'vitest';
import { textBufferBytesMax } from '../../src/base/page-limits.ts';
import { maskedText } from '../../src/value/masked-text.ts';

const every = Uint8Array.from({ length: 256 }, (_, at) => at);

test('bytes of ASCII are themselves, and any byte is one unit of ASCII', () => {
  const text = maskedText(every);
  expect(text).toHaveLength(256);
  expect(text.slice(0, 128)).toBe(String.fromCharCode(...every.slice(0, 128)));
  expect(/^[\0-\x7f]*$/.test(text)).toBe(true);
});

test.each([0, 1, 2, 3, 4, 5, 1023, 4096, 70_001, textBufferBytesMax, textBufferBytesMax + 1])(
  '%d bytes have as many units, whatever came before',
  (length) => {
    maskedText(new Uint8Array(5000).fill(0xff));
    const bytes = new Uint8Array(length + 1).fill(0x61).subarray(1);
    if (length > 2) bytes.set([0xef, 0xbb, 0xbf]);
    const text = maskedText(bytes);
    expect(text).toHaveLength(length);
    expect(/^[^a]{0,3}a*$/.test(text)).toBe(true);
    expect(bytes.subarray(0, 3)).toEqual(
      length > 2 ? new Uint8Array([0xef, 0xbb, 0xbf]) : new Uint8Array(length).fill(0x61),
    );
  },
);
