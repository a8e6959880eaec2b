/**
 * Items of the system trees as mutations: what a commit writes about the engine's own state.
 *
 * A mutation says the size of what was there, so each of these reads before it writes.
 */
import { must } from '../base/assert.ts';
import { lostIdsMax } from '../base/limits.ts';
import type { Mutation } from '../log/commit.ts';
import type { TreeReader } from '../tree/reader.ts';
import { decodeItem, encodeItem } from '../value/codec.ts';
import { itemSize } from '../value/size.ts';
import type { Item } from '../value/value.ts';
import { tableItem } from './description.ts';
import { drawnByRepair } from './restore.ts';
import type { TableState } from './state.ts';
import {
  catalogKey,
  catalogTree,
  countersTree,
  droppedTree,
  firstUserTree,
  nextTreeKey,
  rootsTree,
  treeKey,
  treeOfKey,
} from './system.ts';

/** Puts `item` under `key`, whatever was there. */
export function putSystemItem(
  reader: TreeReader,
  tree: number,
  key: Uint8Array,
  item: Item,
): Mutation {
  const before = reader.get(tree, key);
  return {
    tree,
    key,
    value: encodeItem(item),
    sizeBefore: before && itemSize(decodeItem(before)),
    sizeAfter: itemSize(item),
  };
}

/** A table's description, in the place of the one that its name had. */
export function putTable(reader: TreeReader, table: TableState): Mutation {
  return putSystemItem(reader, catalogTree, catalogKey(table.name), tableItem(table));
}

/** Removes the item under `key`; no mutation when there is none. */
export function removeSystemItem(
  reader: TreeReader,
  tree: number,
  key: Uint8Array,
): readonly Mutation[] {
  const before = reader.get(tree, key);
  if (before === undefined) return [];
  const sizeBefore = itemSize(decodeItem(before));
  return [{ tree, key, value: undefined, sizeBefore, sizeAfter: undefined }];
}

/**
 * `count` tree ids that no tree ever had, and the mutation that keeps them from being given again.
 * One call in a commit: a second would read the same counter.
 */
export function takeTreeIds(
  reader: TreeReader,
  count: number,
): { readonly ids: readonly number[]; readonly mutation: Mutation } {
  const stored = reader.get(countersTree, nextTreeKey);
  const next = stored === undefined ? firstOf(reader) : counterOf(decodeItem(stored));
  const ids = Array.from({ length: count }, (_, at) => next + at);
  const item: Item = new Map([['next', { type: 'N', value: String(next + count) }]]);
  return { ids, mutation: putSystemItem(reader, countersTree, nextTreeKey, item) };
}

/** Where the counter was lost, and given up: behind all trees that have pages, and far away. */
function firstOf(reader: TreeReader): number {
  const drawn = drawnByRepair(reader);
  if (drawn === undefined) return firstUserTree;
  const roots = reader.range(rootsTree, {}, true);
  return Math.max(lostIdsMax, roots.next() ? treeOfKey(roots.key) : 0) + (drawn % lostIdsMax);
}

function counterOf(item: Item): number {
  return Number(must(item.get('next'), 'the counter of trees has no number').value);
}

/** Puts trees out of reach into the list of those whose pages the next checkpoint frees. */
export function dropTrees(reader: TreeReader, trees: readonly number[]): readonly Mutation[] {
  return trees.map((tree) => putSystemItem(reader, droppedTree, treeKey(tree), new Map()));
}
