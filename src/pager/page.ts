/**
 * Pages in memory: one record's bytes, searched in place.
 *
 * Layout (docs/formats/page.md): a header of 20 bytes, then for leaf, inner and delta a count, the
 * offsets of the cells, and the cells in key order. A cell is a key, then a value, an overflow
 * reference or a child. An overflow page is a piece of one value.
 * Invariants
 * - A Page never changes. A leaf with deltas is a new Page, built as one image (versions.ts).
 * - A view that a Page hands out is of its own bytes: nobody writes to it.
 */
import { assert } from '../base/assert.ts';
import { crc32c, xxHash32 } from '../base/checksum.ts';
import { Corruption } from '../base/corruption.ts';

export type PageKind = 'leaf' | 'inner' | 'overflow';
/** A delta and a list are records of the page space, but never pages in memory. */
export type PageRecordKind = PageKind | 'delta' | 'list';

/** Consecutive pages that hold one large value. */
export interface OverflowRef {
  readonly firstPage: number;
  readonly pages: number;
  /** Bytes of the value. */
  readonly length: number;
}

export interface PageHeader {
  readonly kind: PageRecordKind;
  readonly id: number;
  readonly checkpoint: number;
  /** Of a delta: the checkpoint of the version it is applied to. 0 otherwise. */
  readonly previous: number;
}

export const pageHeaderBytes: number = 20;
const format = 2;
/** Its checksum is a CRC-32C; nothing else is different. */
const formatOfCrc = 1;
const magic = 0x5054; // "TP"
const checksumAt = 16;
const countAt = pageHeaderBytes;
const offsetsAt = countAt + 2;
/** What an empty leaf, inner page or delta takes. */
export const nodeBytesMin: number = offsetsAt;
/** What a cell takes besides its key and its value: its offset and its key's length. */
export const cellOverhead: number = 4;

// The length of a cell's key shares two bytes with two flags.
export const overflowFlag: number = 0x8000;
export const removedFlag: number = 0x4000;
export const keyLengthMask: number = 0x3fff;
export const overflowRefBytes: number = 10;

const kinds: readonly PageRecordKind[] = ['leaf', 'inner', 'overflow', 'delta', 'list'];

export class Page {
  readonly id: number;
  readonly kind: PageKind;
  /** The checkpoint that wrote the newest record this page is made of. */
  readonly version: number;
  /** How many deltas it is made of besides its image, and the bytes of their records. */
  readonly deltas: number;
  readonly deltaBytes: number;
  /** Header and content; the checksum is only right in a page without deltas. */
  readonly bytes: Uint8Array;
  /** Cells of a leaf, children of an inner page, 0 of an overflow page. */
  readonly count: number;

  constructor(header: PageHeader, bytes: Uint8Array, deltas = 0, deltaBytes = 0) {
    const kind = header.kind;
    assert(kind !== 'delta' && kind !== 'list', `a ${kind} is not a page`);
    this.id = header.id;
    this.kind = kind;
    this.version = header.checkpoint;
    this.deltas = deltas;
    this.deltaBytes = deltaBytes;
    this.bytes = bytes;
    this.count = kind === 'overflow' ? 0 : countOf(bytes);
  }

  /** A view. */
  key(index: number): Uint8Array {
    return cellKey(this.bytes, cellStart(this.bytes, index));
  }

  /** A view of the value of a leaf's cell that is not overflowing. */
  value(index: number): Uint8Array {
    const bytes = this.bytes;
    const start = cellStart(bytes, index);
    const from = start + 2 + (u16(bytes, start) & keyLengthMask);
    return bytes.subarray(from, cellEnd(bytes, index, this.count));
  }

  isOverflow(index: number): boolean {
    const bytes = this.bytes;
    return (u16(bytes, cellStart(bytes, index)) & overflowFlag) !== 0;
  }

  overflow(index: number): OverflowRef {
    return cellOverflow(this.bytes, cellStart(this.bytes, index));
  }

  /** Page id of an inner page's child. */
  child(index: number): number {
    return u32(this.bytes, cellEnd(this.bytes, index, this.count) - 4);
  }

  /** The piece of a value that an overflow page holds. */
  piece(): Uint8Array {
    return this.bytes.subarray(pageHeaderBytes);
  }

