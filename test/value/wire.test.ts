import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { itemToWire, toWire, wireReader } from '../../src/value/wire.ts';
import { item } from './arbitrary.ts';

const prefix = 'One or more parameter values were invalid: ';
const empty =
  'Supplied AttributeValue is empty, must contain exactly one of the supported datatypes';
const several =
  'Supplied AttributeValue has more than one datatypes set, ' +
  'must contain exactly one of the supported datatypes';
const tooDeep =
  'Nesting Levels have exceeded supported limits: ' +
  'Attributes in the item have nested levels beyond supported limit';
const notNumeric = 'The parameter cannot be converted to a numeric value';
const b = (...bytes: number[]): Uint8Array => new Uint8Array(bytes);

function nested(levels: number): unknown {
  let value: unknown = { S: 'deep' };
  for (let level = 0; level < levels; level += 1) {
    value = level % 2 === 0 ? { L: [value] } : { M: { m: value } };
  }
  return value;
}

describe('wire forms are read', () => {
  test.each([
    [{ S: 'text' }, { type: 'S', value: 'text' }],
    [{ S: '' }, { type: 'S', value: '' }],
    [{ S: 'a\udc00' }, { type: 'S', value: 'a\ufffd' }],
    [{ N: '12.50' }, { type: 'N', value: '12.5' }],
    [{ B: b(1) }, { type: 'B', value: b(1) }],
    [{ BOOL: false }, { type: 'BOOL', value: false }],
    [{ NULL: true }, { type: 'NULL', value: true }],
    [{ SS: ['b', 'a', ''] }, { type: 'SS', value: ['', 'a', 'b'] }],
    [{ NS: ['10', '9.0'] }, { type: 'NS', value: ['9', '10'] }],
    [{ BS: [b(2), b(1)] }, { type: 'BS', value: [b(1), b(2)] }],
    [{ L: [] }, { type: 'L', value: [] }],
    [{ M: {} }, { type: 'M', value: new Map() }],
    [{ M: { a: { L: [{ N: '1' }] } } }, wireReader.value({ M: { a: { L: [{ N: '1.0' }] } } })],
    [
      { X: 'unknown', S: 'a', N: undefined, B: null },
      { type: 'S', value: 'a' },
    ],
  ])('%o', (wire, value) => {
    expect(wireReader.value(wire)).toEqual(value);
  });
});

describe('malformed values are refused in the words of section 1', () => {
  test.each([
    [{}, empty],
    [{ X: 'a' }, empty],
    [{ S: undefined }, empty],
    [{ S: 'a', N: '1' }, several],
    [{ S: 'a', N: 'x' }, `${notNumeric}: x`],
    [{ S: 'a', NS: ['1', 'x'] }, `${notNumeric}: x`],
    [{ NULL: false }, `${prefix}Null attribute value types must have the value of true`],
    [{ L: [{ NULL: false }] }, `${prefix}Null attribute value types must have the value of true`],
    [{ SS: [] }, `${prefix}An string set  may not be empty`],
    [{ NS: [] }, `${prefix}An number set  may not be empty`],
    [{ BS: [] }, `${prefix}Binary sets should not be empty`],
    [{ SS: ['a', 'a'] }, `${prefix}Input collection [a, a] contains duplicates.`],
    [{ NS: ['1', '1.0'] }, 'Input collection contains duplicates'],
    [
      { BS: [b(98), b(98)] },
      `${prefix}Input collection [Yg==, Yg==]of type BS contains duplicates.`,
    ],
    [{ N: '' }, notNumeric],
    [{ NS: ['1', ''] }, notNumeric],
    [{ M: { a: {} } }, empty],
    [{ M: { '': { S: 'a' } } }, 'Empty attribute name'],
    [nested(33), tooDeep],
    [nested(5000), tooDeep],
  ])('row %#: %o', (wire, message) => {
    const refusal = expect.objectContaining({ name: 'ValidationException', message });
    expect(() => wireReader.value(wire)).toThrow(refusal);
    expect(() => wireReader.item({ a: wire })).toThrow(refusal);
  });

  test('32 levels are accepted', () => {
    expect(wireReader.item({ a: nested(32) }).size).toBe(1);
  });

  test.each([
    null,
    'text',
    5,
    [],
    { S: 5 },
    { N: 5 },
    { B: 'YQ==' },
    { BOOL: 'true' },
    { SS: 'a' },
    { NS: [5] },
    { L: {} },
    { M: [] },
  ])('a member of another type is no attribute value: %o', (wire) => {
    expect(() => wireReader.value(wire)).toThrow(
      expect.objectContaining({ name: 'SerializationException' }),
    );
  });
});

describe('items', () => {
  test('have the names their objects own, and no others', () => {
    const raw = JSON.parse('{"__proto__":{"S":"a"},"constructor":{"S":"b"}}');
    const read = wireReader.item(raw);
    expect([...read.keys()]).toEqual(['__proto__', 'constructor']);
    expect(wireReader.item(Object.create({ inherited: { S: 'a' } })).size).toBe(0);
    const written = itemToWire(read);
    expect(Object.keys(written)).toEqual(['__proto__', 'constructor']);
    expect(Object.getPrototypeOf(written)).toBe(Object.prototype);
    expect(JSON.stringify(written)).toBe(JSON.stringify(raw));
  });

  test('keep binary of their own', () => {
    const mine = b(1, 2);
    const read = wireReader.value({ B: mine });
    mine[0] = 9;
    expect(read.value).toEqual(b(1, 2));
    expect(wireReader.value({ B: Buffer.from([1]) }).value).toStrictEqual(b(1));
  });

  test('are read as they were written', () => {
    fc.assert(
      fc.property(item, (given) => {
        expect(wireReader.item(itemToWire(given))).toEqual(given);
        for (const value of given.values()) expect(wireReader.value(toWire(value))).toEqual(value);
      }),
    );
  });
});
