import { describe, expect, test } from 'vitest';
import { filterCostFree, filterCostMax, pageBytesMax } from '../../../src/base/limits.ts';
import { type PageRead, pageOutput, readPage } from '../../../src/operation/item/read-page.ts';
import { findItem, putItem } from '../../../src/table/items.ts';
import { itemKey } from '../../../src/table/keys.ts';
import { MapReader } from '../../support/map-reader.ts';
import { index, itemOf, keys, table } from '../../support/tables.ts';

const keysOnly = { type: 'KEYS_ONLY', names: [] } as const;
const local = index('loc', 101, keys('p:S', 'l:N'), { kind: 'local', projection: keysOnly });
const base = table(keys('p:S', 's:N'), { indexes: [local] });
const whole: PageRead = {
  table: base,
  index: undefined,
  range: {},
  isReverse: false,
  limit: undefined,
  filter: undefined,
  projection: undefined,
  isCount: false,
  reachBack: { forFilter: false, forResult: false },
  isRestartable: true,
};

/** Items s = 0 to count - 1 of one partition, each with `bytes` of value. */
function filled(count: number, bytes: number): MapReader {
  const reader = new MapReader();
  for (let s = 0; s < count; s += 1) {
    const item = itemOf({
      p: { S: 'x' },
      s: { N: `${s}` },
      l: { N: `${s}` },
      v: { S: 'v'.repeat(bytes) },
    });
    const key = itemKey(base, item);
    const change = putItem(reader, base, key, findItem(reader, base, key), item);
    reader.apply(change.draft.mutations);
  }
  return reader;
}

describe('a page ends', () => {
  test('at the item that makes it 1 MB', () => {
    const reader = filled(5, pageBytesMax / 4);
    const { count, bytes, last } = readPage(reader, whole);
    expect(count).toBe(4);
    expect(bytes).toBeGreaterThanOrEqual(pageBytesMax);
    expect(last).toEqual(itemOf({ p: { S: 'x' }, s: { N: '3' } }));
  });

  test('not at one just below it', () => {
    const reader = filled(4, pageBytesMax / 4 - 100);
    expect(readPage(reader, whole)).toMatchObject({ count: 4, last: undefined });
  });

  test('at Limit, whatever the filter lets pass', () => {
    const filter = { holds: () => false, roots: new Set<string>(), nestedRoots: new Set<string>() };
    const page = readPage(filled(5, 10), { ...whole, filter, limit: 2 });
    expect(page).toMatchObject({ count: 0, scanned: 2, items: [] });
    expect(page.last).toEqual(itemOf({ p: { S: 'x' }, s: { N: '1' } }));
  });

  test('early where a filter costs too much', () => {
    let asked = 0;
    const filterOf = (cost: number) => ({
      holds: () => {
        asked += 1;
        return false;
      },
      roots: new Set<string>(),
      nestedRoots: new Set<string>(),
      cost,
    });
    const cost = filterCostMax / 4;
    const page = readPage(filled(20, 10), { ...whole, filter: filterOf(cost) });
    expect([page.scanned, asked]).toEqual([4, 4]);
    expect(page.last).toEqual(itemOf({ p: { S: 'x' }, s: { N: '3' } }));
    const filter = filterOf(filterCostFree);
    expect(readPage(filled(2000, 10), { ...whole, filter })).toMatchObject({ scanned: 2000 });
  });

  test('when the items fetched from the table make it 1 MB', () => {
    const reader = filled(5, pageBytesMax / 4);
    const reachBack = { forFilter: false, forResult: true };
    const page = readPage(reader, { ...whole, index: local, reachBack });
    expect([page.count, page.fetched.length]).toEqual([4, 4]);
    expect([...(page.last?.keys() ?? [])].sort()).toEqual(['l', 'p', 's']);
  });

  test('without a key to go on from where nothing can follow', () => {
    expect(readPage(filled(1, 10), { ...whole, limit: 1, isRestartable: false }).last).toBe(
      undefined,
    );
  });
});

describe('items fetched for a filter', () => {
  const reader = filled(3, 5000);
  const sees = (item: ReadonlyMap<string, unknown> | undefined): boolean => item?.has('v') === true;
  const filter = { holds: sees, roots: new Set(['v']), nestedRoots: new Set<string>() };

  test('do not widen the result', () => {
    const reachBack = { forFilter: true, forResult: false };
    const page = readPage(reader, { ...whole, index: local, filter, reachBack });
    expect([page.count, page.fetched.length, page.bytes]).toEqual([3, 3, 22]);
  });

  test('are not fetched twice', () => {
    const reachBack = { forFilter: true, forResult: true };
    const page = readPage(reader, { ...whole, index: local, filter, reachBack });
    expect([page.count, page.fetched.length]).toEqual([3, 3]);
  });

  test('are metered one by one at the table', () => {
    const reachBack = { forFilter: true, forResult: false };
    const read = { ...whole, index: local, filter, reachBack };
    const input = { TableName: 'Tab', ReturnConsumedCapacity: 'INDEXES' } as const;
    expect(pageOutput(input, read, readPage(reader, read))).toMatchObject({
      ConsumedCapacity: {
        CapacityUnits: 3.5,
        Table: { CapacityUnits: 3 },
        LocalSecondaryIndexes: { loc: { CapacityUnits: 0.5 } },
      },
    });
  });
});
