/**
 * The book: one tree that has all that a database remembers as a replica, but for the versions of
 * its items, which lie in a tree for each table. Layout in docs/formats/replica.md.
 *
 * It is no system tree: it changes with each write of a replicated table, and what the engine
 * remembers of tables must not be forgotten with that. Where it is says an item of the system tree.
 */
import { must } from '../base/assert.ts';
import { ByteReader, ByteWriter, concatBytes } from '../base/bytes.ts';
import { type ClockReading, type Stamp, stampBytes } from '../base/hlc.ts';
import type { Mutation } from '../log/commit.ts';
import { treeKey, treeOfKey } from '../table/system.ts';
import type { ItemPlace } from '../table/replicated.ts';
import type { TreeReader } from '../tree/reader.ts';

/** What the next write of a replicated table begins with. */
export interface BookState {
  /** Sequence of the next entry. */
  readonly next: number;
  /** The greatest stamp that was given or seen, of this database. */
  readonly clock: ClockReading;
}

/** The items of a transaction, as long as one of them is at its version. */
export interface Joined {
  /** How many are. */
  readonly live: number;
  readonly members: readonly ItemPlace[];
}

const stateKind = 0;
const entryKind = 2;
const imageKind = 3;
const baseKind = 4;
const feedKind = 5;
const joinedKind = 6;

export const stateKey: Uint8Array = Uint8Array.of(stateKind);

export function entryKey(seq: number): Uint8Array {
  return concatBytes(Uint8Array.of(entryKind), treeKey(seq));
}

/** `index`: which of the entry's mutations. */
export function imageKey(seq: number, index: number): Uint8Array {
  return concatBytes(Uint8Array.of(imageKind), treeKey(seq), Uint8Array.of(index));
}

/** Of an item with unanswered entries: the item as the hub has it, as far as is known. */
export function baseKey({ tree, key }: ItemPlace): Uint8Array {
  return concatBytes(Uint8Array.of(baseKind), treeKey(tree), key);
}

export function feedKey(place: number): Uint8Array {
  return concatBytes(Uint8Array.of(feedKind), treeKey(place));
}

export function joinedKey(stamp: Stamp): Uint8Array {
  return concatBytes(Uint8Array.of(joinedKind), stampBytes(stamp));
}

/** Of a place's key in the feed. */
export function placeOf(key: Uint8Array): number {
  return treeOfKey(key.subarray(1, 9));
}

/** Of an entry's key. */
export function seqOf(key: Uint8Array): number {
  return treeOfKey(key.subarray(1, 9));
}

/** Of an image's key; undefined of a base's. */
export function imagePlaceOf(key: Uint8Array): { seq: number; index: number } | undefined {
  return key[0] === imageKind ? { seq: seqOf(key), index: key[9] as number } : undefined;
}

/** Of a base's key. */
export function basePlaceOf(key: Uint8Array): ItemPlace {
  return { tree: treeOfKey(key.subarray(1, 9)), key: key.slice(9) };
}

export const imagesAndBases: { readonly from: Uint8Array; readonly to: Uint8Array } = {
  from: Uint8Array.of(imageKind),
  to: Uint8Array.of(baseKind + 1),
};

/** Of all transactions. */
export const joinedRange: { readonly from: Uint8Array; readonly to: Uint8Array } = {
  from: Uint8Array.of(joinedKind),
  to: Uint8Array.of(joinedKind + 1),
};

export function readState(reader: TreeReader, book: number): BookState {
  const bytes = must(reader.get(book, stateKey), 'a book without its state');
  const from = new ByteReader(bytes);
  return { next: from.varint(), clock: { ms: from.varint(), counter: from.varint() } };
}

export function encodeState({ next, clock }: BookState): Uint8Array {
  const writer = new ByteWriter(24);
  writer.varint(next);
  writer.varint(clock.ms);
  writer.varint(clock.counter);
  return writer.take();
}

export function encodePlace({ tree, key }: ItemPlace): Uint8Array {
  const writer = new ByteWriter(16 + key.length);
  writer.varint(tree);
  writer.raw(key);
  return writer.take();
}

export function decodePlace(bytes: Uint8Array): ItemPlace {
  const reader = new ByteReader(bytes);
  return { tree: reader.varint(), key: bytes.subarray(reader.at) };
}

export function encodeJoined({ live, members }: Joined): Uint8Array {
  const writer = new ByteWriter(256);
  writer.varint(live);
  for (const member of members) writer.block(encodePlace(member));
  return writer.take();
}

export function decodeJoined(bytes: Uint8Array): Joined {
  const reader = new ByteReader(bytes);
  const live = reader.varint();
  const members: ItemPlace[] = [];
  while (!reader.done) members.push(decodePlace(reader.block()));
  return { live, members };
}

/**
 * An entry of the book, or of a tree of versions, in the place of `before`: their sizes are their
 * lengths.
 */
export function put(
  tree: number,
  key: Uint8Array,
  before: Uint8Array | undefined,
  value: Uint8Array,
): Mutation {
  return { tree, key, value, sizeBefore: before?.length, sizeAfter: value.length };
}

export function remove(tree: number, key: Uint8Array, before: Uint8Array): Mutation {
  return { tree, key, value: undefined, sizeBefore: before.length, sizeAfter: undefined };
}

/** Of the version of an item that its commit changes: what a stream says of that has its stamp. */
export function versioned(mutation: Mutation): Mutation {
  return { ...mutation, isVersion: true };
}
