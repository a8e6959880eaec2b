import { describe, expect, test } from 'vitest';
import { comparePlaces } from '../../src/log/change.ts';
import {
  beginStream,
  endStream,
  freeLabel,
  lastPlace,
  liveShards,
  succeedShards,
} from '../../src/stream/lifecycle.ts';
import { getStream, listShards, shardId } from '../../src/stream/streams.ts';
import type { TableState } from '../../src/table/state.ts';
import { changeKey } from '../../src/log/change.ts';
import { MapReader } from '../support/map-reader.ts';
import { tableState } from '../support/table-states.ts';

const nowMs = 1_767_225_600_000;
const name = { table: 'Notes', label: '2026-01-01T00:00:00.000' };

function begun(reader: MapReader): TableState {
  const table = tableState();
  const label = freeLabel(reader, table.name, nowMs);
  const { stream, mutations } = beginStream(reader, table, label, 'NEW_IMAGE', 200, nowMs);
  reader.apply(mutations);
  return { ...table, stream };
}

function record(reader: MapReader, tree: number, ms: number, sequence: number): void {
  const key = changeKey({ ms, sequence });
  reader.apply([{ tree, key, value: new Uint8Array(3), sizeBefore: undefined, sizeAfter: 1 }]);
}

describe('a stream', () => {
  test('begins with one shard for all hashes', () => {
    const reader = new MapReader();
    const { stream } = begun(reader);
    expect(stream).toEqual({
      label: name.label,
      view: 'NEW_IMAGE',
      shards: [{ from: 0, tree: 200 }],
    });
    expect(listShards(reader, name, 10)).toEqual([
      {
        tree: 200,
        openedMs: nowMs,
        idMs: nowMs,
        from: 0,
        to: 2 ** 32,
        start: { ms: nowMs, sequence: 0 },
      },
    ]);
  });

  test('has a label of its own, also when it is made twice in a millisecond', () => {
    const reader = new MapReader();
    begun(reader);
    expect(freeLabel(reader, 'Notes', nowMs)).toBe('2026-01-01T00:00:00.001');
    expect(freeLabel(reader, 'Others', nowMs)).toBe(name.label);
  });

  test('ends with every shard closed at its last record', () => {
    const reader = new MapReader();
    const table = begun(reader);
    record(reader, 200, nowMs + 5, 7);
    reader.apply(endStream(reader, table, nowMs + 9));
    expect(getStream(reader, name)?.disabledMs).toBe(nowMs + 9);
    expect(listShards(reader, name, 10)).toMatchObject([
      { closedMs: nowMs + 9, end: { ms: nowMs + 5, sequence: 7 } },
    ]);
    expect(endStream(reader, tableState(), nowMs)).toEqual([]);
  });
});

describe('a shard that is followed by others', () => {
  const halves = [
    { from: 0, to: 2 ** 31 },
    { from: 2 ** 31, to: 2 ** 32 },
  ];

  test('closes, and its children begin after its last record', () => {
    const reader = new MapReader();
    const { stream } = begun(reader);
    record(reader, 200, nowMs + 5, 7);
    if (stream === undefined) throw new Error('no stream');
    const [parent] = liveShards(reader, name, stream.shards);
    if (parent === undefined) throw new Error('no shard');
    const successions = [{ parent, ranges: halves }];
    const next = succeedShards(reader, name, stream, successions, [201, 202], nowMs + 9);
    reader.apply(next.mutations);
    expect(next.stream?.shards).toEqual([
      { from: 0, tree: 201 },
      { from: 2 ** 31, tree: 202 },
    ]);
    const [old, ...children] = listShards(reader, name, 10);
    expect(old).toMatchObject({
      tree: 200,
      closedMs: nowMs + 9,
      end: { ms: nowMs + 5, sequence: 7 },
    });
    expect(children.map(({ from, to }) => ({ from, to }))).toEqual(halves);
    for (const child of children) {
      expect(child.parent).toBe(shardId(parent));
      expect(comparePlaces(child.start, old?.end ?? child.start)).toBeGreaterThan(0);
    }
    expect(liveShards(reader, name, next.stream?.shards ?? []).map(({ tree }) => tree)).toEqual([
      201, 202,
    ]);
  });

  test('comes before them, though the clock was set back', () => {
    const reader = new MapReader();
    const { stream } = begun(reader);
    if (stream === undefined) throw new Error('no stream');
    const successions = liveShards(reader, name, stream.shards).map((parent) => {
      return { parent, ranges: [{ from: 0, to: 2 ** 32 }] };
    });
    reader.apply(succeedShards(reader, name, stream, successions, [201], nowMs - 1e9).mutations);
    expect(listShards(reader, name, 10).map(({ tree }) => tree)).toEqual([200, 201]);
  });
});

test('the last place of a shard is that of its last record', () => {
  const reader = new MapReader();
  expect(lastPlace(reader, { tree: 200 })).toBeUndefined();
  record(reader, 200, 1, 2);
  record(reader, 200, 1, 3);
  expect(lastPlace(reader, { tree: 200 })).toEqual({ ms: 1, sequence: 3 });
});
