/**
 * What a merge is given, and the steps in which it talks to the engine.
 *
 * A merge is a generator: it yields `need` and waits until the page is there, or `wrote` and is
 * resumed when the engine has taken the records over.
 */
import type { TailEntry } from '../log/tail.ts';
import type { ListEntry } from '../pager/list.ts';
import type { Page } from '../pager/page.ts';
import type { TreeRoot } from '../pager/root.ts';
import type { Pages } from './search.ts';

/** One record of the page space that a merge wants written. */
export interface PageWrite {
  /** pageKey(page, checkpoint). */
  readonly key: number;
  readonly bytes: Uint8Array;
  /** What the checkpoint's list says of it. */
  readonly entry: ListEntry;
  /** The page as it is after this write, for the cache. */
  readonly page: Page;
}

/**
 * - `need`: goes on once the first of these pages at least is in `pages`; the others are wanted
 *   next.
 * - `wrote`: records to be stored, and pages that nobody needs after this checkpoint.
 */
export type MergeStep =
  | { readonly kind: 'need'; readonly pages: readonly number[] }
  | {
      readonly kind: 'wrote';
      readonly writes: readonly PageWrite[];
      readonly freed: readonly number[];
    };

/**
 * The position of a change that changes nothing: it leads the merge to the leaf of its key, which
 * is rewritten if it is worth it, and past the damaged pages that are to be cut out on the way.
 */
export const leadPosition: number = -1;

export interface MergeInput {
  readonly root: TreeRoot | undefined;
  /** In key order. */
  readonly changes: Iterable<TailEntry>;
  /** What the changes add to the tree's counters. */
  readonly counters: { readonly entries: number; readonly bytes: number };
  readonly pages: Pages;
  /** The next page id: consecutive from one call to the next. */
  readonly allocate: () => number;
  readonly checkpoint: number;
  /** Damaged pages that are to be cut out of the tree; the changes lead to each. */
  readonly lost?: ReadonlySet<number> | undefined;
  /** Pages that are written as images, whatever changes in them: the changes lead to each. */
  readonly anew?: ReadonlySet<number> | undefined;
  /** Images only, and leaves less than half full are joined with their neighbours. */
  readonly compact?: boolean | undefined;
}

/** The first of these pages, once it is there; the others are asked for along with it. */
export function* loadFirst(
  pages: Pages,
  wanted: readonly number[],
): Generator<MergeStep, Page, void> {
  const id = wanted[0] as number;
  let page = pages.get(id);
  while (page === undefined) {
    yield { kind: 'need', pages: wanted.filter((other) => pages.get(other) === undefined) };
    page = pages.get(id);
  }
  return page;
}
