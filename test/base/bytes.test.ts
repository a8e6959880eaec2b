import { describe, expect, test } from 'vitest';
import {
  mapKey,
  shortBytesMax,
  shortText,
  ByteReader,
  ByteWriter,
  compareBytes,
  concatBytes,
  emptyBytes,
  equalBytes,
  fromHex,
  hexOf,
  prefixEnd,
  startsWithBytes,
  successor,
  textOf,
  utf8,
  varintLength,
} from '../../src/base/bytes.ts';

const bytes = (...values: readonly number[]): Uint8Array => Uint8Array.from(values);

describe('byte strings', () => {
  // Each row sorts before the next.
  const ordered = [[], [0], [0, 0], [0, 1], [1], [1, 0], [127], [128], [255], [255, 0], [255, 255]];
  test.each(ordered.flatMap((a, i) => ordered.map((b, j) => [a, b, Math.sign(i - j)] as const)))(
    '%j against %j is %i',
    (a, b, order) => {
      expect(compareBytes(bytes(...a), bytes(...b))).toBe(order);
      expect(equalBytes(bytes(...a), bytes(...b))).toBe(order === 0);
    },
  );

  const starts = [
    [[1, 2], [], true],
    [[1, 2], [1], true],
    [[1, 2], [1, 2], true],
    [[1, 2], [2], false],
    [[1], [1, 2], false],
  ] as const;
  test.each(starts)('%j starts with %j: %s', (whole, prefix, answer) => {
    expect(startsWithBytes(bytes(...whole), bytes(...prefix))).toBe(answer);
  });

  const ends = [
    [[1], [2]],
    [[1, 255], [2]],
    [
      [1, 2, 255, 255],
      [1, 3],
    ],
    [[254], [255]],
  ] as const;
  test.each(ends)('after all that start with %j comes %j', (prefix, end) => {
    expect(prefixEnd(bytes(...prefix))).toEqual(bytes(...end));
  });

  test('nothing comes after all that start with nothing, or with 0xff only', () => {
    expect(prefixEnd(emptyBytes)).toBeUndefined();
    expect(prefixEnd(bytes(255, 255))).toBeUndefined();
  });

  test('the successor is the next byte string of all', () => {
    expect(successor(bytes(1, 255))).toEqual(bytes(1, 255, 0));
    expect(successor(emptyBytes)).toEqual(bytes(0));
  });

  test('join in order', () => {
    expect(concatBytes(bytes(1), emptyBytes, bytes(2, 3))).toEqual(bytes(1, 2, 3));
    expect(concatBytes()).toEqual(emptyBytes);
  });

  test('turn into hexadecimal and back', () => {
    expect(hexOf(bytes(0, 15, 16, 255))).toBe('000f10ff');
    expect(fromHex('000f10FF')).toEqual(bytes(0, 15, 16, 255));
    expect(() => fromHex('0')).toThrow('not hexadecimal');
    expect(() => fromHex('0g')).toThrow('not hexadecimal');
  });

  test('keep a byte order mark as text', () => {
    expect(textOf(utf8('\uFEFFa'))).toBe('\uFEFFa');
    expect(utf8('aé€😀')).toHaveLength(1 + 2 + 3 + 4);
  });
});

