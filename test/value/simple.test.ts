import { describe, expect, test } from 'vitest';
import { hexOf } from '../../src/base/bytes.ts';
import { encodeItem } from '../../src/value/codec.ts';
import { plainReader } from '../../src/value/plain.ts';
import { isPlainObject, SimpleEncoder } from '../../src/value/simple.ts';
import { itemSize } from '../../src/value/size.ts';

const long = 'x'.repeat(10_000);

describe('a simple object', () => {
  // One encoder for all, as in an import: what it remembers of one must not show in another.
  const encoder = new SimpleEncoder();
  const rows: Record<string, unknown>[] = [
    {},
    { a: 'text', b: 1, c: true, d: null, e: false },
    { b: 1, a: 'text' },
    { a: 'other', b: 2 },
    { b: 'text', a: 1 },
    { 10: 'a', 9: 'b', a: 'c' },
    { a: 'é', b: '日本'.repeat(40), c: '\ud83d\ude00', d: `${long}é`, e: 'a\ud800b' },
    {
      a: '',
      b: 'x'.repeat(127),
      c: 'x'.repeat(128),
      d: long,
      e: 'x'.repeat(48),
      f: 'x'.repeat(49),
    },
    { a: 0, b: -0, c: -1, d: 127, e: 128, f: 2 ** 31, g: 2 ** 52 - 1, h: 2 ** 52, i: -(2 ** 53) },
    { a: 1.5, b: -0.001, c: 1e21, d: 1e-7, e: 123_456_789.123_456_78, f: 1e125, g: -1e-130 },
    { ...Object.fromEntries(Array.from({ length: 200 }, (_, at) => [`name${at}`, at])) },
    JSON.parse('{"__proto__":"own","constructor":1,"toString":"x"}') as Record<string, unknown>,
    Object.assign(Object.create(null) as object, { a: 1 }) as Record<string, unknown>,
  ];
  test.each(rows)('%# has the bytes that encodeItem gives', (raw) => {
    const item = plainReader.item(raw);
    for (let round = 0; round < 2; round += 1) {
      expect(hexOf(encoder.encode(raw) ?? new Uint8Array(0))).toBe(hexOf(encodeItem(item)));
      expect(encoder.size).toBe(itemSize(item));
    }
  });

  test.each([
    { a: undefined },
    { a: [1] },
    { a: {} },
    { a: new Uint8Array(1) },
    { a: 10n },
    { a: () => 1 },
    { '': 1 },
    { é: 1 },
    { ['x'.repeat(65)]: 1 },
  ])('%# is none', (raw) => {
    expect(encoder.encode(raw)).toBeUndefined();
  });

  test('refuses what is no number', () => {
    expect(() => encoder.encode({ a: Number.POSITIVE_INFINITY })).toThrow('numeric value');
  });

  test.each([
    [{}, true],
    [Object.create(null) as object, true],
    [[], false],
    [new Map(), false],
    [new (class Thing {})(), false],
    [null, false],
    ['text', false],
  ])('%# has the form of one: %s', (raw, expected) => {
    expect(isPlainObject(raw)).toBe(expected);
  });
});
