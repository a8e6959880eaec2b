/**
 * A version: what a replica knows of an item besides the item, by the item's key, in the table's
 * tree of versions. That of a deleted item stays: it is the tombstone.
 *
 * Layout in docs/formats/replica.md. The stored item itself has no stamp, so that a table that is
 * replicated has the same items, indexes and streams as one that is not (docs/adr/0022).
 */
import { ByteReader, ByteWriter } from '../base/bytes.ts';
import { Corruption } from '../base/corruption.ts';
import { type Stamp, stampBytes, stampLength, stampOf } from '../base/hlc.ts';

export interface Version {
  readonly stamp: Stamp;
  /** There is no item: it was deleted. */
  readonly isDeleted: boolean;
  /** It is part of a transaction whose items the hub keeps together under its stamp. */
  readonly isJoined?: boolean | undefined;
  /** On a device: sequence of the newest entry of its own that the hub has not answered. */
  readonly pending?: number | undefined;
  /** That entry waits for the hub's word: what is made on it does too. */
  readonly isGuess?: boolean | undefined;
  /** How many items that entry wrote, where it is more than this one. */
  readonly members?: number | undefined;
  /** On a hub: its place in the feed. */
  readonly place?: number | undefined;
}

/** Of an item whose version is not known: below all, and seen by nobody. */
export const unknownStamp: Stamp = { ms: 0, counter: 0, replica: new Uint8Array(16) };

const deletedFlag = 1;
const joinedFlag = 2;
const pendingFlag = 4;
const placeFlag = 8;
const guessFlag = 16;
const membersFlag = 32;

export function encodeVersion(version: Version): Uint8Array {
  const { stamp, isDeleted, isJoined, pending, place, isGuess, members = 1 } = version;
  const isOneOfMany = pending !== undefined && members > 1;
  let flags = isDeleted ? deletedFlag : 0;
  if (isJoined === true) flags |= joinedFlag;
  if (pending !== undefined) flags |= pendingFlag;
  if (place !== undefined) flags |= placeFlag;
  if (pending !== undefined && isGuess === true) flags |= guessFlag;
  if (isOneOfMany) flags |= membersFlag;
  const writer = new ByteWriter(40);
  writer.byte(flags);
  writer.raw(stampBytes(stamp));
  if (pending !== undefined) writer.varint(pending);
  if (place !== undefined) writer.varint(place);
  if (isOneOfMany) writer.varint(members);
  return writer.takeShared();
}

export function decodeVersion(bytes: Uint8Array): Version {
  const reader = new ByteReader(bytes);
  const flags = reader.byte();
  const stamp = stampOf(reader.raw(stampLength));
  const pending = flags & pendingFlag ? reader.varint() : undefined;
  const place = flags & placeFlag ? reader.varint() : undefined;
  const members = flags & membersFlag ? reader.varint() : undefined;
  const ofPending = flags & (guessFlag | membersFlag);
  const isOdd = flags > 63 || (ofPending !== 0 && pending === undefined);
  if (!reader.done || isOdd) throw new Corruption('replica: a malformed version');
  const isDeleted = (flags & deletedFlag) !== 0;
  const isGuess = (flags & guessFlag) !== 0 || undefined;
  const isJoined = (flags & joinedFlag) !== 0;
  return { stamp, isDeleted, isJoined, pending, place, isGuess, members };
}
