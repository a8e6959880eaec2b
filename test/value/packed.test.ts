import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeItem } from '../../src/value/codec.ts';
import { ItemPacker, PackedItem, PackedReader, unpack } from '../../src/value/packed.ts';
import { plainReader } from '../../src/value/plain.ts';
import { itemSize } from '../../src/value/size.ts';
import { text } from './arbitrary.ts';

const simple = fc.dictionary(
  fc.constantFrom('a', 'b', 'id', 'longer-name', '__proto__', 'Z'),
  fc.oneof(
    text,
    fc.string({ minLength: 40, maxLength: 140 }),
    fc.integer(),
    fc.maxSafeInteger(),
    fc
      .double({ min: -1e20, max: 1e20, noNaN: true })
      .filter((n) => n === 0 || Math.abs(n) > 1e-100),
    fc.boolean(),
    fc.constant(null),
  ),
);

function packed(...items: readonly unknown[]): readonly unknown[] {
  const packer = new ItemPacker();
  const beside = items.filter((item) => !packer.add(item));
  return unpack(packer.take(), beside);
}

describe('a packed item', () => {
  test('has the bytes that encodeItem gives, and says what the item says', () => {
    fc.assert(
      fc.property(fc.array(simple, { maxLength: 5 }), fc.boolean(), (raws, all) => {
        const names = all ? ['a', 'b', 'id', 'longer-name', '__proto__', 'Z'] : ['id', 'b'];
        const reader = new PackedReader(names);
        const items = packed(...raws);
        expect(items).toHaveLength(raws.length);
        for (const [index, one] of items.entries()) {
          const item = plainReader.item(raws[index]);
          expect((one as PackedItem).bytes).toEqual(encodeItem(item));
          const wanted = [...item].filter(([name]) => names.includes(name));
          expect([...reader.read(one as PackedItem)].sort()).toEqual(wanted.sort());
          expect(reader.size).toBe(itemSize(item));
        }
      }),
    );
  });

  class Thing {
    readonly a = 1;
  }

  // What has no simple form keeps its place, and travels as it is.
  test.each([
    [[1]],
    [{ a: [1] }],
    [{ a: {} }],
    [{ a: undefined }],
    [{ a: Number.NaN }],
    [{ a: 1e126 }],
    [{ a: 10n }],
    [{ é: 1 }],
    [new Map([['a', 1]])],
    [new Thing()],
    ['text'],
    [null],
    [undefined],
  ])('is not made of row %#', (raw) => {
    const items = packed({ a: 1 }, raw, { a: 2 }, raw);
    expect(items.map((one) => one instanceof PackedItem)).toEqual([true, false, true, false]);
    expect(items[1]).toBe(raw);
    expect(items[3]).toBe(raw);
  });

  test('is a view: nothing is copied on the way out', () => {
    const packer = new ItemPacker();
    for (let at = 0; at < 1000; at += 1) packer.add({ id: `item ${at}`, text: 'x'.repeat(50) });
    const pack = packer.take();
    const items = unpack(pack, []) as readonly PackedItem[];
    expect(items).toHaveLength(1000);
    expect(new Set(items.map(({ bytes }) => bytes.buffer))).toEqual(new Set([pack.buffer]));
    expect(packer.take()).toHaveLength(0);
  });
});

describe('a malformed pack', () => {
  const packer = new ItemPacker();
  packer.add({ id: 'text', n: 1 });
  const whole = packer.take();

  test.each([
    ['breaks off in a length', whole.subarray(0, 3), []],
    ['breaks off in an item', whole.subarray(0, whole.length - 1), []],
    ['has fewer places than items', whole, [{}]],
    ['has more places than items', new Uint8Array(4), []],
  ])('%s', (_how, pack, beside) => {
    expect(() => unpack(pack, beside)).toThrow();
  });

  test('is never read beyond an end, whichever byte of it is spoilt', () => {
    const reader = new PackedReader(['id', 'n']);
    for (let at = 0; at < whole.length - 4; at += 1) {
      for (const spoilt of [0, 1, 5, 0x7f, 0x80, 0xff]) {
        const bytes = whole.slice(4);
        bytes[at] = spoilt;
        try {
          for (const value of reader.read(new PackedItem(bytes)).values()) {
            expect(String(value.value).length).toBeLessThan(bytes.length * 2);
          }
        } catch (error) {
          expect(error).toBeInstanceOf(Error);
        }
      }
      const cut = new PackedItem(whole.slice(4, 4 + at));
      expect(() => reader.read(cut)).toThrow();
    }
  });
});
