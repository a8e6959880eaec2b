import { describe, expect, test } from 'vitest';
import { utf8 } from '../../src/base/bytes.ts';
import type { Holding } from '../../src/replica/holding.ts';
import { type KeyRange, wholeTable } from '../../src/replica/range.ts';
import type { ReplicatedTable } from '../../src/replica/tables.ts';
import { keyAlone, SeekingReader, unknownOf } from '../../src/replica/unknown.ts';
import { MapReader } from '../support/map-reader.ts';

const part = (from: string, to: string): KeyRange => {
  return { table: 'T', from: utf8(from), to: utf8(to) };
};
const one = (key: string): KeyRange => ({ table: 'T', ...keyAlone(utf8(key)) });
const begun = { since: 3, last: 4, items: 1, bytes: 2, isKept: false };

const held: readonly Holding[] = [
  { ...part('b', 'c'), state: 'complete' },
  { ...part('c', 'd'), state: 'following', until: 9 },
  { ...part('d', 'e'), state: 'closing', at: 1, until: 9 },
  { ...part('e', 'g'), state: 'loading', next: utf8('f'), ...begun },
  { ...part('g', 'h'), state: 'stale' },
  { ...part('h', 'i'), state: 'barred' },
];

describe('unknown', () => {
  test.each([
    ['a key of no range', 'a', [[one('a'), false]]],
    ['a key of a complete range', 'b', []],
    ['a key of one that follows', 'c', []],
    ['a key of one that is being closed', 'd', []],
    ['a key of a piece that has come', 'e1', []],
    ['a key of a piece that has not', 'f', [[one('f'), false]]],
    ['a key of another life of the hub', 'g', [[one('g'), true]]],
    ['a key that the hub refuses', 'h', []],
  ] as const)('%s', (_, key, parts) => {
    const unknown = unknownOf(held, [wholeTable('T')], [one(key)]);
    expect(unknown).toEqual(parts.map(([range, isKept]) => ({ range, isKept })));
  });

  test('of a range what has not come, as far as it may be read', () => {
    const wanted = [part('a', 'b'), part('f', 'fz')];
    const ranges = unknownOf(held, wanted, [part('a1', 'g')]).map(({ range }) => range);
    expect(ranges).toEqual([part('a1', 'b'), part('f', 'fz')]);
  });
});

test('a reader notes what is looked for and absent, and ranges that have ends', () => {
  const map = new MapReader();
  const value = utf8('there');
  map.apply([{ tree: 300, key: utf8('k'), value, sizeBefore: undefined, sizeAfter: 1 }]);
  const table = { tree: 300, replica: { global: 'T' } } as unknown as ReplicatedTable;
  const reader = new SeekingReader(map, new Map([[300, table]]));
  expect(reader.get(300, utf8('k'))).toEqual(value);
  expect([reader.get(300, utf8('n')), reader.get(301, utf8('n'))]).toEqual([undefined, undefined]);
  reader.range(300, {});
  reader.range(300, { from: utf8('k') });
  const cursor = reader.range(300, { from: utf8('j'), to: utf8('k'), toClosed: true });
  expect(cursor.next()).toBe(true);
  reader.range(300, { from: utf8('j'), fromOpen: true, to: utf8('k') }, true);
  expect(reader.counters(300).entries).toBe(map.counters(300).entries);
  expect(reader.newerThanPages(300, {})).toEqual(map.newerThanPages());
  const after = (key: string): Uint8Array => keyAlone(utf8(key)).to as Uint8Array;
  expect(reader.sought).toEqual([
    one('n'),
    { table: 'T', from: utf8('j'), to: after('k') },
    { table: 'T', from: after('j'), to: utf8('k') },
  ]);
});
