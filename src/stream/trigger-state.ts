/**
 * Triggers as items of a system tree: who runs one, how far it is, and what it could not deliver.
 *
 * A cursor is a place in each lane of a shard: every record of the lane up to it is done with. It
 * is saved by who holds the trigger alone, whom the header names: a commit of another changes
 * nothing (docs/formats/catalog.md, docs/adr/0018).
 * Layout: 00 name -> header; 01 name 00 shard id -> places; 02 name 00 number -> dead letter.
 */
import { assert } from '../base/assert.ts';
import { ByteReader, ByteWriter, prefixEnd, utf8 } from '../base/bytes.ts';
import { type ChangePlace, comparePlaces } from '../log/change.ts';
import type { Mutation } from '../log/commit.ts';
import type { TableStream } from '../table/state.ts';
import { treeKey, triggersTree } from '../table/system.ts';
import { putSystemItem, removeSystemItem } from '../table/system-items.ts';
import type { TreeReader } from '../tree/reader.ts';
import { decodeItem } from '../value/codec.ts';
import type { Item } from '../value/value.ts';
import { lastPlace } from './lifecycle.ts';
import { getStream, listShards, listStreams, type Shard, shardId, type Stream } from './streams.ts';

export interface Trigger {
  readonly name: string;
  readonly table: string;
  /** Label of the stream that is followed. */
  readonly label: string;
  /** A shard of that stream: those of later streams have greater ids, whatever the clocks did. */
  readonly tree: number;
  /** Of a Kinesis destination: every stream of the table is followed, with all images. */
  readonly isDestination?: boolean | undefined;
  /** Shards that nothing is known of begin after this place. */
  readonly start: ChangePlace;
  /** Who holds it; empty: nobody. */
  readonly owner: string;
  /** The holder has a lock, which its death frees. */
  readonly locked: boolean;
  /** Counted up by a holder that is at work on a batch. */
  readonly beat: number;
  /** Dead letters: how many there are, their bytes, the next one's number, those given up. */
  readonly letters: {
    readonly count: number;
    readonly bytes: number;
    readonly next: number;
    readonly dropped: number;
  };
  /** Shards that were trimmed before all of their records were delivered. */
  readonly trimmed: number;
}

/** Records that were given up on, as Lambda's on-failure record tells of them. */
export interface DeadLetter {
  readonly id: number;
  readonly shard: string;
  readonly stream: Pick<Stream, 'arn' | 'view' | 'keys'>;
  readonly first: string;
  readonly last: string;
  readonly count: number;
  readonly condition: string;
  readonly error: string;
  readonly attempts: number;
  readonly failedMs: number;
  /** Records that were gone when they were to be kept. */
  readonly missing: number;
}

/** A letter with its records: key and value of each (log/change.ts). */
export interface KeptLetter {
  readonly letter: DeadLetter;
  readonly records: readonly { readonly key: Uint8Array; readonly value: Uint8Array }[];
  readonly bytes: number;
}

/** A shard, how far its lanes are, and whether it may be read: what came before it is done. */
export interface ShardProgress {
  readonly shard: Shard;
  readonly id: string;
  readonly places: readonly ChangePlace[];
  readonly isDone: boolean;
  readonly isReady: boolean;
}

const headerKind = 0;
const shardKind = 1;
const letterKind = 2;

export function findTrigger(reader: TreeReader, name: string): Trigger | undefined {
  const bytes = reader.get(triggersTree, headerKey(name));
  return bytes === undefined ? undefined : (stateOf(decodeItem(bytes)) as Trigger);
}

/** A trigger that nobody holds, of a table's stream. */
export function newTrigger(
  name: string,
  table: string,
  { label, shards }: Pick<TableStream, 'label' | 'shards'>,
  start: ChangePlace,
): Trigger {
  return {
    name,
    table,
    label,
    tree: Math.min(...shards.map(({ tree }) => tree)),
    start,
    owner: '',
    locked: false,
    beat: 0,
    letters: { count: 0, bytes: 0, next: 0, dropped: 0 },
    trimmed: 0,
  };
}

