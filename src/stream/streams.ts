/**
 * Streams and their shards, as items of a system tree (docs/formats/catalog.md).
 *
 * They are apart from the table, because they outlive it by a day: what a write needs to know of
 * them is in the table's description (`TableStream`). Shards come in the order of their ids, which
 * is that in which they were opened.
 */
import { assert } from '../base/assert.ts';
import { prefixEnd, utf8 } from '../base/bytes.ts';
import type { ChangePlace } from '../log/change.ts';
import type { Mutation } from '../log/commit.ts';
import { parseArn } from '../table/arn.ts';
import type { KeySchema, StreamView } from '../table/state.ts';
import { streamsTree, treeKey } from '../table/system.ts';
import { putSystemItem, removeSystemItem } from '../table/system-items.ts';
import type { TreeReader } from '../tree/reader.ts';
import { decodeItem } from '../value/codec.ts';
import type { Item } from '../value/value.ts';

/** Names a stream among all that there are, and were lately. */
export interface StreamName {
  readonly table: string;
  readonly label: string;
}

export interface Stream extends StreamName {
  readonly arn: string;
  /** UUID of the table. */
  readonly tableId: string;
  readonly view: StreamView;
  readonly keys: KeySchema;
  /** Wall time, milliseconds. */
  readonly createdMs: number;
  /** It is there for a Kinesis destination alone: the Streams API does not know it. */
  readonly hidden?: boolean | undefined;
  /** When it was turned off, or its table deleted; undefined while it is on. */
  readonly disabledMs?: number | undefined;
}

export interface Shard {
  readonly tree: number;
  /** When it was opened: wall time, milliseconds. */
  readonly openedMs: number;
  /** The same in its id: never less than its parent's, whatever the clock does. */
  readonly idMs: number;
  /** Its hashes: from `from` to before `to`, which is at most 2^32. */
  readonly from: number;
  readonly to: number;
  /** Id of the shard before it. */
  readonly parent?: string | undefined;
  /** None of its records is before this place. */
  readonly start: ChangePlace;
  /** Of a shard that takes no more records: wall time, and the place of its last record. */
  readonly closedMs?: number | undefined;
  readonly end?: ChangePlace | undefined;
}

const streamPrefix = 0;
const shardPrefix = 1;

const idPattern = /^shardId-(\d{20})-([0-9a-f]{8,})$/;

/** `shardId-`, the time it was opened in 20 digits, its tree in 8 hexadecimal digits. */
export function shardId({ idMs, tree }: Pick<Shard, 'idMs' | 'tree'>): string {
  const time = String(idMs).padStart(20, '0');
  return `shardId-${time}-${tree.toString(16).padStart(8, '0')}`;
}

/** The stream that an ARN names; undefined for a text that is no ARN of a stream. */
export function streamOfArn(arn: string): StreamName | undefined {
  const parts = parseArn(arn);
  const label = /^stream\/([^/]+)$/.exec(parts?.rest ?? '')?.[1];
  if (parts?.kind !== 'table' || label === undefined) return undefined;
  return { table: parts.table, label };
}

export function findStream(reader: TreeReader, arn: string): Stream | undefined {
  const name = streamOfArn(arn);
  const stream = name && getStream(reader, name);
  return stream?.arn === arn ? stream : undefined;
}

export function getStream(reader: TreeReader, name: StreamName): Stream | undefined {
  const bytes = reader.get(streamsTree, streamKey(name));
  return bytes === undefined ? undefined : (stateOf(decodeItem(bytes)) as unknown as Stream);
}

/** In the order of table names and labels: at most `limit`, after `after`, of `table` alone. */
export function listStreams(
  reader: TreeReader,
  limit: number,
  after?: StreamName,
  table?: string,
): readonly Stream[] {
  const prefix = table === undefined ? Uint8Array.of(streamPrefix) : tablePrefix(table);
  const start = after === undefined ? prefix : streamKey(after);
  const range = { from: start, fromOpen: after !== undefined, to: prefixEnd(prefix) };
  const cursor = reader.range(streamsTree, range);
  const streams: Stream[] = [];
  while (streams.length < limit && cursor.next()) {
    streams.push(stateOf(decodeItem(cursor.value.slice())) as unknown as Stream);
  }
  return streams;
}

