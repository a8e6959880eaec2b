/**
 * What a live query reads: ranges of trees, one after the other, with a filter and a projection.
 *
 * A GetItem is a range of one key, a Query or Scan is one range, a SELECT is some. Each range is
 * followed where its entries change: in the tree that is read, or, where a local index is asked for
 * attributes that it does not hold, in the tree of the table, because only that changes then.
 */
import { prefixEnd } from '../base/bytes.ts';
import type { Condition } from '../expression/condition.ts';
import type { Projection } from '../expression/projection.ts';
import { validation } from '../base/errors.ts';
import { expiryAttribute, tellsExpiry } from '../table/expiry.ts';
import { indexEntry } from '../table/indexes.ts';
import { keyItem } from '../table/keys.ts';
import type { IndexState, TableState } from '../table/state.ts';
import type { KeyRange } from '../tree/reader.ts';
import { encodeItem, StoredItem } from '../value/codec.ts';
import type { Item } from '../value/value.ts';

export interface LivePart {
  readonly table: TableState;
  readonly index: IndexState | undefined;
  readonly range: KeyRange;
  readonly isReverse: boolean;
  readonly filter: Condition | undefined;
  readonly projection: Projection | undefined;
  readonly isCount: boolean;
  /** Whether filter and result want attributes of the table's item, and not of the entry. */
  readonly reachBack: { readonly forFilter: boolean; readonly forResult: boolean };
  /** False where at most one item can be there. */
  readonly isRestartable: boolean;
  /** What the keys of table and local index begin with in `range`; undefined when anything. */
  readonly partition?: Uint8Array | undefined;
}

export interface LiveRead {
  readonly parts: readonly LivePart[];
  /** Of items evaluated, all parts together. */
  readonly limit: number | undefined;
  readonly isCount: boolean;
}

export function treeOf({ table, index }: LivePart): number {
  return index?.tree ?? table.tree;
}

export function reachesBack({ reachBack }: LivePart): boolean {
  return reachBack.forFilter || reachBack.forResult;
}

/** The tree and the range whose changes tell of changes of a part. */
export function followedOf(part: LivePart): { readonly tree: number; readonly range: KeyRange } {
  if (!reachesBack(part)) return { tree: treeOf(part), range: part.range };
  const { partition } = part;
  return { tree: part.table.tree, range: partition === undefined ? {} : prefixed(partition) };
}

/** Whether two reads follow the same trees: then what is held of one is held of the other. */
export function sameTrees(a: LiveRead, b: LiveRead): boolean {
  return (
    a.parts.length === b.parts.length &&
    a.parts.every((part, at) => {
      const other = b.parts[at];
      return other !== undefined && treeOf(part) === treeOf(other);
    })
  );
}

/**
 * The bytes of what is shown of an entry; undefined when the filter says no. `whole`: the table's
 * item, of a part that reaches back.
 */
export function shownOf(
  part: LivePart,
  entry: StoredItem,
  whole: StoredItem,
): Uint8Array | undefined {
  const { filter, projection, reachBack, isCount } = part;
  const tested = reachBack.forFilter ? whole : entry;
  if (filter !== undefined && !filter.holds(tested.item())) return undefined;
  if (isCount) return noBytes;
  const found = reachBack.forResult ? whole : entry;
  // A copy: what was read is a view on a page, or on a record of the log.
  return projection === undefined
    ? found.bytes.slice()
    : encodeItem(projection.project(found.item())).slice();
}

/** Of a part that reaches back: the entry that follows from an item, if there is one. */
export function entryOfItem(
  { table, index }: LivePart,
  whole: StoredItem,
): { readonly key: Uint8Array; readonly entry: StoredItem } | undefined {
  const entry = index && indexEntry(table, index, whole);
  return entry && { key: entry.key, entry: new StoredItem(entry.value) };
}

/** Throws where a query would have to look at the items of entries to hide what is over. */
export function checkHides({ parts }: LiveRead): void {
  for (const part of parts) {
    const { table, index } = part;
    if (reachesBack(part) || tellsExpiry(table, index)) continue;
    throw validation(
      `A live query hides what is over only in an index that has the attribute ` +
        `${expiryAttribute(table)}: ${index?.name} has not`,
    );
  }
}

/** Whether items of what two reads follow expire by the same attribute. */
export function sameExpiry(a: LiveRead, b: LiveRead): boolean {
  return a.parts.every(({ table }, at) => {
    const other = b.parts[at]?.table;
    return other !== undefined && expiryAttribute(table) === expiryAttribute(other);
  });
}

/** LastEvaluatedKey of a read that ends with this entry. */
export function lastKeyOf(
  { table, index, isRestartable }: LivePart,
  entry: Item,
): Item | undefined {
  if (!isRestartable) return undefined;
  return index === undefined ? keyItem(entry, table.keys) : keyItem(entry, index.keys, table.keys);
}

const noBytes = new Uint8Array(0);

function prefixed(partition: Uint8Array): KeyRange {
  return { from: partition, to: prefixEnd(partition) };
}
