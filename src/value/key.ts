/**
 * Key attributes as bytes, in an order a tree can keep (docs/formats/key.md).
 *
 * A tree compares bytes and knows nothing of attribute types, so this file is where type becomes
 * order. A key is a 4-byte hash of the partition key, then the parts; a number part is what
 * `putDecimal` makes, a string or binary is its own bytes, made safe to be followed by another:
 *   0x00 in the value   ->  0x00 0xff
 *   end of the value    ->  0x00 0x01
 * Invariants
 * - Among values of one type, the bytes of a and b compare as a and b do.
 * - No part is a prefix of another part, so parts can be joined.
 */
import { assert } from '../base/assert.ts';
import { emptyBytes, newShared, utf8 } from '../base/bytes.ts';
import { hash32 } from '../base/hash.ts';
import { keyPartBytesMax, segmentsMax } from '../base/limits.ts';
import { decimalBytesMax, putDecimal } from './decimal.ts';
import type { BinaryValue, KeyValue, StringValue } from './value.ts';

const hashes = 2 ** 32;
/** A loop over characters is faster than an encoder up to about here. */
const plainPartMax = 128;
export const hashBytes = 4;

/** Throws on an oversized value: `shape/` has refused it long before, with DynamoDB's message. */
export function encodeKeyPart(value: Uint8Array): Uint8Array {
  return escapeZeros(value, 2);
}

/** Where keys are put together: an array for each of their parts would cost more than the bytes. */
export class KeyRoom {
  bytes: Uint8Array = new Uint8Array(512);

  /**
   * The key of `joinKey`, from a place on; answers its end. The tail, of which `tailFrom` to
   * `tailTo` counts, may be in here, before that place.
   */
  join(
    from: number,
    hash: readonly KeyValue[],
    range: readonly KeyValue[],
    tail: Uint8Array = emptyBytes,
    tailFrom = 0,
    tailTo: number = tail.length,
  ): number {
    let at = from + hashBytes;
    for (const value of hash) at = this.part(at, value);
    const hashEnd = at;
    for (const value of range) at = this.part(at, value);
    const end = this.#copy(tail, tailFrom, tailTo, at);
    putHash(this.bytes, from, hash32(this.bytes, 0, from + hashBytes, hashEnd));
    return end;
  }

  /** The part of a value, from a place on; answers its end. */
  part(from: number, value: KeyValue): number {
    if (value.type === 'S') {
      const end = this.#plain(value.value, from);
      if (end > 0) return end;
    }
    if (value.type === 'N') {
      this.reserve(from + decimalBytesMax);
      return putDecimal(value.value, this.bytes, from);
    }
    const bytes = encodeKeyPart(value.type === 'S' ? utf8(value.value) : value.value);
    return this.#copy(bytes, 0, bytes.length, from);
  }

  #copy(source: Uint8Array, from: number, to: number, at: number): number {
    this.reserve(at + to - from);
    const { bytes } = this;
    let end = at;
    // Parts are short: a loop costs less than a call of `set`.
    for (let index = from; index < to; index += 1) bytes[end++] = source[index] as number;
    return end;
  }

  /** Of a short string of ASCII without a zero, the usual key; 0 for any other. */
  #plain(text: string, from: number): number {
    const { length } = text;
    if (length > plainPartMax) return 0;
    this.reserve(from + length + 2);
    const { bytes } = this;
    let at = from;
    for (let index = 0; index < length; index += 1) {
      const code = text.charCodeAt(index);
      if (code === 0 || code >= 0x80) return 0;
      bytes[at++] = code;
    }
    bytes[at++] = 0x00;
    bytes[at++] = 0x01;
    return at;
  }

  /** Makes it as long as that, at least; answers the same. */
  reserve(length: number): number {
    if (length <= this.bytes.length) return length;
    const grown = new Uint8Array(length * 2);
    grown.set(this.bytes);
    this.bytes = grown;
    return length;
  }
}

const room = new KeyRoom();

/**
 * The key of a table's or index's entry: hash, hash parts, range parts, tail. `isKept`: the tail is
 * to have it, where bytes of their own would cost more than they are.
 */
export function joinKey(
  hash: readonly KeyValue[],
  range: readonly KeyValue[],
  tail?: Uint8Array,
  isKept = false,
): Uint8Array {
  const end = room.join(0, hash, range, tail);
  const { bytes } = room;
  const key = isKept ? newShared(end) : new Uint8Array(end);
  // Keys are short: a loop costs less than a view and a call of `set`.
  for (let index = 0; index < end; index += 1) key[index] = bytes[index] as number;
  return key;
}

/** What every key of one item collection, and no other, begins with. */
export function hashPrefix(hash: readonly KeyValue[]): Uint8Array {
  return joinKey(hash, []);
}

/** The parts without the 4 bytes of hash: what the key of an index entry ends with. */
export function keyTail(hash: readonly KeyValue[], range: readonly KeyValue[]): Uint8Array {
  let end = 0;
  for (const value of hash) end = room.part(end, value);
  for (const value of range) end = room.part(end, value);
  return room.bytes.slice(0, end);
}

export function keyPart(value: KeyValue): Uint8Array {
  return keyTail([value], []);
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
  putHash(bytes, 0, (product - rest) / total + (rest === 0 ? 0 : 1));
  return bytes;
}

function putHash(bytes: Uint8Array, at: number, hash: number): void {
  bytes[at] = hash >>> 24;
  bytes[at + 1] = (hash >>> 16) & 0xff;
  bytes[at + 2] = (hash >>> 8) & 0xff;
  bytes[at + 3] = hash & 0xff;
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