/** By id, at most `limit`, after the shard of the id `after`. */
export function listShards(
  reader: TreeReader,
  stream: StreamName,
  limit: number,
  after?: string,
): readonly Shard[] {
  const prefix = shardsPrefix(stream);
  const place = after === undefined ? undefined : placeOfId(after);
  // After an id that no shard can have, there is none.
  if (after !== undefined && place === undefined) return [];
  const start = place === undefined ? prefix : shardKey(stream, place);
  const range = { from: start, fromOpen: place !== undefined, to: prefixEnd(prefix) };
  const cursor = reader.range(streamsTree, range);
  const shards: Shard[] = [];
  while (shards.length < limit && cursor.next()) {
    shards.push(stateOf(decodeItem(cursor.value.slice())) as unknown as Shard);
  }
  return shards;
}

export function findShard(reader: TreeReader, stream: StreamName, id: string): Shard | undefined {
  const place = placeOfId(id);
  const bytes = place && reader.get(streamsTree, shardKey(stream, place));
  return bytes === undefined ? undefined : (stateOf(decodeItem(bytes)) as unknown as Shard);
}

/** The stream that a shard's tree belongs to. Throws PageFault. */
export function streamOfTree(reader: TreeReader, tree: number): Stream | undefined {
  return listStreams(reader, Number.POSITIVE_INFINITY).find((stream) => {
    return listShards(reader, stream, Number.POSITIVE_INFINITY).some(
      (shard) => shard.tree === tree,
    );
  });
}

/** The trees of all shards, of streams that nobody sees and of those that are over too. */
export function shardTrees(reader: TreeReader): readonly number[] {
  const streams = listStreams(reader, Number.POSITIVE_INFINITY);
  const shards = streams.flatMap((stream) => {
    return listShards(reader, stream, Number.POSITIVE_INFINITY);
  });
  return shards.map(({ tree }) => tree);
}

export function putStream(reader: TreeReader, stream: Stream): Mutation {
  return putSystemItem(reader, streamsTree, streamKey(stream), stateItem(stream));
}

export function removeStream(reader: TreeReader, stream: StreamName): readonly Mutation[] {
  return removeSystemItem(reader, streamsTree, streamKey(stream));
}

export function putShard(reader: TreeReader, stream: StreamName, shard: Shard): Mutation {
  return putSystemItem(reader, streamsTree, shardKey(stream, shard), stateItem(shard));
}

export function removeShard(
  reader: TreeReader,
  stream: StreamName,
  shard: Shard,
): readonly Mutation[] {
  return removeSystemItem(reader, streamsTree, shardKey(stream, shard));
}

function placeOfId(id: string): Pick<Shard, 'idMs' | 'tree'> | undefined {
  const [, time = '', tree = ''] = idPattern.exec(id) ?? [];
  const place = { idMs: Number(time), tree: Number.parseInt(tree, 16) };
  return time !== '' && Number.isSafeInteger(place.idMs) && Number.isSafeInteger(place.tree)
    ? place
    : undefined;
}

function tablePrefix(table: string, kind = streamPrefix): Uint8Array {
  const name = utf8(table);
  const prefix = new Uint8Array(name.length + 2);
  prefix[0] = kind;
  prefix.set(name, 1);
  return prefix;
}

function streamKey({ table, label }: StreamName): Uint8Array {
  return Uint8Array.of(...tablePrefix(table), ...utf8(label));
}

function shardsPrefix({ table, label }: StreamName): Uint8Array {
  return Uint8Array.of(...tablePrefix(table, shardPrefix), ...utf8(label), 0);
}

function shardKey(stream: StreamName, { idMs, tree }: Pick<Shard, 'idMs' | 'tree'>): Uint8Array {
  return Uint8Array.of(...shardsPrefix(stream), ...treeKey(idMs), ...treeKey(tree));
}

/** As JSON text: only this file reads it, and always the whole. Names in it are values. */
function stateItem(state: Stream | Shard): Item {
  return new Map([['state', { type: 'S', value: JSON.stringify(state) }]]);
}

function stateOf(item: Item): object {
  const state = item.get('state');
  assert(state?.type === 'S', 'a stream without a state');
  return JSON.parse(state.value) as object;
}
