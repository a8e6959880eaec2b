/**
 * What there is to do for streams as time passes, a bounded step at a time.
 *
 * Shards that are old, or whose partition is large, are followed by others; closed ones go when
 * their last record is a day old, and a stream when it has been off for a day. A look says the
 * first step that is due, or when there will be one. It is decided at the head like any write, so a
 * step that another engine took is not taken again.
 */
import {
  hashesEnd,
  shardLifeMs,
  shardsPerStep,
  streamRetentionMs,
  streamShardsMax,
  tablesMax,
} from '../base/limits.ts';
import type { Mutation } from '../log/commit.ts';
import type { Catalog } from '../table/catalog.ts';
import type { TableState, TableStream } from '../table/state.ts';
import { dropTrees, takeTreeIds } from '../table/system-items.ts';
import type { TreeReader } from '../tree/reader.ts';
import { type Succession, succeedShards } from './lifecycle.ts';
import {
  listShards,
  listStreams,
  putShard,
  putStream,
  removeShard,
  removeStream,
  type Shard,
  shardId,
  type Stream,
} from './streams.ts';

/** One step; `table` is what the catalog is to say of it from now on. */
export interface UpkeepStep {
  readonly table?: TableState | undefined;
  readonly mutations: readonly Mutation[];
}

export interface Upkeep {
  /** Carries out what is due; undefined when nothing is. Throws PageFault. */
  readonly step?: (() => UpkeepStep) | undefined;
  /** Wall time at which there will be something, as far as time alone decides; else infinite. */
  readonly dueMs: number;
  readonly streams: number;
}

interface Found {
  readonly stream: Stream;
  readonly shards: readonly Shard[];
  readonly live: { readonly table: TableState; readonly stream: TableStream } | undefined;
}

/** Throws PageFault. Cost: an entry for each stream and each of its shards. */
export function nextUpkeep(
  reader: TreeReader,
  catalog: Catalog,
  nowMs: number,
  partitionBytes: number,
): Upkeep {
  const streams = listStreams(reader, Number.POSITIVE_INFINITY);
  let dueMs = Number.POSITIVE_INFINITY;
  for (const stream of streams) {
    const shards = listShards(reader, stream, Number.POSITIVE_INFINITY);
    const found = { stream, shards, live: liveOf(catalog, stream) };
    const step = stepOf(reader, found, nowMs, partitionBytes);
    if (step !== undefined) return { step, dueMs: nowMs, streams: streams.length };
    dueMs = Math.min(dueMs, dueOf(reader, found));
  }
  return { dueMs, streams: streams.length };
}

/** A table that was told of a stream by a release that made no records, and has none. */
export function tableToAdopt(catalog: Catalog): TableState | undefined {
  for (const name of catalog.names(undefined, tablesMax)) {
    const table = catalog.find(name);
    if (table === undefined || table.stream !== undefined) continue;
    const told = table.settings['StreamSpecification'] as { StreamEnabled?: unknown } | undefined;
    if (told?.StreamEnabled === true) return table;
  }
  return undefined;
}

/** Whether a day has passed since a shard closed, or a stream was turned off. */
export function isOver(endedMs: number | undefined, nowMs: number): boolean {
  return endedMs !== undefined && endedMs + streamRetentionMs <= nowMs;
}

function liveOf(catalog: Catalog, { table: name, label, disabledMs }: Stream): Found['live'] {
  if (disabledMs !== undefined) return undefined;
  const table = catalog.find(name);
  const stream = table?.stream;
  return table !== undefined && stream?.label === label ? { table, stream } : undefined;
}

