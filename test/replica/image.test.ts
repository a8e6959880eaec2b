import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { concatBytes, emptyBytes, textOf, utf8, varintLength } from '../../src/base/bytes.ts';
import { itemBytesMax } from '../../src/base/limits.ts';
import { itemBytes } from '../../src/operation/item/put-item.ts';
import { openImage, readImage, readKey } from '../../src/replica/image.ts';
import { storedKey } from '../../src/table/keys.ts';
import type { TableState } from '../../src/table/state.ts';
import { encodeItem } from '../../src/value/codec.ts';
import { joinKey } from '../../src/value/key.ts';
import { itemSize } from '../../src/value/size.ts';
import type { Item, KeyType, KeyValue, Value } from '../../src/value/value.ts';
import { itemToWire, wireReader } from '../../src/value/wire.ts';
import { tableState } from '../support/table-states.ts';
import * as arbitrary from '../value/arbitrary.ts';

const types: readonly KeyType[] = ['S', 'N', 'B'];

function tableOf(hash: KeyType, range?: KeyType): TableState {
  return tableState({
    keys: {
      hash: [{ name: 'pk', type: hash }],
      range: range === undefined ? [] : [{ name: 'sk', type: range }],
    },
  });
}

const texts = arbitrary.storedText.filter((value) => value !== '');
const keyValue: Readonly<Record<KeyType, fc.Arbitrary<KeyValue>>> = {
  S: texts.map((value) => ({ type: 'S', value })),
  N: arbitrary.decimal.map((value) => ({ type: 'N', value })),
  B: arbitrary.bytes.filter(({ length }) => length > 0).map((value) => ({ type: 'B', value })),
};

interface Made {
  readonly table: TableState;
  readonly item: Item;
  readonly key: Uint8Array;
  readonly image: Uint8Array;
}

/** An item that PutItem takes, as it stores it. */
const made: fc.Arbitrary<Made> = fc
  .tuple(fc.constantFrom(...types), fc.option(fc.constantFrom(...types), { nil: undefined }))
  .chain(([hash, range]) => {
    const table = tableOf(hash, range);
    const parts = [keyValue[hash], ...(range === undefined ? [] : [keyValue[range]])];
    return fc.tuple(fc.tuple(...parts), arbitrary.item).map(([[pk, sk], rest]): Made => {
      const keys: [string, Value][] = [['pk', pk as Value]];
      if (sk !== undefined) keys.push(['sk', sk]);
      const item = wireReader.item(itemToWire(new Map([...rest, ...keys])));
      return { table, item, key: storedKey(table, item), image: itemBytes(item) };
    });
  });

describe('an item that a put has stored', () => {
  test('is taken, whatever is in it, and so is its key alone', () => {
    fc.assert(
      fc.property(made, ({ table, item, key, image }) => {
        const read = readImage(table, key, image);
        expect(read?.bytes).toBe(image);
        expect(read?.item()).toEqual(arbitrary.inNameOrder(item));
        const parts = [...table.keys.hash, ...table.keys.range].map(({ name }) => name);
        const own = readKey(table, key);
        expect([...(own?.keys() ?? [])]).toEqual(parts);
        for (const name of parts) expect(own?.get(name)).toEqual(item.get(name));
      }),
      { numRuns: 500 },
    );
  });

  test('is another with any byte changed, or none', () => {
    const change = fc.tuple(fc.nat(), fc.integer({ min: 1, max: 255 }));
    fc.assert(
      fc.property(made, change, ({ table, key, image }, [at, by]) => {
        const spoilt = image.slice();
        spoilt[at % image.length] = (spoilt[at % image.length] as number) ^ by;
        const read = readImage(table, key, spoilt);
        // What is taken all the same is what a put would have stored of what it says.
        if (read !== undefined)
          expect(itemBytes(wireReader.item(itemToWire(read.item())))).toEqual(spoilt);
      }),
      { numRuns: 2000 },
    );
  });

  test('is none when it is cut or continued', () => {
    fc.assert(
      fc.property(made, fc.nat(), ({ table, key, image }, at) => {
        expect(readImage(table, key, image.subarray(0, at % image.length))).toBeUndefined();
        expect(readImage(table, key, concatBytes(image, Uint8Array.of(0)))).toBeUndefined();
        expect(readKey(table, key.subarray(0, at % key.length))).toBeUndefined();
        expect(readKey(table, concatBytes(key, Uint8Array.of(1)))).toBeUndefined();
      }),
      { numRuns: 300 },
    );
  });
});

const table = tableOf('S');
const pk: readonly [string, Value] = ['pk', { type: 'S', value: 'k' }];
const key = joinKey([{ type: 'S', value: 'k' }], []);
const imageOf = (more: readonly (readonly [string, Value])[], size?: number): Uint8Array =>
  encodeItem(new Map<string, Value>([pk, ...more]), { size });
