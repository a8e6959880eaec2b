import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AssertionFailure } from '../../src/base/assert.ts';
import { fromHex, hexOf } from '../../src/base/bytes.ts';
import { compareStamps, type Stamp } from '../../src/base/hlc.ts';
import { decodeItem, encodeItem, StoredItem } from '../../src/value/codec.ts';
import { itemSize } from '../../src/value/size.ts';
import type { Item } from '../../src/value/value.ts';
import { wireReader } from '../../src/value/wire.ts';
import { inNameOrder, item } from './arbitrary.ts';

const replica = new Uint8Array(16).fill(0xab);
const stamp: Stamp = { ms: 0x0102030405, counter: 0x0607, replica };
const stampArbitrary: fc.Arbitrary<Stamp> = fc.record({
  ms: fc.integer({ min: 0, max: 2 ** 48 - 1 }),
  counter: fc.integer({ min: 0, max: 0xffff }),
  replica: fc.uint8Array({ minLength: 16, maxLength: 16 }).map((array) => new Uint8Array(array)),
});

describe('the stored bytes of an item', () => {
  test.each([
    [{}, '01000000'],
    [{ pk: { S: 'a' } }, '01000301' + '04706b030161'],
    [{ é: { S: 'é' } }, '01000401' + '05c3a90402c3a9'],
    [
      { c: { NULL: true }, a: { BOOL: false }, b: { BOOL: true } },
      '01000603' + '026101' + '026202' + '026300',
    ],
    [{ n: { N: '0' } }, '01000201' + '026e0500'],
    [{ n: { N: '-1' } }, '01000401' + '026e0501'],
    [{ n: { N: '300' } }, '01000301' + '026e05d804'],
    [{ n: { N: '4503599627370495' } }, '01000a01' + '026e05feffffffffffff0f'],
    [{ n: { N: '-4503599627370495' } }, '01000b01' + '026e05fdffffffffffff0f'],
    [
      { n: { N: '4503599627370496' } },
      '01000a01' + '026e0610' + '34353033353939363237333730343936',
    ],
    [{ n: { N: '-1.5' } }, '01000501' + '026e06042d312e35'],
    [{ b: { B: new Uint8Array([0, 255]) } }, '01000301' + '02620702' + '00ff'],
    [{ l: { L: [{ S: 'x' }, { L: [] }] } }, '01000a01' + '026c0802' + '030178' + '0800'],
    [{ m: { M: { k: { N: '1' } } } }, '01000801' + '026d0901' + '026b0502'],
    [{ s: { SS: ['é', 'b'] } }, '01000401' + '02730a02' + '030162' + '0402c3a9'],
    [{ s: { NS: ['0.5', '-2'] } }, '01000601' + '02730b02' + '0503' + '0603302e35'],
    [
      { s: { BS: [new Uint8Array([1]), new Uint8Array()] } },
      '01000201' + '02730c02' + '00' + '0101',
    ],
  ])('row %#: %o', (wire, hex) => {
    const given = wireReader.item(wire);
    expect(hexOf(encodeItem(given))).toBe(hex);
    expect(decodeItem(fromHex(hex))).toEqual(given);
  });

  test('begin with flags and stamp', () => {
    const given = wireReader.item({ pk: { S: 'a' } });
    const bytes = encodeItem(given, { stamp, flags: 0x82 });
    expect(hexOf(bytes)).toBe(`01830001020304050607${'ab'.repeat(16)}030104706b030161`);
    const stored = new StoredItem(bytes);
    expect(stored.stamp).toEqual(stamp);
    expect(stored.flags).toBe(0x82);
    expect(stored.size).toBe(3);
    expect(stored.item()).toEqual(given);
  });

  test('hold a size that was given', () => {
    expect(new StoredItem(encodeItem(new Map(), { size: 409_600 })).size).toBe(409_600);
  });

  test('refuse flags that say there is a stamp', () => {
    expect(() => encodeItem(new Map(), { flags: 1 })).toThrow(AssertionFailure);
    expect(() => encodeItem(new Map(), { flags: 256 })).toThrow(AssertionFailure);
  });

  test('are whole after an encoding that failed', () => {
    const broken = { ms: -1, counter: 0, replica };
    expect(() => encodeItem(new Map(), { stamp: broken })).toThrow(AssertionFailure);
    expect(hexOf(encodeItem(new Map()))).toBe('01000000');
  });
});