function stepOf(
  reader: TreeReader,
  { stream, shards, live }: Found,
  nowMs: number,
  partitionBytes: number,
): Upkeep['step'] {
  const over = trimmable(shards, nowMs);
  if (over.length > 0) {
    return () => ({
      mutations: [
        ...over.flatMap((shard) => removeShard(reader, stream, shard)),
        ...dropTrees(
          reader,
          over.map(({ tree }) => tree),
        ),
      ],
    });
  }
  if (shards.length === 0 && isOver(stream.disabledMs, nowMs)) {
    return () => ({ mutations: removeStream(reader, stream) });
  }
  // The clock was ahead when it ended, and is right now: its day begins anew.
  const ahead = shards.find(({ closedMs }) => isAhead(closedMs, nowMs));
  if (ahead !== undefined) {
    return () => ({ mutations: [putShard(reader, stream, { ...ahead, closedMs: nowMs })] });
  }
  if (isAhead(stream.disabledMs, nowMs)) {
    return () => ({ mutations: [putStream(reader, { ...stream, disabledMs: nowMs })] });
  }
  if (live === undefined) return undefined;
  const successions = successionsOf(reader, live.table, shards, nowMs, partitionBytes);
  return successions.length === 0
    ? undefined
    : () => succeed(reader, stream, live, successions, nowMs);
}

/**
 * Shards whose last record is a day old, parents before children: clocks that differ must not make
 * a gap between what is gone and what is there.
 */
function trimmable(shards: readonly Shard[], nowMs: number): readonly Shard[] {
  const kept = new Set<string>();
  const over: Shard[] = [];
  for (const shard of shards) {
    const isFirst = shard.parent === undefined || !kept.has(shard.parent);
    if (isFirst && isOver(shard.closedMs, nowMs) && over.length < shardsPerStep) over.push(shard);
    else kept.add(shardId(shard));
  }
  return over;
}

function isAhead(endedMs: number | undefined, nowMs: number): boolean {
  return endedMs !== undefined && endedMs > nowMs + shardLifeMs;
}

/** Halves for the shards of large partitions, and a child for each that is old and has records. */
function successionsOf(
  reader: TreeReader,
  table: TableState,
  shards: readonly Shard[],
  nowMs: number,
  partitionBytes: number,
): readonly Succession[] {
  const live = shards.filter(({ closedMs }) => closedMs === undefined);
  const { bytes } = reader.counters(table.tree);
  let room = streamShardsMax - live.length;
  const successions: Succession[] = [];
  for (const parent of live) {
    if (successions.length >= shardsPerStep) break;
    const { from, to } = parent;
    const isLarge = (bytes * (to - from)) / hashesEnd > partitionBytes && to - from > 1;
    if (isLarge && room > 0) {
      const middle = Math.floor((from + to) / 2);
      room -= 1;
      successions.push({
        parent,
        ranges: [
          { from, to: middle },
          { from: middle, to },
        ],
      });
    } else if (isOld(parent, nowMs) && hasRecords(reader, parent)) {
      successions.push({ parent, ranges: [{ from, to }] });
    }
  }
  return successions;
}

/** Also one that was opened by a clock that was far ahead. */
function isOld({ openedMs }: Shard, nowMs: number): boolean {
  return nowMs >= openedMs + shardLifeMs || nowMs <= openedMs - shardLifeMs;
}

function hasRecords(reader: TreeReader, { tree }: Shard): boolean {
  return reader.counters(tree).entries > 0;
}

function succeed(
  reader: TreeReader,
  name: Stream,
  { table, stream }: NonNullable<Found['live']>,
  successions: readonly Succession[],
  nowMs: number,
): UpkeepStep {
  const count = successions.reduce((sum, { ranges }) => sum + ranges.length, 0);
  const { ids, mutation } = takeTreeIds(reader, count);
  const next = succeedShards(reader, name, stream, successions, ids, nowMs);
  return {
    table: { ...table, stream: next.stream },
    mutations: [mutation, ...next.mutations],
  };
}

function dueOf(reader: TreeReader, { stream, shards }: Found): number {
  const times = shards.flatMap((shard) => {
    if (shard.closedMs !== undefined) return [shard.closedMs + streamRetentionMs];
    return hasRecords(reader, shard) ? [shard.openedMs + shardLifeMs] : [];
  });
  if (stream.disabledMs !== undefined) times.push(stream.disabledMs + streamRetentionMs);
  return Math.min(...times);
}