  /** Index of the first cell whose key is not less than `key`; `count` when there is none. */
  lowerBound(key: Uint8Array): number {
    const bytes = this.bytes;
    let low = 0;
    let high = this.count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (compareCellKey(bytes, cellStart(bytes, middle), key) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Index of the cell with this key, or -1. */
  find(key: Uint8Array): number {
    const bytes = this.bytes;
    let low = 0;
    let high = this.count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const order = compareCellKey(bytes, cellStart(bytes, middle), key);
      if (order === 0) return middle;
      if (order < 0) low = middle + 1;
      else high = middle;
    }
    return -1;
  }

  /** Index of the child of an inner page under which `key` belongs. */
  childIndex(key: Uint8Array): number {
    const bytes = this.bytes;
    // The first child's key is empty: whatever is less than the second key belongs to it.
    let low = 1;
    let high = this.count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (compareCellKey(bytes, cellStart(bytes, middle), key) <= 0) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  /** Orders the key of a cell and `key`. */
  compareKey(index: number, key: Uint8Array): number {
    return compareCellKey(this.bytes, cellStart(this.bytes, index), key);
  }
}

/** Writes a header in front of content that starts at `pageHeaderBytes`; `seal` comes last. */
export function writePageHeader(bytes: Uint8Array, header: PageHeader): void {
  putU16(bytes, 0, magic);
  bytes[2] = format;
  bytes[3] = kinds.indexOf(header.kind) + 1;
  putU32(bytes, 4, header.id);
  putU32(bytes, 8, header.checkpoint);
  putU32(bytes, 12, header.previous);
}

/** Puts the checksum into a record that is to be stored. */
export function seal(bytes: Uint8Array): void {
  putU32(bytes, checksumAt, checksumOf(bytes, xxHash32));
}

/** The header of a stored record. Throws Corruption unless the whole record is as it was sealed. */
export function checkPageRecord(bytes: Uint8Array): PageHeader {
  if (bytes.length < pageHeaderBytes || u16(bytes, 0) !== magic) {
    throw new Corruption('page: not a page record');
  }
  const isOld = bytes[2] === formatOfCrc;
  if (!isOld && bytes[2] !== format) throw new Corruption(`page: format ${bytes[2]}`);
  if (u32(bytes, checksumAt) !== checksumOf(bytes, isOld ? crc32c : xxHash32)) {
    throw new Corruption('page: bad checksum');
  }
  const kind = kinds[(bytes[3] as number) - 1];
  if (kind === undefined) throw new Corruption(`page: kind ${bytes[3]}`);
  return { kind, id: u32(bytes, 4), checkpoint: u32(bytes, 8), previous: u32(bytes, 12) };
}

function checksumOf(bytes: Uint8Array, hash: typeof xxHash32): number {
  return hash(bytes.subarray(pageHeaderBytes), hash(bytes.subarray(0, checksumAt)));
}

export function countOf(bytes: Uint8Array): number {
  return u16(bytes, countAt);
}

export function cellStart(bytes: Uint8Array, index: number): number {
  const at = offsetsAt + index * 2;
  return (bytes[at] as number) | ((bytes[at + 1] as number) << 8);
}

export function cellEnd(bytes: Uint8Array, index: number, count: number): number {
  return index + 1 < count ? cellStart(bytes, index + 1) : bytes.length;
}

function cellKey(bytes: Uint8Array, start: number): Uint8Array {
  return bytes.subarray(start + 2, start + 2 + (u16(bytes, start) & keyLengthMask));
}

function cellOverflow(bytes: Uint8Array, start: number): OverflowRef {
  const at = start + 2 + (u16(bytes, start) & keyLengthMask);
  return { firstPage: u32(bytes, at), pages: u16(bytes, at + 4), length: u32(bytes, at + 6) };
}

/** Orders the key of the cell at `start` and `key`: negative, zero or positive. */
function compareCellKey(bytes: Uint8Array, start: number, key: Uint8Array): number {
  const length = u16(bytes, start) & keyLengthMask;
  const shared = Math.min(length, key.length);
  const from = start + 2;
  for (let at = 0; at < shared; at += 1) {
    const difference = (bytes[from + at] as number) - (key[at] as number);
    if (difference !== 0) return difference;
  }
  return length - key.length;
}

export function u16(bytes: Uint8Array, at: number): number {
  return (bytes[at] as number) | ((bytes[at + 1] as number) << 8);
}

export function u32(bytes: Uint8Array, at: number): number {
  return u16(bytes, at) + u16(bytes, at + 2) * 0x10000;
}

export function putU16(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value & 0xff;
  bytes[at + 1] = value >>> 8;
}

export function putU32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value & 0xff;
  bytes[at + 1] = (value >>> 8) & 0xff;
  bytes[at + 2] = (value >>> 16) & 0xff;
  bytes[at + 3] = value >>> 24;
}
