import { describe, expect, test } from 'vitest';
import {
  findShard,
  findStream,
  getStream,
  listShards,
  listStreams,
  putShard,
  putStream,
  removeShard,
  removeStream,
  type Shard,
  shardId,
  type Stream,
  streamOfArn,
  streamOfTree,
} from '../../src/stream/streams.ts';
import { MapReader } from '../support/map-reader.ts';

const prefix = 'arn:aws:dynamodb:local:000000000000:table/';

function streamOf(table: string, label: string): Stream {
  return {
    table,
    label,
    arn: `${prefix}${table}/stream/${label}`,
    tableId: 'id',
    view: 'NEW_IMAGE',
    keys: { hash: [{ name: '__proto__', type: 'S' }], range: [] },
    createdMs: 5,
  };
}

function shardOf(idMs: number, tree: number): Shard {
  return { tree, openedMs: 4, idMs, from: 0, to: 2 ** 32, start: { ms: 1, sequence: 2 } };
}

describe('streams', () => {
  const reader = new MapReader();
  const known = [streamOf('A', '1'), streamOf('A', '2'), streamOf('AB', '1'), streamOf('B', '1')];
  for (const stream of known) reader.apply([putStream(reader, stream)]);

  test('are found by their ARNs', () => {
    for (const stream of known) expect(findStream(reader, stream.arn)).toEqual(stream);
    const elsewhere = known[0]?.arn.replace('local', 'eu-west-1') ?? '';
    expect(findStream(reader, elsewhere)).toBeUndefined();
    expect(getStream(reader, { table: 'A', label: '3' })).toBeUndefined();
  });

  test('are listed in the order of tables and labels, in pages, and of one table', () => {
    const names = (streams: readonly Stream[]) => streams.map(({ arn }) => arn);
    expect(listStreams(reader, 10)).toEqual(known);
    expect(names(listStreams(reader, 2, known[0]))).toEqual(names(known.slice(1, 3)));
    expect(names(listStreams(reader, 10, undefined, 'A'))).toEqual(names(known.slice(0, 2)));
    expect(listStreams(reader, 10, known[1], 'A')).toEqual([]);
    expect(listStreams(reader, 10, streamOf('A', '1x'))[0]?.label).toBe('2');
  });

  test('leave when they are removed', () => {
    const own = new MapReader();
    own.apply([putStream(own, streamOf('A', '1'))]);
    own.apply(removeStream(own, streamOf('A', '1')));
    expect(listStreams(own, 10)).toEqual([]);
  });

  test.each([
    ['', undefined],
    ['x', undefined],
    [`${prefix}A`, undefined],
    [`${prefix}A/index/i`, undefined],
    [`${prefix}A/stream/`, undefined],
    [`${prefix}A/stream/x/y`, undefined],
    [`arn:aws:dynamodb:local:1:global-table/A/stream/x`, undefined],
    [`${prefix}A/stream/x`, { table: 'A', label: 'x' }],
  ])('%j names %j', (arn, name) => {
    expect(streamOfArn(arn)).toEqual(name);
  });
});

describe('shards', () => {
  const reader = new MapReader();
  const stream = streamOf('A', '1');
  const shards = [shardOf(1, 300), shardOf(9, 7), shardOf(10, 5), shardOf(10, 6)];
  reader.apply([putStream(reader, stream), putStream(reader, streamOf('A', '10'))]);
  for (const shard of shards.toReversed()) reader.apply([putShard(reader, stream, shard)]);
  reader.apply([putShard(reader, streamOf('A', '10'), shardOf(2, 99))]);

  test('have ids in the order in which they were opened', () => {
    expect(shardId(shardOf(1_767_225_600_000, 0x1ab))).toBe(
      'shardId-00000001767225600000-000001ab',
    );
    const ids = listShards(reader, stream, 10).map(shardId);
    expect(ids).toEqual(shards.map(shardId));
    expect(ids.toSorted()).toEqual(ids);
  });

  test('are found by id, and listed in pages', () => {
    for (const shard of shards) expect(findShard(reader, stream, shardId(shard))).toEqual(shard);
    expect(listShards(reader, stream, 2, shardId(shardOf(1, 300)))).toEqual(shards.slice(1, 3));
    expect(findShard(reader, stream, shardId(shardOf(2, 99)))).toBeUndefined();
    for (const id of ['', 'shardId-x', `${shardId(shardOf(1, 300))}x`]) {
      expect(findShard(reader, stream, id)).toBeUndefined();
    }
  });

  test('lead from their tree to the stream', () => {
    expect(streamOfTree(reader, 7)).toEqual(stream);
    expect(streamOfTree(reader, 99)?.label).toBe('10');
    expect(streamOfTree(reader, 8)).toBeUndefined();
  });

  test('leave when they are removed', () => {
    reader.apply(removeShard(reader, stream, shardOf(9, 7)));
    expect(listShards(reader, stream, 10).map(({ tree }) => tree)).toEqual([300, 5, 6]);
  });
});
