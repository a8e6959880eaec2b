/**
 * The pages in memory, bounded by their bytes.
 *
 * Second chance: pages stand in a queue; the one at its front goes, unless it was asked for since
 * it last stood there. An inner page has more chances than a leaf, because every read of its tree
 * passes through it.
 * Invariants
 * - A pinned page is never evicted, even if that leaves the cache above its bound.
 * - Pages are of one checkpoint: who adopts another drops what it lists.
 */
import { innerPageChances, pageOverheadBytes } from '../base/limits.ts';
import type { Page } from './page.ts';

interface Slot {
  page: Page;
  /** Set by `get`, used up by eviction. */
  chances: number;
}

export class PageCache {
  readonly #slots = new Map<number, Slot>();
  /** How many runs hold a page. */
  readonly #pins = new Map<number, number>();
  #maxBytes: number;
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get maxBytes(): number {
    return this.#maxBytes;
  }

  /** Bytes of the pages held, with what each costs besides. */
  get bytes(): number {
    return this.#bytes;
  }

  get(id: number): Page | undefined {
    const slot = this.#slots.get(id);
    if (slot === undefined) return undefined;
    slot.chances = slot.page.kind === 'inner' ? innerPageChances : 1;
    return slot.page;
  }

  has(id: number): boolean {
    return this.#slots.has(id);
  }

  /** Replaces the page of that id; evicts others, but neither this one nor any that is pinned. */
  put(page: Page): void {
    this.drop(page.id);
    // A leaf has to be asked for again to be spared: a scan does not drive out what is in use.
    this.#slots.set(page.id, { page, chances: page.kind === 'inner' ? innerPageChances : 0 });
    this.#bytes += costOf(page);
    if (this.#bytes > this.#maxBytes) this.#evict(page.id);
  }

  drop(id: number): void {
    const slot = this.#slots.get(id);
    if (slot === undefined) return;
    this.#slots.delete(id);
    this.#bytes -= costOf(slot.page);
  }

  clear(): void {
    this.#slots.clear();
    this.#bytes = 0;
  }

  /** Keeps the page, present or to come, until it was unpinned as often. */
  pin(id: number): void {
    this.#pins.set(id, (this.#pins.get(id) ?? 0) + 1);
  }

  unpin(ids: Iterable<number>): void {
    for (const id of ids) {
      const left = (this.#pins.get(id) ?? 0) - 1;
      if (left > 0) this.#pins.set(id, left);
      else this.#pins.delete(id);
    }
    if (this.#bytes > this.#maxBytes) this.#evict();
  }

  resize(maxBytes: number): void {
    this.#maxBytes = maxBytes;
    if (this.#bytes > maxBytes) this.#evict();
  }

  /** Spares the page `newest`, which has only just come. */
  #evict(newest = -1): void {
    // Every page loses a chance each time round, so this many steps suffice to empty the queue.
    let steps = this.#slots.size * (innerPageChances + 1);
    for (const [id, slot] of this.#slots) {
      if (this.#bytes <= this.#maxBytes || steps === 0) return;
      steps -= 1;
      const pinned = id === newest || this.#pins.has(id);
      if (!pinned && slot.chances === 0) {
        this.drop(id);
        continue;
      }
      if (!pinned) slot.chances -= 1;
      // To the back of the queue: the loop will come to it again.
      this.#slots.delete(id);
      this.#slots.set(id, slot);
    }
  }
}

function costOf(page: Page): number {
  return page.bytes.length + pageOverheadBytes;
}
