/**
 * The bytes that the model's items are stored as: an answer that has the same ones is the same item
 * without being read.
 *
 * Only what the ledger has read from the log, and compared with the model, is noted.
 */
import { equalBytes } from '../../src/base/bytes.ts';
import { StoredItem } from '../../src/value/codec.ts';
import { equalItems } from '../../src/value/compare.ts';
import type { Item } from '../../src/value/value.ts';

const stored = new WeakMap<Item, Uint8Array>();

/** Longer ones are not worth a copy. */
const notedBytesMax = 8192;

export function noteBytes(item: Item, bytes: Uint8Array): void {
  if (bytes.length <= notedBytesMax) stored.set(item, bytes.slice());
}

/** Whether an answer's item, stored or not, is the model's. */
export function isItem(item: Item, given: unknown): boolean {
  if (!(given instanceof StoredItem)) return equalItems(item, given as Item);
  const bytes = stored.get(item);
  if (bytes !== undefined && equalBytes(bytes, given.bytes)) return true;
  return equalItems(item, given.item());
}
