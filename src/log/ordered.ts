/**
 * An ordered map from keys to the newest entries, for one tree of one layer.
 *
 * Entries stand in blocks of at most `tailBlockEntries`, sorted. Beside each entry is the number
 * that its key's first six bytes make: nearly every comparison of a search is one of two numbers,
 * and only keys that agree in these bytes are compared whole.
 * Invariants
 * - There is always one block; no block is empty unless it is the only one.
 * - It does not change while a cursor over it is open.
 */
import { compareBytes } from '../base/bytes.ts';
import { tailBlockEntries } from '../base/limits.ts';

export interface TailEntry {
  readonly key: Uint8Array;
  /** Undefined: a tombstone. */
  readonly value: Uint8Array | undefined;
  /** Of the log record that says so. */
  readonly position: number;
}

/** As tree/reader.ts declares it, on a higher floor. */
export interface EntryRange {
  readonly from?: Uint8Array | undefined;
  readonly fromOpen?: boolean;
  readonly to?: Uint8Array | undefined;
  readonly toClosed?: boolean;
}

/** Stands before the first entry; `next` moves to it and says whether there is one. */
export interface EntryCursor {
  next(): boolean;
  readonly entry: TailEntry;
}

interface Block {
  readonly prefixes: number[];
  readonly entries: TailEntry[];
}

interface Place {
  readonly block: number;
  readonly index: number;
}

