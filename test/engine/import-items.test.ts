import { describe, expect, test } from 'vitest';
import { hexOf, utf8 } from '../../src/base/bytes.ts';
import { type EncodedItem, ItemEncoder } from '../../src/engine/import-items.ts';
import { createCatalog } from '../../src/table/catalog.ts';
import { entryKey } from '../../src/table/indexes.ts';
import { itemKey } from '../../src/table/keys.ts';
import type { TableState } from '../../src/table/state.ts';
import { encodeItem } from '../../src/value/codec.ts';
import { JsonLine } from '../../src/value/json-line.ts';
import { NumberValue } from '../../src/value/number-value.ts';
import { ItemPacker, type PackedItem, unpack } from '../../src/value/packed.ts';
import { plainReader } from '../../src/value/plain.ts';
import { World } from '../support/run.ts';

function table(): TableState {
  const world = new World();
  const key = (AttributeName: string, KeyType: string): object => ({ AttributeName, KeyType });
  const index = (IndexName: string, ...KeySchema: object[]): object => {
    return { IndexName, KeySchema, Projection: { ProjectionType: 'ALL' } };
  };
  const types = { p: 'S', s: 'N', g: 'S', h: 'B' };
  world.run(
    'CreateTable',
    {
      TableName: 'Songs',
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: Object.entries(types).map(([AttributeName, AttributeType]) => {
        return { AttributeName, AttributeType };
      }),
      KeySchema: [key('p', 'HASH'), key('s', 'RANGE')],
      GlobalSecondaryIndexes: [
        index('aaa', key('g', 'HASH')),
        index('bbb', key('g', 'HASH'), key('h', 'RANGE')),
      ],
    },
    'plain',
  );
  return createCatalog(world.reader).find('Songs') as TableState;
}

/** The item as a page packs it; none when it is not simple. */
function packed(raw: unknown): readonly PackedItem[] {
  const packer = new ItemPacker();
  return packer.add(raw) ? (unpack(packer.take(), []) as readonly PackedItem[]) : [];
}

function lineOf(raw: object): JsonLine {
  const bytes = utf8(JSON.stringify(raw));
  return new JsonLine(bytes, 0, bytes.length);
}

function keysOf({ keyed, keyEnd, annexEnd }: EncodedItem): readonly [key: string, annex: string] {
  return [hexOf(keyed.subarray(0, keyEnd)), hexOf(keyed.subarray(keyEnd, annexEnd))];
}

function hexesOf(encoded: EncodedItem): readonly unknown[] {
  const { value, size } = encoded;
  return [...keysOf(encoded), hexOf(value), size];
}

