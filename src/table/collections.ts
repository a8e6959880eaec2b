/**
 * Item collections: the items of a table with local indexes that share a partition key, and the
 * bytes of each with its entries in those indexes (reference/query-scan-indexes.md, section 7).
 *
 * A tree of the table's own has a counter for each collection that is not empty, moved by the
 * commit that changes it. The tree begins with the first write that finds none; if the table has
 * items by then, a job counts them in the order of their keys, and a write moves the counter where
 * the job has been. Layout in docs/formats/catalog.md.
 * Invariants
 * - Tables without local indexes have no such tree, and pay nothing.
 * - Once it is counted, a counter is the sum over its items of sizeWithLocalEntries.
 */
import { must } from '../base/assert.ts';
import { compareBytes, mapKey } from '../base/bytes.ts';
import { DynamoError } from '../base/errors.ts';
import type { Mutation } from '../log/commit.ts';
import type { TreeReader } from '../tree/reader.ts';
import { decodeItem, encodeItem, type StoredItem } from '../value/codec.ts';
import { hashPrefix } from '../value/key.ts';
import { itemSize } from '../value/size.ts';
import type { Item } from '../value/value.ts';
import { hasLocalIndexes, sizeWithLocalEntries } from './indexes.ts';
import type { ItemDraft } from './items.ts';
import { collectionsJobId, findJob, jobItem } from './jobs.ts';
import { keyValues } from './keys.ts';
import type { CollectionsState, TableState } from './state.ts';
import { jobKey, jobsTree } from './system.ts';
import {
  dropTrees,
  putSystemItem,
  putTable,
  removeSystemItem,
  takeTreeIds,
} from './system-items.ts';

/** What a write knows of the one item that it changed. */
export interface ChangedItem {
  readonly table: TableState;
  /** Encoded. */
  readonly key: Uint8Array;
  /** The key attributes, perhaps among others. */
  readonly keyItem: Item;
  readonly before: StoredItem | undefined;
  readonly after: Item | undefined;
}

/** Bytes that a collection has at least and at most. */
export interface SizeBounds {
  readonly least: number;
  readonly most: number;
}

interface Counter {
  readonly start: number;
  bytes: number;
}

/** The collections that the writes of one request change, as they are after each of them. */
export class CollectionLedger {
  readonly #reader: TreeReader;
  readonly #bytesMax: number;
  readonly #counters = new Map<string, Counter>();
  /** Tables whose counters begin with this request, by their tree. */
  readonly #begun = new Map<number, TableState>();

  constructor(reader: TreeReader, bytesMax: number) {
    this.#reader = reader;
    this.#bytesMax = bytesMax;
  }

