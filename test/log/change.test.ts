import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compareBytes, fromHex, hexOf, utf8 } from '../../src/base/bytes.ts';
import { Corruption } from '../../src/base/corruption.ts';
import {
  changeKey,
  changeRecord,
  comparePlaces,
  keepsAfter,
  keepsBefore,
  placeOf,
  readChange,
} from '../../src/log/change.ts';
import type { Mutation } from '../../src/log/commit.ts';
import { encodeVersion, unknownStamp } from '../../src/replica/version.ts';
import { decodeItem, encodeItem } from '../../src/value/codec.ts';
import { commitOf } from '../support/tree-world.ts';

const both = keepsAfter + keepsBefore;
const base = commitOf([], 7);
const commit = { ...base, stamp: { ...base.stamp, ms: 1_700_000_000_000 } };

function mutation(before: string | undefined, after: string | undefined): Mutation {
  const bytes = (text: string | undefined) => (text === undefined ? undefined : utf8(text));
  return {
    tree: 100,
    key: utf8('k'),
    value: bytes(after),
    sizeBefore: before?.length,
    sizeAfter: after?.length,
    before: bytes(before),
  };
}

describe('the record of a change', () => {
  test('has the bytes of docs/formats/change.md', () => {
    const { key, value } = changeRecord(commit, mutation('ab', 'abc'), both);
    expect(hexOf(key)).toBe('018bcfe56800 00000000000007'.replace(' ', ''));
    expect(hexOf(value)).toBe(`0f 00 01 6b 02 6162 616263`.replaceAll(' ', ''));
  });

  const rows = [
    ['insert', undefined, 'abc', both, undefined, 'abc', 3],
    ['modify', 'ab', 'abc', both, 'ab', 'abc', 5],
    ['modify', 'ab', 'abc', keepsAfter, undefined, 'abc', 3],
    ['modify', 'ab', 'abc', keepsBefore, 'ab', undefined, 2],
    ['modify', 'ab', 'abc', 0, undefined, undefined, 0],
    ['remove', 'ab', undefined, both, 'ab', undefined, 2],
    ['remove', 'ab', undefined, keepsAfter, undefined, undefined, 0],
  ] as const;
  test.each(rows)(
    'of %s, %s to %s with images %i',
    (kind, before, after, images, old, now, size) => {
      const made = changeRecord(commit, mutation(before, after), images);
      expect(made.size).toBe(size);
      const read = readChange(made.key, made.value);
      expect(read.kind).toBe(kind);
      expect(read.before).toEqual(old === undefined ? undefined : utf8(old));
      expect(read.after).toEqual(now === undefined ? undefined : utf8(now));
      expect(read.key).toEqual(utf8('k'));
      expect(read.place).toEqual({ ms: commit.stamp.ms, sequence: 7 });
    },
  );

  describe('of a replicated table’s item', () => {
    const stamp = { ms: 0x0102030405, counter: 0x0607, replica: fromHex('f0'.repeat(16)) };
    const hex = `000102030405 0607 ${'f0'.repeat(16)}`.replaceAll(' ', '');
    const item = encodeItem(new Map([['a', { type: 'BOOL', value: true } as const]]));
    const version = {
      ...mutation(undefined, undefined),
      value: encodeVersion({ stamp, isDeleted: false }),
    };
    const of = (changed: Mutation, images: number, value: Uint8Array | undefined = version.value) =>
      changeRecord(
        { ...commit, mutations: [changed, { ...version, value, isVersion: true }] },
        changed,
        images,
      );

    test('has the stamp of its version in the header of the new image', () => {
      const { key, value, size } = of({ ...mutation('ab', 'abc'), value: item }, both);
      const attributes = hexOf(item.subarray(2));
      expect(hexOf(value)).toBe(`0f00016b026162 0101 ${hex} ${attributes}`.replaceAll(' ', ''));
      expect(size).toBe(5);
      const { stamp: read, after = item } = readChange(key, value);
      expect(read).toEqual(stamp);
      expect(decodeItem(after)).toEqual(decodeItem(item));
    });

    const bare = [
      ['deleted', mutation('ab', undefined), both, '05 00 01 6b 02 6162'],
      ['with keys alone', mutation('ab', 'abc'), 0, '03 00 01 6b'],
    ] as const;
    test.each(bare)(
      'has it at its end where there is no new image: %s',
      (_, changed, images, what) => {
        const { key, value } = of(changed, images);
        expect(hexOf(value)).toBe(`${what} ${hex}`.replaceAll(' ', ''));
        expect(readChange(key, value).stamp).toEqual(stamp);
        // What was recorded before there were stamps has the rest.
        const old = readChange(key, value.subarray(0, -24));
        expect({ ...old, stamp }).toEqual(readChange(key, value));
        expect(old.stamp).toBeUndefined();
      },
    );

    test('has zeros where no version was left', () => {
      const changed = mutation('ab', undefined);
      const gone = { ...version, value: undefined, isVersion: true };
      const { key, value } = changeRecord({ ...commit, mutations: [changed, gone] }, changed, 0);
      expect(hexOf(value)).toBe(`0100016b${'00'.repeat(24)}`);
      expect(readChange(key, value).stamp).toEqual(unknownStamp);
    });
  });

  test('says who asked', () => {
    const { key, value } = changeRecord({ ...commit, caller: 'ttl' }, mutation('a', undefined), 0);
    expect(readChange(key, value).caller).toBe('ttl');
  });

  test('that says no change, or is of nobody, is damaged', () => {
    const key = changeKey({ ms: 1, sequence: 1 });
    for (const bad of ['000000', '010900']) {
      expect(() => readChange(key, fromHex(bad))).toThrow(Corruption);
    }
    expect(() => placeOf(utf8('short'))).toThrow(Corruption);
  });
});

test('keys are in the order of their places', () => {
  const place = fc.record({ ms: fc.nat(2 ** 31 - 1), sequence: fc.maxSafeNat() });
  fc.assert(
    fc.property(place, place, (a, b) => {
      expect(placeOf(changeKey(a))).toEqual(a);
      const order = Math.sign(comparePlaces(a, b));
      expect(compareBytes(changeKey(a), changeKey(b))).toBe(order);
    }),
  );
});