describe('an item of an import', () => {
  const songs = table();
  const encoder = new ItemEncoder(songs, 'plain');
  const p = 'a';

  test.each([
    [
      'with every kind of value',
      { p, s: 1, n: null, b: true, l: [1, 'x'], m: { a: new Set([1]) } },
    ],
    ['with names out of order', { z: 'z', s: 1, a: 'a', p, é: 'é' }],
    [
      'with numbers of all sizes',
      { p, s: -1.5, a: 0, b: 2 ** 53 - 1, c: -0, d: 1e21, e: 1e-7, f: 0.1 },
    ],
    [
      'with a number of many digits',
      { p, s: new NumberValue('12345678901234567890.5'), q: 10n ** 30n },
    ],
    ['with text beyond ASCII', { p: 'ü', s: 1, g: '日本', v: 'a\ud800b', w: '\ud83d\ude00' }],
    ['with a long text', { p, s: 1, v: 'x'.repeat(5000), w: `${'x'.repeat(5000)}é` }],
    ['with a name like a prototype', JSON.parse('{"p":"a","s":1,"__proto__":"x","10":1,"9":2}')],
    ['with all index keys', { p, s: 1, g: 'g', h: Uint8Array.of(1, 2) }],
    ['with long index keys', { p, s: 1, g: 'g'.repeat(1500), h: new Uint8Array(900) }],
    ['with members that are undefined', { p, s: 1, g: undefined, v: undefined }],
    [
      'as a Map',
      new Map<string, unknown>([
        ['s', 1],
        ['p', p],
      ]),
    ],
    ['with an empty text', { p, s: 1, v: '' }],
    ['with the zero character', { p: 'a\0b', s: 1, g: '\0' }],
  ])('%s has the bytes and keys that PutItem would give it', (_name, raw) => {
    const item = plainReader.item(raw);
    // Twice: the second time it is known how such an item looks.
    for (let round = 0; round < 2; round += 1) {
      const encoded = encoder.encode(raw);
      const { value, size } = encoded;
      const [key, annex] = keysOf(encoded);
      expect(key).toBe(hexOf(itemKey(songs, item)));
      expect(hexOf(value)).toBe(hexOf(encodeItem(item)));
      const keys = songs.indexes.map((index) => entryKey(songs, index, item));
      const parts = keys.map((part) => {
        const length = part?.length ?? 0;
        return hexOf(Uint8Array.of(length & 0xff, length >> 8, ...(part ?? [])));
      });
      expect(annex).toBe(parts.join(''));
      expect(size).toBeGreaterThan(0);
    }
    const whole = hexesOf(encoder.encode(raw));
    for (const item of packed(raw)) expect(hexesOf(encoder.encodePacked(item))).toEqual(whole);
  });

  test.each([
    ['Missing the key s', { p }],
    ['Type mismatch for key s expected: N actual: S', { p, s: '1' }],
    ['cannot contain an empty string value. Key: p', { p: '', s: 1 }],
    ['Type mismatch for Index Key g Expected: S Actual: N IndexName: aaa', { p, s: 1, g: 1 }],
    ['IndexName: aaa, IndexKey: g', { p, s: 1, g: '' }],
    ['Item size has exceeded the maximum allowed size', { p, s: 1, v: 'x'.repeat(409_600) }],
    [
      'Item size has exceeded the maximum allowed size',
      new Map<string, unknown>([
        ['p', p],
        ['s', 1],
        ['v', 'x'.repeat(409_600)],
      ]),
    ],
    ['Size of hashkey has exceeded', { p: 'x'.repeat(2049), s: 1 }],
    ['Unsupported type passed', { p, s: 1, v: () => 1 }],
    ['cannot be converted to a numeric value', { p, s: Number.NaN }],
    ['Empty attribute name', { p, s: 1, '': 1 }],
    ['An item must be an object', 5],
  ])('is refused: %s', (message, raw) => {
    expect(() => encoder.encode({ p, s: 1 })).not.toThrow();
    expect(() => encoder.encode(raw)).toThrow(message);
    for (const item of packed(raw)) expect(() => encoder.encodePacked(item)).toThrow(message);
  });

  test('as a line of JSON is encoded as what the line says', () => {
    const raw = { p, s: 1, g: 'g', v: [1] };
    for (const simple of [
      { p, s: 1 },
      { s: 2, p: 'ü', g: 'g' },
      { p, s: 1, v: 'x'.repeat(500) },
    ]) {
      const line = encoder.encodeLine(lineOf(simple));
      expect(line && hexesOf(line)).toEqual(hexesOf(encoder.encode(simple)));
    }
    expect(encoder.encodeLine(lineOf(raw))).toBeUndefined();
  });

  test('as a line is refused as it would be otherwise, or parsed to be refused', () => {
    const long = lineOf({ p, s: 1, v: 'x'.repeat(409_600) });
    expect(() => encoder.encodeLine(long)).toThrow('Item size has exceeded');
    expect(() => encoder.encodeLine(lineOf({ p }))).toThrow('Missing the key s');
    const wrong = { p, s: true };
    expect(encoder.encodeLine(lineOf(wrong))).toBeUndefined();
    expect(() => encoder.encode(wrong)).toThrow('Type mismatch for key s');
  });

  test.each(['json', 'wire'] as const)("may be in DynamoDB's own form (%s)", (form) => {
    const h = form === 'json' ? 'AQI=' : Uint8Array.of(1, 2);
    const encoded = new ItemEncoder(songs, form).encode({
      p: { S: p },
      s: { N: '1' },
      h: { B: h },
    });
    expect(keysOf(encoded)[0]).toBe(keysOf(encoder.encode({ p, s: 1 }))[0]);
  });
});
