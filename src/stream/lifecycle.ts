/**
 * The life of a stream: begun with one shard, ended with all shards closed, and in between its
 * shards followed by others when they are old, or their partition is large.
 *
 * A shard that closes keeps its tree until its last record is a day old. Its children begin after
 * its last record, so who reads parents first reads every item's changes in order.
 */
import { isoText } from '../base/iso.ts';
import { hashesEnd, streamLabelTriesMax } from '../base/limits.ts';
import { assert } from '../base/assert.ts';
import { type ChangePlace, placeOf } from '../log/change.ts';
import type { Mutation } from '../log/commit.ts';
import { streamArn } from '../table/arn.ts';
import type { LiveShard, StreamView, TableState, TableStream } from '../table/state.ts';
import type { TreeReader } from '../tree/reader.ts';
import {
  getStream,
  listShards,
  putShard,
  putStream,
  type Shard,
  shardId,
  type Stream,
  type StreamName,
} from './streams.ts';

/** What a step writes, and the table's stream after it. */
export interface StreamChange {
  readonly stream: TableStream | undefined;
  readonly mutations: readonly Mutation[];
}

/** Hash ranges that take a shard's place. */
export interface Succession {
  readonly parent: Shard;
  readonly ranges: readonly Pick<Shard, 'from' | 'to'>[];
}

/** A label for a new stream of the table of that name: the instant, or the next that is free. */
export function freeLabel(reader: TreeReader, table: string, nowMs: number): string {
  for (let ms = nowMs; ms < nowMs + streamLabelTriesMax; ms += 1) {
    const label = isoText(ms);
    if (getStream(reader, { table, label }) === undefined) return label;
  }
  assert(false, 'no label is free for a stream');
}

/**
 * A stream of `table`, with a label from `freeLabel`; `tree` is a new tree id. `more`: what it
 * keeps besides its view, and whether it is hidden.
 */
export function beginStream(
  reader: TreeReader,
  table: TableState,
  label: string,
  view: StreamView,
  tree: number,
  nowMs: number,
  more: Pick<TableStream, 'keepsAll' | 'hidden'> = {},
): StreamChange {
  const stream: Stream = {
    table: table.name,
    label,
    arn: streamArn(table.arn, label),
    tableId: table.id,
    view,
    keys: table.keys,
    createdMs: nowMs,
    ...(more.hidden === true && { hidden: true }),
  };
  // No stamp of a change that is to come is lower, and each has a sequence number above 0.
  const start = { ms: nowMs, sequence: 0 };
  const shard: Shard = { tree, openedMs: nowMs, idMs: nowMs, from: 0, to: hashesEnd, start };
  return {
    stream: { label, view, shards: [{ from: 0, tree }], ...more },
    mutations: [putStream(reader, stream), putShard(reader, stream, shard)],
  };
}

/** The stream takes no more records; nothing of a table without one. Throws PageFault. */
export function endStream(
  reader: TreeReader,
  { name: table, stream }: TableState,
  nowMs: number,
): readonly Mutation[] {
  if (stream === undefined) return [];
  const name = { table, label: stream.label };
  const known = getStream(reader, name);
  assert(known !== undefined, 'a stream that is on is not known');
  return [
    putStream(reader, { ...known, disabledMs: nowMs }),
    ...liveShards(reader, name, stream.shards).map((shard) => {
      return putShard(reader, name, closed(reader, shard, nowMs));
    }),
  ];
}

/** Shards of a live stream give way to others. `trees` are as many new ids as there are ranges. */
export function succeedShards(
  reader: TreeReader,
  name: StreamName,
  stream: TableStream,
  successions: readonly Succession[],
  trees: readonly number[],
  nowMs: number,
): StreamChange {
  const mutations: Mutation[] = [];
  const gone = new Set(successions.map(({ parent }) => parent.tree));
  const shards: LiveShard[] = stream.shards.filter(({ tree }) => !gone.has(tree));
  let next = 0;
  for (const { parent, ranges } of successions) {
    const ended = closed(reader, parent, nowMs);
    mutations.push(putShard(reader, name, ended));
    const { ms, sequence } = ended.end;
    for (const { from, to } of ranges) {
      const tree = trees[next++];
      assert(tree !== undefined, 'a shard without a tree');
      const start = { ms, sequence: sequence + 1 };
      mutations.push(
        putShard(reader, name, {
          tree,
          openedMs: nowMs,
          // Readers go by the order of ids: a clock that was set back must not change it.
          idMs: Math.max(nowMs, parent.idMs),
          from,
          to,
          parent: shardId(parent),
          start,
        }),
      );
      shards.push({ from, tree });
    }
  }
  shards.sort((a, b) => a.from - b.from);
  return { stream: { ...stream, shards }, mutations };
}

/** The live shards of a stream as its own items tell of them. */
export function liveShards(
  reader: TreeReader,
  name: StreamName,
  live: readonly LiveShard[],
): readonly Shard[] {
  const trees = new Set(live.map(({ tree }) => tree));
  return listShards(reader, name, Number.POSITIVE_INFINITY).filter(({ tree }) => trees.has(tree));
}

/** The place of the last record of a shard; undefined when it has none. Throws PageFault. */
export function lastPlace(
  reader: TreeReader,
  { tree }: Pick<Shard, 'tree'>,
): ChangePlace | undefined {
  const cursor = reader.range(tree, {}, true);
  return cursor.next() ? placeOf(cursor.key) : undefined;
}

function closed(
  reader: TreeReader,
  shard: Shard,
  nowMs: number,
): Shard & { readonly end: ChangePlace } {
  return { ...shard, closedMs: nowMs, end: lastPlace(reader, shard) ?? shard.start };
}
