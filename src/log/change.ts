/**
 * A Change: what a commit did to one item, as the entry of a stream shard's tree.
 *
 * It is made of the commit alone, by whoever applies it, so it is there exactly when the change is
 * (docs/adr/0016). The key is the change's place in the log's order, by time and sequence number;
 * the value has the item's key and the images that the stream keeps (docs/formats/change.md).
 * Of a replicated table it has the stamp of the version too: in the header of the new image, where
 * any reader of items passes it over, or in the place of one.
 * Invariants
 * - Keys of later changes are greater: stamps never fall along the log.
 */
import { assert } from '../base/assert.ts';
import { ByteReader, newShared, putVarint, varintLength } from '../base/bytes.ts';
import { Corruption } from '../base/corruption.ts';
import { type Stamp, stampLength, stampOf } from '../base/hlc.ts';
import { stampFlag } from '../value/tags.ts';
import type { CallerKind, Commit, Mutation } from './commit.ts';

/** Which images of a change a stream keeps: these bits. */
export const keepsAfter = 1;
export const keepsBefore = 2;

/** In the order of their numbers in stored bytes. */
export const callerKinds: readonly CallerKind[] = ['user', 'ttl', 'sync', 'backfill', 'engine'];

/** Where a change stands among all: milliseconds of its stamp, sequence number of its commit. */
export interface ChangePlace {
  readonly ms: number;
  readonly sequence: number;
}

export interface Change {
  readonly place: ChangePlace;
  readonly caller: CallerKind;
  /** The item's encoded key in its table's tree. */
  readonly key: Uint8Array;
  readonly kind: 'insert' | 'modify' | 'remove';
  /** The item before and after, as encoded items, where the stream keeps them. */
  readonly before: Uint8Array | undefined;
  readonly after: Uint8Array | undefined;
  /**
   * Of a replicated table's item: that of the version that the change left, zeros where it left
   * none. Undefined too of what was recorded before stamps were.
   */
  readonly stamp?: Stamp | undefined;
}

const keyBytes = 13;
const msBytes = 6;

// Flags of a value.
const wasThere = 1;
const isThere = 2;
const hasBefore = 4;
const hasAfter = 8;

/** Of a stored item, up to its stamp. */
const headerLength = 2;
/** Of a version, up to its stamp (replica/version.ts). */
const versionFlagsLength = 1;

/** `size`: the DynamoDB sizes of the images it keeps. */
export function changeRecord(
  { stamp, sequence, caller, mutations }: Commit,
  { key, value, before, sizeBefore, sizeAfter }: Mutation,
  images: number,
): { readonly key: Uint8Array; readonly value: Uint8Array; readonly size: number } {
  const old = (images & keepsBefore) === 0 ? undefined : before;
  const now = (images & keepsAfter) === 0 ? undefined : value;
  let flags = 0;
  if (sizeBefore !== undefined) flags |= wasThere;
  if (sizeAfter !== undefined) flags |= isThere;
  if (old !== undefined) flags |= hasBefore;
  if (now !== undefined) flags |= hasAfter;
  // Each change of a table with a stream pays for this: its length is known, so nothing is copied
  // twice.
  const written = stampIn(mutations);
  const length = 2 + blockLength(key) + blockLength(old) + (now?.length ?? 0);
  const record = newShared(length + (written?.length ?? 0));
  record[0] = flags;
  record[1] = callerKinds.indexOf(caller);
  let at = putBlock(record, 2, key);
  if (old !== undefined) at = putBlock(record, at, old);
  if (now !== undefined) record.set(now, at);
  if (written !== undefined) putStamp(record.subarray(at), written, now);
  return {
    key: changeKey({ ms: stamp.ms, sequence }),
    value: record,
    size: (old === undefined ? 0 : (sizeBefore ?? 0)) + (now === undefined ? 0 : (sizeAfter ?? 0)),
  };
}

/** A record of a shard's tree. Throws Corruption on what is none. */
export function readChange(key: Uint8Array, value: Uint8Array): Change {
  const reader = new ByteReader(value);
  const flags = reader.byte();
  const caller = callerKinds[reader.byte()];
  if (caller === undefined || (flags & (wasThere | isThere)) === 0) {
    throw new Corruption('a record of a stream says no change');
  }
  const item = reader.block();
  const before = flags & hasBefore ? reader.block() : undefined;
  const rest = value.subarray(reader.at);
  const hasImage = (flags & hasAfter) !== 0;
  const isStamped = hasImage ? ((rest[1] ?? 0) & stampFlag) !== 0 : rest.length > 0;
  const stampAt = hasImage ? headerLength : 0;
  return {
    place: placeOf(key),
    caller,
    key: item,
    kind: kindOf(flags),
    before,
    after: hasImage ? rest : undefined,
    stamp: isStamped ? stampOf(rest.subarray(stampAt, stampAt + stampLength)) : undefined,
  };
}

/** Milliseconds and sequence number, big-endian. */
export function changeKey({ ms, sequence }: ChangePlace): Uint8Array {
  assert(ms >= 0 && sequence >= 0, 'a place before all changes');
  const key = new Uint8Array(keyBytes);
  putNumber(key, 0, msBytes, ms);
  putNumber(key, msBytes, keyBytes, sequence);
  return key;
}

export function placeOf(key: Uint8Array): ChangePlace {
  if (key.length !== keyBytes) throw new Corruption(`a change's key of ${key.length} bytes`);
  return { ms: numberAt(key, 0, msBytes), sequence: numberAt(key, msBytes, keyBytes) };
}

export function comparePlaces(a: ChangePlace, b: ChangePlace): number {
  return a.ms - b.ms || a.sequence - b.sequence;
}

/** What the commit says of its item's version; zeros where it left none. */
function stampIn(mutations: readonly Mutation[]): Uint8Array | undefined {
  const version = mutations.find(({ isVersion }) => isVersion === true);
  if (version === undefined) return undefined;
  const bytes = version.value?.subarray(versionFlagsLength, versionFlagsLength + stampLength);
  return bytes ?? new Uint8Array(stampLength);
}

/** At the end of a record, where the image that it is to have is in its place already. */
function putStamp(into: Uint8Array, stamp: Uint8Array, image: Uint8Array | undefined): void {
  into.set(stamp, image === undefined ? 0 : headerLength);
  if (image === undefined) return;
  into[1] = (image[1] as number) | stampFlag;
  into.set(image.subarray(headerLength), headerLength + stampLength);
}

function kindOf(flags: number): Change['kind'] {
  if ((flags & wasThere) === 0) return 'insert';
  return (flags & isThere) === 0 ? 'remove' : 'modify';
}

function putNumber(bytes: Uint8Array, from: number, to: number, value: number): void {
  let rest = value % 0x100000000;
  for (let at = to - 1; at >= from; at -= 1) {
    if (at === to - 5) rest = Math.floor(value / 0x100000000);
    bytes[at] = rest;
    rest >>>= 8;
  }
}

/** Bytes of a block as putBlock writes it; of none, none. */
function blockLength(bytes: Uint8Array | undefined): number {
  return bytes === undefined ? 0 : varintLength(bytes.length) + bytes.length;
}

/** Answers where it ends. */
function putBlock(into: Uint8Array, at: number, bytes: Uint8Array): number {
  const start = putVarint(into, at, bytes.length);
  into.set(bytes, start);
  return start + bytes.length;
}

function numberAt(bytes: Uint8Array, from: number, to: number): number {
  let value = 0;
  for (let at = from; at < to; at += 1) value = value * 0x100 + (bytes[at] as number);
  return value;
}
