/**
 * Records of a stream that were saved from a damaged page, put back in their places.
 *
 * A shard only grows at its end, so nothing can have come to their keys since.
 */
import { DamagedData } from '../base/corruption.ts';
import { readChange } from '../log/change.ts';
import type { Mutation } from '../log/commit.ts';
import type { SavedEntry } from '../table/restore.ts';
import type { TreeReader } from '../tree/reader.ts';
import { StoredItem } from '../value/codec.ts';
import { streamOfTree } from './streams.ts';

/** The mutation of one record; none when it is none, or is there. Throws PageFault. */
export function restoreRecord(
  reader: TreeReader,
  tree: number,
  { key, value }: SavedEntry,
): readonly Mutation[] {
  const size = recordSize(key, value);
  if (size === undefined || streamOfTree(reader, tree) === undefined) return [];
  try {
    if (reader.get(tree, key) !== undefined) return [];
  } catch (error) {
    // Out of reach, as all that was saved was.
    if (!(error instanceof DamagedData)) throw error;
  }
  return [{ tree, key, value, sizeBefore: undefined, sizeAfter: size }];
}

/** DynamoDB's size of its images; undefined when the bytes are no record. */
export function recordSize(key: Uint8Array, value: Uint8Array): number | undefined {
  try {
    const { before, after } = readChange(key, value);
    const sizes = [before, after].map((image) => (image ? new StoredItem(image).size : 0));
    return sizes.reduce((sum, size) => sum + size, 0);
  } catch {
    return undefined;
  }
}
