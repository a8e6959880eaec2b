import { isDeepStrictEqual } from 'node:util';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { concatBytes } from '../../src/base/bytes.ts';
import { decodeItem, encodeItem } from '../../src/value/codec.ts';
import { ItemDecoder } from '../../src/value/decode.ts';
import { itemToPlain } from '../../src/value/plain.ts';
import type { Item } from '../../src/value/value.ts';
import { itemToWire, wireReader } from '../../src/value/wire.ts';
import { item } from './arbitrary.ts';

const replica = new Uint8Array(16).fill(0xff);

/** Items in one buffer, each behind a few bytes of something else. */
function pack(items: readonly Item[]): { bytes: Uint8Array; offsets: readonly number[] } {
  const offsets: number[] = [];
  let bytes: Uint8Array = new Uint8Array(0);
  for (const [at, each] of items.entries()) {
    const stamp = at % 2 === 1 ? { ms: at, counter: at, replica } : undefined;
    bytes = concatBytes(bytes, new Uint8Array(at).fill(0x80 + at));
    offsets.push(bytes.length);
    bytes = concatBytes(bytes, encodeItem(each, { stamp, flags: at % 2 === 1 ? 0xfe : 0 }));
  }
  return { bytes, offsets };
}

describe('items that lie in one buffer', () => {
  test('decode to what the checking decoder and the writers of forms make of them', () => {
    fc.assert(
      fc.property(fc.array(item, { minLength: 1, maxLength: 4 }), (items) => {
        const { bytes, offsets } = pack(items);
        const plain = new ItemDecoder(bytes, 'plain');
        const wire = new ItemDecoder(bytes, 'wire');
        for (const [at, offset] of [...offsets.entries()].reverse()) {
          // Not toStrictEqual: an attribute named `constructor` misleads it about types.
          const decoded = decodeItem(encodeItem(items[at] as Item));
          expect(isDeepStrictEqual(plain.at(offset), itemToPlain(decoded))).toBe(true);
          expect(isDeepStrictEqual(wire.at(offset), itemToWire(decoded))).toBe(true);
        }
      }),
    );
  });

  test('share nothing with the buffer', () => {
    const bytes = encodeItem(wireReader.item({ b: { B: new Uint8Array([7]) }, s: { S: 'text' } }));
    const decoder = new ItemDecoder(bytes, 'plain');
    const before = decoder.at(0);
    bytes.fill(0);
    expect(before).toEqual({ b: new Uint8Array([7]), s: 'text' });
  });

  test('keep a name that objects have a use for', () => {
    const wire = JSON.parse('{"__proto__":{"M":{"__proto__":{"S":"a"}}}}');
    const bytes = encodeItem(wireReader.item(wire));
    const plain = new ItemDecoder(bytes, 'plain').at(0);
    expect(JSON.stringify(plain)).toBe('{"__proto__":{"__proto__":"a"}}');
    expect(Object.getPrototypeOf(plain)).toBe(Object.prototype);
    expect(JSON.stringify(new ItemDecoder(bytes, 'wire').at(0))).toBe(JSON.stringify(wire));
  });

  test('have lengths and integers of any size', () => {
    const given = wireReader.item({
      long: { S: 'x'.repeat(70_000) },
      numbers: { L: ['4503599627370495', '-4503599627370495', '4294967296'].map((N) => ({ N })) },
    });
    const plain = new ItemDecoder(encodeItem(given), 'plain').at(0);
    expect(plain).toEqual(itemToPlain(given));
  });
});
