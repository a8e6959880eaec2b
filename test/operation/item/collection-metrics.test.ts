import { describe, expect, test } from 'vitest';
import {
  collectionMember,
  collectionTables,
} from '../../../src/operation/item/collection-metrics.ts';
import { CollectionLedger, collectionKey, moveCounter } from '../../../src/table/collections.ts';
import { MapReader } from '../../support/map-reader.ts';
import { index, itemOf, keys, table } from '../../support/tables.ts';

const gigabyte = 2 ** 30;
const plain = table(keys('p:S', 's:N'));
const uncounted = table(keys('p:S', 's:N'), {
  indexes: [index('l', 101, keys('p:S', 'l:S'), { kind: 'local' }), index('g', 102, keys('g:S'))],
});
const counted = { ...uncounted, collections: { tree: 103, counting: false } };
const counting = { ...uncounted, collections: { tree: 103, counting: true } };
const item = itemOf({ p: { S: 'a' }, s: { N: '1' } });
const key = itemOf({ p: { S: 'a' } });

/** A ledger over trees that have so many gigabytes, and a counter of the collection of `item`. */
function ledgerOf(gigabytes: Readonly<Record<number, number>>, counter = 0): CollectionLedger {
  const reader = new MapReader();
  reader.apply([moveCounter(103, collectionKey(counted, item), 0, counter)]);
  reader.counters = (tree) => ({ entries: 1, bytes: (gigabytes[tree] ?? 0) * gigabyte });
  return new CollectionLedger(reader, Number.POSITIVE_INFINITY);
}

describe('metrics of one write', () => {
  test.each([
    ['nobody asked', undefined, counted],
    ['the answer is NONE', 'NONE', counted],
    ['the table has no local index', 'SIZE', plain],
  ] as const)('are absent when %s', (_, wish, of) => {
    expect(collectionMember(wish, ledgerOf({}), of, item)).toEqual({});
  });

  test.each([
    ['an empty collection', counted, 0, [0, 1]],
    ['a small one', counted, 1, [0, 1]],
    ['one of almost a gigabyte', counted, gigabyte - 1, [0, 1]],
    ['one of a gigabyte', counted, gigabyte, [1, 2]],
    ['one of 9.5 gigabytes', counted, 9.5 * gigabyte, [9, 10]],
    ['one that nobody has counted', uncounted, 0, [0, 6]],
    ['one that is being counted', counting, 2.5 * gigabyte, [2, 6]],
  ] as const)('of %s name the key and the bounds', (_, of, bytes, bounds) => {
    // Table and local index have 5.5 GB together; the global index does not count.
    const ledger = ledgerOf({ 100: 4, 101: 1.5, 102: 9 }, bytes);
    expect(collectionMember('SIZE', ledger, of, item)).toEqual({
      ItemCollectionMetrics: { ItemCollectionKey: key, SizeEstimateRangeGB: bounds },
    });
  });
});

describe('metrics of several writes', () => {
  test('are each collection once, by table', () => {
    const write = (name: string, of: typeof plain, p: string, s: string) => ({
      name,
      write: { table: of, keyItem: itemOf({ p: { S: p }, s: { N: s } }) },
    });
    const writes = [
      write('__proto__', counted, 'a', '1'),
      write('__proto__', counted, 'a', '2'),
      write('__proto__', counted, 'b', '2'),
      write('plain', plain, 'a', '1'),
      // Its ARN, say: what a table was called first, it is called here, as its capacity is.
      write('other', counted, 'b', '3'),
      write('other', counted, 'c', '3'),
    ];
    const { ItemCollectionMetrics: tables = {} } = collectionTables('SIZE', ledgerOf({}), writes);
    expect(Object.entries(tables).map(([name, list]) => [name, list.length])).toEqual([
      ['__proto__', 3],
    ]);
    expect(collectionTables('NONE', ledgerOf({}), writes)).toEqual({});
  });
});
