/**
 * Damaged pages that a checkpoint cuts out of their trees.
 *
 * A merge goes only where changes lead it, so each lost page gets a tombstone of the first key that
 * it may have held: it removes nothing, and it brings the merge to the page's parent. The page's
 * own records are neither freed nor replaced: they are kept for a repair.
 */
import { compareBytes } from '../base/bytes.ts';
import type { TailEntry } from '../log/tail.ts';
import type { DamageRecord } from '../table/damage.ts';
import { leadsTo } from '../tree/search.ts';
import type { EngineState } from './state.ts';

/** Records whose page is still a part of its tree. Throws PageFault. */
export function stillInTrees(
  state: EngineState,
  records: readonly DamageRecord[],
): readonly DamageRecord[] {
  const lost = new Set(records.map(({ page }) => page));
  return records.filter(({ tree, page, from, height }) => {
    // A piece of a large value hangs at a cell, which stays where it is.
    return height > 0 && leadsTo(state.cache, state.root(tree), from, page, lost);
  });
}

export class LostPages {
  readonly #byTree: Map<number, DamageRecord[]> = new Map();

  constructor(records: readonly DamageRecord[]) {
    for (const record of records) {
      const of = this.#byTree.get(record.tree);
      if (of === undefined) this.#byTree.set(record.tree, [record]);
      else of.push(record);
    }
  }

  /** Those trees, and those with lost pages, ascending. */
  with(trees: readonly number[]): readonly number[] {
    return [...new Set([...trees, ...this.#byTree.keys()])].sort((a, b) => a - b);
  }

  pagesOf(tree: number): ReadonlySet<number> | undefined {
    const records = this.#byTree.get(tree);
    return records && new Set(records.map(({ page }) => page));
  }

  /** The changes of a tree, with what leads to its lost pages. */
  leadTo(tree: number, changes: Iterable<TailEntry>): Iterable<TailEntry> {
    const records = this.#byTree.get(tree);
    if (records === undefined) return changes;
    const all = [...changes];
    for (const { from } of records) {
      const at = all.findIndex(({ key }) => compareBytes(key, from) >= 0);
      const there = all[at];
      if (there !== undefined && compareBytes(there.key, from) === 0) continue;
      const lead: TailEntry = { key: from, value: undefined, position: 0 };
      all.splice(at < 0 ? all.length : at, 0, lead);
    }
    return all;
  }
}
