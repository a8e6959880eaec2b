/**
 * An ordered map from keys to the newest entries, for one tree of one layer.
 *
 * Entries stand in blocks of at most `tailBlockEntries`, sorted. Beside each entry are two numbers:
 * that of its key's first six bytes, and, where keys of a block agree in these (a group, such as a
 * partition's), that of the six bytes behind all that the group's keys have in common. So a search
 * compares numbers that lie side by side, and touches a key or two: each is a cache miss.
 * Invariants
 * - There is always one block; no block is empty unless it is the only one.
 * - A group's keys agree up to its `skips`, which is at least six; a key that ends there has zeros.
 * - It does not change while a cursor over it is open.
 */
import { tailBlockEntries } from '../base/limits.ts';

export interface TailEntry {
  readonly key: Uint8Array;
  /** Undefined: a tombstone. */
  readonly value: Uint8Array | undefined;
  /** Of the log record that says so. */
  readonly position: number;
  /** Its value is that of another entry of its commit, which is charged for it. */
  readonly isShared?: boolean;
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
  /** Of the entry's group: how many bytes its keys have in common. */
  readonly skips: number[];
  /** The six bytes behind them. */
  readonly seconds: number[];
  readonly entries: TailEntry[];
}

interface Place {
  readonly block: number;
  readonly index: number;
}

