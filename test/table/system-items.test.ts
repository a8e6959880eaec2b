import { describe, expect, test } from 'vitest';
import { utf8 } from '../../src/base/bytes.ts';
import { droppedTrees } from '../../src/table/jobs.ts';
import { droppedTree, firstUserTree, tokensTree } from '../../src/table/system.ts';
import {
  dropTrees,
  putSystemItem,
  removeSystemItem,
  takeTreeIds,
} from '../../src/table/system-items.ts';
import { decodeItem } from '../../src/value/codec.ts';
import type { Item } from '../../src/value/value.ts';
import { MapReader } from '../support/map-reader.ts';

const key = utf8('k');
const item: Item = new Map([['ab', { type: 'S', value: 'xyz' }]]);

describe('system items', () => {
  test('say the size of what was there before them', () => {
    const reader = new MapReader();
    const first = putSystemItem(reader, tokensTree, key, item);
    expect(first).toMatchObject({ sizeBefore: undefined, sizeAfter: 5 });
    expect(first.value && decodeItem(first.value)).toEqual(item);
    reader.apply([first]);
    expect(putSystemItem(reader, tokensTree, key, new Map())).toMatchObject({
      sizeBefore: 5,
      sizeAfter: 0,
    });
    const [removal] = removeSystemItem(reader, tokensTree, key);
    expect(removal).toMatchObject({ value: undefined, sizeBefore: 5, sizeAfter: undefined });
  });

  test('that are absent are not removed', () => {
    expect(removeSystemItem(new MapReader(), tokensTree, key)).toEqual([]);
  });

  test('give every tree id once', () => {
    const reader = new MapReader();
    const first = takeTreeIds(reader, 3);
    reader.apply([first.mutation]);
    const second = takeTreeIds(reader, 1);
    expect([...first.ids, ...second.ids]).toEqual([0, 1, 2, 3].map((at) => firstUserTree + at));
  });

  test('keep dropped trees until they are forgotten, at most so many at a time', () => {
    const reader = new MapReader();
    reader.apply(dropTrees(reader, [300, 7, 1000]));
    expect(droppedTrees(reader, 10)).toEqual([7, 300, 1000]);
    expect(droppedTrees(reader, 2)).toEqual([7, 300]);
    expect(reader.counters(droppedTree)).toEqual({ entries: 3, bytes: 0 });
  });
});
