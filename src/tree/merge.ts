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
import type { Page } from '../pager/page.ts';
import type { TreeRoot } from '../pager/root.ts';
import { MergeRun } from './merge-run.ts';
import type { MergeInput, MergeStep } from './merge-step.ts';
import type { Pages } from './search.ts';

export { leadPosition, type MergeInput, type MergeStep, type PageWrite } from './merge-step.ts';

/**
 * Merges a sorted batch into the pages of a tree; answers the new root, undefined when it is empty.
 */
export function* mergeTree(input: MergeInput): Generator<MergeStep, TreeRoot | undefined, void> {
  const { root, counters, lost } = input;
  const top = yield* new MergeRun(input).run();
  if (top === undefined) return undefined;
  // A tree whose root was cut out is counted anew when the damage is repaired.
  const before = root !== undefined && lost?.has(root.page) !== true ? root : undefined;
  return {
    page: top.page,
    height: top.height,
    entries: Math.max(0, (before?.entries ?? 0) + counters.entries),
    bytes: Math.max(0, (before?.bytes ?? 0) + counters.bytes),
  };
}

/**
 * Frees every page of a tree, those of large values too; the same protocol. Pages that turn out to
 * be damaged are put into `lost` while they are asked for: what only they lead to stays.
 */
export function* dropTree(
  root: TreeRoot | undefined,
  pages: Pages,
  lost: ReadonlySet<number> = new Set(),
): Generator<MergeStep, void, void> {
  if (root !== undefined) yield* dropPage(pages, [root.page], root.height, lost);
}

function* dropPage(
  pages: Pages,
  wanted: readonly number[],
  height: number,
  lost: ReadonlySet<number>,
): Generator<MergeStep, void, void> {
  const page = yield* findFirst(pages, wanted, lost);
  if (page === undefined) {
    yield { kind: 'wrote', writes: [], freed: wanted.slice(0, 1) };
    return;
  }
  const freed = [page.id];
  for (let index = 0; index < page.count; index += 1) {
    if (height > 1) {
      const last = Math.min(page.count, index + 1 + readAheadPages);
      const children: number[] = [];
      for (let at = index; at < last; at += 1) children.push(page.child(at));
      yield* dropPage(pages, children, height - 1, lost);
    } else if (page.isOverflow(index)) {
      const ref = page.overflow(index);
      for (let id = ref.firstPage; id < ref.firstPage + ref.pages; id += 1) freed.push(id);
    }
  }
  yield { kind: 'wrote', writes: [], freed };
}

/** As loadFirst, but undefined when the first page is lost. */
function* findFirst(
  pages: Pages,
  wanted: readonly number[],
  lost: ReadonlySet<number>,
): Generator<MergeStep, Page | undefined, void> {
  const id = wanted[0] as number;
  let page = pages.get(id);
  while (page === undefined && !lost.has(id)) {
    const absent = wanted.filter((other) => pages.get(other) === undefined && !lost.has(other));
    yield { kind: 'need', pages: absent };
    page = pages.get(id);
  }
  return page;
}
