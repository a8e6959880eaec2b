/**
 * Sums by key in bounded room: exact while the keys fit, and the largest within a known error when
 * they do not (Space-Saving: Metwally, Agrawal, El Abbadi, 2005).
 *
 * A key that does not fit takes the place of the one with the least, and inherits its sum as error.
 * Invariants
 * - `least <= true sum <= sum` of every key that is held.
 * - A key that is not held had at most `floor`; 0 while all keys fit.
 * - The sums together are all that was ever added.
 */
import { assert } from '../base/assert.ts';
import { mapKey } from '../base/bytes.ts';

export interface KeySum {
  readonly key: Uint8Array;
  readonly sum: number;
  /** What it had for certain; equal to `sum` while all keys fit. */
  readonly least: number;
}

interface Counter {
  readonly name: string;
  readonly key: Uint8Array;
  sum: number;
  readonly error: number;
  /** Place in the heap. */
  at: number;
}

export class KeyCounters {
  /** All that was added. */
  total = 0;
  /** How often a key did not fit: as many keys were left out, or fewer. */
  replaced = 0;
  readonly #keysMax: number;
  readonly #byName = new Map<string, Counter>();
  /** The least first: of the counters at `i`, those at `2i + 1` and `2i + 2` have no less. */
  readonly #heap: Counter[] = [];

  constructor(keysMax: number) {
    assert(keysMax > 0, 'counters for no key');
    this.#keysMax = keysMax;
  }

  get size(): number {
    return this.#heap.length;
  }

  /** What a key that is not held may have had. */
  get floor(): number {
    return this.replaced === 0 ? 0 : (this.#heap[0]?.sum ?? 0);
  }

  /** O(log keys). */
  add(key: Uint8Array, amount: number): void {
    this.total += amount;
    const name = mapKey(key);
    const known = this.#byName.get(name);
    if (known !== undefined) {
      known.sum += amount;
      this.#sink(known);
      return;
    }
    if (this.#heap.length < this.#keysMax) {
      const counter: Counter = { name, key, sum: amount, error: 0, at: this.#heap.length };
      this.#byName.set(name, counter);
      this.#heap.push(counter);
      this.#rise(counter);
      return;
    }
    const least = this.#heap[0] as Counter;
    this.#byName.delete(least.name);
    this.replaced += 1;
    const counter: Counter = { name, key, sum: least.sum + amount, error: least.sum, at: 0 };
    this.#byName.set(name, counter);
    this.#heap[0] = counter;
    this.#sink(counter);
  }

  /** In no order. */
  *sums(): Generator<KeySum, void, void> {
    for (const { key, sum, error } of this.#heap) yield { key, sum, least: sum - error };
  }

  #rise(counter: Counter): void {
    while (counter.at > 0) {
      const above = this.#heap[(counter.at - 1) >> 1] as Counter;
      if (above.sum <= counter.sum) return;
      this.#swap(above, counter);
    }
  }

  #sink(counter: Counter): void {
    let below = this.#lesserBelow(counter);
    while (below !== undefined && below.sum < counter.sum) {
      this.#swap(counter, below);
      below = this.#lesserBelow(counter);
    }
  }

  #lesserBelow({ at }: Counter): Counter | undefined {
    const left = this.#heap[2 * at + 1];
    const right = this.#heap[2 * at + 2];
    return right !== undefined && left !== undefined && right.sum < left.sum ? right : left;
  }

  #swap(upper: Counter, lower: Counter): void {
    const { at } = upper;
    upper.at = lower.at;
    lower.at = at;
    this.#heap[upper.at] = upper;
    this.#heap[lower.at] = lower;
  }
}
