import { describe, expect, test } from 'vitest';
import { canonicalText } from '../../src/base/canonical.ts';
import { NumberValue } from '../../src/value/number-value.ts';

describe('canonical text', () => {
  const same: readonly (readonly [string, unknown, unknown])[] = [
    ['members in another order', { a: 1, b: { c: 2, d: 3 } }, { b: { d: 3, c: 2 }, a: 1 }],
    ['members that are undefined', { a: 1, b: undefined }, { a: 1 }],
    ['sets in another order', new Set([1, 2]), new Set([2, 1])],
    ['views on the same bytes', new Uint8Array([1, 2]), new Uint8Array([0, 1, 2]).subarray(1)],
    ['numbers with all their digits', new NumberValue('0.10'), new NumberValue('0.10')],
  ];
  test.each(same)('is the same for %s', (_name, a, b) => {
    expect(canonicalText(a)).toBe(canonicalText(b));
  });

  const different: readonly (readonly [string, unknown, unknown])[] = [
    ['a number and its text', 1, '1'],
    ['a bigint and a number', 1n, 1],
    ['a number value and its text', new NumberValue('1'), '1'],
    ['lists in another order', [1, 2], [2, 1]],
    ['a list and a set', [1], new Set([1])],
    ['bytes and their numbers', new Uint8Array([1, 2]), [1, 2]],
    ['null and nothing', { a: null }, {}],
    ['texts that quote', { 'a":1,"b': 2 }, { a: 1, b: 2 }],
    ['true and its text', true, 'true'],
    ['an empty object and an empty list', {}, []],
  ];
  test.each(different)('differs for %s', (_name, a, b) => {
    expect(canonicalText(a)).not.toBe(canonicalText(b));
  });

  test('ends at what is nested deeper than an input may be', () => {
    let deep: object = {};
    for (let level = 0; level < 1000; level += 1) deep = { deep };
    expect(() => canonicalText(deep)).toThrow(RangeError);
  });
});
