import { expect, test } from 'vitest';
import { ByteReader, ByteWriter, utf8 } from '../../src/base/bytes.ts';
import { prng } from '../../src/base/prng.ts';
import {
  compareRanges,
  decodeRange,
  encodeRange,
  equalRanges,
  holdsRange,
  isEmptyRange,
  isInRange,
  joinRanges,
  type KeyRange,
  meetRanges,
  rangeOf,
  readRange,
  wholeTable,
  withoutRanges,
  writeRange,
} from '../../src/replica/range.ts';

const range = (from: string, to?: string, table = 'T'): KeyRange => {
  return { table, from: utf8(from), to: to === undefined ? undefined : utf8(to) };
};

test('a range has its first key and not the one behind it; a whole table has all', () => {
  expect(['a', 'b', 'bz', 'c'].map((key) => isInRange(range('b', 'c'), utf8(key)))).toEqual([
    false,
    true,
    true,
    false,
  ]);
  expect(isInRange(wholeTable('T'), utf8(''))).toBe(true);
  expect(isInRange(wholeTable('T'), Uint8Array.of(255, 255))).toBe(true);
  const parts = [range('a', 'c'), range('c')];
  expect(rangeOf(parts, 'T', utf8('c'))).toBe(parts[1]);
  expect(rangeOf(parts, 'U', utf8('c'))).toBeUndefined();
});

test('ranges that touch or overlap are joined, those of other tables are not', () => {
  const list = [
    range('k', 'm'),
    range('c', 'd'),
    range('a', 'c'),
    range('l', 'z'),
    range('q', 'q'),
  ];
  expect(joinRanges(list)).toEqual([range('a', 'd'), range('k', 'z')]);
  expect(joinRanges([range('b'), range('c', 'd'), range('a', 'b', 'U')])).toEqual([
    range('b'),
    range('a', 'b', 'U'),
  ]);
});

test('what meets, what is held and what is left', () => {
  expect(meetRanges(range('a', 'm'), range('f'))).toEqual(range('f', 'm'));
  expect(meetRanges(range('a', 'f'), range('f'))).toBeUndefined();
  expect(meetRanges(range('a'), range('a', undefined, 'U'))).toBeUndefined();
  expect(holdsRange([range('a', 'f'), range('f', 'm')], range('b', 'm'))).toBe(true);
  expect(holdsRange([range('a', 'f'), range('g', 'm')], range('b', 'm'))).toBe(false);
  expect(withoutRanges([wholeTable('T')], [range('b', 'c'), range('x')])).toEqual([
    range('', 'b'),
    range('c', 'x'),
  ]);
  expect(isEmptyRange(range('b', 'a'))).toBe(true);
});

test('ranges are read as they were written', () => {
  for (const one of [wholeTable('T'), range('a', 'b'), range('', 'b', 'U')]) {
    const writer = new ByteWriter();
    writeRange(writer, one);
    const reader = new ByteReader(writer.take());
    expect(equalRanges(readRange(reader), one)).toBe(true);
    expect(reader.done).toBe(true);
  }
});

test('lists of ranges are sets of keys', () => {
  const random = prng(5);
  const keys = Array.from({ length: 12 }, (_, at) => Uint8Array.of(at));
  const some = (): KeyRange[] =>
    Array.from({ length: random.below(4) }, () => {
      const from = Uint8Array.of(random.below(12));
      const to = random.chance(0.2) ? undefined : Uint8Array.of(random.below(13));
      return { table: random.chance(0.8) ? 'T' : 'U', from, to };
    });
  for (let round = 0; round < 300; round += 1) {
    const [a, b] = [some(), some()];
    const joined = joinRanges(a);
    const left = withoutRanges(a, b);
    expect(joined.toSorted(compareRanges)).toEqual(joined);
    for (const table of ['T', 'U']) {
      for (const key of keys) {
        const inA = rangeOf(a, table, key) !== undefined;
        const inB = rangeOf(b, table, key) !== undefined;
        expect(joined.filter((one) => one.table === table && isInRange(one, key)).length).toBe(
          inA ? 1 : 0,
        );
        expect(rangeOf(left, table, key) !== undefined).toBe(inA && !inB);
      }
    }
  }
});

test('bytes that are no range, or one without keys, are refused', () => {
  const some = encodeRange(range('a', 'b'));
  const rows: readonly Uint8Array[] = [
    new Uint8Array(),
    some.subarray(0, some.length - 1),
    Uint8Array.of(...some, 0),
    encodeRange(range('b', 'b')),
    encodeRange(range('b', 'a')),
  ];
  for (const row of rows) expect(() => decodeRange(row)).toThrow();
  expect(decodeRange(some)).toEqual(range('a', 'b'));
});
