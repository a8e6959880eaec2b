import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hexOf } from '../../src/base/bytes.ts';
import { decodeItem, encodeItem } from '../../src/value/codec.ts';
import { equalItems, equalValues, orderValues } from '../../src/value/compare.ts';
import { wireReader } from '../../src/value/wire.ts';
import { item } from './arbitrary.ts';

const b = (...bytes: number[]): Uint8Array => new Uint8Array(bytes);

describe('equality', () => {
  test.each([
    [{ S: 'a' }, { S: 'a' }, true],
    [{ S: 'a' }, { S: 'b' }, false],
    [{ S: '1' }, { N: '1' }, false],
    [{ N: '1e3' }, { N: '1000.0' }, true],
    [{ B: b(1, 2) }, { B: b(1, 2) }, true],
    [{ B: b(1, 2) }, { B: b(1) }, false],
    [{ BOOL: true }, { BOOL: false }, false],
    [{ BOOL: true }, { NULL: true }, false],
    [{ SS: ['a', 'b'] }, { SS: ['b', 'a'] }, true],
    [{ SS: ['1'] }, { NS: ['1'] }, false],
    [{ SS: ['a', 'b'] }, { SS: ['a'] }, false],
    [{ NS: ['1', '2'] }, { NS: ['2.0', '1'] }, true],
    [{ BS: [b(1), b(2)] }, { BS: [b(2), b(1)] }, true],
    [{ BS: [b(1), b(2)] }, { BS: [b(1), b(3)] }, false],
    [{ L: [{ S: 'a' }, { S: 'b' }] }, { L: [{ S: 'b' }, { S: 'a' }] }, false],
    [{ L: [{ N: '1' }] }, { L: [{ N: '1.0' }] }, true],
    [{ M: { a: { S: 'x' }, b: { N: '1' } } }, { M: { b: { N: '1' }, a: { S: 'x' } } }, true],
    [{ M: { a: { S: 'x' } } }, { M: { b: { S: 'x' } } }, false],
    [{ M: { a: { S: 'x' } } }, { M: {} }, false],
    [{ M: {} }, { L: [] }, false],
  ])('of %o and %o is %s', (left, right, equal) => {
    const x = wireReader.value(left);
    const y = wireReader.value(right);
    expect(equalValues(x, y)).toBe(equal);
    expect(equalValues(y, x)).toBe(equal);
  });

  test('items are equal exactly when their stored bytes are', () => {
    fc.assert(
      fc.property(item, item, (x, y) => {
        expect(equalItems(x, decodeItem(encodeItem(x)))).toBe(true);
        expect(equalItems(x, y)).toBe(hexOf(encodeItem(x)) === hexOf(encodeItem(y)));
      }),
    );
  });
});

test.each([
  [{ S: 'a' }, { S: 'aa' }, -1],
  [{ S: '｡' }, { S: '\u{10000}' }, -1],
  [{ N: '10' }, { N: '9' }, 1],
  [{ N: '1.0' }, { N: '1' }, 0],
  [{ B: b(0) }, { B: b(0, 0) }, -1],
  [{ B: b(0x80) }, { B: b(0x7f) }, 1],
  [{ S: '1' }, { N: '1' }, undefined],
  [{ BOOL: true }, { BOOL: false }, undefined],
  [{ SS: ['a'] }, { SS: ['b'] }, undefined],
  [{ L: [] }, { L: [] }, undefined],
])('the order of %o and %o is %s', (left, right, order) => {
  const found = orderValues(wireReader.value(left), wireReader.value(right));
  expect(found === undefined ? undefined : Math.sign(found)).toBe(order);
});
