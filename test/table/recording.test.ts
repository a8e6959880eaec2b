import { describe, expect, test } from 'vitest';
import { utf8 } from '../../src/base/bytes.ts';
import { keepsAfter, keepsBefore } from '../../src/log/change.ts';
import { recordOf, shardOf } from '../../src/table/recording.ts';
import type { StreamView } from '../../src/table/state.ts';
import { tableState } from '../support/table-states.ts';

const shards = [
  { from: 0, tree: 200 },
  { from: 2 ** 31, tree: 201 },
  { from: 3 * 2 ** 30, tree: 202 },
];

describe('a change', () => {
  test.each([
    [0, 200],
    [2 ** 31 - 1, 200],
    [2 ** 31, 201],
    [3 * 2 ** 30 - 1, 201],
    [3 * 2 ** 30, 202],
    [2 ** 32 - 1, 202],
  ])('of a key with the hash %i is recorded in the shard of tree %i', (hash, tree) => {
    expect(shardOf(shards, hash).tree).toBe(tree);
    const key = Uint8Array.of(hash >>> 24, (hash >>> 16) & 255, (hash >>> 8) & 255, hash & 255);
    const table = tableState({ stream: { label: 'x', view: 'KEYS_ONLY', shards } });
    expect(recordOf(table, key, undefined).recorded).toEqual({ tree, images: 0 });
  });

  test.each<[StreamView, number]>([
    ['KEYS_ONLY', 0],
    ['NEW_IMAGE', keepsAfter],
    ['OLD_IMAGE', keepsBefore],
    ['NEW_AND_OLD_IMAGES', keepsAfter + keepsBefore],
  ])('of a table with the view %s keeps the images %i', (view, images) => {
    const before = utf8('old');
    const table = tableState({ stream: { label: 'x', view, shards } });
    const record = recordOf(table, new Uint8Array(5), before);
    expect(record.recorded?.images).toBe(images);
    expect(record.before).toBe((images & keepsBefore) === 0 ? undefined : before);
  });

  test('of a table without a stream is not recorded', () => {
    expect(recordOf(tableState(), new Uint8Array(5), utf8('old'))).toEqual({});
  });
});
