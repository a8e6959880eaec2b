/**
 * Time to live: which attribute says when a table's items are over, and the tree that has them in
 * that order (reference/streams-ttl-backup-globaltables.md, section 3).
 *
 * The tree is an index of the engine's own: no hash part, the attribute as range part, then the
 * table's key. So commits, backfills, imports, scrubs and repairs keep it as they keep any index,
 * and an engine that knows nothing of expiry does too. Numbers sort by value: a fraction needs no
 * truncation to be on the right side of a whole second.
 * Invariants
 * - A table has one such index at most; items without the attribute as a number have no entry.
 */
import { expiryBatchItems, expiryPastSeconds } from '../base/limits.ts';
import type { Mutation } from '../log/commit.ts';
import type { KeyRange, TreeReader } from '../tree/reader.ts';
import { StoredItem } from '../value/codec.ts';
import { compareDecimals } from '../value/decimal.ts';
import { joinKey } from '../value/key.ts';
import type { Item, NumberValue } from '../value/value.ts';
import { projectedNames } from './indexes.ts';
import { findItem } from './items.ts';
import { backfillJobId, putBackfill } from './jobs.ts';
import { storedKey } from './keys.ts';
import type { IndexState, TableState } from './state.ts';
import { jobKey, jobsTree } from './system.ts';
import { dropTrees, removeSystemItem, takeTreeIds } from './system-items.ts';

/** No name that a caller can give an index, and what damage and sizes call it. */
export const expiryIndexName = '(time to live)';

/** An entry whose time is over. */
export interface DueEntry {
  readonly key: Uint8Array;
  readonly entry: StoredItem;
}

/** A change of a table's description, and what else it takes. */
export interface ExpiryChange {
  readonly table: TableState;
  readonly mutations: readonly Mutation[];
}

export function expiryIndex(table: TableState): IndexState | undefined {
  return table.indexes.find(({ kind, name }) => kind === 'system' && name === expiryIndexName);
}

/** The attribute that says when an item is over; undefined while items of the table last. */
export function expiryAttribute(table: TableState): string | undefined {
  return expiryIndex(table)?.keys.range[0]?.name;
}

/**
 * Items expire by `attribute` from now on. A job fills the tree with the items there are; a table
 * without any needs none.
 */
export function beginExpiry(
  reader: TreeReader,
  table: TableState,
  attribute: string,
): ExpiryChange {
  const { ids, mutation } = takeTreeIds(reader, 1);
  const tree = ids[0] as number;
  const hasItems = reader.counters(table.tree).entries > 0;
  const index: IndexState = {
    name: expiryIndexName,
    kind: 'system',
    tree,
    keys: { hash: [], range: [{ name: attribute, type: 'N' }] },
    projection: { type: 'KEYS_ONLY', names: [] },
    status: hasItems ? 'CREATING' : 'ACTIVE',
    backfilling: hasItems,
  };
  const next = { ...table, indexes: [...table.indexes, index] };
  if (!hasItems) return { table: next, mutations: [mutation] };
  return { table: next, mutations: [mutation, putBackfill(reader, table, index)] };
}

/** No item of the table expires any more. */
export function endExpiry(reader: TreeReader, table: TableState): ExpiryChange {
  const index = expiryIndex(table);
  if (index === undefined) return { table, mutations: [] };
  return {
    table: { ...table, indexes: table.indexes.filter((one) => one !== index) },
    mutations: [
      ...removeSystemItem(reader, jobsTree, jobKey(backfillJobId(index.tree))),
      ...dropTrees(reader, [index.tree]),
    ],
  };
}

/**
 * Whether an item's time is over: the whole seconds of its attribute are before those of `nowMs`,
 * by five years at most. Other types than numbers say nothing.
 */
export function isExpired(table: TableState, item: Item, nowMs: number): boolean {
  const attribute = expiryAttribute(table);
  const value = attribute === undefined ? undefined : item.get(attribute);
  if (value?.type !== 'N') return false;
  const { from, to } = dueSeconds(nowMs);
  const { value: time } = value;
  return compareDecimals(time, String(from)) >= 0 && compareDecimals(time, String(to)) < 0;
}

