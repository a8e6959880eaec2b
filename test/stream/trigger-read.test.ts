/** Reading a lane: bounds, and the place behind what was looked at. */
import { expect, test } from 'vitest';
import { triggerScanMax } from '../../src/base/trigger-limits.ts';
import type { Shard } from '../../src/stream/streams.ts';
import { findStream, listShards } from '../../src/stream/streams.ts';
import { type LaneRange, readLane, wireRecord } from '../../src/stream/trigger-read.ts';
import { createCatalog } from '../../src/table/catalog.ts';
import { TriggerWorld } from '../operation/trigger/world.ts';

function world(count: number): TriggerWorld {
  const made = new TriggerWorld();
  for (let n = 1; n <= count; n += 1) made.put('x', n);
  return made;
}

function read(made: TriggerWorld, more: Partial<LaneRange> = {}, shape: Partial<Shard> = {}) {
  const table = createCatalog(made.reader).table('Simple');
  const label = table.stream?.label ?? '';
  const stream = findStream(made.reader, `${table.arn}/stream/${label}`);
  const [shard] = stream === undefined ? [] : listShards(made.reader, stream, 1);
  if (stream === undefined || shard === undefined) throw new Error('no shard');
  const range = { lane: 0, lanes: 1, after: { ms: 0, sequence: 0 }, limit: 10_000, bytes: 6e6 };
  return readLane(made.reader, stream, { ...shard, ...shape }, { ...range, ...more }, undefined);
}

test('an empty shard has its place where it was', () => {
  expect(read(world(0))).toEqual({
    records: [],
    after: { ms: 0, sequence: 0 },
    isPart: false,
    isEnd: false,
    sequence: 0,
  });
});

test('a read looks at so many records and no more', () => {
  const page = read(world(triggerScanMax + 5));
  expect([page.records.length, page.isPart]).toEqual([triggerScanMax, true]);
});

test('the end of a closed shard is behind its last record', () => {
  const made = world(2);
  const { after } = read(made);
  const end = { ms: after.ms + 5, sequence: 9 };
  expect(read(made, {}, { end })).toMatchObject({ after: end, isEnd: true, isPart: false });
  expect(read(made, { limit: 1 }, { end }).isEnd).toBe(false);
});

test('records in wire form have objects for items', () => {
  const [record] = read(world(1)).records;
  expect(record && wireRecord(record).dynamodb.NewImage).toEqual({ a: { S: 'x' }, n: { N: '1' } });
});
