import { describe, expect, test } from 'vitest';
import { utf8 } from '../../src/base/bytes.ts';
import { changeRecord } from '../../src/log/change.ts';
import { beginStream } from '../../src/stream/lifecycle.ts';
import { restoreRecord } from '../../src/stream/restore.ts';
import { encodeItem } from '../../src/value/codec.ts';
import { MapReader } from '../support/map-reader.ts';
import { tableState } from '../support/table-states.ts';
import { commitOf } from '../support/tree-world.ts';

const value = encodeItem(new Map([['pk', { type: 'S', value: 'a' }]]));
const mutation = { tree: 100, key: utf8('k'), value, sizeBefore: undefined, sizeAfter: 3 };
const record = changeRecord(commitOf([]), mutation, 1);

describe('a saved record', () => {
  const reader = new MapReader();
  reader.apply(beginStream(reader, tableState(), 'x', 'NEW_IMAGE', 200, 5).mutations);
  const entry = { key: record.key, value: record.value };

  test('is put back with its size, once', () => {
    const mutations = restoreRecord(reader, 200, entry);
    expect(mutations).toEqual([{ tree: 200, ...entry, sizeBefore: undefined, sizeAfter: 3 }]);
    reader.apply(mutations);
    expect(restoreRecord(reader, 200, entry)).toEqual([]);
  });

  test('of no shard, or that is none, is not', () => {
    expect(restoreRecord(reader, 201, entry)).toEqual([]);
    expect(restoreRecord(reader, 200, { key: utf8('short'), value: record.value })).toEqual([]);
  });
});
