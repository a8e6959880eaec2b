import { describe, expect, test } from 'vitest';
import {
  CollectionTables,
  collectionMember,
} from '../../../src/operation/item/collection-metrics.ts';
import type { TreeReader } from '../../../src/tree/reader.ts';
import { MapReader } from '../../support/map-reader.ts';
import { index, itemOf, keys, table } from '../../support/tables.ts';

const plain = table(keys('p:S', 's:N'));
const local = table(keys('p:S', 's:N'), {
  indexes: [index('l', 101, keys('p:S', 'l:S'), { kind: 'local' }), index('g', 102, keys('g:S'))],
});
const item = itemOf({ p: { S: 'a' }, s: { N: '1' } });
const key = itemOf({ p: { S: 'a' } });

/** A reader whose trees have so many gigabytes. */
function sized(gigabytes: ReadonlyMap<number, number>): TreeReader {
  const reader = new MapReader();
  reader.counters = (tree) => ({ entries: 1, bytes: (gigabytes.get(tree) ?? 0) * 2 ** 30 });
  return reader;
}

describe('metrics of one write', () => {
  test.each([
    ['nobody asked', undefined, local],
    ['the answer is NONE', 'NONE', local],
    ['the table has no local index', 'SIZE', plain],
  ] as const)('are absent when %s', (_, wish, of) => {
    expect(collectionMember(wish, new MapReader(), of, item)).toEqual({});
  });

  test.each([
    ['an empty table', new Map(), 1],
    [
      'half a gigabyte and half in the index',
      new Map([
        [100, 0.5],
        [101, 0.5],
      ]),
      1,
    ],
    [
      'two gigabytes and one in the index',
      new Map([
        [100, 2],
        [101, 1],
      ]),
      3,
    ],
    [
      'a large global index',
      new Map([
        [100, 1],
        [102, 9],
      ]),
      1,
    ],
  ])('of %s name the key and the bounds', (_, gigabytes, high) => {
    expect(collectionMember('SIZE', sized(gigabytes), local, item)).toEqual({
      ItemCollectionMetrics: { ItemCollectionKey: key, SizeEstimateRangeGB: [0, high] },
    });
  });
});

describe('metrics of several writes', () => {
  test('are each collection once, by table', () => {
    const reader = new MapReader();
    const gathered = new CollectionTables();
    gathered.add(reader, '__proto__', local, item);
    gathered.add(reader, '__proto__', local, itemOf({ p: { S: 'a' }, s: { N: '2' } }));
    gathered.add(reader, '__proto__', local, itemOf({ p: { S: 'b' }, s: { N: '2' } }));
    gathered.add(reader, 'plain', plain, item);
    const { ItemCollectionMetrics: tables = {} } = gathered.member('SIZE');
    expect(Object.entries(tables).map(([name, list]) => [name, list.length])).toEqual([
      ['__proto__', 2],
    ]);
    expect(gathered.member('NONE')).toEqual({});
  });
});
