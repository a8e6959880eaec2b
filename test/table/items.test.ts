import { describe, expect, test } from 'vitest';
import { findItem, putItem, removeItem, unchangedItem } from '../../src/table/items.ts';
import { itemKey } from '../../src/table/keys.ts';
import type { TableState } from '../../src/table/state.ts';
import { itemSize } from '../../src/value/size.ts';
import { MapReader } from '../support/map-reader.ts';
import { index, itemOf, keys, table } from '../support/tables.ts';

const plain = table(keys('p:S'));
const indexed = table(keys('p:S'), {
  indexes: [index('g', 101, keys('g:S'), { projection: { type: 'KEYS_ONLY', names: [] } })],
});

class Store {
  readonly reader: MapReader = new MapReader();
  readonly table: TableState;

  constructor(of: TableState) {
    this.table = of;
  }

  put(wire: object): ReturnType<typeof putItem> {
    const item = itemOf(wire);
    const key = itemKey(this.table, item);
    const change = putItem(
      this.reader,
      this.table,
      key,
      findItem(this.reader, this.table, key),
      item,
    );
    this.reader.apply(change.draft.mutations);
    return change;
  }

  remove(wire: object): ReturnType<typeof removeItem> {
    const key = itemKey(this.table, itemOf(wire));
    const before = findItem(this.reader, this.table, key);
    const change = removeItem(this.reader, this.table, key, before);
    this.reader.apply(change.draft.mutations);
    return change;
  }
}

describe('an item', () => {
  test('that was put is found, with its size', () => {
    const store = new Store(plain);
    const item = itemOf({ p: { S: 'a' }, n: { N: '42' } });
    store.put({ p: { S: 'a' }, n: { N: '42' } });
    const found = findItem(store.reader, plain, itemKey(plain, item));
    expect(found?.item()).toEqual(item);
    expect(found?.size).toBe(itemSize(item));
    expect(store.reader.counters(100)).toEqual({ entries: 1, bytes: itemSize(item) });
  });

  test('that equals what is there changes nothing and is paid for', () => {
    const store = new Store(plain);
    store.put({ p: { S: 'a' }, s: { SS: ['x', 'y'] }, m: { M: { a: { N: '1' }, b: { N: '2' } } } });
    const { draft, units } = store.put({
      m: { M: { b: { N: '2.0' }, a: { N: '1e0' } } },
      s: { SS: ['y', 'x'] },
      p: { S: 'a' },
    });
    expect(draft.mutations).toEqual([]);
    expect(draft.units).toBe(2);
    expect(units.table).toBe(1);
  });

  test('that is removed is gone; removing nothing changes nothing', () => {
    const store = new Store(plain);
    store.put({ p: { S: 'a' } });
    expect(store.remove({ p: { S: 'a' } }).draft.mutations).toHaveLength(1);
    expect(store.reader.counters(100)).toEqual({ entries: 0, bytes: 0 });
    expect(store.remove({ p: { S: 'a' } }).draft.mutations).toEqual([]);
  });

  test('carries its old bytes along only where a stream keeps them', () => {
    for (const [view, isCarried] of [
      ['NEW_AND_OLD_IMAGES', true],
      ['OLD_IMAGE', true],
      ['NEW_IMAGE', false],
      ['KEYS_ONLY', false],
      [undefined, false],
    ] as const) {
      const shards = [{ from: 0, tree: 200 }];
      const stream = view && { label: 'x', view, shards };
      const store = new Store(table(keys('p:S'), { stream }));
      expect(store.put({ p: { S: 'a' } }).draft.mutations[0]?.before).toBeUndefined();
      const before = store.reader.get(100, itemKey(store.table, itemOf({ p: { S: 'a' } })));
      const [put] = store.put({ p: { S: 'a' }, x: { N: '1' } }).draft.mutations;
      expect(put?.before).toBe(isCarried ? before : undefined);
      const [removed] = store.remove({ p: { S: 'a' } }).draft.mutations;
      expect(removed?.before !== undefined).toBe(isCarried);
    }
  });
});

describe('units of a write to a table with a KEYS_ONLY index on g', () => {
  // reference/streams-ttl-backup-globaltables.md, section 14.
  const sized = (bytes: number, more: object = {}): object => ({
    p: { S: 'k' },
    ...more,
    v: { S: 'x'.repeat(bytes - 20) },
  });
  const g = (value: string): object => ({ g: { S: value } });
  const rows: readonly [
    string,
    object | undefined,
    object | undefined,
    number,
    number | undefined,
  ][] = [
    ['none to 0.5 KB with g', undefined, sized(512, g('1')), 1, 1],
    ['none to 3.2 KB without g', undefined, sized(3277), 4, undefined],
    ['3.2 KB to 0.5 KB', sized(3277), sized(512), 4, undefined],
    ['g from 1 to 2', sized(512, g('1')), sized(512, g('2')), 1, 2],
    ['another attribute', sized(512, g('1')), sized(500, g('1')), 1, undefined],
    ['g removed', sized(512, g('1')), sized(512), 1, 1],
    ['delete of 2.5 KB with g', sized(2560, g('1')), undefined, 3, 1],
    ['delete of what is missing', undefined, undefined, 1, undefined],
  ];
  test.each(rows)('%s', (_, before, after, tableUnits, indexUnits) => {
    const store = new Store(indexed);
    if (before !== undefined) store.put(before);
    const change = after === undefined ? store.remove({ p: { S: 'k' } }) : store.put(after);
    expect(change.units.table).toBe(tableUnits);
    expect(change.units.indexes.get('g')).toBe(indexUnits);
    expect(change.draft.units).toBe((tableUnits + (indexUnits ?? 0)) * 2);
  });

  test('a write that changed nothing is metered by the item that is there', () => {
    const store = new Store(indexed);
    store.put(sized(2560));
    const before = findItem(store.reader, indexed, itemKey(indexed, itemOf({ p: { S: 'k' } })));
    expect(unchangedItem(indexed, before).units).toEqual({ table: 3, indexes: new Map() });
  });
});
