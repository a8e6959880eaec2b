/**
 * Runs of a bulk build: entries gathered in any order, read in key order, of equal keys the last.
 *
 * An entry is its cell as a leaf will have it, and what is to be known of it beside:
 *   u32 length of the cell, u32 DynamoDB size, u16 length of the annex, annex, cell
 * The annex is for who builds (keys of index entries). A stored run is a stream of entries, in
 * order and without duplicates, cut into overflow pages (docs/formats/page.md). In memory the value
 * at the end of a cell may lie elsewhere: an index that projects all has the values of its table.
 * Invariants
 * - An array that a cursor shows cells of is never written to again: a page may refer to it.
 */
import { assert, must } from '../base/assert.ts';
import { concatBytes, emptyBytes } from '../base/bytes.ts';
import { runChunkBytes, runEntriesMax } from '../base/limits.ts';
import type { Cell } from '../pager/node.ts';
import { putU16, putU32, u16, u32 } from '../pager/page.ts';

const headerBytes = 10;
/** What its length is told in. */
export const annexBytesMax = 0xffff;

/** Stands before its first entry. */
export interface RunCursor {
  /** False at the end, and when more bytes are to be fed first (`starved`). */
  next(): boolean;
  readonly starved: boolean;
  /** Entries passed over because a later one has their key. */
  readonly overwritten: number;
  readonly bytes: Uint8Array;
  /** Where the entry itself starts, with what stands before its cell. */
  readonly at: number;
  /** The entry's cell, where it is. */
  cell(): Cell;
}

export function entrySize(bytes: Uint8Array, at: number): number {
  return u32(bytes, at + 4);
}

/** Where the annex of the entry at `at` begins; it ends where its cell starts. */
export function annexStartOf(at: number): number {
  return at + headerBytes;
}

export function cellStartOf(bytes: Uint8Array, at: number): number {
  return at + headerBytes + u16(bytes, at + 8);
}

/** Of an entry whose cell is in one place. */
export function entryEnd(bytes: Uint8Array, at: number): number {
  return cellStartOf(bytes, at) + u32(bytes, at);
}

/** Orders the keys of two cells. */
function compareCells(a: Uint8Array, atA: number, b: Uint8Array, atB: number): number {
  const lengthA = u16(a, atA);
  const lengthB = u16(b, atB);
  const shared = Math.min(lengthA, lengthB);
  for (let index = 2; index < shared + 2; index += 1) {
    const difference = (a[atA + index] as number) - (b[atB + index] as number);
    if (difference !== 0) return difference;
  }
  return lengthA - lengthB;
}

/** Keys are short: a loop costs less than a call of `set`. Answers the place behind. */
function copyShort(
  bytes: Uint8Array,
  from: number,
  to: number,
  into: Uint8Array,
  at: number,
): number {
  let end = at;
  for (let index = from; index < to; index += 1) into[end++] = bytes[index] as number;
  return end;
}

/** Four bytes as one number, which orders as they do; those from `end` on count as zeros. */
function fourBytes(bytes: Uint8Array, from: number, end: number): number {
  let four = 0;
  for (let at = from; at < from + 4; at += 1)
    four = four * 0x100 + (at < end ? (bytes[at] as number) : 0);
  return four;
}

export class RunBuffer {
  #chunk: Uint8Array = emptyBytes;
  #chunks: Uint8Array[] = [];
  #length = 0;
  /** Of each entry: chunk and place in it, and the first four bytes of its key with its number. */
  #chunkOf: number[] = [];
  #places: number[] = [];
  #order: number[] = [];
  readonly #values: ValuesElsewhere = { sources: [], source: [], from: [], to: [] };
  /** Of what is here. */
  bytes = 0;
  /** Of values that lie elsewhere. */
  bytesElsewhere = 0;

  get count(): number {
    return this.#places.length;
  }

  get isFull(): boolean {
    return this.#places.length >= runEntriesMax;
  }

  add(key: Uint8Array, value: Uint8Array, size: number): void {
    this.addKeyed(key, key.length, key.length, value, size);
  }

