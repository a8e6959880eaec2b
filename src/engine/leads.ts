/**
 * Where a checkpoint goes without a change: to leaves that a compaction rewrites, and to damaged
 * pages that are cut out of their trees.
 *
 * A merge goes only where changes lead it, so each place gets an entry that changes nothing. A
 * damaged page's own records are neither freed nor replaced: they are kept for a repair.
 *
 * Of the tree of roots nothing is cut out: a page of it leads to trees that are sound, and nothing
 * else says where. One that is in memory is written anew, which mends it; one that is not stays.
 */
import { compareBytes } from '../base/bytes.ts';
import type { TailEntry } from '../log/tail.ts';
import type { DamageRecord } from '../table/damage.ts';
import { damageTree, rootsTree } from '../table/system.ts';
import { leadPosition } from '../tree/merge.ts';
import { spanOf } from '../tree/search.ts';
import type { EngineState } from './state.ts';

/** Keys of leaves to be rewritten, by tree. */
export type Sparse = ReadonlyMap<number, readonly Uint8Array[]>;

/**
 * Records whose page is still a part of its tree, with the keys that it has there now: since it was
 * found damaged, a checkpoint of who had it in memory may have joined it with others. Throws
 * PageFault.
 */
export function stillInTrees(
  state: EngineState,
  records: readonly DamageRecord[],
): readonly DamageRecord[] {
  const lost = new Set(records.filter(isCuttable).map(({ page }) => page));
  return records.flatMap((record) => {
    const { tree, page, from, height, isCut } = record;
    // A checkpoint begins these anew, and says so.
    if (tree === damageTree) return isCut === true ? [] : [record];
    // A piece of a large value hangs at a cell, which stays where it is.
    if (height === 0) return [];
    const span = spanOf(state.cache, state.published.root(tree), from, page, lost);
    return span === undefined ? [] : [{ ...record, ...span }];
  });
}

/** Which pages are in memory. */
type Cached = Pick<EngineState['cache'], 'has'>;

/** Whether a checkpoint cuts a page on record out of its tree. */
export function isCuttable({ tree }: Pick<DamageRecord, 'tree'>): boolean {
  return tree !== rootsTree;
}

export class Leads {
  readonly #keys: Map<number, Uint8Array[]> = new Map();
  readonly #lost: Map<number, Set<number>> = new Map();
  /** Pages of the tree of roots that are to be written anew. */
  readonly anew: Set<number> = new Set();

  constructor(damage: readonly DamageRecord[], sparse: Sparse = new Map(), cache?: Cached) {
    for (const { tree, page, from, height } of damage) {
      if (tree === rootsTree) {
        this.anew.add(page);
        // Whatever is merged passes by the inner ones.
        if (height === 1 && cache?.has(page) === true) this.#add(tree, from);
        continue;
      }
      this.#lost.set(tree, (this.#lost.get(tree) ?? new Set()).add(page));
      this.#add(tree, from);
    }
    for (const [tree, keys] of sparse) for (const key of keys) this.#add(tree, key);
    for (const keys of this.#keys.values()) keys.sort(compareBytes);
  }

  /** Those trees, and those that it leads to, ascending. */
  with(trees: readonly number[]): readonly number[] {
    return [...new Set([...trees, ...this.#keys.keys()])].sort((a, b) => a - b);
  }

  /** Pages of a tree that are to be cut out. */
  lostOf(tree: number): ReadonlySet<number> | undefined {
    return this.#lost.get(tree);
  }

  /** The changes of a tree, and what leads to its places, in key order. */
  *among(tree: number, changes: Iterable<TailEntry>): Generator<TailEntry, void, void> {
    const keys = this.#keys.get(tree) ?? [];
    let at = 0;
    for (const change of changes) {
      for (; at < keys.length; at += 1) {
        const order = compareBytes(keys[at] as Uint8Array, change.key);
        if (order > 0) break;
        if (order < 0) yield leadTo(keys[at] as Uint8Array);
      }
      yield change;
    }
    for (; at < keys.length; at += 1) yield leadTo(keys[at] as Uint8Array);
  }

  #add(tree: number, key: Uint8Array): void {
    const keys = this.#keys.get(tree);
    if (keys === undefined) this.#keys.set(tree, [key]);
    else keys.push(key);
  }
}

function leadTo(key: Uint8Array): TailEntry {
  return { key, value: undefined, position: leadPosition };
}
