import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  compareBytes,
  concatBytes,
  hexOf,
  prefixEnd,
  startsWithBytes,
} from '../../src/base/bytes.ts';
import { orderValues } from '../../src/value/compare.ts';
import {
  beginsWithRange,
  encodeKeyPart,
  hashPrefix,
  hashRangeOf,
  joinKey,
  KeyRoom,
  keyPart,
  keyTail,
  segmentOf,
} from '../../src/value/key.ts';
import type { KeyValue } from '../../src/value/value.ts';
import { bytes, decimal, storedText } from './arbitrary.ts';

const b = (...octets: number[]): Uint8Array => new Uint8Array(octets);
const S = (value: string): KeyValue => ({ type: 'S', value });
const N = (value: string): KeyValue => ({ type: 'N', value });
const B = (...octets: number[]): KeyValue => ({ type: 'B', value: b(...octets) });

const zeroes = fc.uint8Array({ max: 2, maxLength: 5 }).map((array) => new Uint8Array(array));
const keyValues: readonly fc.Arbitrary<KeyValue>[] = [
  storedText.map(S),
  decimal.map(N),
  fc.oneof(bytes, zeroes).map((value): KeyValue => ({ type: 'B', value })),
];
const pairOfOneType = fc.oneof(...keyValues.map((each) => fc.tuple(each, each)));
const anyKeyValue = fc.oneof(...keyValues);

describe('the bytes of a key part', () => {
  test.each([
    [S('a'), '610001'],
    [S('é'), 'c3a90001'],
    [S('a\0'), '6100ff0001'],
    [B(0), '00ff0001'],
    [B(0, 0), '00ff00ff0001'],
    [B(1), '010001'],
    [B(255), 'ff0001'],
    [N('0'), '02'],
    [N('1'), '03820b00'],
    [N('-1'), '017df4ff'],
  ])('of %o are %s', (value, hex) => {
    expect(hexOf(keyPart(value))).toBe(hex);
  });

  test('compare as the values do, and none is a prefix of another', () => {
    fc.assert(
      fc.property(pairOfOneType, ([x, y]) => {
        const order = compareBytes(keyPart(x), keyPart(y));
        expect(order).toBe(Math.sign(orderValues(x, y) ?? Number.NaN));
        expect(startsWithBytes(keyPart(x), keyPart(y))).toBe(order === 0);
      }),
    );
  });

  test.each([
    [['A', 'B', 'a', 'aa', 'b', 'é', 'ｱ', '😀'].map(S)],
    [[B(0), B(0, 0), B(1), B(0x7f), B(0x80), B(0xff)]],
  ])('are in the order of section 14: row %#', (values) => {
    const hexes = values.map((value) => hexOf(keyPart(value)));
    expect([...hexes].sort()).toEqual(hexes);
  });

  test('are at most those of 2,048', () => {
    expect(encodeKeyPart(new Uint8Array(2048))).toHaveLength(2 * 2048 + 2);
    expect(() => encodeKeyPart(new Uint8Array(2049))).toThrow('key part of 2049 bytes');
  });
});

describe('a key', () => {
  test.each([
    [[S('a')], [], undefined, '7f7adc68610001'],
    [[S('a')], [N('1')], undefined, '7f7adc6861000103820b00'],
    [[S('a')], [N('1')], b(9), '7f7adc6861000103820b0009'],
    [[S('a'), B(0)], [S('')], undefined, '5347fbe661000100ff00010001'],
  ])('is hash, hash parts, range parts, tail: row %#', (hash, range, tail, hex) => {
    expect(hexOf(joinKey(hash, range, tail))).toBe(hex);
  });

  test('of an item collection is in the range of its prefix, and no other is', () => {
    const list = fc.array(anyKeyValue, { minLength: 1, maxLength: 2 });
    fc.assert(
      fc.property(list, list, fc.array(anyKeyValue, { maxLength: 2 }), (hash, other, range) => {
        const prefix = hashPrefix(hash);
        expect(startsWithBytes(joinKey(hash, range), prefix)).toBe(true);
        expect(concatBytes(prefix.subarray(0, 4), keyTail(hash, range))).toEqual(
          joinKey(hash, range),
        );
        fc.pre(hexOf(keyTail(hash, [])) !== hexOf(keyTail(other, [])));
        fc.pre(hash.length === other.length && hash.every((x, at) => x.type === other[at]?.type));
        expect(startsWithBytes(joinKey(other, range), prefix)).toBe(false);
      }),
    );
  });
});

