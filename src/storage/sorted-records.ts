/**
 * Records in the order of their keys, in memory: a sorted array of keys beside a map of values.
 *
 * Logs grow at the end and shrink at the front, so inserting at the end costs nothing; in the
 * middle it moves the keys behind it, which an array does at memory speed.
 */
import type { ScanRange, StoreRecord } from '../port/store.ts';

export class SortedRecords {
  readonly #keys: number[] = [];
  readonly #values = new Map<number, Uint8Array>();
  #bytes = 0;

  /** Bytes of all values. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The stored bytes themselves, not a copy. */
  get(key: number): Uint8Array | undefined {
    return this.#values.get(key);
  }

  /** Keeps `value` itself, not a copy. */
  put(key: number, value: Uint8Array): void {
    const before = this.#values.get(key);
    if (before === undefined) {
      const at = this.#lowerBound(key);
      if (at === this.#keys.length) this.#keys.push(key);
      else this.#keys.splice(at, 0, key);
    }
    this.#bytes += value.length - (before?.length ?? 0);
    this.#values.set(key, value);
  }

  removeRange(from: number, to: number): void {
    const start = this.#lowerBound(from);
    const end = this.#upperBound(to);
    if (end <= start) return;
    for (const key of this.#keys.splice(start, end - start)) {
      this.#bytes -= this.#values.get(key)?.length ?? 0;
      this.#values.delete(key);
    }
  }

  keys(from: number, to: number): readonly number[] {
    return this.#keys.slice(this.#lowerBound(from), this.#upperBound(to));
  }

  /** Copies of the records of a range, ascending. */
  scan({ from, to, limit = Number.POSITIVE_INFINITY, last = false }: ScanRange): StoreRecord[] {
    let start = this.#lowerBound(from);
    let end = this.#upperBound(to);
    if (last) start = Math.max(start, end - Math.max(limit, 0));
    else end = Math.min(end, start + limit);
    const records: StoreRecord[] = [];
    for (let at = start; at < end; at += 1) {
      const key = this.#keys[at] as number;
      records.push({ key, value: (this.#values.get(key) as Uint8Array).slice() });
    }
    return records;
  }

  /** Index of the first key that is not below `key`. */
  #lowerBound(key: number): number {
    const keys = this.#keys;
    let low = 0;
    let high = keys.length;
    // The common case first: a log's next position.
    if (high > 0 && (keys[high - 1] as number) < key) return high;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((keys[middle] as number) < key) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Index of the first key above `key`. */
  #upperBound(key: number): number {
    const at = this.#lowerBound(key);
    return this.#keys[at] === key ? at + 1 : at;
  }
}
