/**
 * Byte strings: comparing, joining, and reading and writing the primitives of our formats.
 *
 * Numbers are little-endian. A varint is unsigned LEB128 of at most 8 bytes, so it holds any safe
 * integer; bit operations are avoided above 2^31, where JavaScript would wrap.
 */
import { assert } from './assert.ts';

export const emptyBytes: Uint8Array = new Uint8Array(0);

/** Up to here a loop is faster than a call into the platform. */
const shortBytes = 32;
const shortTextBytes = 200;

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

export function utf8(text: string): Uint8Array {
  return encoder.encode(text);
}

export function textOf(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}

/** -1, 0 or 1 in unsigned byte order; a prefix sorts first. */
export function compareBytes(a: Uint8Array, b: Uint8Array): -1 | 0 | 1 {
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at += 1) {
    const x = a[at] as number;
    const y = b[at] as number;
    if (x !== y) return x < y ? -1 : 1;
  }
  if (a.length === b.length) return 0;
  return a.length < b.length ? -1 : 1;
}

export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let at = 0; at < a.length; at += 1) if (a[at] !== b[at]) return false;
  return true;
}

export function startsWithBytes(bytes: Uint8Array, prefix: Uint8Array): boolean {
  if (bytes.length < prefix.length) return false;
  for (let at = 0; at < prefix.length; at += 1) if (bytes[at] !== prefix[at]) return false;
  return true;
}

export function concatBytes(...parts: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const part of parts) length += part.length;
  const whole = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/**
 * The least byte string greater than every string that starts with `prefix`; undefined when there
 * is none (all 0xff, or empty).
 */
export function prefixEnd(prefix: Uint8Array): Uint8Array | undefined {
  let last = prefix.length - 1;
  while (last >= 0 && prefix[last] === 0xff) last -= 1;
  if (last < 0) return undefined;
  const end = prefix.slice(0, last + 1);
  end[last] = (end[last] as number) + 1;
  return end;
}

/** The least byte string greater than `bytes`: one zero more. */
export function successor(bytes: Uint8Array): Uint8Array {
  const next = new Uint8Array(bytes.length + 1);
  next.set(bytes);
  return next;
}

export function hexOf(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += byte.toString(16).padStart(2, '0');
  return text;
}

/** Up to so many, what a loop has copied into an array is made a text faster than bytes are. */
export const shortBytesMax = 64;
/** One of each length, used again. */
const characters = Array.from({ length: shortBytesMax + 1 }, (_, length) =>
  Array.from({ length }, () => 0),
);

/** A text with a character for each of at most shortBytesMax bytes. */
export function shortText(bytes: Uint8Array, from: number, to: number): string {
  const length = to - from;
  const codes = characters[length] as number[];
  for (let at = 0; at < length; at += 1) codes[at] = bytes[from + at] as number;
  return String.fromCharCode.apply(null, codes);
}

/** Bytes as a key of a Map or Set: a character for each. For short bytes. */
export function mapKey(bytes: Uint8Array): string {
  const { length } = bytes;
  if (length <= shortBytesMax) return shortText(bytes, 0, length);
  return String.fromCharCode.apply(null, bytes as unknown as number[]);
}

export function fromHex(text: string): Uint8Array {
  assert(text.length % 2 === 0 && /^[0-9a-f]*$/i.test(text), `not hexadecimal: ${text}`);
  const bytes = new Uint8Array(text.length / 2);
  for (let at = 0; at < bytes.length; at += 1) {
    bytes[at] = Number.parseInt(text.slice(at * 2, at * 2 + 2), 16);
  }
  return bytes;
}

/** Bytes of a varint of `value`. */
export function varintLength(value: number): number {
  let length = 1;
  let rest = value;
  while (rest >= 0x80) {
    rest = Math.floor(rest / 0x80);
    length += 1;
  }
  return length;
}

const sharedChunkBytes = 0x10000;
const sharedBytesMax = 0x1000;
let shared = new Uint8Array(0);
let sharedAt = 0;

