/**
 * The second order of a hub's feed: by partition key, then by place, so that a scope of some
 * partition keys costs what it brings and not the whole feed (shared/SYNC-scenarios.md, P6). Layout
 * in docs/formats/replica.md.
 *
 * Only tables with a sort key have it: of the others a partition key is one item, whose place its
 * version has. It is written here, by every commit of a hub, and read in lead-places.ts.
 */
import { concatBytes } from '../base/bytes.ts';
import type { Mutation } from '../log/commit.ts';
import type { ItemPlace } from '../table/replicated.ts';
import type { TableReplica } from '../table/state.ts';
import { treeKey } from '../table/system.ts';
import { leadLength } from '../value/key-decode.ts';
import { put, remove } from './book.ts';

const leadKind = 15;

/** `lead`: what all keys of the partition begin with. */
export function leadKey(tree: number, lead: Uint8Array, place: number): Uint8Array {
  return concatBytes(Uint8Array.of(leadKind), treeKey(tree), lead, treeKey(place));
}

/** What a change of a hub's item moves in it: from `was`, if it had a place, to `place`. */
export function moveInLead(
  book: number,
  { lead: type }: TableReplica,
  { tree, key }: ItemPlace,
  was: number | undefined,
  place: number | undefined,
): readonly Mutation[] {
  if (type === undefined) return [];
  const length = leadLength(key, type);
  const lead = key.subarray(0, length);
  const rest = key.slice(length);
  return [
    ...(was === undefined ? [] : [remove(book, leadKey(tree, lead, was), rest)]),
    ...(place === undefined ? [] : [put(book, leadKey(tree, lead, place), undefined, rest)]),
  ];
}