export class OrderedEntries {
  #blocks: Block[] = [{ prefixes: [], entries: [] }];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get(key: Uint8Array): TailEntry | undefined {
    const prefix = prefixOf(key);
    const block = this.#blocks[this.#blockOf(prefix, key)] as Block;
    const index = lowerBound(block, prefix, key);
    if (block.prefixes[index] !== prefix) return undefined;
    const entry = block.entries[index] as TailEntry;
    return compareBytes(entry.key, key) === 0 ? entry : undefined;
  }

  /** Answers the entry that was there. */
  put(entry: TailEntry): TailEntry | undefined {
    const { key } = entry;
    const prefix = prefixOf(key);
    const at = this.#blockOf(prefix, key);
    const block = this.#blocks[at] as Block;
    const index = lowerBound(block, prefix, key);
    if (block.prefixes[index] === prefix) {
      const there = block.entries[index] as TailEntry;
      if (compareBytes(there.key, key) === 0) {
        block.entries[index] = entry;
        return there;
      }
    }
    this.#size += 1;
    if (index === block.entries.length) {
      block.prefixes.push(prefix);
      block.entries.push(entry);
    } else {
      block.prefixes.splice(index, 0, prefix);
      block.entries.splice(index, 0, entry);
    }
    if (block.entries.length > tailBlockEntries) this.#split(at, index);
    return undefined;
  }

  /** Keeps the entries that `keep` says yes to. */
  filter(keep: (entry: TailEntry) => boolean): void {
    const kept = new OrderedEntries();
    for (const entry of this.all()) if (keep(entry)) kept.put(entry);
    this.#blocks = kept.#blocks;
    this.#size = kept.#size;
  }

  *all(): Generator<TailEntry, void, void> {
    for (const block of this.#blocks) yield* block.entries;
  }

  cursor(range: EntryRange, reverse: boolean): EntryCursor {
    const start =
      range.from === undefined
        ? { block: 0, index: 0 }
        : this.#place(range.from, range.fromOpen === true);
    const last = this.#blocks.length - 1;
    const end =
      range.to === undefined
        ? { block: last, index: (this.#blocks[last] as Block).entries.length }
        : this.#place(range.to, range.toClosed === true);
    return reverse
      ? new BackwardCursor(this.#blocks, start, end)
      : new ForwardCursor(this.#blocks, start, end);
  }

  /** Where the first entry not less than `key` is or would be; with `after`, the first greater. */
  #place(key: Uint8Array, after: boolean): Place {
    const prefix = prefixOf(key);
    const at = this.#blockOf(prefix, key);
    const block = this.#blocks[at] as Block;
    const index = lowerBound(block, prefix, key);
    const there = block.entries[index];
    const equal = there !== undefined && compareBytes(there.key, key) === 0;
    return { block: at, index: equal && after ? index + 1 : index };
  }

  /**
   * The last block whose first entry is not greater than `key`; the first block if there is none.
   */
  #blockOf(prefix: number, key: Uint8Array): number {
    const blocks = this.#blocks;
    let low = 1;
    let high = blocks.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const block = blocks[middle] as Block;
      const first = block.prefixes[0] as number;
      const less =
        first === prefix
          ? compareTails((block.entries[0] as TailEntry).key, key) <= 0
          : first < prefix;
      if (less) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  #split(at: number, index: number): void {
    const block = this.#blocks[at] as Block;
    const length = block.entries.length;
    // Ascending keys leave full blocks behind them.
    const ascending = index === length - 1 && at === this.#blocks.length - 1;
    const half = ascending ? length - 1 : length >>> 1;
    const right = { prefixes: block.prefixes.splice(half), entries: block.entries.splice(half) };
    this.#blocks.splice(at + 1, 0, right);
  }
}

class ForwardCursor implements EntryCursor {
  readonly #blocks: readonly Block[];
  readonly #end: Place;
  #entries: readonly TailEntry[];
  #block: number;
  #index: number;

  constructor(blocks: readonly Block[], start: Place, end: Place) {
    this.#blocks = blocks;
    this.#end = end;
    this.#block = start.block;
    this.#index = start.index - 1;
    this.#entries = (blocks[start.block] as Block).entries;
  }

  get entry(): TailEntry {
    return this.#entries[this.#index] as TailEntry;
  }

  next(): boolean {
    const end = this.#end;
    this.#index += 1;
    if (this.#index >= this.#entries.length && this.#block < end.block) {
      this.#block += 1;
      this.#index = 0;
      this.#entries = (this.#blocks[this.#block] as Block).entries;
    }
    return this.#block < end.block || (this.#block === end.block && this.#index < end.index);
  }
}

class BackwardCursor implements EntryCursor {
  readonly #blocks: readonly Block[];
  readonly #start: Place;
  #entries: readonly TailEntry[];
  #block: number;
  #index: number;

  constructor(blocks: readonly Block[], start: Place, end: Place) {
    this.#blocks = blocks;
    this.#start = start;
    this.#block = end.block;
    this.#index = end.index;
    this.#entries = (blocks[end.block] as Block).entries;
  }

  get entry(): TailEntry {
    return this.#entries[this.#index] as TailEntry;
  }

  next(): boolean {
    const start = this.#start;
    this.#index -= 1;
    if (this.#index < 0 && this.#block > start.block) {
      this.#block -= 1;
      this.#entries = (this.#blocks[this.#block] as Block).entries;
      this.#index = this.#entries.length - 1;
    }
    return this.#block > start.block || (this.#block === start.block && this.#index >= start.index);
  }
}

const prefixBytes = 6;

/** The first six bytes of a key as one number; a shorter key counts as followed by zeros. */
function prefixOf(key: Uint8Array): number {
  const length = key.length;
  if (length >= 6) {
    const high = ((key[0] as number) << 16) | ((key[1] as number) << 8) | (key[2] as number);
    const low = ((key[3] as number) << 16) | ((key[4] as number) << 8) | (key[5] as number);
    return high * 0x1000000 + low;
  }
  let prefix = 0;
  for (let at = 0; at < 6; at += 1)
    prefix = prefix * 0x100 + (at < length ? (key[at] as number) : 0);
  return prefix;
}

/** Compares keys whose prefixes are equal: what is behind them decides. */
function compareTails(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length);
  for (let at = prefixBytes; at < length; at += 1) {
    const order = (a[at] as number) - (b[at] as number);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

/**
 * The first entry not less than `key`. Bytes that both bounds share with the key, all between them
 * share too: they are not compared again.
 */
function lowerBound(block: Block, prefix: number, key: Uint8Array): number {
  const { prefixes, entries } = block;
  let low = 0;
  let high = prefixes.length;
  let lowShares = prefixBytes;
  let highShares = prefixBytes;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const there = prefixes[middle] as number;
    if (there !== prefix) {
      if (there < prefix) low = middle + 1;
      else high = middle;
      continue;
    }
    const other = (entries[middle] as TailEntry).key;
    const shares = sharedLength(other, key, Math.min(lowShares, highShares));
    if (isLessFrom(other, key, shares)) {
      low = middle + 1;
      lowShares = shares;
    } else {
      high = middle;
      highShares = shares;
    }
  }
  return low;
}

/** Length of the common beginning, of which `from` bytes are known to be equal. */
function sharedLength(a: Uint8Array, b: Uint8Array, from: number): number {
  const length = Math.min(a.length, b.length);
  let at = from;
  while (at < length && a[at] === b[at]) at += 1;
  return at;
}

/** Whether a < b, where they are equal up to `at` and differ or end there. */
function isLessFrom(a: Uint8Array, b: Uint8Array, at: number): boolean {
  if (at < a.length && at < b.length) return (a[at] as number) < (b[at] as number);
  return a.length < b.length;
}
