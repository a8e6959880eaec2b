/**
 * Comparing items and index entries, a slice at a time, and what mends the difference.
 *
 * Each item must have its entry in every index, and each entry its item. A slice is decided at the
 * log's head like any write, so what it finds is a difference and not a race. What lies behind
 * damage is left alone: nobody knows what belongs there until it is repaired.
 */
import { emptyBytes } from '../base/bytes.ts';
import { compareBytes, equalBytes } from '../base/bytes.ts';
import { DamagedData } from '../base/corruption.ts';
import { backfillSliceBytes, backfillSliceItems } from '../base/limits.ts';
import type { Mutation } from '../log/commit.ts';
import type { TreeReader } from '../tree/reader.ts';
import { StoredItem } from '../value/codec.ts';
import { indexEntry } from './indexes.ts';
import { storedKey } from './keys.ts';
import type { IndexState, TableState } from './state.ts';

export interface ScrubSlice {
  readonly mutations: Mutation[];
  readonly checked: number;
  /** The key to go on after; undefined at the end. */
  readonly last: Uint8Array | undefined;
}

type Check = (key: Uint8Array, stored: StoredItem, mutations: Mutation[]) => void;

/** Items after `after`, each against its entries. Throws PageFault. */
export function scrubItems(
  reader: TreeReader,
  table: TableState,
  after: Uint8Array | undefined,
): ScrubSlice {
  const indexes = table.indexes.filter(({ backfilling, status }) => {
    return !backfilling && status !== 'DELETING';
  });
  return slice(reader, table.tree, after, (_key, item, mutations) => {
    for (const index of indexes) {
      const entry = indexEntry(table, index, item);
      if (entry === undefined) continue;
      const there = reader.get(index.tree, entry.key);
      if (there !== undefined && equalBytes(there, entry.value)) continue;
      const sizeBefore = there && new StoredItem(there).size;
      const { key, value, size } = entry;
      mutations.push({ tree: index.tree, key, value, sizeBefore, sizeAfter: size });
    }
  });
}

/** Entries of an index after `after`, each against its item. Throws PageFault. */
export function scrubEntries(
  reader: TreeReader,
  table: TableState,
  index: IndexState,
  after: Uint8Array | undefined,
): ScrubSlice {
  return slice(reader, index.tree, after, (key, entry, mutations) => {
    let bytes: Uint8Array | undefined;
    try {
      bytes = reader.get(table.tree, storedKey(table, entry.item()));
    } catch (error) {
      // The item is out of reach: it may be there.
      if (error instanceof DamagedData) return;
      throw error;
    }
    const wanted = bytes && indexEntry(table, index, new StoredItem(bytes));
    if (wanted !== undefined && compareBytes(wanted.key, key) === 0) return;
    const sizeBefore = entry.size;
    mutations.push({ tree: index.tree, key, value: undefined, sizeBefore, sizeAfter: undefined });
  });
}

function slice(
  reader: TreeReader,
  tree: number,
  after: Uint8Array | undefined,
  check: Check,
): ScrubSlice {
  const mutations: Mutation[] = [];
  let bytes = 0;
  let checked = 0;
  try {
    const cursor = reader.range(tree, after === undefined ? {} : { from: after, fromOpen: true });
    while (cursor.next()) {
      const key = cursor.key.slice();
      const stored = new StoredItem(cursor.value.slice());
      check(key, stored, mutations);
      checked += 1;
      bytes += stored.bytes.length;
      if (checked >= backfillSliceItems || bytes >= backfillSliceBytes) {
        return { mutations, checked, last: key };
      }
    }
  } catch (error) {
    if (!(error instanceof DamagedData)) throw error;
  }
  return { mutations, checked, last: undefined };
}

/**
 * What moves a tree's counters by so much and changes no entry: tombstones of the empty key, which
 * no entry has.
 */
export function counterMutations(tree: number, entries: number, bytes: number): Mutation[] {
  const mutations: Mutation[] = [];
  const say = (sizeBefore: number | undefined, sizeAfter: number | undefined): void => {
    mutations.push({ tree, key: emptyBytes, value: undefined, sizeBefore, sizeAfter });
  };
  for (let left = Math.abs(entries); left > 0; left -= 1) {
    if (entries > 0) say(undefined, 0);
    else say(0, undefined);
  }
  if (bytes !== 0) say(Math.max(0, -bytes), Math.max(0, bytes));
  return mutations;
}

/** Whether such a correction stands that the tree's pages do not have yet. */
export function isCorrected(reader: TreeReader, tree: number): boolean {
  const range = { from: emptyBytes, to: emptyBytes, toClosed: true };
  return reader.newerThanPages(tree, range).length > 0;
}
