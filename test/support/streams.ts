/**
 * A consumer of streams, for tests: every shard of a stream from the trim horizon to its end or to
 * what there is now, parents before children.
 */
import { StoredItem } from '../../src/value/codec.ts';
import type { Item } from '../../src/value/value.ts';
import { itemToWire } from '../../src/value/wire.ts';

/** Asks an engine or a database. */
export type AskStream = (
  operation: string,
  input: object,
) => Promise<Readonly<Record<string, unknown>>>;

export interface ShardInfo {
  readonly ShardId: string;
  readonly ParentShardId?: string;
  readonly SequenceNumberRange: {
    readonly StartingSequenceNumber: string;
    readonly EndingSequenceNumber?: string;
  };
}

export interface RecordInfo {
  readonly eventID: string;
  readonly eventName: string;
  readonly dynamodb: {
    readonly ApproximateCreationDateTime: number;
    readonly Keys: Item;
    readonly NewImage?: Item | StoredItem;
    readonly OldImage?: Item | StoredItem;
    readonly SequenceNumber: string;
    readonly SizeBytes: number;
    readonly StreamViewType: string;
  };
  readonly userIdentity?: object;
}

const pagesMax = 10_000;

/** All pages of DescribeStream. */
export async function shardsOf(
  ask: AskStream,
  StreamArn: string,
  Limit = 100,
): Promise<readonly ShardInfo[]> {
  const shards: ShardInfo[] = [];
  let start = {};
  for (let page = 0; page < pagesMax; page += 1) {
    const answer = await ask('DescribeStream', { StreamArn, Limit, ...start });
    const described = answer['StreamDescription'] as {
      readonly Shards: readonly ShardInfo[];
      readonly LastEvaluatedShardId?: string;
    };
    shards.push(...described.Shards);
    if (described.LastEvaluatedShardId === undefined) return shards;
    start = { ExclusiveStartShardId: described.LastEvaluatedShardId };
  }
  throw new Error('a stream without end');
}

/** The records of one shard, and whether it came to its end. */
export async function recordsOf(
  ask: AskStream,
  StreamArn: string,
  ShardId: string,
  Limit = 1000,
): Promise<{ readonly records: readonly RecordInfo[]; readonly isClosed: boolean }> {
  const ShardIteratorType = 'TRIM_HORIZON';
  const first = await ask('GetShardIterator', { StreamArn, ShardId, ShardIteratorType });
  let ShardIterator = first['ShardIterator'];
  const records: RecordInfo[] = [];
  for (let page = 0; page < pagesMax; page += 1) {
    const answer = await ask('GetRecords', { ShardIterator, Limit });
    const found = answer['Records'] as readonly RecordInfo[];
    records.push(...found);
    ShardIterator = answer['NextShardIterator'];
    if (ShardIterator === undefined) return { records, isClosed: true };
    if (found.length === 0) return { records, isClosed: false };
  }
  throw new Error('a shard without end');
}

/** Every record of a stream. Shards come by their ids, so parents come first. */
export async function readStream(
  ask: AskStream,
  arn: string,
  limit?: number,
): Promise<readonly RecordInfo[]> {
  const records: RecordInfo[] = [];
  for (const { ShardId } of await shardsOf(ask, arn)) {
    records.push(...(await recordsOf(ask, arn, ShardId, limit)).records);
  }
  return records;
}

/** A record in a line: what happened, to which key, and the images, in wire form. */
export function told({ eventName, dynamodb, userIdentity }: RecordInfo): readonly unknown[] {
  const { Keys, NewImage, OldImage } = dynamodb;
  const line = [eventName, wire(Keys), wire(NewImage), wire(OldImage)];
  return userIdentity === undefined ? line : [...line, userIdentity];
}

function wire(item: Item | StoredItem | undefined): unknown {
  if (item === undefined) return undefined;
  return itemToWire(item instanceof StoredItem ? item.item() : item);
}

/** The one table of a World that has a stream, and what its stream holds. */
export function askWorld(world: {
  run(name: string, input: unknown): Record<string, unknown>;
}): AskStream {
  return (operation, input) => Promise.resolve(world.run(operation, input));
}
