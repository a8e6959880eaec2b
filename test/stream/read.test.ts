import { describe, expect, test } from 'vitest';
import { streamRetentionMs } from '../../src/base/limits.ts';
import { changeRecord } from '../../src/log/change.ts';
import { horizonMs, readShard, trimmed } from '../../src/stream/read.ts';
import { sequenceNumber } from '../../src/stream/sequence.ts';
import type { Shard, Stream } from '../../src/stream/streams.ts';
import { encodeItem, StoredItem } from '../../src/value/codec.ts';
import { joinKey } from '../../src/value/key.ts';
import type { Item } from '../../src/value/value.ts';
import { MapReader } from '../support/map-reader.ts';
import { commitOf } from '../support/tree-world.ts';

const arn = 'arn:aws:dynamodb:local:000000000000:table/T/stream/x';
const stream: Stream = {
  table: 'T',
  label: 'x',
  arn,
  tableId: 'id',
  view: 'NEW_IMAGE',
  keys: { hash: [{ name: 'p', type: 'S' }], range: [] },
  createdMs: 0,
};
const shard: Shard = {
  tree: 200,
  openedMs: 0,
  idMs: 0,
  from: 0,
  to: 2 ** 32,
  start: { ms: 0, sequence: 0 },
};
const day = streamRetentionMs;

/** Records at the times given, with sequence numbers from 1. */
function withRecords(times: readonly number[], bytes = 10): MapReader {
  const reader = new MapReader();
  times.forEach((ms, at) => {
    const p = { type: 'S', value: `k${at}` } as const;
    const item: Item = new Map([
      ['p', p],
      ['v', { type: 'S', value: 'x'.repeat(bytes) }],
    ]);
    const value = encodeItem(item);
    const mutation = {
      tree: 100,
      key: joinKey([p], []),
      value,
      sizeBefore: undefined,
      sizeAfter: new StoredItem(value).size,
    };
    const commit = commitOf([], at + 1);
    const stamped = { ...commit, stamp: { ...commit.stamp, ms } };
    const record = changeRecord(stamped, mutation, 1);
    const { key, size } = record;
    reader.apply([{ tree: 200, key, value: record.value, sizeBefore: undefined, sizeAfter: size }]);
  });
  return reader;
}

function sequences(page: ReturnType<typeof readShard>): readonly string[] {
  return page.records.map(({ dynamodb }) => dynamodb.SequenceNumber);
}

const horizon = { kind: 'horizon', place: shard.start } as const;
const at = (ms: number, sequence: number) => ({ kind: 'at', place: { ms, sequence } }) as const;
const behind = (ms: number, sequence: number) =>
  ({ kind: 'after', place: { ms, sequence } }) as const;

describe('reading a shard', () => {
  const reader = withRecords([10, 20, 20, 30]);
  const numbers = [
    [10, 1],
    [20, 2],
    [20, 3],
    [30, 4],
  ].map(([ms = 0, sequence = 0]) => sequenceNumber({ ms, sequence }));

  test.each([
    [horizon, 0],
    [at(0, 0), 0],
    [at(20, 2), 1],
    [behind(20, 2), 2],
    [at(20, 4), 3],
    [behind(30, 4), 4],
  ])('from %j finds all from record %i on', (from, first) => {
    const page = readShard(reader, stream, shard, from, 1000, 40);
    expect(sequences(page)).toEqual(numbers.slice(first));
  });

  test('goes on where a page ended, and on an open shard for ever', () => {
    const first = readShard(reader, stream, shard, horizon, 3, 40);
    expect(sequences(first)).toEqual(numbers.slice(0, 3));
    expect(first.next).toEqual(behind(20, 3));
    const second = readShard(reader, stream, shard, first.next ?? horizon, 3, 40);
    expect(sequences(second)).toEqual(numbers.slice(3));
    expect(second.next).toEqual(behind(30, 4));
    const third = readShard(reader, stream, shard, second.next ?? horizon, 3, 40);
    expect(third).toEqual({ records: [], next: behind(30, 4) });
  });

  test('ends with the last record of a closed shard', () => {
    const closed = { ...shard, closedMs: 40, end: { ms: 30, sequence: 4 } };
    expect(readShard(reader, stream, closed, horizon, 3, 40).next).toEqual(behind(20, 3));
    expect(readShard(reader, stream, closed, behind(20, 3), 3, 40).next).toBeUndefined();
    expect(readShard(reader, stream, closed, horizon, 4, 40).next).toBeUndefined();
  });

  test('brings 1 MB at most, and one record at least', () => {
    const large = withRecords([1, 2, 3, 4], 400_000);
    const first = readShard(large, stream, shard, horizon, 1000, 5);
    expect(first.records).toHaveLength(2);
    const second = readShard(large, stream, shard, first.next ?? horizon, 1000, 5);
    expect(second.records).toHaveLength(2);
  });

  test('passes by what is older than a day', () => {
    expect(sequences(readShard(reader, stream, shard, horizon, 9, day + 20))).toEqual(
      numbers.slice(1),
    );
    expect(sequences(readShard(reader, stream, shard, horizon, 9, day + 21))).toEqual(
      numbers.slice(3),
    );
  });

  test('from a place whose next record was trimmed is refused, from a later one not', () => {
    const nowMs = day + 21;
    expect(horizonMs(nowMs)).toBe(21);
    for (const from of [at(0, 0), at(10, 1), behind(10, 1), at(20, 3)]) {
      expect(() => readShard(reader, stream, shard, from, 9, nowMs)).toThrow(trimmed().message);
    }
    expect(sequences(readShard(reader, stream, shard, behind(20, 3), 9, nowMs))).toEqual(
      numbers.slice(3),
    );
  });

  test('of an idle shard goes on from a place that is old', () => {
    const nowMs = 3 * day;
    const page = readShard(reader, stream, shard, behind(30, 4), 9, nowMs);
    expect(page).toEqual({ records: [], next: behind(30, 4) });
  });
});
