import { describe, expect, test } from 'vitest';
import {
  entryOfItem,
  followedOf,
  type LivePart,
  lastKeyOf,
  sameTrees,
  shownOf,
  treeOf,
} from '../../src/live/live-read.ts';
import { encodeItem, StoredItem } from '../../src/value/codec.ts';
import type { Item, Value } from '../../src/value/value.ts';
import { indexState, tableState } from '../support/table-states.ts';

const local = indexState({
  kind: 'local',
  keys: { hash: [{ name: 'pk', type: 'S' }], range: [{ name: 'l', type: 'N' }] },
  projection: { type: 'KEYS_ONLY', names: [] },
});
const table = tableState({ indexes: [local] });

function partOf(changes: Partial<LivePart> = {}): LivePart {
  return {
    table,
    index: local,
    range: { from: Uint8Array.of(1) },
    isReverse: false,
    filter: undefined,
    projection: undefined,
    isCount: false,
    reachBack: { forFilter: false, forResult: false },
    isRestartable: true,
    ...changes,
  };
}

const backForResult = { reachBack: { forFilter: false, forResult: true } };
const partition = Uint8Array.of(1, 2);

function itemOf(...values: [string, Value][]): Item {
  return new Map(values);
}

const item = itemOf(
  ['l', { type: 'N', value: '4' }],
  ['pk', { type: 'S', value: 'a' }],
  ['w', { type: 'S', value: 'more' }],
);
const whole = new StoredItem(encodeItem(item));

describe('a part of a live read', () => {
  test.each([
    ['an index', partOf(), 101, { from: Uint8Array.of(1) }],
    ['a table', partOf({ index: undefined }), 100, { from: Uint8Array.of(1) }],
    [
      'a local index that reaches back',
      partOf({ ...backForResult, partition }),
      100,
      { from: partition, to: Uint8Array.of(1, 3) },
    ],
    ['a scan of one that reaches back', partOf(backForResult), 100, {}],
  ])('of %s is followed where its entries change', (_name, part, tree, range) => {
    expect(followedOf(part)).toEqual({ tree, range });
    expect(treeOf(part)).toBe(part.index === undefined ? 100 : 101);
  });

  test('that reaches back finds the entry of an item', () => {
    const part = partOf(backForResult);
    const found = entryOfItem(part, whole);
    expect([...(found?.entry.item().keys() ?? [])]).toEqual(['l', 'pk']);
    const without = new StoredItem(encodeItem(itemOf(['pk', { type: 'S', value: 'a' }])));
    expect(entryOfItem(part, without)).toBeUndefined();
  });

  test('shows the item where it reaches back for the result, else the entry', () => {
    const entry = entryOfItem(partOf(backForResult), whole)?.entry as StoredItem;
    expect(shownOf(partOf(backForResult), entry, whole)).toEqual(whole.bytes);
    expect(shownOf(partOf(), entry, whole)).toEqual(entry.bytes);
    expect(shownOf(partOf({ isCount: true }), entry, whole)).toHaveLength(0);
  });

  test('ends at the keys of index and table, unless there is no going on', () => {
    expect([...(lastKeyOf(partOf(), item)?.keys() ?? [])]).toEqual(['pk', 'l']);
    expect(lastKeyOf(partOf({ isRestartable: false }), item)).toBeUndefined();
  });
});

test('reads of the same trees are alike', () => {
  const read = (...parts: LivePart[]) => ({ parts, limit: undefined, isCount: false });
  expect(sameTrees(read(partOf()), read(partOf({ range: {} })))).toBe(true);
  expect(sameTrees(read(partOf()), read(partOf({ index: undefined })))).toBe(false);
  expect(sameTrees(read(partOf()), read(partOf(), partOf()))).toBe(false);
});
