/**
 * ItemCollectionMetrics: how large the items are that share a partition key, in a table with local
 * indexes (reference/query-scan-indexes.md, section 7).
 *
 * The estimate is a range in whole gigabytes. Its upper end is the table with its local indexes,
 * which is exact for what counts: a collection is never larger than that.
 */
import { hexOf } from '../../base/bytes.ts';
import { hasLocalIndexes } from '../../table/indexes.ts';
import type { TableState } from '../../table/state.ts';
import type { TreeReader } from '../../tree/reader.ts';
import { encodeItem } from '../../value/codec.ts';
import { setOwn } from '../../value/own.ts';
import type { Item } from '../../value/value.ts';

export interface CollectionMetrics {
  readonly ItemCollectionKey: Item;
  readonly SizeEstimateRangeGB: readonly [number, number];
}

type Wish = 'SIZE' | 'NONE' | undefined;

const gigabyte = 2 ** 30;

/** `{ ItemCollectionMetrics }`, or nothing where it was not asked or there are no collections. */
export function collectionMember(
  wish: Wish,
  reader: TreeReader,
  table: TableState,
  item: Item,
): { readonly ItemCollectionMetrics?: CollectionMetrics } {
  if (wish !== 'SIZE' || !hasLocalIndexes(table)) return {};
  return { ItemCollectionMetrics: collectionMetrics(reader, table, item) };
}

/** Gathers the collections that the requests of one call touch, each once, by table. */
export class CollectionTables {
  readonly #tables = new Map<string, Map<string, CollectionMetrics>>();

  add(reader: TreeReader, name: string, table: TableState, item: Item): void {
    if (!hasLocalIndexes(table)) return;
    let collections = this.#tables.get(name);
    if (collections === undefined) {
      collections = new Map();
      this.#tables.set(name, collections);
    }
    const metrics = collectionMetrics(reader, table, item);
    collections.set(hexOf(encodeItem(metrics.ItemCollectionKey)), metrics);
  }

  /** `{ ItemCollectionMetrics: { table: [...] } }`, or nothing where there is nothing to tell. */
  member(wish: Wish): {
    readonly ItemCollectionMetrics?: Readonly<Record<string, readonly CollectionMetrics[]>>;
  } {
    if (wish !== 'SIZE' || this.#tables.size === 0) return {};
    const member: Record<string, readonly CollectionMetrics[]> = {};
    for (const [name, collections] of this.#tables) {
      setOwn(member, name, [...collections.values()]);
    }
    return { ItemCollectionMetrics: member };
  }
}

function collectionMetrics(reader: TreeReader, table: TableState, item: Item): CollectionMetrics {
  let bytes = reader.counters(table.tree).bytes;
  for (const { kind, tree } of table.indexes) {
    if (kind === 'local') bytes += reader.counters(tree).bytes;
  }
  const key = table.keys.hash.flatMap(({ name }) => {
    const value = item.get(name);
    return value === undefined ? [] : [[name, value] as const];
  });
  return {
    ItemCollectionKey: new Map(key),
    SizeEstimateRangeGB: [0, Math.max(1, Math.ceil(bytes / gigabyte))],
  };
}