/** Writes unsigned LEB128 at `at`, where there is room for nine bytes; answers where it ends. */
export function putVarint(bytes: Uint8Array, at: number, value: number): number {
  let rest = value;
  let end = at;
  while (rest >= 0x80) {
    bytes[end] = (rest % 0x80) | 0x80;
    rest = Math.floor(rest / 0x80);
    end += 1;
  }
  bytes[end] = rest;
  return end + 1;
}

/** Zeros to be written over at once; short ones as `takeShared` makes them. */
export function newShared(length: number): Uint8Array {
  if (length > sharedBytesMax) return new Uint8Array(length);
  if (shared.length - sharedAt < length) {
    shared = new Uint8Array(sharedChunkBytes);
    sharedAt = 0;
  }
  const bytes = new Uint8Array(shared.buffer, sharedAt, length);
  sharedAt += length;
  return bytes;
}

/** A copy; a short one as `takeShared` makes it. */
export function copyShared(bytes: Uint8Array): Uint8Array {
  const copy = newShared(bytes.length);
  copy.set(bytes);
  return copy;
}

/** What a buffer that is given away may be larger than what is in it. */
const slackMax = 1 / 8;

/** A growing buffer. `take` answers a copy of what was written and empties the writer. */
export class ByteWriter {
  #bytes: Uint8Array;
  #length = 0;

  constructor(capacity = 256) {
    this.#bytes = new Uint8Array(capacity);
  }

  get length(): number {
    return this.#length;
  }

  /** Bytes that fit without another buffer. */
  get capacity(): number {
    return this.#bytes.length;
  }

  byte(value: number): void {
    this.#reserve(1);
    this.#bytes[this.#length++] = value;
  }

  u16(value: number): void {
    this.#reserve(2);
    this.#bytes[this.#length++] = value & 0xff;
    this.#bytes[this.#length++] = value >>> 8;
  }

