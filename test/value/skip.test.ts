import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AssertionFailure } from '../../src/base/assert.ts';
import { ByteReader, fromHex } from '../../src/base/bytes.ts';
import { nestingDepthMax } from '../../src/base/limits.ts';
import { encodeItem, StoredItem } from '../../src/value/codec.ts';
import { skipValue } from '../../src/value/skip.ts';
import type { Item, Value } from '../../src/value/value.ts';
import { item } from './arbitrary.ts';

/** Header, size, one attribute, and its name of one letter. */
const valueAt = 6;

describe('passing over a value', () => {
  test('ends where the value ends, whatever it is', () => {
    fc.assert(
      fc.property(item, (given) => {
        for (const value of given.values()) {
          const bytes = encodeItem(new Map([['a', value]]), { size: 1 });
          const reader = new ByteReader(bytes, valueAt);
          skipValue(reader, 1);
          expect(reader.at).toBe(bytes.length);
        }
      }),
    );
  });

  test.each([
    { type: 'SS', value: ['x', 'é'] },
    { type: 'NS', value: ['0.5', '1'] },
    { type: 'BS', value: [new Uint8Array(3)] },
    { type: 'S', value: 'x' },
  ] as const)('goes as deep as values may: %o', (inmost) => {
    const nested = (depth: number): Value => {
      return Array.from({ length: depth }).reduce<Value>(
        (value, _, at) =>
          at % 2 === 0
            ? { type: 'L', value: [value] }
            : { type: 'M', value: new Map([['m', value]]) },
        inmost,
      );
    };
    const item: Item = new Map([
      ['a', nested(nestingDepthMax)],
      ['b', { type: 'S', value: 'behind' }],
    ]);
    const stored = new StoredItem(encodeItem(item));
    stored.walk();
    expect(stored.pick(new Set(['b'])).get('b')?.value).toBe('behind');
    expect(stored.item().size).toBe(2);
    const deeper = encodeItem(new Map([['a', nested(nestingDepthMax + 1)]]));
    expect(() => new StoredItem(deeper).item()).toThrow('nested too deep');
    expect(() => new StoredItem(deeper).walk()).toThrow('nested too deep');
  });

  test.each([
    ['0a0105', 'a number in a set of strings'],
    ['0b010301', 'a string in a set of numbers'],
    ['0d', 'an unknown tag'],
    ['030561', 'a text beyond the end'],
    ['07ff', 'a length that does not end'],
    ['080500', 'a count beyond the end'],
    ['09017e61', 'a name beyond the end'],
    ['0c010561', 'bytes of a set beyond the end'],
    [`${'0801'.repeat(100)}00`, 'lists nested too deep'],
    [`${'09010261'.repeat(100)}00`, 'maps nested too deep'],
  ])('%s: %s', (hex) => {
    expect(() => skipValue(new ByteReader(fromHex(hex)), 1)).toThrow(AssertionFailure);
  });
});

describe('walking over a stored item', () => {
  test('is for nothing where it is one', () => {
    fc.assert(
      fc.property(item, (given) => {
        new StoredItem(encodeItem(given)).walk();
      }),
    );
  });

  test('meets what is cut off, too long, twice or out of order', () => {
    fc.assert(
      fc.property(item, fc.nat(), (given, at) => {
        const bytes = encodeItem(given);
        const cut = bytes.subarray(0, 4 + (at % Math.max(1, bytes.length - 4)));
        if (cut.length === bytes.length) return;
        expect(() => new StoredItem(cut).walk()).toThrow(AssertionFailure);
        const more = new Uint8Array([...bytes, 0]);
        expect(() => new StoredItem(more).walk()).toThrow('bytes after the end');
      }),
    );
    const twice = fromHex('01000302' + '04706b00' + '04706b00');
    const fallen = fromHex('01000302' + '04706c00' + '04706b00');
    for (const bytes of [twice, fallen]) {
      expect(() => new StoredItem(bytes).walk()).toThrow('not in order');
    }
  });
});

describe('picking attributes of a stored item', () => {
  const picked = (given: Item, names: ReadonlySet<string>) => {
    return new Map([...given].filter(([name]) => names.has(name)));
  };

  test('answers those that are there, as decoding all of it does', () => {
    fc.assert(
      fc.property(item, fc.array(fc.nat()), (given, places) => {
        const all = [...given.keys()];
        const names = new Set(['missing', ...places.map((at) => all[at % all.length] ?? '')]);
        const stored = new StoredItem(encodeItem(given));
        expect(stored.pick(names)).toEqual(picked(given, names));
        // Others of the same item are not answered with what was picked before.
        const others = new Set(all.filter((name) => !names.has(name)));
        expect(stored.pick(others)).toEqual(picked(given, others));
        expect(stored.pick(names)).toEqual(picked(given, names));
      }),
    );
  });

  test.each([0, 12, 13, 40, 41, 300])('answers texts of %i characters', (length) => {
    const value = { type: 'S', value: 'k'.repeat(length) } as const;
    const other = { type: 'S', value: 'é'.repeat(length) } as const;
    const given: Item = new Map([
      ['a', value],
      ['b', { type: 'S', value: 'passed over' }],
      ['c', other],
      ['d', value],
    ]);
    const stored = new StoredItem(encodeItem(given));
    expect([...stored.pick(new Set(['a', 'c', 'd']))]).toEqual([
      ['a', value],
      ['c', other],
      ['d', value],
    ]);
  });

  test('costs nothing where the item was decoded, or the same was picked', () => {
    const bytes = encodeItem(new Map([['a', { type: 'S', value: 'x' }]]));
    const names = new Set(['a']);
    const stored = new StoredItem(bytes);
    expect(stored.pick(names)).toBe(stored.pick(names));
    expect(stored.pick(names)).not.toBe(stored.item());
    expect(stored.pick(names)).toBe(stored.item());
  });

  test('of malformed bytes is a failed assert, or some attributes', () => {
    fc.assert(
      fc.property(item, fc.nat(), fc.nat({ max: 255 }), (given, at, byte) => {
        const bytes = encodeItem(given);
        bytes[at % bytes.length] = byte;
        try {
          expect(new StoredItem(bytes).pick(new Set(['id', 'none']))).toBeInstanceOf(Map);
        } catch (error) {
          expect(error).toBeInstanceOf(AssertionFailure);
        }
      }),
    );
  });
});
