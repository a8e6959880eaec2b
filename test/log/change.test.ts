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