/** Every record that there is counts as done with; shards to come are read from their start. */
export function passAll(reader: TreeReader, { name, table, label }: Trigger): Mutation[] {
  return listShards(reader, { table, label }, Number.POSITIVE_INFINITY).map((shard) => {
    const place = lastPlace(reader, shard) ?? shard.end ?? { ms: 0, sequence: 0 };
    return putPlaces(reader, name, shardId(shard), shard.end === undefined ? [place] : []);
  });
}

export function putTrigger(reader: TreeReader, trigger: Trigger): Mutation {
  return putSystemItem(reader, triggersTree, headerKey(trigger.name), stateItem(trigger));
}

export function putPlaces(
  reader: TreeReader,
  name: string,
  shard: string,
  places: readonly ChangePlace[],
): Mutation {
  const state = places.map(({ ms, sequence }) => [ms, sequence]);
  return putSystemItem(
    reader,
    triggersTree,
    partKey(shardKind, name, utf8(shard)),
    stateItem(state),
  );
}

/** Everything that is kept of a trigger goes. */
export function removeTrigger(reader: TreeReader, name: string): readonly Mutation[] {
  const keys = [
    headerKey(name),
    ...keysOf(reader, shardKind, name),
    ...keysOf(reader, letterKind, name),
  ];
  return keys.flatMap((key) => removeSystemItem(reader, triggersTree, key));
}

/**
 * The shards of the stream that a trigger follows, in the order of their ids, with `lanes` places
 * each: all at the least that was saved when there were another number of lanes. Throws PageFault.
 */
export function progressOf(
  reader: TreeReader,
  { name, table, label, start }: Trigger,
  lanes: number,
): readonly ShardProgress[] {
  const done = new Set<string>();
  const listed = new Set<string>();
  const progress: ShardProgress[] = [];
  for (const shard of listShards(reader, { table, label }, Number.POSITIVE_INFINITY)) {
    const id = shardId(shard);
    const { end, parent } = shard;
    const saved = placesOf(reader, name, id) ?? [start];
    // Done shards keep no places (`savePlace`).
    const places = saved.length === 0 ? [] : lanesOf(saved, lanes);
    const isDone = isAtEnd(places, end);
    // A parent that is not listed any more was trimmed: nothing of it can be read.
    const isReady = parent === undefined || !listed.has(parent) || done.has(parent);
    listed.add(id);
    if (isDone) done.add(id);
    progress.push({ shard, id, places, isDone, isReady });
  }
  return progress;
}

/** Whether nothing of a shard that ends there is left to be read. */
export function isAtEnd(places: readonly ChangePlace[], end: ChangePlace | undefined): boolean {
  return end !== undefined && places.every((place) => comparePlaces(place, end) >= 0);
}

function lanesOf(places: readonly ChangePlace[], lanes: number): readonly ChangePlace[] {
  if (places.length === lanes) return places;
  const least = places.reduce((a, b) => (comparePlaces(a, b) <= 0 ? a : b));
  return Array.from({ length: lanes }, () => least);
}

/** The stream that is followed once this one is off and done; undefined: it stays. */
export function streamAfter(
  reader: TreeReader,
  { table, label, tree: last, isDestination }: Trigger,
  shards: readonly ShardProgress[],
): Pick<Trigger, 'label' | 'tree'> | undefined {
  if (!shards.every(({ isDone }) => isDone)) return undefined;
  const stream = getStream(reader, { table, label });
  if (stream !== undefined && stream.disabledMs === undefined) return undefined;
  let next: Pick<Trigger, 'label' | 'tree'> | undefined;
  for (const other of listStreams(reader, Number.POSITIVE_INFINITY, undefined, table)) {
    const [shard] = listShards(reader, other, 1);
    if (shard === undefined || other.label === label || shard.tree <= last) continue;
    if (other.hidden === true && isDestination !== true) continue;
    if (next === undefined || shard.tree < next.tree) {
      next = { label: other.label, tree: shard.tree };
    }
  }
  return next;
}