/** The same attributes with bytes in them in the place of others, of one length. */
function replaced(image: Uint8Array, from: readonly number[], to: readonly number[]): Uint8Array {
  const text = String.fromCharCode(...image);
  const at = text.lastIndexOf(String.fromCharCode(...from));
  expect(at).toBeGreaterThan(0);
  const bytes = image.slice();
  bytes.set(to, at);
  return bytes;
}
function nested(depth: number, type: 'L' | 'M'): Value {
  const inner = depth === 1 ? [] : [nested(depth - 1, type)];
  if (type === 'L') return { type, value: inner };
  return { type, value: new Map(inner.map((value) => ['m', value])) };
}
const text = (value: string): Value => ({ type: 'S', value });

describe('bytes that no put has made', () => {
  const stamp = { ms: 1, counter: 2, replica: new Uint8Array(16) };
  const two = imageOf([['a', text('aa')]]);
  const rows: readonly (readonly [string, Uint8Array])[] = [
    ['none', emptyBytes],
    ['another version', Uint8Array.of(2, ...two.subarray(1))],
    ['a stamp', encodeItem(new Map([pk]), { stamp })],
    ['flags', encodeItem(new Map([pk]), { flags: 2 })],
    ['a size that is less', imageOf([], itemSize(new Map([pk])) - 1)],
    ['a size that is more', imageOf([], itemSize(new Map([pk])) + 1)],
    ['a size with an overlong varint', Uint8Array.of(1, 0, 0x83, 0, ...imageOf([]).subarray(3))],
    ['an item over 400 KB', imageOf([['v', text('x'.repeat(itemBytesMax))]])],
    ['one that says it is small', imageOf([['v', text('x'.repeat(itemBytesMax))]], 9)],
    ['an attribute without a name', imageOf([['', text('x')]])],
    ['a name of 65,536 bytes', imageOf([['n'.repeat(65_536), text('x')]])],
    ['an attribute twice', replaced(imageOf([['qk', text('k')]]), [4, 113, 107], [4, 112, 107])],
    ['attributes out of order', replaced(imageOf([['qk', text('k')]]), [4, 113], [4, 97])],
    ['a name that is not UTF-8', replaced(imageOf([['é', text('k')]]), [0xa9], [0x28])],
    ['a name said to be ASCII', replaced(imageOf([['é', text('k')]]), [5, 0xc3], [4, 0xc3])],
    ['a text that is not UTF-8', replaced(imageOf([['t', text('é')]]), [0xc3, 0xa9], [0xc3, 0x28])],
    ['a text said to be ASCII', replaced(imageOf([['t', text('é')]]), [4, 2, 0xc3], [3, 2, 0xc3])],
    ['ASCII said to be more', replaced(two, [3, 2, 97], [4, 2, 97])],
    ['a tag that is none', replaced(imageOf([['t', text('')]]), [3, 0], [13, 0])],
    ['no number', imageOf([['n', { type: 'N', value: 'not a number' }]])],
    ['an empty number', replaced(imageOf([['n', text('')]]), [3, 0], [6, 0])],
    ['infinity', imageOf([['n', { type: 'N', value: 'Infinity' }]])],
    ['a number with an exponent', imageOf([['n', { type: 'N', value: '1e400' }]])],
    ['a number out of range', imageOf([['n', { type: 'N', value: `1${'0'.repeat(126)}` }]])],
    ['39 digits', imageOf([['n', { type: 'N', value: '1'.repeat(39) }]])],
    ['a needless zero', imageOf([['n', { type: 'N', value: '1.50' }]])],
    ['a zero with a sign', imageOf([['n', { type: 'N', value: '-0.0' }]])],
    ['an integer as a text', replaced(imageOf([['n', text('5')]]), [3, 1, 53], [6, 1, 53])],
    ['a set of nothing', imageOf([['s', { type: 'SS', value: [] }]])],
    ['a set of no numbers', imageOf([['s', { type: 'NS', value: [] }]])],
    ['a set of no binaries', imageOf([['s', { type: 'BS', value: [] }]])],
    ['a text twice in a set', imageOf([['s', { type: 'SS', value: ['a', 'a'] }]])],
    ['a set out of order', imageOf([['s', { type: 'SS', value: ['b', 'a'] }]])],
    ['numbers out of order', imageOf([['s', { type: 'NS', value: ['10', '9'] }]])],
    ['a number twice in a set', imageOf([['s', { type: 'NS', value: ['9', '9'] }]])],
    ['no number in a set', imageOf([['s', { type: 'NS', value: ['1', 'x'] }]])],
    ['a binary twice in a set', imageOf([['s', { type: 'BS', value: [emptyBytes, emptyBytes] }]])],
    [
      'a number in a set of texts',
      replaced(imageOf([['s', { type: 'SS', value: ['x'] }]]), [3, 1, 120], [6, 1, 53]),
    ],
    ['33 levels of lists', imageOf([['l', nested(33, 'L')]])],
    ['33 levels of maps', imageOf([['m', nested(33, 'M')]])],
    [
      'a name of a map that is empty',
      imageOf([['m', { type: 'M', value: new Map([['', text('')]]) }]]),
    ],
    [
      'no number in a list of a map',
      imageOf([
        [
          'm',
          { type: 'M', value: new Map([['l', { type: 'L', value: [{ type: 'N', value: 'x' }] }]]) },
        ],
      ]),
    ],
    ['no key', encodeItem(new Map([['v', text('k')]]))],
    ['a key of another type', encodeItem(new Map([['pk', { type: 'N', value: '1' } as const]]))],
    ['another key', encodeItem(new Map([['pk', text('l')]]))],
  ];
  test.each(rows)('%s', (_, image) => {
    expect(readImage(table, key, image)).toBeUndefined();
  });

  test('a small message of very many values is not decoded', () => {
    const nulls: Value[] = new Array<Value>(1_000_000).fill({ type: 'NULL', value: true });
    const honest = imageOf([['l', { type: 'L', value: nulls }]]);
    expect(openImage(honest)).toBeUndefined();
    expect(openImage(imageOf([['l', { type: 'L', value: nulls }]], 100))).toBeUndefined();
  });

  test('at the limits are taken', () => {
    const free = itemBytesMax - itemSize(new Map([pk])) - 1;
    const empties = { type: 'SS', value: [''] } as const;
    for (const image of [
      imageOf([['l', nested(31, 'L')]]),
      imageOf([['l', nested(32, 'L')]]),
      imageOf([['m', nested(32, 'M')]]),
      imageOf([['v', text('x'.repeat(free))]]),
      imageOf([['n'.repeat(65_535), text('')]]),
      imageOf([['s', empties]]),
      imageOf([['l', { type: 'L', value: new Array<Value>(100).fill(empties) }]]),
      imageOf([['n', { type: 'N', value: `-${'9'.repeat(38)}${'0'.repeat(88)}` }]]),
    ]) {
      expect(readImage(table, key, image)?.bytes).toBe(image);
    }
  });
});

