/**
 * What is held of a live query: its entries from the beginning up to a place that was read, kept up
 * to date by the changes of the log alone.
 *
 * Without a limit it comes to hold all entries that the filter lets pass. With a limit it holds all
 * that are evaluated, and some more, so that removals need no read until those are used up; what
 * lies beyond is not held, and its changes mean nothing here.
 * Invariants
 * - Entries up to the frontier are as they are at the engine's head; none beyond it is held.
 * - A read that meets an absent page has taken what came before it: the next goes on from there.
 */
import { compareBytes, mapKey } from '../base/bytes.ts';
import { assert } from '../base/assert.ts';
import { limitExceeded } from '../base/errors.ts';
import {
  liveBytesMax,
  liveEntryBytes,
  liveItemsMax,
  liveReadBytes,
  liveSlackMax,
  liveSlackMin,
} from '../base/limits.ts';
import { expirySecond, isOverAt } from '../table/expiry.ts';
import { findItem } from '../table/items.ts';
import { storedKey } from '../table/keys.ts';
import type { KeyRange, TreeReader } from '../tree/reader.ts';
import { StoredItem } from '../value/codec.ts';
import type { Item } from '../value/value.ts';
import { compareHeld, type Held } from './diff.ts';
import {
  entryOfItem,
  lastKeyOf,
  type LivePart,
  type LiveRead,
  reachesBack,
  shownOf,
  treeOf,
} from './live-read.ts';

export class Window {
  readonly read: LiveRead;
  readonly isReverse: readonly boolean[];
  readonly #slack: number;
  #held: Held[] = [];
  /** The part that was read so far, and its last key; undefined before its first. */
  #part = 0;
  #key: Uint8Array | undefined;
  #bytes = 0;
  /** Of parts that reach back, by the key of the item. */
  readonly #byItem: Map<string, Held> = new Map();

  readonly #hides: boolean;

  /** `slack`: entries that are held beyond the limit. `hides`: what is over is not visible. */
  constructor(read: LiveRead, slack: number = slackOf(read), hides = false) {
    this.read = read;
    this.#hides = hides;
    this.isReverse = read.parts.map((part) => part.isReverse);
    this.#slack = slack;
  }

  /** Of what is held, as the limit counts it. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Entries are missing that the result may have: `readOn` is to be called. */
  get isWanting(): boolean {
    const { limit, parts } = this.read;
    return this.#part < parts.length && (limit === undefined || this.#held.length < limit);
  }