  /**
   * `keyed` has the key up to `keyEnd`, and behind it the annex, of at most annexBytesMax, up to
   * `annexEnd`.
   */
  addKeyed(
    keyed: Uint8Array,
    keyEnd: number,
    annexEnd: number,
    value: Uint8Array,
    size: number,
  ): void {
    const { length } = value;
    const to = this.#begin({ keyed, from: 0, to: keyEnd }, annexEnd, length, length, size);
    this.#chunk.set(value, to);
  }

  /**
   * The value is what `source` has from `from` to `to`, and stays there: of one buffer all entries
   * are added so, or none. What keeps entries of many arrays alive keeps the arrays.
   */
  addElsewhere(key: KeyPlace, source: Uint8Array, from: number, to: number, size: number): void {
    const values = this.#values;
    let which = values.sources.indexOf(source);
    if (which < 0) which = values.sources.push(source) - 1;
    values.source.push(which);
    values.from.push(from);
    values.to.push(to);
    this.bytesElsewhere += to - from;
    this.#begin(key, key.to, to - from, 0, size);
  }

  /** An entry up to its value, with room for as many bytes of that; answers where they begin. */
  #begin(
    { keyed, from: keyFrom, to: keyTo }: KeyPlace,
    annexEnd: number,
    valueBytes: number,
    roomBytes: number,
    size: number,
  ): number {
    const keyBytes = keyTo - keyFrom;
    const annexBytes = annexEnd - keyTo;
    assert(annexBytes <= annexBytesMax, 'a long annex');
    const before = 2 + keyBytes;
    const at = this.#reserve(headerBytes + annexBytes + before + roomBytes);
    const chunk = this.#chunk;
    putU32(chunk, at, before + valueBytes);
    putU32(chunk, at + 4, size);
    putU16(chunk, at + 8, annexBytes);
    let to = at + headerBytes;
    to = copyShort(keyed, keyTo, annexEnd, chunk, to);
    putU16(chunk, to, keyBytes);
    to = copyShort(keyed, keyFrom, keyTo, chunk, to + 2);
    this.#order.push(fourBytes(keyed, keyFrom, keyTo) * runEntriesMax + this.#places.length);
    this.#chunkOf.push(this.#chunks.length - 1);
    this.#places.push(at);
    return to;
  }

  /** Nothing may be added afterwards. */
  cursor(): RunCursor {
    // Numbers that hold prefix and arrival both: sorting them needs no comparing function.
    const order = Float64Array.from(this.#order).sort();
    return new SortedCursor(this.#chunks, this.#chunkOf, this.#places, order, this.#values);
  }

  #reserve(bytes: number): number {
    if (this.#chunk.length - this.#length < bytes) {
      // Small builds take little: chunks grow with what is there.
      const wanted = Math.min(runChunkBytes, Math.max(0x4000, this.bytes * 2));
      this.#chunk = new Uint8Array(Math.max(wanted, bytes));
      this.#chunks.push(this.#chunk);
      this.#length = 0;
    }
    const at = this.#length;
    this.#length += bytes;
    this.bytes += bytes;
    return at;
  }
}

/** Where a key is, `to` excluded. */
interface KeyPlace {
  readonly keyed: Uint8Array;
  readonly from: number;
  readonly to: number;
}

/** Of each entry, which of the arrays has its value, and where; empty where cells are whole. */
interface ValuesElsewhere {
  readonly sources: Uint8Array[];
  readonly source: number[];
  readonly from: number[];
  readonly to: number[];
}

class SortedCursor implements RunCursor {
  readonly starved = false;
  overwritten = 0;
  bytes: Uint8Array = emptyBytes;
  at = 0;
  readonly #chunks: readonly Uint8Array[];
  readonly #chunkOf: readonly number[];
  readonly #places: readonly number[];
  readonly #order: Float64Array;
  readonly #values: ValuesElsewhere;
  /** The entry it stands at. */
  #entry = 0;
  #passed = 0;
  /** Entries whose keys begin alike, in order; the next of them. */
  #group: number[] = [];
  #next = 0;

