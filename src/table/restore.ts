/**
 * Items that were saved from damaged pages, put back in their places.
 *
 * Their index entries were never touched, so they mostly stand: an entry that does is left as it
 * is, one that does not is written. What has come to the same key since is newer and stays.
 */
import { ByteReader, equalBytes } from '../base/bytes.ts';
import { DamagedData } from '../base/corruption.ts';
import type { Mutation } from '../log/commit.ts';
import type { TreeReader } from '../tree/reader.ts';
import { decodeItem, encodeItem, StoredItem } from '../value/codec.ts';
import { itemSize } from '../value/size.ts';
import type { Item } from '../value/value.ts';
import { tableOfItem } from './description.ts';
import { indexEntry } from './indexes.ts';
import { storedKey } from './keys.ts';
import type { TableState } from './state.ts';
import { catalogKey, catalogTree, countersTree, repairKey, rootsTree } from './system.ts';

export interface SavedEntry {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
}

/** The mutations of one entry; none when it is not what it should be. Throws PageFault. */
export function restoreItem(
  reader: TreeReader,
  table: TableState,
  { key, value }: SavedEntry,
): readonly Mutation[] {
  const item = readItem(table, key, value);
  if (item === undefined || find(reader, table.tree, key) !== undefined) return [];
  const put: Mutation = {
    tree: table.tree,
    key,
    value,
    sizeBefore: undefined,
    sizeAfter: item.size,
  };
  const entries = table.indexes.flatMap((index): Mutation[] => {
    const entry = index.status === 'DELETING' ? undefined : indexEntry(table, index, item);
    if (entry === undefined) return [];
    const there = find(reader, index.tree, entry.key);
    if (there !== undefined && equalBytes(there, entry.value)) return [];
    const sizeBefore = there && new StoredItem(there).size;
    return [
      { tree: index.tree, key: entry.key, value: entry.value, sizeBefore, sizeAfter: entry.size },
    ];
  });
  return [put, ...entries];
}

/** The same of a tree of the engine's own, whose values are items; of a table also its form. */
export function restoreOwn(
  reader: TreeReader,
  tree: number,
  { key, value }: SavedEntry,
): readonly Mutation[] {
  // Of roots a checkpoint knows alone.
  if (tree === rootsTree || find(reader, tree, key) !== undefined) return [];
  try {
    const item = decodeItem(value);
    const isOther = tree === catalogTree && !equalBytes(catalogKey(tableOfItem(item).name), key);
    if (isOther) return [];
    return [{ tree, key, value, sizeBefore: undefined, sizeAfter: itemSize(item) }];
  } catch {
    return [];
  }
}

/**
 * What each commit of a repair leaves, `id` another each time: by it is seen whether a scrub has
 * counted since (engine/doubt.ts).
 */
export function markRepair(reader: TreeReader, id: Uint8Array): Mutation {
  const before = find(reader, countersTree, repairKey);
  const item: Item = new Map([['id', { type: 'B', value: id }]]);
  const sizeBefore = before && itemSize(decodeItem(before));
  const value = encodeItem(item);
  return { tree: countersTree, key: repairKey, value, sizeBefore, sizeAfter: itemSize(item) };
}

/**
 * A number of 32 bits that the last repair has drawn, for who finds that its counter is lost:
 * undefined where no repair was. Throws PageFault.
 */
export function drawnByRepair(reader: TreeReader): number | undefined {
  const mark = readRepairMark(reader);
  const id = mark && decodeItem(mark).get('id');
  return id?.type === 'B' ? new ByteReader(id.value).u32() : undefined;
}

/** Undefined where no repair has left any, or it is out of reach. Throws PageFault. */
export function readRepairMark(reader: TreeReader): Uint8Array | undefined {
  return find(reader, countersTree, repairKey)?.slice();
}

/** The same where the pages have it; undefined too where it is newer than they are. */
export function readPagesMark(reader: TreeReader): Uint8Array | undefined {
  const range = { from: repairKey, to: repairKey, toClosed: true };
  return reader.newerThanPages(countersTree, range).length > 0 ? undefined : readRepairMark(reader);
}

/** Undefined when the bytes are no item, or that of another key. */
function readItem(table: TableState, key: Uint8Array, value: Uint8Array): StoredItem | undefined {
  try {
    const stored = new StoredItem(value);
    return equalBytes(storedKey(table, stored.item()), key) ? stored : undefined;
  } catch {
    return undefined;
  }
}

/**
 * What is there; nothing when it is out of reach, as all that was saved was, and as an index may be
 * whose damage was met while nobody could tell whose it is: a repair has that one rebuilt.
 */
function find(reader: TreeReader, tree: number, key: Uint8Array): Uint8Array | undefined {
  try {
    return reader.get(tree, key);
  } catch (error) {
    if (error instanceof DamagedData) return undefined;
    throw error;
  }
}
