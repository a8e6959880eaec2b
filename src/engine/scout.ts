/**
 * What a run will want besides the page at which it broke off.
 *
 * A call of many items meets the pages of one after the other, and is run anew after each: as many
 * requests to the store as it has items, and half their square of work. So it is run once more, on
 * a reader that takes what lies in an absent page for absent and notes the page. What that run
 * answers is forgotten, whatever it is. Cost: one more run at each fault, for about as many faults
 * as the tree is high.
 */
import { scoutPagesMax } from '../base/memory-limits.ts';
import { PageFault } from '../pager/fault.ts';
import type { KeyRange, TreeCounters, TreeCursor, TreeReader } from '../tree/reader.ts';

export class Scout implements TreeReader {
  readonly #reader: TreeReader;
  readonly #first: PageFault;
  readonly #pages: Set<number>;

  /** Of a run through `reader` that has met `first`. */
  constructor(reader: TreeReader, first: PageFault) {
    this.#reader = reader;
    this.#first = first;
    this.#pages = new Set(first.pages);
  }

  /** All that is known to be wanted. */
  get fault(): PageFault {
    const pages = [...this.#pages].slice(0, scoutPagesMax);
    return new PageFault(pages, this.#first.ahead);
  }

  /** Runs what is to be forgotten. */
  run(work: () => unknown): void {
    try {
      work();
    } catch (error) {
      this.#note(error);
    }
  }

  get(tree: number, key: Uint8Array): Uint8Array | undefined {
    try {
      return this.#reader.get(tree, key);
    } catch (error) {
      if (!(error instanceof PageFault)) throw error;
      this.#note(error);
      return undefined;
    }
  }

  range(tree: number, range: KeyRange, reverse?: boolean): TreeCursor {
    return this.#reader.range(tree, range, reverse);
  }

  counters(tree: number): TreeCounters {
    return this.#reader.counters(tree);
  }

  newerThanPages(tree: number, range: KeyRange): readonly Uint8Array[] {
    return this.#reader.newerThanPages(tree, range);
  }

  hasPiece(tree: number, key: Uint8Array, page: number): boolean {
    return this.#reader.hasPiece(tree, key, page);
  }

  #note(error: unknown): void {
    if (!(error instanceof PageFault)) return;
    for (const page of error.pages) this.#pages.add(page);
  }
}
