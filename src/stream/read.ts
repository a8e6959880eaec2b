/**
 * Reading a shard: the records from an iterator's place on, and where the next page begins.
 *
 * Records older than 24 hours count as trimmed, although their tree goes later. A place that lies
 * before the horizon has lost something only if there is a record between the two.
 */
import { DynamoError } from '../base/errors.ts';
import { streamRecordsBytesMax, streamRetentionMs } from '../base/limits.ts';
import { type Change, changeKey, placeOf, readChange } from '../log/change.ts';
import type { KeyRange, TreeReader } from '../tree/reader.ts';
import type { IteratorKind, ShardIterator } from './iterator.ts';
import { recordOfChange, type StreamRecord } from './record.ts';
import type { Shard, Stream } from './streams.ts';

export interface ShardPage {
  readonly records: readonly StreamRecord[];
  /** Where to go on; undefined at the end of a closed shard. */
  readonly next: Pick<ShardIterator, 'kind' | 'place'> | undefined;
}

/** Throws PageFault and TrimmedDataAccessException. */
export function readShard(
  reader: TreeReader,
  stream: Stream,
  shard: Shard,
  from: Pick<ShardIterator, 'kind' | 'place'>,
  limit: number,
  nowMs: number,
  isPlain?: boolean,
): ShardPage {
  const cursor = reader.range(shard.tree, rangeFrom(reader, shard, from, nowMs));
  const records: StreamRecord[] = [];
  let next = from;
  let bytes = 0;
  while (cursor.next()) {
    if (records.length >= limit) return { records, next };
    // Copied: what a cursor shows is its own.
    const change = readChange(cursor.key, cursor.value.slice());
    const record = recordOfChange(stream, change, stream.view, isPlain);
    bytes += record.dynamodb.SizeBytes;
    if (records.length > 0 && bytes > streamRecordsBytesMax) return { records, next };
    records.push(record);
    next = afterChange(change);
  }
  return { records, next: shard.closedMs === undefined ? next : undefined };
}

/** The time below which records are trimmed. */
export function horizonMs(nowMs: number): number {
  return Math.max(0, nowMs - streamRetentionMs);
}

export function trimmed(): DynamoError {
  return new DynamoError(
    'TrimmedDataAccessException',
    'The operation attempted to read past the oldest stream record in a shard.',
  );
}

function afterChange({ place }: Change): { readonly kind: IteratorKind; place: Change['place'] } {
  return { kind: 'after', place };
}

function rangeFrom(
  reader: TreeReader,
  { tree }: Shard,
  { kind, place }: Pick<ShardIterator, 'kind' | 'place'>,
  nowMs: number,
): KeyRange {
  const ms = horizonMs(nowMs);
  const retained = { from: changeKey({ ms, sequence: 0 }) };
  if (kind === 'horizon') return retained;
  const range = { from: changeKey(place), fromOpen: kind === 'after' };
  if (place.ms >= ms) return range;
  const first = reader.range(tree, range);
  if (first.next() && placeOf(first.key).ms < ms) throw trimmed();
  return retained;
}
