import { describe, expect, test } from 'vitest';
import { hexOf, utf8 } from '../../src/base/bytes.ts';
import {
  decodeHolding,
  encodeHolding,
  type Holding,
  holdingOf,
  isFollowed,
  type Loading,
  overlay,
  readHoldings,
  writeHoldings,
} from '../../src/replica/holding.ts';
import type { ReplicatedTable } from '../../src/replica/tables.ts';
import { MapReader } from '../support/map-reader.ts';

const book = 200;
const table = { tree: 300, replica: { global: 'T' } } as unknown as ReplicatedTable;
const names = new Map([['T', table]]);
const trees = new Map([[300, table]]);
const range = (from: string, to?: string) => {
  return { table: 'T', from: utf8(from), to: to === undefined ? undefined : utf8(to) };
};
const loading = (next: string, isKept = false): Loading => {
  const counts = { since: 300, last: 301, items: 2, bytes: 3 };
  return { state: 'loading', next: utf8(next), ...counts, isKept };
};

test('a range has the bytes of docs/formats/replica.md', () => {
  const key = Uint8Array.of(13, 0, 0, 0, 0, 0, 0, 1, 44, 98);
  const rows: readonly (readonly [Holding, string])[] = [
    [{ ...range('b'), state: 'complete' }, '0000'],
    [{ ...range('b', 'c'), state: 'barred' }, '010163'],
    [{ ...range('b', 'c'), state: 'stale' }, '020163'],
    [{ ...range('b'), ...loading('bb', true) }, '0300026262ac02ad02020301'],
    [{ ...range('b'), state: 'closing', at: 300, until: 301 }, '0400ac02ad02'],
    [{ ...range('b'), state: 'following', until: 301 }, '0500ad02'],
  ];
  for (const [holding, hex] of rows) {
    expect(hexOf(encodeHolding(holding))).toBe(hex);
    expect(decodeHolding('T', key, encodeHolding(holding))).toEqual(holding);
  }
  expect(() => decodeHolding('T', key, Uint8Array.of(0, 0, 0))).toThrow('after a range');
  expect(() => decodeHolding('T', key, Uint8Array.of(9, 0))).toThrow('no state');
});

test('what is held is found by key, and complete ranges that touch are one', () => {
  const reader = new MapReader();
  const held: readonly Holding[] = [
    { ...range('', 'c'), state: 'complete' },
    { ...range('c', 'f'), state: 'complete' },
    { ...range('k', 'm'), state: 'following', until: 4 },
  ];
  reader.apply(writeHoldings(reader, book, names, [], held));
  const found = readHoldings(reader, book, trees);
  expect(found).toEqual([{ ...range('', 'f'), state: 'complete' }, held[2]]);
  const stateOf = (key: string): string | undefined =>
    holdingOf(reader, book, table, utf8(key))?.state;
  expect(['a', 'e', 'f', 'k', 'lz', 'm'].map(stateOf)).toEqual([
    ...['complete', 'complete', undefined, 'following', 'following', undefined],
  ]);
  expect(found.map(isFollowed)).toEqual([true, true]);
  expect(writeHoldings(reader, book, names, found, found)).toEqual([]);
  reader.apply(writeHoldings(reader, book, names, found, []));
  expect(readHoldings(reader, book, trees)).toEqual([]);
});

describe('a range that takes the place of others', () => {
  const now: Holding = { ...range('k', 'm'), state: 'complete' };

  test('cuts what is loading: what is there closes, the rest is absent, or stale', () => {
    expect(overlay([{ ...range('a'), ...loading('f') }], now)).toEqual([
      { ...range('a', 'k'), ...loading('f') },
      now,
    ]);
    expect(overlay([{ ...range('a'), ...loading('k', true) }], now)).toEqual([
      { ...range('a', 'k'), state: 'closing', at: 300, until: 301 },
      now,
      { ...range('m'), state: 'stale' },
    ]);
  });

  test('leaves what it does not meet, and the parts of what it does', () => {
    const other: Holding = { ...range('a', 'k'), state: 'following', until: 2 };
    expect(overlay([other, { ...range('k'), state: 'stale' }], now)).toEqual([
      other,
      now,
      { ...range('m'), state: 'stale' },
    ]);
  });
});