/** What is kept of shards that are not listed any more goes; how many of them were not done. */
export function forgetShards(
  reader: TreeReader,
  name: string,
  listed: readonly ShardProgress[],
): { readonly mutations: readonly Mutation[]; readonly count: number } {
  const known = new Set(listed.map(({ id }) => partKey(shardKind, name, utf8(id)).join()));
  const gone = keysOf(reader, shardKind, name).filter((key) => !known.has(key.join()));
  return {
    mutations: gone.flatMap((key) => removeSystemItem(reader, triggersTree, key)),
    count: gone.filter((key) => placesUnder(reader, key)?.length !== 0).length,
  };
}

export function letterMutation(reader: TreeReader, name: string, kept: KeptLetter): Mutation {
  const writer = new ByteWriter(1024);
  for (const { key, value } of kept.records) {
    writer.block(key);
    writer.block(value);
  }
  const item: Item = new Map([
    ...stateItem(kept.letter),
    ['records', { type: 'B', value: writer.take() }] as const,
  ]);
  return putSystemItem(reader, triggersTree, letterKey(name, kept.letter.id), item);
}

/** Letters of the numbers after `after`, first to last, at most `limit`. */
export function listLetters(
  reader: TreeReader,
  name: string,
  limit: number,
  after = -1,
): readonly KeptLetter[] {
  const to = prefixEnd(partKey(letterKind, name));
  const range = { from: letterKey(name, after + 1), to };
  const cursor = reader.range(triggersTree, range);
  const letters: KeptLetter[] = [];
  while (letters.length < limit && cursor.next()) letters.push(letterOf(cursor.value.slice()));
  return letters;
}

/** The letter's removal; undefined when there is none. */
export function dropLetter(
  reader: TreeReader,
  name: string,
  id: number,
): { readonly mutations: readonly Mutation[]; readonly bytes: number } | undefined {
  const key = letterKey(name, id);
  const stored = reader.get(triggersTree, key);
  if (stored === undefined) return undefined;
  return {
    mutations: removeSystemItem(reader, triggersTree, key),
    bytes: letterOf(stored).bytes,
  };
}

function letterOf(stored: Uint8Array): KeptLetter {
  const item = decodeItem(stored);
  const value = item.get('records');
  assert(value?.type === 'B', 'a dead letter without records');
  const reader = new ByteReader(value.value);
  const records: { key: Uint8Array; value: Uint8Array }[] = [];
  while (!reader.done) records.push({ key: reader.block(), value: reader.block() });
  return { letter: stateOf(item) as DeadLetter, records, bytes: value.value.length };
}

function placesOf(
  reader: TreeReader,
  name: string,
  shard: string,
): readonly ChangePlace[] | undefined {
  return placesUnder(reader, partKey(shardKind, name, utf8(shard)));
}

function placesUnder(reader: TreeReader, key: Uint8Array): readonly ChangePlace[] | undefined {
  const bytes = reader.get(triggersTree, key);
  if (bytes === undefined) return undefined;
  const state = stateOf(decodeItem(bytes)) as readonly (readonly [number, number])[];
  return state.map(([ms, sequence]) => ({ ms, sequence }));
}

function keysOf(reader: TreeReader, kind: number, name: string): readonly Uint8Array[] {
  const prefix = partKey(kind, name);
  const cursor = reader.range(triggersTree, { from: prefix, to: prefixEnd(prefix) });
  const keys: Uint8Array[] = [];
  while (cursor.next()) keys.push(cursor.key.slice());
  return keys;
}

function headerKey(name: string): Uint8Array {
  return Uint8Array.of(headerKind, ...utf8(name));
}

function partKey(kind: number, name: string, rest: Uint8Array = new Uint8Array(0)): Uint8Array {
  return Uint8Array.of(kind, ...utf8(name), 0, ...rest);
}

function letterKey(name: string, id: number): Uint8Array {
  return partKey(letterKind, name, treeKey(id));
}

/** As JSON text: only this file reads it, and always the whole. Names in it are values. */
function stateItem(state: object): Item {
  return new Map([['state', { type: 'S', value: JSON.stringify(state) }]]);
}

function stateOf(item: Item): object {
  const state = item.get('state');
  assert(state?.type === 'S', 'a trigger without a state');
  return JSON.parse(state.value) as object;
}
