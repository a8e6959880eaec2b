/**
 * Last writer wins, item by item (shared/SYNC.md, Semantics 1).
 *
 * The greater stamp stands, whatever came first; a delete is a write. Equal stamps are the same
 * write, unless a replica was cloned: then the greater hash stands, so that all agree.
 * Invariants
 * - Whoever has seen the same versions, in any order and however often, shows the same one.
 */
import { compareBytes } from '../base/bytes.ts';
import { compareStamps, type Stamp } from '../base/hlc.ts';
import { hash32 } from '../base/hash.ts';

/** An item as of one write; `image` is the stored item, undefined when it was deleted. */
export interface Written {
  readonly stamp: Stamp;
  readonly image: Uint8Array | undefined;
}

/** Above zero when `a` stands over `b`, 0 when they are the same. */
export function compareWritten(a: Written, b: Written): number {
  const order = compareStamps(a.stamp, b.stamp);
  if (order !== 0) return order;
  const hashes = hashOf(a.image) - hashOf(b.image);
  if (hashes !== 0) return hashes;
  // Hashes of different images may meet.
  if (a.image === undefined || b.image === undefined) return 0;
  return compareBytes(a.image, b.image);
}

/** The one that stands. */
export function resolve(a: Written, b: Written): Written {
  return compareWritten(a, b) >= 0 ? a : b;
}

/** Of a deletion, less than that of any item. */
function hashOf(image: Uint8Array | undefined): number {
  return image === undefined ? -1 : hash32(image);
}
