import { describe, expect, test } from 'vitest';
import { shardLifeMs, streamRetentionMs } from '../../src/base/limits.ts';
import { beginStream, endStream, freeLabel } from '../../src/stream/lifecycle.ts';
import { listShards, listStreams } from '../../src/stream/streams.ts';
import { isOver, nextUpkeep, tableToAdopt, type Upkeep } from '../../src/stream/upkeep.ts';
import { createCatalog } from '../../src/table/catalog.ts';
import { tableItem } from '../../src/table/description.ts';
import type { TableState } from '../../src/table/state.ts';
import { catalogKey, catalogTree, droppedTree } from '../../src/table/system.ts';
import { putSystemItem } from '../../src/table/system-items.ts';
import { MapReader } from '../support/map-reader.ts';
import { tableState } from '../support/table-states.ts';

const startMs = 1_767_225_600_000;

/** A table with a stream over maps, and the steps that are due. */
class World {
  readonly reader = new MapReader();
  /** Its trees are below those that are given out. */
  table: TableState = tableState({ tree: 91 });
  #record = 0;

  constructor() {
    const label = freeLabel(this.reader, this.table.name, startMs);
    const { reader, table } = this;
    const { stream, mutations } = beginStream(reader, table, label, 'NEW_IMAGE', 90, startMs);
    this.reader.apply(mutations);
    this.put({ ...this.table, stream });
  }

  put(table: TableState): void {
    this.table = table;
    const key = catalogKey(table.name);
    this.reader.apply([putSystemItem(this.reader, catalogTree, key, tableItem(table))]);
  }

  end(nowMs: number): void {
    this.reader.apply(endStream(this.reader, this.table, nowMs));
    this.put({ ...this.table, stream: undefined });
  }

  /** Bytes in the table, and a record in each live shard. */
  fill(bytes = 1): void {
    const entry = { key: new Uint8Array(13), value: new Uint8Array(1), sizeBefore: undefined };
    this.#record += 1;
    entry.key[12] = this.#record;
    this.reader.apply([{ ...entry, tree: this.table.tree, sizeAfter: bytes }]);
    for (const { tree } of this.table.stream?.shards ?? []) {
      this.reader.apply([{ ...entry, tree, sizeAfter: 1 }]);
    }
  }

  look(nowMs: number, partitionBytes = 1e9): Upkeep {
    return nextUpkeep(this.reader, createCatalog(this.reader), nowMs, partitionBytes);
  }

  /** Takes steps until none is due; answers how many there were. */
  work(nowMs: number, partitionBytes?: number): number {
    for (let steps = 0; steps < 100; steps += 1) {
      const step = this.look(nowMs, partitionBytes).step?.();
      if (step === undefined) return steps;
      this.reader.apply(step.mutations);
      if (step.table !== undefined) this.put(step.table);
    }
    throw new Error('steps without end');
  }

  get shards(): number {
    return listShards(this.reader, this.#stream, 1000).length;
  }

  get #stream(): { table: string; label: string } {
    const [stream] = listStreams(this.reader, 1);
    return stream ?? { table: '', label: '' };
  }
}

describe('upkeep', () => {
  test('finds nothing where there is no stream', () => {
    const reader = new MapReader();
    const { step, dueMs, streams } = nextUpkeep(reader, createCatalog(reader), startMs, 1);
    expect([step, dueMs, streams]).toEqual([undefined, Number.POSITIVE_INFINITY, 0]);
  });

  test('is due when a shard with records is four hours old, and never for an empty one', () => {
    const world = new World();
    expect(world.look(startMs).dueMs).toBe(Number.POSITIVE_INFINITY);
    world.fill();
    expect(world.look(startMs).dueMs).toBe(startMs + shardLifeMs);
    expect(world.work(startMs + shardLifeMs - 1)).toBe(0);
    expect(world.work(startMs + shardLifeMs)).toBe(1);
    expect(world.shards).toBe(2);
  });

  test('halves partitions until none is too large', () => {
    const world = new World();
    world.fill(1000);
    expect(world.work(startMs, 300)).toBe(2);
    expect(world.table.stream?.shards.map(({ from }) => from)).toEqual([
      0,
      2 ** 30,
      2 ** 31,
      3 * 2 ** 30,
    ]);
    expect(world.shards).toBe(1 + 2 + 4);
  });

  test('has a bound for the shards of a stream', () => {
    const world = new World();
    world.fill(2 ** 30);
    world.work(startMs, 1);
    expect(world.table.stream?.shards).toHaveLength(256);
  });

  test('trims a closed shard after a day, and drops its tree', () => {
    const world = new World();
    world.fill();
    const closedMs = startMs + shardLifeMs;
    world.work(closedMs);
    expect(world.work(closedMs + streamRetentionMs - 1)).toBe(0);
    expect(world.work(closedMs + streamRetentionMs)).toBe(1);
    expect(world.shards).toBe(1);
    expect(world.reader.counters(droppedTree).entries).toBe(1);
  });

  test('forgets a stream a day after its end', () => {
    const world = new World();
    world.fill();
    world.end(startMs + 1);
    expect(world.work(startMs + streamRetentionMs)).toBe(0);
    world.work(startMs + streamRetentionMs + 1);
    expect(listStreams(world.reader, 1)).toEqual([]);
  });

  test('does not wait for a clock that was far ahead', () => {
    const world = new World();
    world.fill();
    const aheadMs = startMs + 365 * streamRetentionMs;
    expect(world.work(aheadMs)).toBe(1);
    world.fill();
    // The shard that closed, and the one that was opened, are of a time that is yet to come.
    expect(world.work(startMs)).toBe(2);
    world.work(startMs + streamRetentionMs);
    expect(world.shards).toBe(1);
    expect(world.work(startMs + streamRetentionMs + 1)).toBe(0);
  });

  test('of a stream that ended under such a clock is the same', () => {
    const world = new World();
    world.end(startMs + 365 * streamRetentionMs);
    world.work(startMs);
    world.work(startMs + streamRetentionMs);
    expect(listStreams(world.reader, 1)).toEqual([]);
  });
});

test('a child is never trimmed before its parent, whatever clocks say', () => {
  const world = new World();
  world.fill();
  const hour = shardLifeMs / 4;
  // The parent is closed by a clock that is three hours ahead, its child by one that is right.
  world.work(startMs + shardLifeMs + 3 * hour);
  world.fill();
  world.work(startMs + shardLifeMs, 0.1);
  const dayOfChild = startMs + shardLifeMs + streamRetentionMs;
  const before = world.shards;
  expect(world.work(dayOfChild)).toBe(0);
  expect(world.shards).toBe(before);
  expect(world.work(dayOfChild + 3 * hour)).toBeGreaterThan(0);
});

test('an end is over after a day', () => {
  expect(isOver(undefined, startMs)).toBe(false);
  expect(isOver(startMs, startMs + streamRetentionMs - 1)).toBe(false);
  expect(isOver(startMs, startMs + streamRetentionMs)).toBe(true);
});

test('a table that was told of a stream, and has none, is found', () => {
  const world = new World();
  const told = { StreamSpecification: { StreamEnabled: true, StreamViewType: 'KEYS_ONLY' } };
  world.put({ ...world.table, settings: told });
  expect(tableToAdopt(createCatalog(world.reader))).toBeUndefined();
  world.put({ ...world.table, stream: undefined });
  expect(tableToAdopt(createCatalog(world.reader))?.name).toBe(world.table.name);
  world.put({ ...world.table, settings: {} });
  expect(tableToAdopt(createCatalog(world.reader))).toBeUndefined();
});