  constructor(
    chunks: readonly Uint8Array[],
    chunkOf: readonly number[],
    places: readonly number[],
    order: Float64Array,
    values: ValuesElsewhere,
  ) {
    this.#chunks = chunks;
    this.#chunkOf = chunkOf;
    this.#places = places;
    this.#order = order;
    this.#values = values;
  }

  cell(): Cell {
    const { bytes, at } = this;
    const start = cellStartOf(bytes, at);
    const { sources, source, from, to } = this.#values;
    const which = source[this.#entry];
    if (which === undefined) return { bytes, start, end: entryEnd(bytes, at), value: undefined };
    const value = (sources[which] as Uint8Array).subarray(from[this.#entry], to[this.#entry]);
    return { bytes, start, end: start + 2 + u16(bytes, start), value };
  }

  next(): boolean {
    if (this.#next >= this.#group.length && !this.#gather()) return false;
    let entry = this.#group[this.#next++] as number;
    // Equal keys stand in the order they came.
    while (this.#next < this.#group.length) {
      const later = this.#group[this.#next] as number;
      if (this.#compare(entry, later) !== 0) break;
      this.overwritten += 1;
      this.#next += 1;
      entry = later;
    }
    this.#entry = entry;
    this.bytes = this.#bytesOf(entry);
    this.at = this.#places[entry] as number;
    return true;
  }

  #gather(): boolean {
    const order = this.#order;
    let at = this.#passed;
    if (at >= order.length) return false;
    const prefix = Math.floor((order[at] as number) / runEntriesMax);
    const group: number[] = [];
    const first = prefix * runEntriesMax;
    for (; at < order.length && (order[at] as number) < first + runEntriesMax; at += 1) {
      group.push((order[at] as number) - first);
    }
    this.#passed = at;
    this.#group = group.length > 1 ? this.#sorted(group) : group;
    this.#next = 0;
    return true;
  }

  /**
   * Keys that begin alike are mostly of one partition, and have much more in common: the four
   * bytes behind that nearly always tell them apart, as numbers. Takes a pass over the keys.
   */
  #sorted(group: readonly number[]): number[] {
    const shared = this.#sharedBytes(group);
    const numbers = new Float64Array(group.length);
    for (let index = 0; index < group.length; index += 1) {
      const entry = group[index] as number;
      const bytes = this.#bytesOf(entry);
      const at = this.#cellOf(entry, bytes);
      const four = fourBytes(bytes, at + 2 + shared, at + 2 + u16(bytes, at));
      numbers[index] = four * runEntriesMax + entry;
    }
    numbers.sort();
    const sorted: number[] = [];
    let alike = 0;
    let last = -1;
    for (const number of numbers) {
      const four = Math.floor(number / runEntriesMax);
      if (four !== last) {
        this.#settle(sorted, alike);
        alike = sorted.length;
      }
      last = four;
      sorted.push(number - four * runEntriesMax);
    }
    this.#settle(sorted, alike);
    return sorted;
  }

  /** Puts the entries from place `from` on in order, which four bytes do not tell apart. */
  #settle(entries: number[], from: number): void {
    if (entries.length - from < 2) return;
    const alike = entries.splice(from).sort((a, b) => this.#compare(a, b) || a - b);
    for (const entry of alike) entries.push(entry);
  }

  /** How many bytes all their keys have in common. */
  #sharedBytes(group: readonly number[]): number {
    const first = group[0] as number;
    const one = this.#bytesOf(first);
    const from = this.#cellOf(first, one);
    let shared = u16(one, from);
    for (let index = 1; index < group.length; index += 1) {
      const entry = group[index] as number;
      const other = this.#bytesOf(entry);
      const at = this.#cellOf(entry, other);
      shared = Math.min(shared, u16(other, at));
      let same = 0;
      while (same < shared && one[from + 2 + same] === other[at + 2 + same]) same += 1;
      shared = same;
    }
    return shared;
  }

  #bytesOf(entry: number): Uint8Array {
    return this.#chunks[this.#chunkOf[entry] as number] as Uint8Array;
  }

  /** Where the cell of an entry starts in its bytes. */
  #cellOf(entry: number, bytes: Uint8Array): number {
    return cellStartOf(bytes, this.#places[entry] as number);
  }

  #compare(a: number, b: number): number {
    const one = this.#bytesOf(a);
    const other = this.#bytesOf(b);
    return compareCells(one, this.#cellOf(a, one), other, this.#cellOf(b, other));
  }
}

/** The entries of a stored run, as its bytes are fed. */
export class StoredCursor implements RunCursor {
  readonly overwritten = 0;
  bytes: Uint8Array = emptyBytes;
  at = 0;
  #next = 0;
  /** Bytes of the run that are still to be fed. */
  #left: number;

