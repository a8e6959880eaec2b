/**
 * Reading a lane of a shard for a trigger: the records after a place that are of the lane and pass
 * the filter, and how far that looked.
 *
 * A lane is a share of the hashes of partition keys, so all changes of an item are of one lane.
 * What is still stored is read, also when it is older than a day: a tab that was away for long
 * misses only what was trimmed meanwhile.
 */
import { streamRecordsBytesMax } from '../base/limits.ts';
import { triggerScanMax } from '../base/trigger-limits.ts';
import { type ChangePlace, changeKey, comparePlaces, readChange } from '../log/change.ts';
import type { StreamView } from '../table/state.ts';
import type { TreeReader } from '../tree/reader.ts';
import { StoredItem } from '../value/codec.ts';
import { hashOfKey } from '../value/key-decode.ts';
import type { Item } from '../value/value.ts';
import { itemToWire } from '../value/wire.ts';
import { lambdaRecord, type WireRecord } from './lambda-record.ts';
import { recordOfChange, type StreamRecord } from './record.ts';
import type { Shard, Stream } from './streams.ts';
import type { Filter } from './trigger-filter.ts';

export interface LaneRange {
  readonly lane: number;
  readonly lanes: number;
  readonly after: ChangePlace;
  readonly limit: number;
  readonly bytes: number;
  /** Changes that were made here, and not taken from another replica. */
  readonly isOwn?: boolean | undefined;
  readonly isPlain?: boolean | undefined;
}

export interface LanePage {
  readonly records: readonly StreamRecord[];
  /** Nothing up to here is left to be read. */
  readonly after: ChangePlace;
  /** There may be more at once: a bound was met. */
  readonly isPart: boolean;
  /** The shard is closed, and read to its end. */
  readonly isEnd: boolean;
  /** Sequence number of the last commit that was looked at. */
  readonly sequence: number;
}

/** Throws PageFault. Cost: a seek, and an entry for each record up to the bounds. */
export function readLane(
  reader: TreeReader,
  stream: Stream,
  shard: Shard,
  { lane, lanes, after, limit, bytes, isOwn, isPlain }: LaneRange,
  filter: Filter | undefined,
  shown: StreamView = stream.view,
): LanePage {
  const cursor = reader.range(shard.tree, { from: changeKey(after), fromOpen: true });
  const records: StreamRecord[] = [];
  let place = after;
  let left = Math.min(bytes, streamRecordsBytesMax);
  for (let scanned = 0; cursor.next(); scanned += 1) {
    if (scanned >= triggerScanMax || records.length >= limit || left <= 0) {
      return { records, after: place, isPart: true, isEnd: false, sequence: place.sequence };
    }
    const change = readChange(cursor.key, cursor.value.slice());
    left -= cursor.value.length;
    const isWanted = isOwn !== true || change.caller !== 'sync';
    if (isWanted && hashOfKey(change.key) % lanes === lane) {
      const record = recordOfChange(stream, change, shown, isPlain);
      if (filter === undefined || filter(lambdaRecord(wireRecord(record), stream.arn))) {
        records.push(record);
      }
    }
    place = change.place;
  }
  const { end } = shard;
  if (end !== undefined && comparePlaces(place, end) < 0) place = end;
  return {
    records,
    after: place,
    isPart: false,
    isEnd: end !== undefined,
    sequence: place.sequence,
  };
}

/** A record whose items are objects in DynamoDB's form. */
export function wireRecord(record: StreamRecord): WireRecord {
  const { Keys, NewImage, OldImage, ...told } = record.dynamodb;
  return {
    ...record,
    dynamodb: {
      ...told,
      Keys: itemToWire(Keys),
      ...(NewImage && { NewImage: wireOf(NewImage) }),
      ...(OldImage && { OldImage: wireOf(OldImage) }),
    },
  };
}

function wireOf(item: Item | StoredItem): object {
  return itemToWire(item instanceof StoredItem ? item.item() : item);
}