  u32(value: number): void {
    this.#reserve(4);
    const bytes = this.#bytes;
    bytes[this.#length++] = value & 0xff;
    bytes[this.#length++] = (value >>> 8) & 0xff;
    bytes[this.#length++] = (value >>> 16) & 0xff;
    bytes[this.#length++] = value >>> 24;
  }

  /** A safe non-negative integer in six bytes and a zero pair: 8 bytes, little-endian. */
  u64(value: number): void {
    assert(Number.isSafeInteger(value) && value >= 0, `not a safe integer: ${value}`);
    this.u32(value % 0x100000000);
    this.u32(Math.floor(value / 0x100000000));
  }

  varint(value: number): void {
    assert(Number.isSafeInteger(value) && value >= 0, `not a safe integer: ${value}`);
    this.#reserve(9);
    const bytes = this.#bytes;
    let rest = value;
    while (rest >= 0x80000000) {
      bytes[this.#length++] = (rest % 0x80) | 0x80;
      rest = Math.floor(rest / 0x80);
    }
    while (rest >= 0x80) {
      bytes[this.#length++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    bytes[this.#length++] = rest;
  }

  raw(bytes: Uint8Array): void {
    const { length } = bytes;
    this.#reserve(length);
    if (length > shortBytes) {
      this.#bytes.set(bytes, this.#length);
    } else {
      // A call of `set` costs more than a few bytes do.
      const into = this.#bytes;
      const start = this.#length;
      for (let at = 0; at < length; at += 1) into[start + at] = bytes[at] as number;
    }
    this.#length += length;
  }

  /** Length as a varint, then the bytes. */
  block(bytes: Uint8Array): void {
    this.varint(bytes.length);
    this.raw(bytes);
  }

  /** UTF-8 length as a varint, then the text. */
  text(text: string): void {
    const length = text.length;
    // Short ASCII, the usual attribute name, needs no encoder.
    if (length < 0x80) {
      this.#reserve(length + 1);
      const bytes = this.#bytes;
      const start = this.#length;
      let at = start + 1;
      let index = 0;
      for (; index < length; index += 1) {
        const code = text.charCodeAt(index);
        if (code >= 0x80) break;
        bytes[at++] = code;
      }
      if (index === length) {
        bytes[start] = length;
        this.#length = at;
        return;
      }
    }
    this.block(encoder.encode(text));
  }

  /** Length as a varint, then the text, which must be ASCII. */
  ascii(text: string): void {
    const { length } = text;
    this.varint(length);
    this.#reserve(length);
    const bytes = this.#bytes;
    const start = this.#length;
    if (length > shortTextBytes) {
      encoder.encodeInto(text, bytes.subarray(start, start + length));
    } else {
      for (let at = 0; at < length; at += 1) bytes[start + at] = text.charCodeAt(at);
    }
    this.#length = start + length;
  }

  /** Overwrites four bytes that were written earlier. */
  patchU32(at: number, value: number): void {
    assert(at + 4 <= this.#length, 'patch beyond the end');
    const bytes = this.#bytes;
    bytes[at] = value & 0xff;
    bytes[at + 1] = (value >>> 8) & 0xff;
    bytes[at + 2] = (value >>> 16) & 0xff;
    bytes[at + 3] = value >>> 24;
  }

  /** What was written, valid until the next write. */
  view(from = 0): Uint8Array {
    return this.#bytes.subarray(from, this.#length);
  }

  /** The whole buffer, whose beginning is what was written; valid until the next write. */
  lend(): Uint8Array {
    this.#length = 0;
    return this.#bytes;
  }

  /** Like `lend`, but the buffer is gone: the writer begins with none. */
  give(): Uint8Array {
    const bytes = this.#bytes;
    this.#bytes = emptyBytes;
    this.#length = 0;
    return bytes;
  }

  /** Takes a buffer over, unless something is written or there is one as large. */
  adopt(bytes: Uint8Array): void {
    if (this.#length === 0 && bytes.length > this.#bytes.length) this.#bytes = bytes;
  }

  /**
   * What was written, without a copy where it nearly fills the buffer: the writer gives that away
   * and begins with none.
   */
  finish(): Uint8Array {
    const length = this.#length;
    if (this.#bytes.length - length > length * slackMax) return this.take();
    return this.give().subarray(0, length);
  }

  take(): Uint8Array {
    const bytes = this.#bytes.slice(0, this.#length);
    this.#length = 0;
    return bytes;
  }

  /**
   * Like `take`, but short bytes are a view of a buffer that they share with others: a buffer of
   * their own costs more than they do. For bytes that live and die together, and are never written
   * to or handed to another thread.
   */
  takeShared(): Uint8Array {
    const bytes = copyShared(this.#bytes.subarray(0, this.#length));
    this.#length = 0;
    return bytes;
  }

  #reserve(more: number): void {
    const needed = this.#length + more;
    if (needed <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
    grown.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = grown;
  }
}

/** Reads what ByteWriter wrote; a read beyond the end is a failed assert. */
export class ByteReader {
  readonly bytes: Uint8Array;
  at: number;

  constructor(bytes: Uint8Array, at = 0) {
    this.bytes = bytes;
    this.at = at;
  }

  get done(): boolean {
    return this.at >= this.bytes.length;
  }

  byte(): number {
    assert(this.at < this.bytes.length, 'read beyond the end');
    return this.bytes[this.at++] as number;
  }

  u16(): number {
    const low = this.byte();
    return low + this.byte() * 0x100;
  }

  u32(): number {
    const low = this.u16();
    return low + this.u16() * 0x10000;
  }

  u64(): number {
    const low = this.u32();
    const value = low + this.u32() * 0x100000000;
    assert(Number.isSafeInteger(value), 'a number beyond 2^53');
    return value;
  }

  varint(): number {
    let value = 0;
    let scale = 1;
    for (let length = 0; length < 8; length += 1) {
      const byte = this.byte();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
      scale *= 0x80;
    }
    assert(false, 'a varint of more than 8 bytes');
  }

  /** A view on the next `length` bytes, not a copy. */
  raw(length: number): Uint8Array {
    assert(this.at + length <= this.bytes.length, 'read beyond the end');
    const part = this.bytes.subarray(this.at, this.at + length);
    this.at += length;
    return part;
  }

  block(): Uint8Array {
    return this.raw(this.varint());
  }

  text(): string {
    return decoder.decode(this.block());
  }
}