  constructor(length: number) {
    this.#left = length;
  }

  get starved(): boolean {
    return this.#left > 0;
  }

  cell(): Cell {
    const { bytes, at } = this;
    return { bytes, start: cellStartOf(bytes, at), end: entryEnd(bytes, at), value: undefined };
  }

  feed(bytes: Uint8Array): void {
    this.#left -= bytes.length;
    this.bytes = concatBytes(this.bytes.subarray(this.#next), bytes);
    this.#next = 0;
  }

  next(): boolean {
    const { bytes } = this;
    const at = this.#next;
    if (at + headerBytes > bytes.length) return false;
    const end = entryEnd(bytes, at);
    if (end > bytes.length) return false;
    this.at = at;
    this.#next = end;
    return true;
  }
}

/** Many runs as one; of equal keys the entry of the last run counts. */
export class MergedCursor<C extends RunCursor> implements RunCursor {
  /** In key order, later runs first; and those that are to be moved on. */
  readonly #ready: Ranked<C>[] = [];
  readonly #moving: Ranked<C>[];
  #top: C | undefined;
  #passed = 0;

  constructor(runs: readonly C[]) {
    this.#moving = runs.map((cursor, rank) => ({ cursor, rank }));
  }

  /** The run that is to be fed before `next` is called again. */
  get hungry(): C | undefined {
    return this.#moving[this.#moving.length - 1]?.cursor;
  }

  get starved(): boolean {
    return this.hungry?.starved === true;
  }

  get overwritten(): number {
    return this.#passed;
  }

  get bytes(): Uint8Array {
    return this.#top?.bytes ?? emptyBytes;
  }

  get at(): number {
    return this.#top?.at ?? 0;
  }

  cell(): Cell {
    return must(this.#top, 'an entry').cell();
  }

  next(): boolean {
    for (let last = this.#moving.at(-1); last !== undefined; last = this.#moving.at(-1)) {
      const before = last.cursor.overwritten;
      const moved = last.cursor.next();
      this.#passed += last.cursor.overwritten - before;
      if (!moved && last.cursor.starved) return false;
      this.#moving.pop();
      if (moved) this.#insert(last);
    }
    const top = this.#ready.shift();
    if (top === undefined) return false;
    this.#top = top.cursor;
    this.#moving.push(top);
    while (this.#ready[0] !== undefined && order(this.#ready[0].cursor, top.cursor) === 0) {
      this.#moving.push(this.#ready.shift() as Ranked<C>);
      this.#passed += 1;
    }
    return true;
  }

  /** Of an array that `splice` makes for each entry an import of a million has a million. */
  #insert(run: Ranked<C>): void {
    const ready = this.#ready;
    const place = this.#placeOf(run);
    ready.push(run);
    for (let at = ready.length - 1; at > place; at -= 1) ready[at] = ready[at - 1] as Ranked<C>;
    ready[place] = run;
  }

  #placeOf({ cursor, rank }: Ranked<C>): number {
    let low = 0;
    let high = this.#ready.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const other = this.#ready[middle] as Ranked<C>;
      const less = order(other.cursor, cursor) || rank - other.rank;
      if (less < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

interface Ranked<C> {
  readonly cursor: C;
  readonly rank: number;
}

function order(a: RunCursor, b: RunCursor): number {
  return compareCells(a.bytes, cellStartOf(a.bytes, a.at), b.bytes, cellStartOf(b.bytes, b.at));
}