  /**
   * A change's commit with its counter; throws ItemCollectionSizeLimitExceededException when the
   * collection grows beyond its limit, unless that is left to `isOver`.
   */
  add(changed: ChangedItem, draft: ItemDraft, limit: 'now' | 'later' = 'now'): ItemDraft {
    const { table, keyItem, key } = changed;
    if (draft.mutations.length === 0 || !hasLocalIndexes(table)) return draft;
    const state = this.#stateOf(table) ?? this.#begin(table);
    const growth = growthOf(changed);
    if (growth === 0 || (state.counting && !isCounted(this.#reader, state, key))) return draft;
    const counter = this.#counterOf(table, state, keyItem);
    const bytes = counter.bytes + growth;
    if (limit === 'now' && growth > 0 && bytes > this.#bytesMax) throw tooLarge();
    const mutation = counterMutation(state, table, keyItem, counter.bytes, bytes);
    counter.bytes = bytes;
    return { ...draft, mutations: [...draft.mutations, mutation] };
  }

  /** Of what came from elsewhere, which no limit refuses; free of charge without local indexes. */
  addReplaced(
    table: TableState,
    key: Uint8Array,
    before: StoredItem | undefined,
    after: StoredItem | undefined,
    draft: ItemDraft,
  ): ItemDraft {
    const keyItem = hasLocalIndexes(table) ? (after ?? before)?.item() : undefined;
    if (keyItem === undefined) return draft;
    return this.add({ table, key, keyItem, before, after: after?.item() }, draft, 'later');
  }

  /** After all of a transaction was added: throws when this change is part of what is too much. */
  checkGrowth(changed: ChangedItem): void {
    const { table, keyItem } = changed;
    const state = hasLocalIndexes(table) ? this.#stateOf(table) : undefined;
    if (state === undefined) return;
    const { bytes, start } = this.#counterOf(table, state, keyItem);
    if (bytes > this.#bytesMax && bytes > start && growthOf(changed) > 0) throw tooLarge();
  }

  /** The commit that begins the counters of tables that had none. */
  beginnings(): readonly ItemDraft[] {
    const tables = [...this.#begun.values()];
    if (tables.length === 0) return [];
    const mutations = [takeTreeIds(this.#reader, tables.length).mutation];
    for (const table of tables) {
      mutations.push(putTable(this.#reader, table));
      if (table.collections?.counting !== true) continue;
      const { tree } = table.collections;
      const fields = { table: table.name, tableId: table.id, tree, cursor: undefined };
      const job = jobItem({ kind: 'collections', ...fields });
      mutations.push(putSystemItem(this.#reader, jobsTree, jobKey(collectionsJobId(tree)), job));
    }
    return [{ table: 0, mutations, units: 0 }];
  }

  /** Before it is counted, a collection is no larger than its table. */
  boundsOf(table: TableState, keyItem: Item): SizeBounds {
    const state = this.#stateOf(table);
    const least = state === undefined ? 0 : this.#counterOf(table, state, keyItem).bytes;
    if (state?.counting === false) return { least, most: least };
    let most = this.#reader.counters(table.tree).bytes;
    for (const { kind, tree } of table.indexes) {
      if (kind === 'local') most += this.#reader.counters(tree).bytes;
    }
    return { least, most: Math.max(least, most) };
  }

  #stateOf(table: TableState): CollectionsState | undefined {
    return table.collections ?? this.#begun.get(table.tree)?.collections;
  }

  #begin(table: TableState): CollectionsState {
    const place = this.#begun.size;
    const tree = must(takeTreeIds(this.#reader, place + 1).ids[place], 'no tree was given out');
    const counting = this.#reader.counters(table.tree).entries > 0;
    const collections = { tree, counting };
    this.#begun.set(table.tree, { ...table, collections });
    return collections;
  }

  #counterOf(table: TableState, { tree }: CollectionsState, keyItem: Item): Counter {
    const key = collectionKey(table, keyItem);
    const name = `${tree} ${mapKey(key)}`;
    let counter = this.#counters.get(name);
    if (counter === undefined) {
      const start = readCounter(this.#reader, tree, key);
      counter = { start, bytes: start };
      this.#counters.set(name, counter);
    }
    return counter;
  }
}

/** The tree of counters is given up: the next write begins another. Nothing where there is none. */
export function uncount(reader: TreeReader, table: TableState): readonly Mutation[] {
  const { collections, ...rest } = table;
  if (collections === undefined) return [];
  return [putTable(reader, rest), ...forgetCounters(reader, collections)];
}

/** The same without the table's description, which is put or removed by the caller. */
export function forgetCounters(
  reader: TreeReader,
  collections: CollectionsState | undefined,
): readonly Mutation[] {
  if (collections === undefined) return [];
  const { tree } = collections;
  return [
    ...removeSystemItem(reader, jobsTree, jobKey(collectionsJobId(tree))),
    ...dropTrees(reader, [tree]),
  ];
}

/** The key of a collection's counter: what the keys of its items begin with. */
export function collectionKey(table: TableState, item: Item): Uint8Array {
  return hashPrefix(keyValues(table.keys.hash, item));
}

/** Bytes of a collection; 0 where there is no counter. */
export function readCounter(reader: TreeReader, tree: number, key: Uint8Array): number {
  const bytes = reader.get(tree, key);
  return bytes === undefined ? 0 : Number(decodeItem(bytes).get('bytes')?.value);
}

/** Moves a counter; one that comes to nothing goes. */
export function moveCounter(
  tree: number,
  key: Uint8Array,
  before: number,
  after: number,
): Mutation {
  const sizeOf = (bytes: number) => (bytes === 0 ? undefined : itemSize(counterItem(bytes)));
  return {
    tree,
    key,
    value: after === 0 ? undefined : encodeItem(counterItem(after)),
    sizeBefore: sizeOf(before),
    sizeAfter: sizeOf(after),
  };
}

function counterMutation(
  { tree }: CollectionsState,
  table: TableState,
  keyItem: Item,
  before: number,
  after: number,
): Mutation {
  return moveCounter(tree, collectionKey(table, keyItem), before, after);
}

function counterItem(bytes: number): Item {
  return new Map([['bytes', { type: 'N', value: String(bytes) }]]);
}

/** By how much a change makes its collection larger. */
function growthOf({ table, before, after }: ChangedItem): number {
  const was = before === undefined ? 0 : sizeWithLocalEntries(table, before.size, before.item());
  const is = after === undefined ? 0 : sizeWithLocalEntries(table, itemSize(after), after);
  return is - was;
}

/** Whether the job that counts a table has been at this key. */
function isCounted(reader: TreeReader, { tree }: CollectionsState, key: Uint8Array): boolean {
  const cursor = findJob(reader, collectionsJobId(tree))?.cursor;
  return cursor !== undefined && compareBytes(key, cursor) <= 0;
}

function tooLarge(): DynamoError {
  return new DynamoError('ItemCollectionSizeLimitExceededException', 'Collection size exceeded.');
}
