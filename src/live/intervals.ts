/**
 * Which ranges of a tree's keys hold a key: the ranges sorted by where they begin, with the
 * greatest end of each half, so that a key finds its ranges in the logarithm of their number.
 *
 * A tree that nobody follows costs one look into a map. Ranges come and go seldom and together,
 * so adding one costs a place in a list, and the ends are summed up anew at the next search.
 */
import { compareBytes, emptyBytes, successor } from '../base/bytes.ts';
import type { KeyRange } from '../tree/reader.ts';

interface Interval<T> {
  /** Included. */
  readonly from: Uint8Array;
  /** Excluded; undefined is the end of the tree. */
  readonly to: Uint8Array | undefined;
  readonly owner: T;
}

export class Intervals<T> {
  readonly #trees: Map<number, TreeIntervals<T>> = new Map();

  get size(): number {
    let size = 0;
    for (const tree of this.#trees.values()) size += tree.intervals.length;
    return size;
  }

  add(tree: number, range: KeyRange, owner: T): void {
    let intervals = this.#trees.get(tree);
    if (intervals === undefined) {
      intervals = new TreeIntervals();
      this.#trees.set(tree, intervals);
    }
    intervals.add(intervalOf(range, owner));
  }

  /** Takes out what was added with the same arguments. */
  remove(tree: number, range: KeyRange, owner: T): void {
    const intervals = this.#trees.get(tree);
    intervals?.remove(intervalOf(range, owner));
    if (intervals?.intervals.length === 0) this.#trees.delete(tree);
  }

  /** Calls `found` with the owner of each range that holds `key`, in no order. */
  find(tree: number, key: Uint8Array, found: (owner: T) => void): void {
    this.#trees.get(tree)?.find(key, found);
  }
}

class TreeIntervals<T> {
  readonly intervals: Interval<T>[] = [];
  /** For the middle of each half: the greatest end in that half. Undefined: to be summed up. */
  #ends: (Uint8Array | undefined)[] | undefined;

  add(interval: Interval<T>): void {
    this.intervals.splice(this.#placeOf(interval.from), 0, interval);
    this.#ends = undefined;
  }

  remove({ from, owner }: Interval<T>): void {
    for (let at = this.#placeOf(from); at < this.intervals.length; at += 1) {
      if (this.intervals[at]?.owner !== owner) continue;
      this.intervals.splice(at, 1);
      this.#ends = undefined;
      return;
    }
  }

  find(key: Uint8Array, found: (owner: T) => void): void {
    if (this.#ends === undefined) {
      this.#ends = new Array(this.intervals.length);
      this.#sum(this.#ends, 0, this.intervals.length);
    }
    this.#search(this.#ends, key, 0, this.intervals.length, found);
  }

  /** Of the first that begins there, or later. */
  #placeOf(from: Uint8Array): number {
    let low = 0;
    let high = this.intervals.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const other = this.intervals[middle] as Interval<T>;
      if (compareBytes(other.from, from) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #search(
    ends: readonly (Uint8Array | undefined)[],
    key: Uint8Array,
    low: number,
    high: number,
    found: (owner: T) => void,
  ): void {
    if (low >= high) return;
    const middle = (low + high) >>> 1;
    if (!isBefore(key, ends[middle])) return;
    this.#search(ends, key, low, middle, found);
    const { from, to, owner } = this.intervals[middle] as Interval<T>;
    if (compareBytes(from, key) > 0) return;
    if (isBefore(key, to)) found(owner);
    this.#search(ends, key, middle + 1, high, found);
  }

  /** The greatest end between `low` and `high`, kept at their middle. */
  #sum(ends: (Uint8Array | undefined)[], low: number, high: number): Uint8Array | undefined {
    const middle = (low + high) >>> 1;
    let greatest = (this.intervals[middle] as Interval<T>).to;
    if (low < middle) greatest = later(greatest, this.#sum(ends, low, middle));
    if (middle + 1 < high) greatest = later(greatest, this.#sum(ends, middle + 1, high));
    ends[middle] = greatest;
    return greatest;
  }
}

function intervalOf<T>({ from, fromOpen, to, toClosed }: KeyRange, owner: T): Interval<T> {
  const first = from ?? emptyBytes;
  return {
    from: fromOpen === true ? successor(first) : first,
    to: to !== undefined && toClosed === true ? successor(to) : to,
    owner,
  };
}

function isBefore(key: Uint8Array, end: Uint8Array | undefined): boolean {
  return end === undefined || compareBytes(key, end) < 0;
}

/** Undefined is the end of the tree, later than all. */
function later(a: Uint8Array | undefined, b: Uint8Array | undefined): Uint8Array | undefined {
  return a && b && (compareBytes(a, b) < 0 ? b : a);
}
