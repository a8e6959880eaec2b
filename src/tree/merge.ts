/**
 * Merging a sorted batch of changes into the pages of a tree, and dropping a tree.
 *
 * This is what a checkpoint does with the frozen tail, and the only place where pages get ids. It
 * waits for nothing: it yields what it needs and what it wrote, and the engine loads, stores, and
 * goes on.
 * Invariants
 * - Until the checkpoint counts, readers see the pages as they were, and so does the merge itself.
 * - Each page is written once in a merge; what is yielded as freed is needed by no later
 *   checkpoint.
 */
import { readAheadPages } from '../base/limits.ts';
import type { TreeRoot } from '../pager/root.ts';
import { MergeRun } from './merge-run.ts';
import { loadFirst, type MergeInput, type MergeStep } from './merge-step.ts';
import type { Pages } from './search.ts';

export type { MergeInput, MergeStep, PageWrite } from './merge-step.ts';

/**
 * Merges a sorted batch into the pages of a tree; answers the new root, undefined when it is empty.
 */
export function* mergeTree(input: MergeInput): Generator<MergeStep, TreeRoot | undefined, void> {
  const { root, counters } = input;
  const top = yield* new MergeRun(input).run();
  if (top === undefined) return undefined;
  return {
    page: top.page,
    height: top.height,
    entries: (root?.entries ?? 0) + counters.entries,
    bytes: (root?.bytes ?? 0) + counters.bytes,
  };
}

/** Frees every page of a tree, those of large values too; the same protocol. */
export function* dropTree(
  root: TreeRoot | undefined,
  pages: Pages,
): Generator<MergeStep, void, void> {
  if (root !== undefined) yield* dropPage(pages, [root.page], root.height);
}

function* dropPage(
  pages: Pages,
  wanted: readonly number[],
  height: number,
): Generator<MergeStep, void, void> {
  const page = yield* loadFirst(pages, wanted);
  const freed = [page.id];
  for (let index = 0; index < page.count; index += 1) {
    if (height > 1) {
      const last = Math.min(page.count, index + 1 + readAheadPages);
      const children: number[] = [];
      for (let at = index; at < last; at += 1) children.push(page.child(at));
      yield* dropPage(pages, children, height - 1);
    } else if (page.isOverflow(index)) {
      const ref = page.overflow(index);
      for (let id = ref.firstPage; id < ref.firstPage + ref.pages; id += 1) freed.push(id);
    }
  }
  yield { kind: 'wrote', writes: [], freed };
}
