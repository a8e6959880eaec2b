import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { NumberValue } from '../../src/value/number-value.ts';
import { itemToPlain, plainReader, toPlain } from '../../src/value/plain.ts';
import { wireReader } from '../../src/value/wire.ts';
import { item } from './arbitrary.ts';

const b = (...bytes: number[]): Uint8Array => new Uint8Array(bytes);
const prefix = 'One or more parameter values were invalid: ';

class Point {
  x = 1;
}
class Hollow {}

describe('plain values are read', () => {
  test.each([
    ['text', { S: 'text' }],
    ['', { S: '' }],
    [1, { N: '1' }],
    [-0, { N: '0' }],
    [1e21, { N: '1e21' }],
    [0.1, { N: '0.1' }],
    [12345678901234567890n, { N: '12345678901234567890' }],
    [new NumberValue('1.50'), { N: '1.5' }],
    [structuredClone(new NumberValue('1e3')), { N: '1000' }],
    [Object(5), { N: '5' }],
    [Object(false), { BOOL: false }],
    [true, { BOOL: true }],
    [null, { NULL: true }],
    [b(1, 2), { B: b(1, 2) }],
    [b(1, 2, 3).subarray(1), { B: b(2, 3) }],
    [b(1, 2).buffer, { B: b(1, 2) }],
    [new DataView(b(1, 2, 3).buffer, 1), { B: b(2, 3) }],
    [new Uint16Array([1]), { B: b(1, 0) }],
    [new Set(['b', 'a']), { SS: ['a', 'b'] }],
    [new Set([10, 9n, new NumberValue('1')]), { NS: ['1', '9', '10'] }],
    [new Set([b(2), b(1).buffer]), { BS: [b(1), b(2)] }],
    [new Set([undefined, 'a']), { SS: ['a'] }],
    [[], { L: [] }],
    [[1, undefined, 'a'], { L: [{ N: '1' }, { S: 'a' }] }],
    [{}, { M: {} }],
    [{ a: 1, b: undefined }, { M: { a: { N: '1' } } }],
    [new Map([['a', 1]]), { M: { a: { N: '1' } } }],
    [new Map(), { M: {} }],
    [new Point(), { M: { x: { N: '1' } } }],
    [Object.create(null), { M: {} }],
  ])('row %#: %o', (plain, wire) => {
    expect(plainReader.value(plain)).toEqual(wireReader.value(wire));
  });
});

describe('what has no form is refused, with what to do', () => {
  test.each([
    [undefined, 'Unsupported type passed: undefined. Store a string'],
    [() => 1, 'Unsupported type passed: a function'],
    [Symbol('s'), 'Unsupported type passed: Symbol(s)'],
    [new Date(0), 'Unsupported type passed: [object Date]'],
    [/a/, 'Unsupported type passed: [object RegExp]'],
    [new Hollow(), 'Unsupported type passed: [object Object]'],
    [new Blob(['a']), 'Unsupported type passed: [object Blob]'],
    [[() => 1], 'Unsupported type passed: a function'],
    [Number.NaN, 'The parameter cannot be converted to a numeric value: NaN'],
    [new NumberValue('x'), 'The parameter cannot be converted to a numeric value: x'],
    [new Set(), 'An empty Set has no type'],
    [new Set(['a', 1]), 'A Set must hold strings only'],
    [new Set([true]), 'A Set must hold strings only'],
    [new Set([1, 1n]), 'Input collection contains duplicates'],
    [new Set([b(1), b(1)]), `${prefix}Input collection [AQ==, AQ==]of type BS`],
    [new Map([[1, 1]]), 'only if its keys are strings: 1'],
    [{ '': 1 }, 'Empty attribute name'],
  ])('row %#: %o', (plain, message) => {
    const isRefused = expect.objectContaining({
      name: 'ValidationException',
      message: expect.stringContaining(message),
    });
    expect(() => plainReader.value(plain)).toThrow(isRefused);
  });

  test.each([undefined, null, 'a', 5, [], new Set(['a']), new NumberValue('1'), b(1)])(
    'an item is an object: not %o',
    (plain) => {
      expect(() => plainReader.item(plain)).toThrow('An item must be an object or a Map');
    },
  );

  test('an object in itself is too deep', () => {
    const circle: Record<string, unknown> = {};
    circle['circle'] = circle;
    expect(() => plainReader.item(circle)).toThrow('Nesting Levels have exceeded');
  });

  test('33 levels are too deep and 32 are not', () => {
    const nested = (levels: number): unknown => (levels === 0 ? 1 : [nested(levels - 1)]);
    expect(plainReader.item({ a: nested(32) }).size).toBe(1);
    expect(() => plainReader.item({ a: nested(33) })).toThrow('Nesting Levels have exceeded');
  });
});

describe('items', () => {
  test('have the names their objects own, and no others', () => {
    const read = plainReader.item(JSON.parse('{"__proto__":{"a":1}}'));
    expect([...read.keys()]).toEqual(['__proto__']);
    const written = itemToPlain(read);
    expect(Object.getPrototypeOf(written)).toBe(Object.prototype);
    expect(JSON.stringify(written)).toBe('{"__proto__":{"a":1}}');
    expect(plainReader.item(Object.create({ inherited: 1 }, { own: own(1) })).size).toBe(1);
  });

  test('keep binary of their own', () => {
    const mine = b(1, 2);
    const values = [plainReader.value(mine), plainReader.value(mine.buffer)];
    mine[0] = 9;
    for (const { value } of values) expect(value).toEqual(b(1, 2));
  });

  test('are read as they were written, also through structured clone', () => {
    fc.assert(
      fc.property(item, (given) => {
        expect(plainReader.item(itemToPlain(given))).toEqual(given);
        expect(plainReader.item(structuredClone(itemToPlain(given)))).toEqual(given);
        for (const value of given.values())
          expect(plainReader.value(toPlain(value))).toEqual(value);
      }),
    );
  });
});

function own(value: unknown): PropertyDescriptor {
  return { value, enumerable: true };
}