describe('a key', () => {
  const lengths: readonly (readonly [KeyType, KeyType, number, number, boolean])[] = [
    ['S', 'S', 2048, 1024, true],
    ['B', 'B', 2048, 1024, true],
    ['S', 'B', 1, 1, true],
    ['S', 'S', 0, 1, false],
    ['S', 'S', 1, 0, false],
    ['B', 'B', 0, 1, false],
    ['B', 'B', 1, 0, false],
    ['S', 'S', 1, 1025, false],
    ['B', 'B', 1, 1025, false],
  ];
  test.each(lengths)('of %s and %s with %i and %i bytes: %s', (hash, range, h, r, isKey) => {
    const partOf = (type: KeyType, length: number): KeyValue => {
      const bytes = new Uint8Array(length).fill(97);
      return type === 'B' ? { type, value: bytes } : ({ type, value: textOf(bytes) } as KeyValue);
    };
    const values = [partOf(hash, h), partOf(range, r)] as const;
    const own = tableOf(hash, range);
    const bytes = joinKey([values[0]], [values[1]]);
    expect(readKey(own, bytes) !== undefined).toBe(isKey);
    const item = new Map<string, Value>([
      ['pk', values[0]],
      ['sk', values[1]],
    ]);
    expect(readImage(own, bytes, encodeItem(item)) !== undefined).toBe(isKey);
  });

  const spoilt: readonly (readonly [string, KeyType, readonly number[]])[] = [
    ['nothing', 'S', []],
    ['a hash alone', 'S', [0, 0, 0, 0]],
    ['the hash of another', 'S', [1, 2, 3, 4, 97, 0, 1]],
    ['garbage', 'S', new Array<number>(20).fill(7)],
    ['a part without an end', 'S', [...joinKey([{ type: 'S', value: 'a' }], [])].slice(0, -1)],
    ['a number without an end', 'N', [...joinKey([{ type: 'N', value: '1' }], [])].slice(0, -1)],
    ['a number of no digits', 'N', [0, 0, 0, 0, 3, 0x82, 0]],
    ['a number that is cut at its class', 'N', [0, 0, 0, 0, 3]],
    ['a key of another type', 'N', [...key]],
  ];
  test.each(spoilt)('that is %s', (_, type, bytes) => {
    expect(readKey(tableOf(type), Uint8Array.from(bytes))).toBeUndefined();
  });

  test('of a text that is not UTF-8, or too long, under the hash that it should have', () => {
    const part = (value: Uint8Array): Uint8Array => joinKey([{ type: 'B', value }], []);
    expect(readKey(tableOf('S'), part(Uint8Array.of(0xc3, 0x28)))).toBeUndefined();
    expect(readKey(tableOf('S'), part(utf8('é')))?.get('pk')).toEqual(text('é'));
    expect(varintLength(part(new Uint8Array(2048).fill(1)).length)).toBe(2);
    expect(readKey(tableOf('B'), part(new Uint8Array(2048)))?.size).toBe(1);
  });
});
