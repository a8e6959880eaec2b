/**
 * ItemCollectionMetrics: how large the items are that share a partition key, in a table with local
 * indexes (reference/query-scan-indexes.md, section 7).
 *
 * The estimate is a range in whole gigabytes that the size lies in: one gigabyte wide where the
 * collection is counted, wider while it is not (table/collections.ts).
 */
import { hexOf } from '../../base/bytes.ts';
import type { CollectionLedger } from '../../table/collections.ts';
import { hasLocalIndexes } from '../../table/indexes.ts';
import type { TableState } from '../../table/state.ts';
import { encodeItem } from '../../value/codec.ts';
import { setOwn } from '../../value/own.ts';
import type { Item } from '../../value/value.ts';

export interface CollectionMetrics {
  readonly ItemCollectionKey: Item;
  readonly SizeEstimateRangeGB: readonly [number, number];
}

type Wish = 'SIZE' | 'NONE' | undefined;

/** A write of a call, with its table's name as the caller wrote it. */
interface NamedTarget {
  readonly name: string;
  readonly write: { readonly table: TableState; readonly keyItem: Item };
}

const gigabyte = 2 ** 30;

/** `{ ItemCollectionMetrics }`, or nothing where it was not asked or there are no collections. */
export function collectionMember(
  wish: Wish,
  ledger: CollectionLedger,
  table: TableState,
  item: Item,
): { readonly ItemCollectionMetrics?: CollectionMetrics } {
  if (wish !== 'SIZE' || !hasLocalIndexes(table)) return {};
  return { ItemCollectionMetrics: collectionMetrics(ledger, table, item) };
}

/**
 * `{ ItemCollectionMetrics: { table: [...] } }` of the collections that a call touches, each once,
 * or nothing where there is nothing to tell.
 */
export function collectionTables(
  wish: Wish,
  ledger: CollectionLedger,
  writes: readonly NamedTarget[],
): {
  readonly ItemCollectionMetrics?: Readonly<Record<string, readonly CollectionMetrics[]>>;
} {
  if (wish !== 'SIZE') return {};
  // A table goes by the name that it has first: another may be its ARN.
  const names = new Map<number, string>();
  const tables = new Map<string, Map<string, CollectionMetrics>>();
  for (const { name: given, write } of writes) {
    if (!hasLocalIndexes(write.table)) continue;
    const name = names.get(write.table.tree) ?? given;
    names.set(write.table.tree, name);
    const collections = tables.get(name) ?? new Map<string, CollectionMetrics>();
    tables.set(name, collections);
    const metrics = collectionMetrics(ledger, write.table, write.keyItem);
    collections.set(hexOf(encodeItem(metrics.ItemCollectionKey)), metrics);
  }
  if (tables.size === 0) return {};
  const member: Record<string, readonly CollectionMetrics[]> = {};
  for (const [name, collections] of tables) setOwn(member, name, [...collections.values()]);
  return { ItemCollectionMetrics: member };
}

function collectionMetrics(
  ledger: CollectionLedger,
  table: TableState,
  item: Item,
): CollectionMetrics {
  const { least, most } = ledger.boundsOf(table, item);
  const low = Math.floor(least / gigabyte);
  const key = table.keys.hash.flatMap(({ name }) => {
    const value = item.get(name);
    return value === undefined ? [] : [[name, value] as const];
  });
  return {
    ItemCollectionKey: new Map(key),
    SizeEstimateRangeGB: [low, Math.max(low + 1, Math.ceil(most / gigabyte))],
  };
}
