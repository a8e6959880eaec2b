/**
 * PeekTrigger: who holds a trigger, what can be read for it, and since when something waits.
 * ReadTrigger: the next records of a lane of a shard.
 */
import {
  triggerBatchBytesMax,
  triggerBatchMax,
  triggerLanesMax,
} from '../../base/trigger-limits.ts';
import { changeKey, type ChangePlace, comparePlaces, placeOf } from '../../log/change.ts';
import { findSelf } from '../../replica/self.ts';
import { integer, list, string, struct } from '../../shape/constructors.ts';
import { sequenceNumber } from '../../stream/sequence.ts';
import { findShard, getStream } from '../../stream/streams.ts';
import { compileFilter } from '../../stream/trigger-filter.ts';
import { readLane } from '../../stream/trigger-read.ts';
import {
  findTrigger,
  progressOf,
  type ShardProgress,
  streamAfter,
} from '../../stream/trigger-state.ts';
import type { TreeReader } from '../../tree/reader.ts';
import { type Operation, operation } from '../operation.ts';
import { knownTrigger, lanesShape, onShape, placeIn, triggerName } from './shared.ts';

export interface LaneOutput {
  readonly Shard: string;
  readonly Lane: number;
  readonly After: string;
}

export interface PeekOutput {
  readonly Known: boolean;
  readonly Owner: string;
  readonly Locked: boolean;
  readonly Beat: number;
  readonly StreamArn: string;
  /** Those that have something to be read, now or later, in the order of shards. */
  readonly Lanes: readonly LaneOutput[];
  /** The table has another stream, and this one is off and done. */
  readonly Advance: boolean;
  /**
   * Of the oldest record that is not done with, or of the stream that follows one that is off;
   * absent when there is none.
   */
  readonly OldestMs?: number;
  readonly DeadLetters: number;
  readonly Dropped: number;
  readonly Trimmed: number;
}

export const PeekTrigger: Operation = operation({
  name: 'PeekTrigger',
  kind: 'read',
  internal: true,
  input: struct({ Name: triggerName.required, Lanes: lanesShape.required, On: onShape }),
  check: (input) => input,
  plan: (input) => input,
  decide({ Name, Lanes, On }, { reader }) {
    const trigger = findTrigger(reader, Name);
    // Where there is no hub, a trigger of hubs has nothing to read, and stays where it is.
    const isIdle = On === 'hub' && findSelf(reader)?.role !== 'hub';
    const read = isIdle ? undefined : trigger;
    const shards = read === undefined ? [] : progressOf(reader, read, Lanes);
    // Where the stream is off, there is more to come for as long as another one follows it.
    const next = read && streamAfter(reader, read, []);
    const nextMs = next && getStream(reader, { ...read, label: next.label })?.createdMs;
    const waiting = shards.map((shard) => oldestOf(reader, shard));
    const oldestMs = Math.min(nextMs ?? Number.POSITIVE_INFINITY, ...waiting);
    const output: PeekOutput = {
      Known: trigger !== undefined,
      Owner: trigger?.owner ?? '',
      Locked: trigger?.locked ?? false,
      Beat: trigger?.beat ?? 0,
      StreamArn: (trigger && getStream(reader, trigger)?.arn) ?? '',
      Lanes: shards.filter(({ isReady, isDone }) => isReady && !isDone).flatMap(lanesOf),
      Advance: next !== undefined && shards.every(({ isDone }) => isDone),
      ...(Number.isFinite(oldestMs) && { OldestMs: oldestMs }),
      DeadLetters: trigger?.letters.count ?? 0,
      Dropped: trigger?.letters.dropped ?? 0,
      Trimmed: trigger?.trimmed ?? 0,
    };
    return { output };
  },
  consistent: () => true,
});

export interface ReadOutput {
  readonly Records: readonly object[];
  readonly After: string;
  readonly Part: boolean;
  readonly End: boolean;
  readonly Sequence: number;
  /** The shard was trimmed. */
  readonly Gone: boolean;
}

export const ReadTrigger: Operation = operation({
  name: 'ReadTrigger',
  kind: 'read',
  internal: true,
  input: struct({
    Name: triggerName.required,
    Shard: string().required,
    Lane: integer({ min: 0, max: triggerLanesMax - 1 }).required,
    Lanes: lanesShape.required,
    After: string().required,
    Limit: integer({ min: 1, max: triggerBatchMax }).required,
    Bytes: integer({ min: 1, max: triggerBatchBytesMax }).required,
    Patterns: list(string()),
    On: onShape,
  }),
  check(input) {
    const filter = input.Patterns === undefined ? undefined : compileFilter(input.Patterns);
    return { input, filter, after: placeIn(input.After) };
  },
  plan: (checked) => checked,
  decide({ input, filter, after }, { reader, isPlain }) {
    const { Name, Shard, On, Lane: lane, Lanes: lanes, Limit: limit, Bytes: bytes } = input;
    const trigger = knownTrigger(reader, Name);
    const stream = getStream(reader, trigger);
    const shard = findShard(reader, trigger, Shard);
    if (stream === undefined || shard === undefined) {
      const gone = { Records: [], Part: false, End: true, Sequence: 0, Gone: true };
      return { output: { ...gone, After: input.After } satisfies ReadOutput };
    }
    const range = { lane, lanes, after, limit, bytes, isOwn: On === 'origin', isPlain };
    const shown = trigger.isDestination === true ? 'NEW_AND_OLD_IMAGES' : stream.view;
    const page = readLane(reader, stream, shard, range, filter, shown);
    const output: ReadOutput = {
      Records: page.records,
      After: sequenceNumber(page.after),
      Part: page.isPart,
      End: page.isEnd,
      Sequence: page.sequence,
      Gone: false,
    };
    return { output };
  },
  consistent: () => true,
});

function lanesOf({ id, places, shard: { end } }: ShardProgress): readonly LaneOutput[] {
  return places.flatMap((place, lane) => {
    const isDone = end !== undefined && comparePlaces(place, end) >= 0;
    return isDone ? [] : [{ Shard: id, Lane: lane, After: sequenceNumber(place) }];
  });
}

/** Milliseconds of the first record of a shard after the place of any of its lanes. */
function oldestOf(reader: TreeReader, { shard, places, isDone }: ShardProgress): number {
  if (isDone) return Number.POSITIVE_INFINITY;
  const times = places.map((place) => firstAfter(reader, shard.tree, place));
  return Math.min(...times);
}

function firstAfter(reader: TreeReader, tree: number, place: ChangePlace): number {
  const cursor = reader.range(tree, { from: changeKey(place), fromOpen: true });
  return cursor.next() ? placeOf(cursor.key).ms : Number.POSITIVE_INFINITY;
}
