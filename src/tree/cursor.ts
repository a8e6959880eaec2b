/**
 * Reading a range of a tree: its pages, and the layers of the tail over them, as one ordered run.
 *
 * Each source stands at its next entry; the least of them (the greatest, in reverse) comes next, of
 * equal keys the one in the newest layer, and a tombstone hides what lies below it. Most reads meet
 * no layer with entries in their range, and then walk the leaf alone.
 * Invariants
 * - The tree and its layers do not change while a cursor is open.
 * - After a PageFault the cursor is of no use: the run begins again, with a new one.
 */
import { compareBytes, emptyBytes } from '../base/bytes.ts';
import type { EntryCursor, Layer } from '../log/tail.ts';
import type { TreeRoot } from '../pager/root.ts';
import { PageCursor } from './page-cursor.ts';
import type { KeyRange, TreeCursor } from './reader.ts';
import type { Pages } from './search.ts';

/**
 * A merged view of `layers` (newest first) over the pages of a tree; tombstones hide. Throws
 * PageFault, from `next` alone, naming also the next leaves in the direction of reading that are
 * absent.
 */
export function openCursor(
  layers: readonly Layer[],
  pages: Pages,
  root: TreeRoot | undefined,
  tree: number,
  range: KeyRange,
  reverse: boolean,
): TreeCursor {
  const below = new PageCursor(pages, root, range, reverse);
  let sources: EntryCursor[] | undefined;
  for (const layer of layers) {
    if (layer.empty) continue;
    const cursor = layer.cursor(tree, range, reverse);
    if (!cursor.next()) continue;
    sources ??= [];
    sources.push(cursor);
  }
  return sources === undefined ? below : new MergedCursor(sources, below, reverse);
}

class MergedCursor implements TreeCursor {
  /** Those layers that are not at their end, newest first. */
  readonly #layers: EntryCursor[];
  readonly #pages: PageCursor;
  readonly #reverse: boolean;
  /** Whether the cursor over the pages stands at an entry; undefined when it is to be moved on. */
  #below: boolean | undefined;
  #key: Uint8Array = emptyBytes;
  #value: Uint8Array = emptyBytes;

  constructor(layers: EntryCursor[], pages: PageCursor, reverse: boolean) {
    this.#layers = layers;
    this.#pages = pages;
    this.#reverse = reverse;
  }

  get key(): Uint8Array {
    return this.#key;
  }

  get value(): Uint8Array {
    return this.#value;
  }

  next(): boolean {
    // Every round passes an entry of a layer, so the rounds end when the layers do.
    for (let newest = this.#newest(); newest !== undefined; newest = this.#newest()) {
      this.#below ??= this.#pages.nextKey();
      const { key, value } = newest.entry;
      if (this.#below) {
        const below = this.#pages.compareKey(key);
        const order = this.#reverse ? -below : below;
        if (order < 0) {
          this.#takePage();
          return true;
        }
        if (order === 0) this.#below = undefined;
      }
      this.#passLayers(key);
      if (value !== undefined) {
        this.#key = key;
        this.#value = value;
        return true;
      }
    }
    this.#below ??= this.#pages.nextKey();
    if (this.#below) this.#takePage();
    return this.#below !== false;
  }

  #order(a: Uint8Array, b: Uint8Array): number {
    const order = compareBytes(a, b);
    return this.#reverse ? -order : order;
  }

  /** The layer that comes next; of those with the same key, the newest. */
  #newest(): EntryCursor | undefined {
    const layers = this.#layers;
    let best = layers[0];
    for (let at = 1; at < layers.length; at += 1) {
      const layer = layers[at] as EntryCursor;
      if (best === undefined || this.#order(layer.entry.key, best.entry.key) < 0) best = layer;
    }
    return best;
  }

  #passLayers(key: Uint8Array): void {
    const layers = this.#layers;
    for (let at = layers.length - 1; at >= 0; at -= 1) {
      const layer = layers[at] as EntryCursor;
      if (compareBytes(layer.entry.key, key) === 0 && !layer.next()) layers.splice(at, 1);
    }
  }

  #takePage(): void {
    this.#key = this.#pages.key;
    this.#value = this.#pages.load();
    this.#below = undefined;
  }
}
