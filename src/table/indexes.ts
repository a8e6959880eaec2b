/**
 * Secondary indexes: which entry an item has in one, and how entries follow the item's changes.
 *
 * An entry's key is the index's hash and range and then the table's key, which makes it unique; its
 * value is the projected item. Under projection ALL that is the item's own bytes, by reference.
 *
 * Invariants
 * - An item without all key attributes of an index, or with values that cannot be keys, has none.
 * - The engine's own (`system`) indexes have no types to break and cost no units.
 * - While an index is filled, entries of older items may be missing: then its tree is asked.
 */
import { equalBytes } from '../base/bytes.ts';
import type { Mutation } from '../log/commit.ts';
import type { TreeReader } from '../tree/reader.ts';
import { encodeItem, StoredItem } from '../value/codec.ts';
import { hashBytes, joinKey, type KeyRoom } from '../value/key.ts';
import { itemSize, valueSize } from '../value/size.ts';
import type { Item, Value } from '../value/value.ts';
import { entryTail, isEmptyKey, isTooLong, keyValues } from './keys.ts';
import type { IndexState, KeyPart, TableState } from './state.ts';
import { writeUnits } from './write-units.ts';

/** An item with its stored form; StoredItem is one. */
export interface WholeItem {
  readonly bytes: Uint8Array;
  readonly size: number;
  item(): Item;
  /** The attributes of these names, perhaps with others. */
  pick(names: ReadonlySet<string>): Item;
}

export interface IndexEntry {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
  readonly size: number;
}

export interface IndexChanges {
  readonly mutations: readonly Mutation[];
  /** Write units by index name. */
  readonly units: ReadonlyMap<string, number>;
}

const none: IndexChanges = { mutations: [], units: new Map() };

/** The index of that name a caller may speak of. */
export function findIndex(table: TableState, name: string): IndexState | undefined {
  return table.indexes.find((index) => index.name === name && index.kind !== 'system');
}

export function hasLocalIndexes(table: TableState): boolean {
  return table.indexes.some(({ kind }) => kind === 'local');
}

/** The entry of an item in an index of its table; undefined when it has none. */
export function indexEntry(
  table: TableState,
  index: IndexState,
  whole: WholeItem,
): IndexEntry | undefined {
  const key = entryKey(table, index, whole.pick(keyNames(table)));
  if (key === undefined) return undefined;
  if (index.projection.type === 'ALL') return { key, value: whole.bytes, size: whole.size };
  const value = encodeItem(projectEntry(table, index, whole.item()));
  return { key, value, size: new StoredItem(value).size };
}

/** The key of an item's entry in an index; undefined when it has none. */
export function entryKey(table: TableState, index: IndexState, item: Item): Uint8Array | undefined {
  if (!hasEntry(index, item)) return undefined;
  const { hash, range } = index.keys;
  const end = entryTail(table, item);
  return joinKey(keyValues(hash, item), keyValues(range, item), end, true);
}

/**
 * The same in `room` from `at` on, where the item's own key, with its hash, ends at `keyEnd`;
 * answers its end, undefined when there is none.
 */
export function putEntryKey(
  index: IndexState,
  item: Item,
  room: KeyRoom,
  keyEnd: number,
  at: number,
): number | undefined {
  if (!hasEntry(index, item)) return undefined;
  const { hash, range } = index.keys;
  // They have the key still where the room has grown and has others.
  const { bytes } = room;
  const [ofHash, ofRange] = [keyValues(hash, item), keyValues(range, item)];
  return room.join(at, ofHash, ofRange, bytes, hashBytes, keyEnd);
}

/**
 * An item and its entries in the local indexes of its table, together: what DynamoDB holds to the
 * size of one item. Costs nothing where there are no local indexes.
 */
export function sizeWithLocalEntries(table: TableState, size: number, item: Item): number {
  let sum = size;
  for (const index of table.indexes) {
    if (index.kind !== 'local' || !hasEntry(index, item)) continue;
    const isWhole = index.projection.type === 'ALL';
    sum += isWhole ? size : itemSize(projectEntry(table, index, item));
  }
  return sum;
}