export class OrderedEntries {
  #blocks: Block[] = [{ prefixes: [], skips: [], seconds: [], entries: [] }];
  /** The first number of each block, side by side; of one without entries, any. */
  #firsts: number[] = [0];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get(key: Uint8Array): TailEntry | undefined {
    const prefix = prefixOf(key);
    const block = this.#blocks[this.#blockOf(prefix, key)] as Block;
    const index = locate(block, prefix, key);
    return index < 0 ? undefined : block.entries[index];
  }

  /** Answers the entry that was there. */
  put(entry: TailEntry): TailEntry | undefined {
    const { key } = entry;
    const prefix = prefixOf(key);
    if (this.#isBeyond(prefix, key)) return this.#append(prefix, entry);
    const at = this.#blockOf(prefix, key);
    const block = this.#blocks[at] as Block;
    const found = locate(block, prefix, key);
    if (found >= 0) {
      const there = block.entries[found];
      block.entries[found] = entry;
      return there;
    }
    const index = ~found;
    this.#size += 1;
    insert(block, index, prefix, entry);
    if (index === 0) this.#firsts[at] = prefix;
    if (block.entries.length > tailBlockEntries) this.#split(at, index);
    return undefined;
  }

  /** Keeps the entries that `keep` says yes to. */
  filter(keep: (entry: TailEntry) => boolean): void {
    const kept = new OrderedEntries();
    for (const entry of this.all()) if (keep(entry)) kept.put(entry);
    this.#blocks = kept.#blocks;
    this.#firsts = kept.#firsts;
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

  /** Whether a key comes after all: those of a stream's records always do. */
  #isBeyond(prefix: number, key: Uint8Array): boolean {
    const { prefixes, entries } = this.#blocks[this.#blocks.length - 1] as Block;
    const last = entries.length - 1;
    if (last < 0) return false;
    const end = prefixes[last] as number;
    if (end !== prefix) return end < prefix;
    return compareFrom((entries[last] as TailEntry).key, key, prefixBytes) < 0;
  }

  #append(prefix: number, entry: TailEntry): undefined {
    const at = this.#blocks.length - 1;
    const block = this.#blocks[at] as Block;
    const index = block.entries.length;
    this.#size += 1;
    insert(block, index, prefix, entry);
    if (index >= tailBlockEntries) this.#split(at, index);
  }

  /** Where the first entry not less than `key` is or would be; with `after`, the first greater. */
  #place(key: Uint8Array, after: boolean): Place {
    const prefix = prefixOf(key);
    const at = this.#blockOf(prefix, key);
    const block = this.#blocks[at] as Block;
    const found = locate(block, prefix, key);
    if (found < 0) return { block: at, index: ~found };
    return { block: at, index: after ? found + 1 : found };
  }

  /**
   * The last block whose first entry is not greater than `key`; the first block if there is none.
   */
  #blockOf(prefix: number, key: Uint8Array): number {
    const firsts = this.#firsts;
    const { length } = firsts;
    const beyond = lowerNumber(firsts, prefix + 1, 1, length);
    if (firsts[beyond - 1] !== prefix) return beyond - 1;
    let low = lowerNumber(firsts, prefix, 1, beyond);
    for (let high = beyond; low < high; ) {
      const middle = (low + high) >>> 1;
      const first = (this.#blocks[middle] as Block).entries[0] as TailEntry;
      if (compareFrom(first.key, key, prefixBytes) <= 0) low = middle + 1;
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
    const { prefixes, skips, seconds, entries } = block;
    const right = {
      prefixes: prefixes.splice(half),
      skips: skips.splice(half),
      seconds: seconds.splice(half),
      entries: entries.splice(half),
    };
    this.#blocks.splice(at + 1, 0, right);
    this.#firsts.splice(at + 1, 0, right.prefixes[0] as number);
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
  return numberAt(key, 0);
}

/** Six bytes of a key as one number; zeros behind its end. */
function numberAt(key: Uint8Array, at: number): number {
  const length = key.length;
  if (at + prefixBytes <= length) {
    const a = ((key[at] as number) << 16) | ((key[at + 1] as number) << 8);
    const b = ((key[at + 3] as number) << 16) | ((key[at + 4] as number) << 8);
    return (a | (key[at + 2] as number)) * 0x1000000 + (b | (key[at + 5] as number));
  }
  let number = 0;
  for (let next = at; next < at + prefixBytes; next += 1) {
    number = number * 0x100 + (next < length ? (key[next] as number) : 0);
  }
  return number;
}

/** The first of the sorted numbers from `from` to `to` that is not less than `number`. */
function lowerNumber(numbers: readonly number[], number: number, from: number, to: number): number {
  let low = from;
  let high = to;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((numbers[middle] as number) < number) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Compares keys that agree, zeros behind their ends, in the bytes before `from`. */
function compareFrom(a: Uint8Array, b: Uint8Array, from: number): number {
  const length = Math.min(a.length, b.length);
  for (let at = from; at < length; at += 1) {
    const order = (a[at] as number) - (b[at] as number);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

/** The place of the entry with this key, or ~ of the place where it would be. */
function locate(block: Block, prefix: number, key: Uint8Array): number {
  const { prefixes, skips, seconds, entries } = block;
  const { length } = entries;
  const low = lowerNumber(prefixes, prefix, 0, length);
  if (low === length || prefixes[low] !== prefix) return ~low;
  const high = lowerNumber(prefixes, prefix + 1, low + 1, length);
  const skip = skips[low] as number;
  const pattern = (entries[low] as TailEntry).key;
  const agreed = agreement(key, pattern, skip);
  if (agreed < skip) {
    const isLess = agreed >= key.length || (key[agreed] as number) < (pattern[agreed] as number);
    return ~(isLess ? low : high);
  }
  const second = numberAt(key, skip);
  let first = lowerNumber(seconds, second, low, high);
  for (let last = high; first < last && seconds[first] === second; ) {
    // Keys of which these bytes are equal too: what is behind them decides.
    const middle = (first + Math.min(last, lowerNumber(seconds, second + 1, first, last))) >>> 1;
    const order = compareFrom((entries[middle] as TailEntry).key, key, skip);
    if (order === 0) return middle;
    if (order < 0) first = middle + 1;
    else last = middle;
  }
  return ~first;
}

/** How many bytes from the sixth up to `to` key and pattern agree in, those before included. */
function agreement(key: Uint8Array, pattern: Uint8Array, to: number): number {
  let at = prefixBytes;
  while (at < to && at < key.length && key[at] === pattern[at]) at += 1;
  return at;
}

/** Cost: four arrays moved; a group's numbers anew when the key agrees in less than it did. */
function insert(block: Block, index: number, prefix: number, entry: TailEntry): void {
  const { prefixes, skips, seconds, entries } = block;
  const { key } = entry;
  const isLast = index === entries.length;
  const near = !isLast && prefixes[index] === prefix ? index : index - 1;
  let skip = Math.max(prefixBytes, key.length);
  if (near >= 0 && prefixes[near] === prefix) {
    const shared = skips[near] as number;
    skip = agreement(key, (entries[near] as TailEntry).key, shared);
    if (skip < shared) regroup(block, near, prefix, skip);
  }
  if (isLast) {
    prefixes.push(prefix);
    skips.push(skip);
    seconds.push(numberAt(key, skip));
    entries.push(entry);
  } else {
    prefixes.splice(index, 0, prefix);
    skips.splice(index, 0, skip);
    seconds.splice(index, 0, numberAt(key, skip));
    entries.splice(index, 0, entry);
  }
}

/** The numbers of the group around `near`, whose keys have only `skip` bytes in common now. */
function regroup(
  { prefixes, skips, seconds, entries }: Block,
  near: number,
  prefix: number,
  skip: number,
): void {
  let at = near;
  while (at > 0 && prefixes[at - 1] === prefix) at -= 1;
  for (; at < entries.length && prefixes[at] === prefix; at += 1) {
    skips[at] = skip;
    seconds[at] = numberAt((entries[at] as TailEntry).key, skip);
  }
}