  /** The entries of the result, in its order. `nowMs` says what is over, where that is hidden. */
  visible(nowMs = 0): readonly Held[] {
    const { limit } = this.read;
    if (limit === undefined && !this.#hides) return this.#held;
    return this.#held.slice(0, limit).filter(({ shown, dueSecond }) => {
      return shown !== undefined && (dueSecond === undefined || !isOverAt(dueSecond, nowMs));
    });
  }

  /** Wall time at which the next of what is held will be over; infinite when nothing will. */
  nextDueMs(nowMs: number): number {
    let nextMs = Number.POSITIVE_INFINITY;
    for (const { dueSecond } of this.#held) {
      const dueMs = dueSecond === undefined ? 0 : (dueSecond + 1) * 1000;
      if (dueMs > nowMs && dueMs < nextMs) nextMs = dueMs;
    }
    return nextMs;
  }

  /** The entry that the limit ends at; undefined when it is not reached. */
  end(): Held | undefined {
    const { limit } = this.read;
    const held = limit === undefined ? undefined : this.#held[limit - 1];
    return held?.raw === undefined ? undefined : held;
  }

  /** LastEvaluatedKey of a page that ends there. */
  lastKey({ part, raw }: Held): Item | undefined {
    const of = this.read.parts[part];
    return of && raw && lastKeyOf(of, new StoredItem(raw).item());
  }

  /**
   * Reads on from the frontier until enough is held, a slice is full, or the end. Throws PageFault,
   * and LimitExceededException when it holds more than it may.
   */
  readOn(reader: TreeReader): void {
    const { parts, limit } = this.read;
    const enough = limit === undefined ? Number.POSITIVE_INFINITY : limit + this.#slack;
    let bytes = 0;
    while (this.#part < parts.length) {
      const part = parts[this.#part] as LivePart;
      const cursor = reader.range(treeOf(part), this.#rest(part), part.isReverse);
      while (cursor.next()) {
        const { key, value } = cursor;
        bytes += value.length;
        this.#take(reader, part, key.slice(), new StoredItem(value));
        if (this.#held.length >= enough || bytes >= liveReadBytes) return;
      }
      this.#part += 1;
      this.#key = undefined;
    }
  }

  /**
   * A key that part `at` follows has changed. Throws LimitExceededException when more is held than
   * may be.
   */
  apply(at: number, key: Uint8Array, value: Uint8Array | undefined): void {
    const part = this.read.parts[at] as LivePart;
    if (reachesBack(part)) {
      this.#applyItem(at, part, key, value);
    } else if (this.#covers(at, key)) {
      const entry = value === undefined ? undefined : new StoredItem(value);
      this.#put(at, key, entry && this.#holding(at, part, key.slice(), entry, entry, undefined));
    }
    this.#trim();
  }

  /** The item's entry in the index follows from the item; where it was is known by its key. */
  #applyItem(at: number, part: LivePart, key: Uint8Array, value: Uint8Array | undefined): void {
    const was = this.#byItem.get(nameOf(at, key));
    const whole = value === undefined ? undefined : new StoredItem(value);
    const is = whole && entryOfItem(part, whole);
    const isHere = is !== undefined && isInside(part.range, is.key) && this.#covers(at, is.key);
    if (was !== undefined && !(isHere && compareBytes(was.key, is.key) === 0)) {
      this.#put(at, was.key, undefined);
    }
    if (whole === undefined || !isHere) return;
    this.#put(at, is.key, this.#holding(at, part, is.key, is.entry, whole, key.slice()));
  }

  #take(reader: TreeReader, part: LivePart, key: Uint8Array, entry: StoredItem): void {
    const at = this.#part;
    let whole = entry;
    let itemKey: Uint8Array | undefined;
    if (reachesBack(part)) {
      itemKey = storedKey(part.table, entry.item());
      const found = findItem(reader, part.table, itemKey);
      assert(found !== undefined, `an entry of index ${part.index?.name} without its item`);
      whole = found;
    }
    this.#key = key;
    this.#put(at, key, this.#holding(at, part, key, entry, whole, itemKey));
  }

  /** What is to be held of an entry; undefined when nothing is. */
  #holding(
    part: number,
    of: LivePart,
    key: Uint8Array,
    entry: StoredItem,
    whole: StoredItem,
    itemKey: Uint8Array | undefined,
  ): Held | undefined {
    const shown = shownOf(of, entry, whole);
    const counts = this.read.limit !== undefined;
    if (shown === undefined && !counts) return undefined;
    const raw = counts && of.isRestartable ? entry.bytes.slice() : undefined;
    if (!this.#hides) return { part, key, shown, raw, itemKey };
    return { part, key, shown, raw, itemKey, dueSecond: expirySecond(of.table, whole.item()) };
  }

  /** Puts `is` in the place of what is held under that key. */
  #put(part: number, key: Uint8Array, is: Held | undefined): void {
    const at = this.#placeOf({ part, key });
    const there = this.#held[at];
    const was =
      there && compareHeld(there, { part, key }, this.isReverse) === 0 ? there : undefined;
    if (was !== undefined && is !== undefined && isShownSame(was, is)) return;
    if (was !== undefined) this.#forget(was);
    this.#held.splice(at, was === undefined ? 0 : 1, ...(is === undefined ? [] : [is]));
    if (is === undefined) return;
    this.#bytes += costOf(is);
    if (is.itemKey !== undefined) this.#byItem.set(nameOf(part, is.itemKey), is);
    this.#checkBounds();
  }

  #checkBounds(): void {
    if (this.#held.length > liveItemsMax) {
      throw limitExceeded(
        `A live query holds at most ${liveItemsMax} items (liveItemsMax): give it a Limit, or a ` +
          'narrower condition',
      );
    }
    if (this.#bytes > liveBytesMax) {
      throw limitExceeded(
        `A live query holds at most ${liveBytesMax} bytes (liveBytesMax): give it a Limit, a ` +
          'ProjectionExpression or a narrower condition',
      );
    }
  }

  /** Lets go what lies far beyond the limit; the frontier moves back to what is left. */
  #trim(): void {
    const { limit } = this.read;
    if (limit === undefined || this.#held.length <= limit + 2 * this.#slack) return;
    for (const held of this.#held.splice(limit + this.#slack)) this.#forget(held);
    const last = this.#held.at(-1) as Held;
    this.#part = last.part;
    this.#key = last.key;
  }

  #forget(held: Held): void {
    this.#bytes -= costOf(held);
    if (held.itemKey !== undefined) this.#byItem.delete(nameOf(held.part, held.itemKey));
  }

  /** Whether the frontier is at this key, or behind it. */
  #covers(part: number, key: Uint8Array): boolean {
    if (part !== this.#part) return part < this.#part;
    if (this.#key === undefined) return false;
    return compareHeld({ part, key }, { part, key: this.#key }, this.isReverse) <= 0;
  }

  /** The range of the part at the frontier that was not read yet. */
  #rest({ range, isReverse }: LivePart): KeyRange {
    const key = this.#key;
    if (key === undefined) return range;
    return isReverse
      ? { ...range, to: key, toClosed: false }
      : { ...range, from: key, fromOpen: true };
  }

  /** Where an entry is held, or would be. */
  #placeOf(place: Pick<Held, 'part' | 'key'>): number {
    let low = 0;
    let high = this.#held.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (compareHeld(this.#held[middle] as Held, place, this.isReverse) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function slackOf({ limit = 0 }: LiveRead): number {
  return Math.min(liveSlackMax, Math.max(liveSlackMin, limit));
}

function costOf({ key, shown, raw, itemKey }: Held): number {
  return (
    liveEntryBytes + key.length + (shown?.length ?? 0) + (raw?.length ?? 0) + (itemKey?.length ?? 0)
  );
}

/** Whoever is shown one could as well be shown the other. */
function isShownSame(a: Held, b: Held): boolean {
  if (a.itemKey !== undefined && b.itemKey !== undefined) {
    if (compareBytes(a.itemKey, b.itemKey) !== 0) return false;
  }
  if (a.dueSecond !== b.dueSecond) return false;
  if (a.shown === undefined || b.shown === undefined) return a.shown === b.shown;
  return compareBytes(a.shown, b.shown) === 0;
}

function isInside({ from, fromOpen, to, toClosed }: KeyRange, key: Uint8Array): boolean {
  if (from !== undefined) {
    const order = compareBytes(key, from);
    if (order < 0 || (order === 0 && fromOpen === true)) return false;
  }
  if (to === undefined) return true;
  const order = compareBytes(key, to);
  return order < 0 || (order === 0 && toClosed === true);
}

function nameOf(part: number, key: Uint8Array): string {
  return `${part} ${mapKey(key)}`;
}