/** The whole second that an item's attribute says; undefined when it says none. */
export function expirySecond(table: TableState, item: Item): number | undefined {
  const attribute = expiryAttribute(table);
  const value = attribute === undefined ? undefined : item.get(attribute);
  return value?.type === 'N' ? Math.floor(Number(value.value)) : undefined;
}

/** Whether the time of an item with this second is over: what isExpired says of it. */
export function isOverAt(second: number, nowMs: number): boolean {
  const { from, to } = dueSeconds(nowMs);
  return second >= from && second < to;
}

/** Whether entries of the index, or items, have the attribute by which they expire. */
export function tellsExpiry(table: TableState, index: IndexState | undefined): boolean {
  const attribute = expiryAttribute(table);
  if (attribute === undefined || index === undefined) return true;
  return projectedNames(table, index)?.has(attribute) ?? true;
}

/** `stored`, unless it is to be hidden; for reads of single items. */
export function shownItem(
  table: TableState,
  stored: StoredItem | undefined,
  hideAtMs: number | undefined,
): StoredItem | undefined {
  if (hideAtMs === undefined || stored === undefined || expiryIndex(table) === undefined) {
    return stored;
  }
  return isExpired(table, stored.item(), hideAtMs) ? undefined : stored;
}

/**
 * Tells the entries of a table or of one of its indexes whose items' time is over. Where the index
 * does not have the attribute, the item is looked up. Undefined where nothing is to be hidden.
 */
export function hiderOf(
  reader: TreeReader,
  table: TableState,
  index: IndexState | undefined,
  hideAtMs: number | undefined,
): ((entry: StoredItem) => boolean) | undefined {
  const attribute = expiryAttribute(table);
  if (hideAtMs === undefined || attribute === undefined) return undefined;
  const isThere = tellsExpiry(table, index);
  return (entry) => {
    const whole = isThere ? entry : findItem(reader, table, storedKey(table, entry.item()));
    return whole !== undefined && isExpired(table, whole.item(), hideAtMs);
  };
}

/** Entries whose time is over, the oldest first, after the key `after`. Throws PageFault. */
export function dueEntries(
  reader: TreeReader,
  { tree }: IndexState,
  nowMs: number,
  after: Uint8Array | undefined,
): readonly DueEntry[] {
  const range = dueRange(nowMs);
  const from = after === undefined ? range : { ...range, from: after, fromOpen: true };
  const cursor = reader.range(tree, from);
  const due: DueEntry[] = [];
  while (due.length < expiryBatchItems && cursor.next()) {
    due.push({ key: cursor.key.slice(), entry: new StoredItem(cursor.value.slice()) });
  }
  return due;
}

/**
 * Wall time at which the next item's time is over; infinite when none will be. Items whose time was
 * over at `sinceMs` are passed by. Throws PageFault.
 */
export function nextExpiryMs(
  reader: TreeReader,
  table: TableState,
  nowMs: number,
  sinceMs?: number,
): number {
  const index = expiryIndex(table);
  if (index === undefined) return Number.POSITIVE_INFINITY;
  const { from } = dueSeconds(nowMs);
  const since = sinceMs === undefined ? 0 : dueSeconds(sinceMs).to;
  const cursor = reader.range(index.tree, { from: keyAt(Math.max(from, since)) });
  if (!cursor.next()) return Number.POSITIVE_INFINITY;
  const time = new StoredItem(cursor.value.slice()).item().get(index.keys.range[0]?.name ?? '');
  // It is over when the second after it begins.
  return (Math.floor(Number(time?.value)) + 1) * 1000;
}

/** Seconds of expiry, from `from` to before `to`, that are over at `nowMs`. */
function dueSeconds(nowMs: number): { readonly from: number; readonly to: number } {
  const to = Math.max(0, Math.floor(nowMs / 1000));
  return { from: Math.max(0, to - expiryPastSeconds), to };
}

function dueRange(nowMs: number): KeyRange {
  const { from, to } = dueSeconds(nowMs);
  return { from: keyAt(from), to: keyAt(to) };
}

/** What the keys of entries of this time and later ones begin with, or come after. */
function keyAt(seconds: number): Uint8Array {
  const value: NumberValue = { type: 'N', value: String(seconds) };
  return joinKey([], [value]);
}