describe('a room for keys', () => {
  test.each([
    ['a string', S('abc')],
    ['a number', N('-12345678901234567890.123456789012345678')],
    ['bytes', B(0, 1, 0)],
  ])('grows wherever in a key it ends: %s', (_name, range) => {
    const hash = S('h'.repeat(20));
    const key = joinKey([hash], [range], b(9, 8, 7));
    for (let from = 400; from < 520; from += 1) {
      const room = new KeyRoom();
      const end = room.join(from, [hash], [range], b(1, 9, 8, 7, 2), 1, 4);
      expect(hexOf(room.bytes.slice(from, end))).toBe(hexOf(key));
    }
  });

  test('takes a tail from itself', () => {
    for (let from = 100; from < 520; from += 1) {
      const room = new KeyRoom();
      const keyEnd = room.join(0, [S('a'.repeat(60))], []);
      const end = room.join(from, [S('b'.repeat(60))], [], room.bytes, 4, keyEnd);
      const key = joinKey([S('b'.repeat(60))], [], keyTail([S('a'.repeat(60))], []));
      expect(hexOf(room.bytes.slice(from, end))).toBe(hexOf(key));
    }
  });
});

describe('the range of begins_with', () => {
  test.each([
    [S(''), ''],
    [S('a'), '61'],
    [B(1, 0), '0100ff'],
    [B(255), 'ff'],
  ] as const)('of %o begins with %s', (value, hex) => {
    expect(value.type === 'N' ? '' : hexOf(beginsWithRange(value))).toBe(hex);
  });

  test('holds the values that begin so, and no others', () => {
    const octets = fc.oneof(bytes, zeroes);
    fc.assert(
      fc.property(octets, octets, fc.boolean(), (start, rest, joined) => {
        const value = joined ? concatBytes(start, rest) : rest;
        const collection = hashPrefix([S('pk')]);
        const from = concatBytes(collection, beginsWithRange({ type: 'B', value: start }));
        const to = prefixEnd(from);
        const key = joinKey([S('pk')], [{ type: 'B', value }]);
        const inside =
          compareBytes(key, from) >= 0 && (to === undefined || compareBytes(key, to) < 0);
        expect(inside).toBe(startsWithBytes(value, start));
      }),
    );
  });
});

describe('segments of a parallel Scan', () => {
  test.each([
    [0, 1, '00000000', undefined],
    [0, 3, '00000000', '55555556'],
    [2, 3, 'aaaaaaab', undefined],
    [1, 4, '40000000', '80000000'],
    [999_999, 1_000_000, 'ffffef3a', undefined],
  ])('segment %i of %i is from %s to %s', (segment, total, from, to) => {
    const range = hashRangeOf(segment, total);
    expect(hexOf(range.from)).toBe(from);
    expect(range.to === undefined ? undefined : hexOf(range.to)).toBe(to);
  });

  test('each key lies in the range of its segment', () => {
    const totals = fc.integer({ min: 1, max: 1_000_000 });
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 4, maxLength: 6 }), totals, (array, total) => {
        const key = new Uint8Array(array);
        const { from, to } = hashRangeOf(segmentOf(key, total), total);
        expect(compareBytes(from, key)).toBeLessThan(1);
        expect(to === undefined || compareBytes(key, to) < 0).toBe(true);
      }),
    );
  });

  test('each bound is the first key of its segment and follows the last', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 1_000_000 }), fc.nat(), (total, seed) => {
        const segment = 1 + (seed % (total - 1));
        const { from } = hashRangeOf(segment, total);
        expect(hashRangeOf(segment - 1, total).to).toEqual(from);
        expect(segmentOf(from, total)).toBe(segment);
        const before = new Uint8Array(4);
        new DataView(before.buffer).setUint32(0, new DataView(from.buffer).getUint32(0) - 1);
        expect(segmentOf(before, total)).toBe(segment - 1);
      }),
    );
  });
});
