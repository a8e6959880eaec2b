/**
 * Whether a device knows that an item which it has not is not there: only where it holds the range
 * complete (shared/SYNC.md, Semantics 4). What ranges are is said in holding.ts; this much of them
 * is asked at every write of a replicated table.
 */
import { ByteReader, compareBytes, concatBytes, emptyBytes } from '../base/bytes.ts';
import type { Mutation } from '../log/commit.ts';
import type { ItemPlace } from '../table/replicated.ts';
import { treeKey } from '../table/system.ts';
import type { TreeReader } from '../tree/reader.ts';
import { remove } from './book.ts';

export const holdingKind = 13;
/** The first byte of a range that is complete; the first key behind it follows. */
export const completeState = 0;

export function holdingKey(tree: number, from: Uint8Array): Uint8Array {
  return concatBytes(Uint8Array.of(holdingKind), treeKey(tree), from);
}

/** Cost: one search of the book. Throws PageFault. */
export function isAbsenceKnown(
  reader: TreeReader,
  book: number,
  { tree, key }: ItemPlace,
): boolean {
  const range = { from: holdingKey(tree, emptyBytes), to: holdingKey(tree, key), toClosed: true };
  const cursor = reader.range(book, range, true);
  if (!cursor.next() || cursor.value[0] !== completeState) return false;
  const to = new ByteReader(cursor.value.subarray(1)).block();
  return to.length === 0 || compareBytes(key, to) < 0;
}

/** The records of all ranges, or of those of one table, are taken away: they are absent then. */
export function forgetRanges(reader: TreeReader, book: number, tree?: number): readonly Mutation[] {
  const from = tree === undefined ? Uint8Array.of(holdingKind) : holdingKey(tree, emptyBytes);
  const to = tree === undefined ? Uint8Array.of(holdingKind + 1) : holdingKey(tree + 1, emptyBytes);
  const mutations: Mutation[] = [];
  const cursor = reader.range(book, { from, to });
  while (cursor.next()) mutations.push(remove(book, cursor.key.slice(), cursor.value));
  return mutations;
}