describe('what a writer writes', () => {
  const numbers = [0, 1, 127, 128, 255, 16_383, 16_384, 65_535, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1];
  const large = [2 ** 32, 2 ** 35, 2 ** 49, Number.MAX_SAFE_INTEGER];

  test.each([...numbers, ...large])('%i is read back from a varint and from u64', (value) => {
    const writer = new ByteWriter(1);
    writer.varint(value);
    expect(writer.length).toBe(varintLength(value));
    writer.u64(value);
    const reader = new ByteReader(writer.take());
    expect(reader.varint()).toBe(value);
    expect(reader.u64()).toBe(value);
    expect(reader.done).toBe(true);
  });

  test.each(numbers)('%i is read back from u32', (value) => {
    const writer = new ByteWriter(1);
    writer.u32(value);
    expect(new ByteReader(writer.take()).u32()).toBe(value);
  });

  test('has the bytes that the formats say', () => {
    const writer = new ByteWriter();
    writer.byte(7);
    writer.u16(0x0102);
    writer.u32(0x03040506);
    writer.u64(0x0708);
    writer.varint(300);
    writer.block(bytes(9, 9));
    writer.text('é');
    expect(hexOf(writer.take())).toBe(
      '07020106050403' + '0807000000000000' + 'ac02' + '020909' + '02c3a9',
    );
  });

  const texts = ['', 'a', 'a'.repeat(127), 'a'.repeat(128), 'é', 'aé', '😀'.repeat(100), '\0'];
  test.each(texts)('text %# is read back', (text) => {
    const writer = new ByteWriter(1);
    writer.byte(0xaa);
    writer.text(text);
    writer.byte(0xbb);
    const reader = new ByteReader(writer.take());
    expect(reader.byte()).toBe(0xaa);
    expect(reader.text()).toBe(text);
    expect(reader.byte()).toBe(0xbb);
    expect(reader.done).toBe(true);
  });

  test('shares a buffer among short bytes, and overwrites none of them', () => {
    const writer = new ByteWriter(16);
    const taken: Uint8Array[] = [];
    for (let round = 0; round < 400; round += 1) {
      writer.raw(new Uint8Array(300).fill(round & 0xff));
      taken.push(writer.takeShared());
    }
    expect(new Set(taken.map(({ buffer }) => buffer)).size).toBeLessThan(5);
    for (const [round, part] of taken.entries()) {
      expect(part.length).toBe(300);
      expect(part.every((byte) => byte === (round & 0xff))).toBe(true);
    }
    writer.raw(new Uint8Array(5000));
    const large = writer.takeShared();
    expect(large.buffer.byteLength).toBe(5000);
    expect(writer.length).toBe(0);
  });

  test('gives what was written away without a copy, and begins anew', () => {
    const writer = new ByteWriter(10);
    const nine = bytes(1, 2, 3, 4, 5, 6, 7, 8, 9);
    writer.raw(nine);
    const inside = writer.view();
    const given = writer.finish();
    expect(given).toEqual(nine);
    expect(given.buffer).toBe(inside.buffer);
    expect(writer.length).toBe(0);
    writer.raw(bytes(3));
    expect(given).toEqual(nine);
    expect(writer.take()).toEqual(bytes(3));
  });

  test('gives no buffer away that is much larger than what is in it', () => {
    const writer = new ByteWriter(100);
    writer.raw(bytes(1, 2));
    expect(writer.finish().buffer.byteLength).toBe(2);
    expect(writer.length).toBe(0);
  });

  test('gives its buffer away, and takes over a larger one while nothing is written', () => {
    const writer = new ByteWriter(100);
    writer.raw(bytes(1, 2, 3));
    writer.adopt(new Uint8Array(200));
    const given = writer.give();
    expect([given.length, given[2], writer.length, writer.capacity]).toEqual([100, 3, 0, 0]);
    writer.adopt(given);
    writer.adopt(new Uint8Array(99));
    writer.byte(7);
    expect(writer.give()).toBe(given);
    expect([given[0], given[1]]).toEqual([7, 2]);
    writer.byte(8);
    expect(writer.take()).toEqual(bytes(8));
  });

  test('can be patched, and taken once', () => {
    const writer = new ByteWriter();
    writer.u32(0);
    writer.raw(bytes(1));
    writer.patchU32(0, 0xfffffffe);
    expect(writer.view(4)).toEqual(bytes(1));
    expect(() => writer.patchU32(2, 0)).toThrow('patch beyond the end');
    expect(writer.take()).toEqual(bytes(254, 255, 255, 255, 1));
    expect(writer.take()).toEqual(emptyBytes);
  });

  test.each([-1, 1.5, 2 ** 53, Number.NaN])('%d is no number of a format', (value) => {
    expect(() => new ByteWriter().varint(value)).toThrow('not a safe integer');
    expect(() => new ByteWriter().u64(value)).toThrow('not a safe integer');
  });
});

describe('a reader', () => {
  test('does not read beyond the end', () => {
    expect(() => new ByteReader(emptyBytes).byte()).toThrow('read beyond the end');
    expect(() => new ByteReader(bytes(1, 2, 3)).u32()).toThrow('read beyond the end');
    expect(() => new ByteReader(bytes(0x80)).varint()).toThrow('read beyond the end');
    expect(() => new ByteReader(bytes(5, 1)).block()).toThrow();
  });

  test('refuses numbers beyond 2^53', () => {
    expect(() => new ByteReader(fromHex('0000000000002000')).u64()).toThrow();
    expect(() => new ByteReader(new Uint8Array(12).fill(0xff)).varint()).toThrow();
  });
});

test('a map key has a character for each byte', () => {
  expect(mapKey(bytes(0, 65, 255))).toBe('\u0000A\u00ff');
  expect(mapKey(bytes())).toBe('');
  for (let length = 0; length < shortBytesMax + 3; length += 1) {
    const some = Uint8Array.from({ length }, (_, at) => (at * 37 + 200) & 0xff);
    const text = [...some].map((byte) => String.fromCharCode(byte)).join('');
    expect(mapKey(some)).toBe(text);
    if (length > shortBytesMax) continue;
    expect(shortText(Uint8Array.of(1, ...some, 2), 1, length + 1)).toBe(text);
  }
});
