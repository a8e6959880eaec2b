/**
 * Key attributes as bytes, in an order a tree can keep (docs/formats/key.md).
 *
 * A tree compares bytes and knows nothing of attribute types, so this file is where type becomes
 * order. A key is a 4-byte hash of the partition key, then the parts; a number part is what
 * `encodeDecimal` makes, a string or binary is its own bytes, made safe to be followed by another:
 *   0x00 in the value   ->  0x00 0xff
 *   end of the value    ->  0x00 0x01
 * Invariants
 * - Among values of one type, the bytes of a and b compare as a and b do.
 * - No part is a prefix of another part, so parts can be joined.
 */
import { assert } from '../base/assert.ts';
import { concatBytes, emptyBytes, newShared, utf8 } from '../base/bytes.ts';
import { hash32 } from '../base/hash.ts';
import { keyPartBytesMax, segmentsMax } from '../base/limits.ts';
import { decimalBytesMax, encodeDecimal, putDecimal } from './decimal.ts';
import type { BinaryValue, KeyValue, StringValue } from './value.ts';

const hashes = 2 ** 32;
/** A loop over characters is faster than an encoder up to about here. */
const plainPartMax = 128;
const hashBytes = 4;
/** Where a key is put together: an array for each of its parts would cost more than the bytes. */
let room = new Uint8Array(512);

/** Throws on an oversized value: `shape/` has refused it long before, with DynamoDB's message. */
export function encodeKeyPart(value: Uint8Array): Uint8Array {
  return escapeZeros(value, 2);
}

export function keyPart(value: KeyValue): Uint8Array {
  switch (value.type) {
    case 'S':
      return plainPart(value.value) ?? encodeKeyPart(utf8(value.value));
    case 'N':
      return encodeDecimal(value.value);
    case 'B':
      return encodeKeyPart(value.value);
  }
}

/** The part of a short string of ASCII without a zero, the usual key; undefined for any other. */
function plainPart(text: string): Uint8Array | undefined {
  const { length } = text;
  if (length > plainPartMax) return undefined;
  const part = new Uint8Array(length + 2);
  for (let at = 0; at < length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === 0 || code >= 0x80) return undefined;
    part[at] = code;
  }
  part[length + 1] = 0x01;
  return part;
}

/**
 * The key of a table's or index's entry: hash, hash parts, range parts, tail. `isKept`: the tail is
 * to have it, where bytes of their own would cost more than they are.
 */
export function joinKey(
  hash: readonly KeyValue[],
  range: readonly KeyValue[],
  tail: Uint8Array = emptyBytes,
  isKept = false,
): Uint8Array {
  let at = hashBytes;
  for (const value of hash) at = putPart(value, at);
  const hashEnd = at;
  for (const value of range) at = putPart(value, at);
  const { length } = tail;
  reserve(at + length);
  for (let index = 0; index < length; index += 1) room[at + index] = tail[index] as number;
  const end = at + length;
  const key = isKept ? newShared(end) : new Uint8Array(end);
  // Keys are short: a loop costs less than a view and a call of `set`.
  for (let index = hashBytes; index < end; index += 1) key[index] = room[index] as number;
  putHash(key, hash32(room, 0, hashBytes, hashEnd));
  return key;
}

/** What every key of one item collection, and no other, begins with. */
export function hashPrefix(hash: readonly KeyValue[]): Uint8Array {
  return joinKey(hash, []);
}

/** The parts without the 4 bytes of hash: what the key of an index entry ends with. */
export function keyTail(hash: readonly KeyValue[], range: readonly KeyValue[]): Uint8Array {
  return concatBytes(...hash.map(keyPart), ...range.map(keyPart));
}

/**
 * What the part of every value that begins with `value`, and no other, begins with: append it to a
 * prefix, and the range ends at `prefixEnd` of both.
 */
export function beginsWithRange(value: StringValue | BinaryValue): Uint8Array {
  return escapeZeros(value.type === 'S' ? utf8(value.value) : value.value, 0);
}

/** The keys of segment `segment` of `total` of a parallel Scan: at or above `from`, below `to`. */
export function hashRangeOf(
  segment: number,
  total: number,
): { from: Uint8Array; to: Uint8Array | undefined } {
  assert(segment >= 0 && segment < total && total <= segmentsMax, `segment ${segment} of ${total}`);
  const to = segment + 1 < total ? segmentStart(segment + 1, total) : undefined;
  return { from: segmentStart(segment, total), to };
}

/** The segment of `total` that `key` lies in. */
export function segmentOf(key: Uint8Array, total: number): number {
  assert(key.length >= 4 && total >= 1 && total <= segmentsMax, `a segment of ${total}`);
  const hash = new DataView(key.buffer, key.byteOffset, 4).getUint32(0);
  return Math.floor((hash * total) / hashes);
}

/** The least hash h with floor(h × total / 2^32) = segment. */
function segmentStart(segment: number, total: number): Uint8Array {
  const product = segment * hashes;
  const rest = product % total;
  const bytes = new Uint8Array(4);
  putHash(bytes, (product - rest) / total + (rest === 0 ? 0 : 1));
  return bytes;
}

/** Writes a value's part into `room` at a place; answers the place behind it. */
function putPart(value: KeyValue, at: number): number {
  if (value.type === 'S') {
    const end = putPlain(value.value, at);
    if (end > 0) return end;
  }
  if (value.type === 'N') {
    reserve(at + decimalBytesMax);
    return putDecimal(value.value, room, at);
  }
  const part = keyPart(value);
  const { length } = part;
  reserve(at + length);
  // Parts are short: a loop costs less than a call of `set`.
  for (let index = 0; index < length; index += 1) room[at + index] = part[index] as number;
  return at + length;
}

/** As `plainPart`, into `room`; 0 for a string that is none. */
function putPlain(text: string, from: number): number {
  const { length } = text;
  if (length > plainPartMax) return 0;
  reserve(from + length + 2);
  const into = room;
  let at = from;
  for (let index = 0; index < length; index += 1) {
    const code = text.charCodeAt(index);
    if (code === 0 || code >= 0x80) return 0;
    into[at++] = code;
  }
  into[at++] = 0x00;
  into[at++] = 0x01;
  return at;
}

function reserve(bytes: number): void {
  if (bytes <= room.length) return;
  const grown = new Uint8Array(bytes * 2);
  grown.set(room);
  room = grown;
}

function putHash(bytes: Uint8Array, hash: number): void {
  bytes[0] = hash >>> 24;
  bytes[1] = (hash >>> 16) & 0xff;
  bytes[2] = (hash >>> 8) & 0xff;
  bytes[3] = hash & 0xff;
}

/** `value` with its zeros escaped; `end` is 2 for a terminator, 0 for none. */
function escapeZeros(value: Uint8Array, end: 0 | 2): Uint8Array {
  assert(value.length <= keyPartBytesMax, `key part of ${value.length} bytes`);
  let zeros = 0;
  for (const byte of value) if (byte === 0x00) zeros += 1;
  const part = new Uint8Array(value.length + zeros + end);
  let at = 0;
  for (const byte of value) {
    part[at++] = byte;
    if (byte === 0x00) part[at++] = 0xff;
  }
  if (end !== 0) part.set([0x00, 0x01], at);
  return part;
}