/** What happens to every index when `before` becomes `after`. Throws PageFault. */
export function indexChanges(
  reader: TreeReader,
  table: TableState,
  before: WholeItem | undefined,
  after: WholeItem | undefined,
): IndexChanges {
  if (table.indexes.length === 0) return none;
  const mutations: Mutation[] = [];
  const units = new Map<string, number>();
  for (const index of table.indexes) {
    // What is being deleted is read by nobody, and its tree may be gone already.
    if (index.status === 'DELETING') continue;
    const was = before && standingEntry(reader, table, index, before);
    const is = after && indexEntry(table, index, after);
    const cost = moveEntry(index, was, is, mutations);
    if (cost > 0 && index.kind !== 'system') units.set(index.name, cost);
  }
  return { mutations, units };
}

const keyNamesOf = new WeakMap<readonly IndexState[], ReadonlySet<string>>();

/** Of the attributes that are keys of the table or of any of its indexes. */
function keyNames({ keys: own, indexes }: TableState): ReadonlySet<string> {
  const known = keyNamesOf.get(indexes);
  if (known !== undefined) return known;
  const parts = [own, ...indexes.map(({ keys }) => keys)].flatMap(({ hash, range }) => [
    ...hash,
    ...range,
  ]);
  const names = new Set(parts.map(({ name }) => name));
  keyNamesOf.set(indexes, names);
  return names;
}

/** Names of the attributes an index holds; undefined when it holds all. */
export function projectedNames(
  table: TableState,
  index: IndexState,
): ReadonlySet<string> | undefined {
  if (index.projection.type === 'ALL') return undefined;
  const names = new Set<string>(index.projection.names);
  for (const { hash, range } of [index.keys, table.keys]) {
    for (const { name } of hash) names.add(name);
    for (const { name } of range) names.add(name);
  }
  return names;
}

/** Carries one entry over into `mutations`; answers the units. */
function moveEntry(
  index: IndexState,
  was: IndexEntry | undefined,
  is: IndexEntry | undefined,
  mutations: Mutation[],
): number {
  const stays = was !== undefined && is !== undefined && equalBytes(was.key, is.key);
  if (stays) {
    if (equalBytes(was.value, is.value)) return 0;
    mutations.push(mutation(index, is.key, was, is));
    return writeUnits(Math.max(was.size, is.size));
  }
  let units = 0;
  if (was !== undefined) {
    mutations.push(mutation(index, was.key, was, undefined));
    units += writeUnits(was.size);
  }
  if (is !== undefined) {
    mutations.push(mutation(index, is.key, undefined, is));
    units += writeUnits(is.size);
  }
  return units;
}

function mutation(
  index: IndexState,
  key: Uint8Array,
  was: IndexEntry | undefined,
  is: IndexEntry | undefined,
): Mutation {
  return {
    tree: index.tree,
    key,
    value: is?.value,
    sizeBefore: was?.size,
    sizeAfter: is?.size,
  };
}

/** The entry an item has in an index now. */
function standingEntry(
  reader: TreeReader,
  table: TableState,
  index: IndexState,
  whole: WholeItem,
): IndexEntry | undefined {
  const entry = indexEntry(table, index, whole);
  if (entry === undefined || !index.backfilling) return entry;
  return reader.get(index.tree, entry.key) === undefined ? undefined : entry;
}

function projectEntry(table: TableState, index: IndexState, item: Item): Item {
  const entry = new Map<string, Value>();
  for (const name of projectedNames(table, index) ?? item.keys()) {
    const value = item.get(name);
    if (value !== undefined) entry.set(name, value);
  }
  return entry;
}

function hasEntry({ keys: { hash, range } }: IndexState, item: Item): boolean {
  return areKeys(hash, item, 'hash') && areKeys(range, item, 'range');
}

/** Whether an item has all the attributes, of the right types, neither empty nor too long. */
function areKeys(parts: readonly KeyPart[], item: Item, kind: 'hash' | 'range'): boolean {
  let size = 0;
  for (const { name, type } of parts) {
    const value = item.get(name);
    if (value === undefined || value.type !== type || isEmptyKey(value)) return false;
    size += valueSize(value);
  }
  return !isTooLong(size, kind);
}