describe('a round trip', () => {
  test('ends with the item, its size and its stamp', () => {
    fc.assert(
      fc.property(item, fc.option(stampArbitrary, { nil: undefined }), (given, time) => {
        const stored = new StoredItem(encodeItem(given, { stamp: time }));
        expect([...stored.item()]).toEqual([...inNameOrder(given)]);
        expect(stored.item()).toBe(stored.item());
        expect(stored.size).toBe(itemSize(given));
        expect(stored.stamp).toEqual(time);
        expect(stored.flags).toBe(0);
      }),
    );
  });

  test('of items with the same attributes in another order are the same bytes', () => {
    fc.assert(
      fc.property(item, (given) => {
        const turned: Item = new Map([...given].reverse());
        expect(encodeItem(turned)).toEqual(encodeItem(given));
        expect(encodeItem(decodeItem(encodeItem(given)))).toEqual(encodeItem(given));
      }),
    );
  });

  test('works for many names, long names and long texts', () => {
    const many = new Map(
      Array.from(
        { length: 3000 },
        (_, at) => [`name${at}`, { type: 'S', value: `${at}` }] as const,
      ),
    );
    expect(decodeItem(encodeItem(many))).toEqual(many);
    const long: Item = new Map([
      ['n'.repeat(65_535), { type: 'S', value: 'x'.repeat(300_000) }],
      ['é'.repeat(300), { type: 'S', value: 'é'.repeat(300) }],
    ]);
    expect(decodeItem(encodeItem(long))).toEqual(long);
  });

  test('keeps the order of stamps', () => {
    const stamped = (time: Stamp): string =>
      hexOf(encodeItem(new Map(), { stamp: time })).slice(4, 52);
    fc.assert(
      fc.property(stampArbitrary, stampArbitrary, (a, b) => {
        const order = stamped(a) < stamped(b) ? -1 : Number(stamped(a) > stamped(b));
        expect(order).toBe(Math.sign(compareStamps(a, b)));
      }),
    );
  });
});

describe('malformed bytes are a failed assert', () => {
  test.each([
    ['', 'nothing'],
    ['02000000', 'another version'],
    ['0100000000', 'bytes after the end'],
    ['01000001', 'an attribute that is missing'],
    ['010003' + '7f', 'a count beyond the end'],
    ['01000301' + '04706b0d', 'an unknown tag'],
    ['01000301' + '04706b030561', 'a text beyond the end'],
    ['01000301' + '7e706b030161', 'a name beyond the end'],
    ['01000302' + '04706b00' + '04706b00', 'a name twice'],
    ['01000301' + '04706b0a0105', 'a number in a set of strings'],
    ['01000301' + '04706b0b010301', 'a string in a set of numbers'],
    ['01000301' + '04706b07ff', 'a varint that does not end'],
    ['01000301' + '04706b07ffffffffffffffffff', 'a varint that is too long'],
    ['01010301', 'a stamp that is missing'],
    [`0100030104706b${'0801'.repeat(100)}00`, 'lists nested too deep'],
  ])('%s: %s', (hex) => {
    expect(() => decodeItem(fromHex(hex))).toThrow(AssertionFailure);
  });

  test('or another item, whatever byte is changed or cut off', () => {
    fc.assert(
      fc.property(item, fc.nat(), fc.nat({ max: 255 }), (given, at, byte) => {
        const bytes = encodeItem(given);
        const cut = bytes.subarray(0, at % bytes.length);
        expect(() => decodeItem(cut)).toThrow(AssertionFailure);
        bytes[at % bytes.length] = byte;
        try {
          expect(decodeItem(bytes)).toBeInstanceOf(Map);
        } catch (error) {
          expect(error).toBeInstanceOf(AssertionFailure);
        }
      }),
    );
  });
});
