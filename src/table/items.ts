/**
 * Items of a table: found by key, and changed with everything that follows from it in other trees.
 *
 * An ItemChange is complete: the table's tree and the tree of every index, each with the sizes
 * before and after, so that applying it needs no other knowledge.
 *
 * Invariants
 * - An item that equals what is there changes nothing. The codec is canonical, so bytes decide.
 * - Sizes are DynamoDB's; those of an index tree are the sizes of its entries.
 */
import { equalBytes } from '../base/bytes.ts';
import type { CallerKind, Mutation } from '../log/commit.ts';
import type { TreeReader } from '../tree/reader.ts';
import { encodeItem, StoredItem } from '../value/codec.ts';
import type { Item } from '../value/value.ts';
import { indexChanges, type WholeItem } from './indexes.ts';
import { recordOf } from './recording.ts';
import type { ReplicatedChange } from './replicated.ts';
import type { TableState } from './state.ts';
import { totalUnits, type WriteUnits, writeUnits } from './write-units.ts';

/** A commit of one item's change, before it has its sequence number and stamp. */
export interface ItemDraft {
  readonly table: number;
  /** Empty when nothing changes. */
  readonly mutations: readonly Mutation[];
  /** Write units of table and indexes, times 2. */
  readonly units: number;
  /** Of a replicated table: what the commit is to write of it besides (src/replica/record.ts). */
  readonly replicated?: ReplicatedChange | undefined;
  /** Whose change it is, where that is not the request's caller. */
  readonly caller?: CallerKind | undefined;
}

export interface ItemChange {
  readonly draft: ItemDraft;
  readonly units: WriteUnits;
}

/** The item under an encoded key. Throws PageFault. */
export function findItem(
  reader: TreeReader,
  table: TableState,
  key: Uint8Array,
): StoredItem | undefined {
  const bytes = reader.get(table.tree, key);
  return bytes === undefined ? undefined : new StoredItem(bytes);
}

/**
 * Puts `after` in the place of `before`, what findItem said is there. `bytes` are the encoded
 * `after`, where the caller has them.
 */
export function putItem(
  reader: TreeReader,
  table: TableState,
  key: Uint8Array,
  before: StoredItem | undefined,
  after: Item,
  bytes: Uint8Array = encodeItem(after),
): ItemChange {
  const item = (): Item => after;
  const whole = { bytes, size: new StoredItem(bytes).size, item, pick: item };
  return putWhole(reader, table, key, before, whole);
}

/** The same of an item that is stored already, which is decoded for its indexes' keys alone. */
function putWhole(
  reader: TreeReader,
  table: TableState,
  key: Uint8Array,
  before: StoredItem | undefined,
  whole: WholeItem,
): ItemChange {
  const { bytes, size } = whole;
  const units = writeUnits(Math.max(before?.size ?? 0, size));
  if (before !== undefined && equalBytes(before.bytes, bytes)) return unchanged(table, units);
  const indexes = indexChanges(reader, table, before, whole);
  const mutation = {
    tree: table.tree,
    key,
    value: bytes,
    sizeBefore: before?.size,
    sizeAfter: size,
    ...recordOf(table, key, before?.bytes),
  };
  return change(table, units, indexes, mutation, before);
}

/** Removes `before`, what findItem said is there; removing nothing changes nothing. */
export function removeItem(
  reader: TreeReader,
  table: TableState,
  key: Uint8Array,
  before: StoredItem | undefined,
): ItemChange {
  const units = writeUnits(before?.size ?? 0);
  if (before === undefined) return unchanged(table, units);
  const indexes = indexChanges(reader, table, before, undefined);
  const mutation = {
    tree: table.tree,
    key,
    value: undefined,
    sizeBefore: before.size,
    sizeAfter: undefined,
    ...recordOf(table, key, before.bytes),
  };
  return change(table, units, indexes, mutation, before);
}

/** Puts what came from elsewhere in its place; undefined removes what is there. */
export function replaceItem(
  reader: TreeReader,
  table: TableState,
  key: Uint8Array,
  before: StoredItem | undefined,
  after: StoredItem | undefined,
): ItemChange {
  return after === undefined
    ? removeItem(reader, table, key, before)
    : putWhole(reader, table, key, before, after);
}

/** Whether anything is to be written of it; of a device's table perhaps only that it was done. */
export function isWritten({ mutations, replicated }: ItemDraft): boolean {
  return mutations.length > 0 || replicated !== undefined;
}

/** A write that left the item as it was: metered by the size of the item, and nothing else. */
export function unchangedItem(table: TableState, before: StoredItem | undefined): ItemChange {
  return unchanged(table, writeUnits(before?.size ?? 0));
}

function unchanged(table: TableState, units: number): ItemChange {
  return {
    draft: { table: table.tree, mutations: [], units: units * 2 },
    units: { table: units, indexes: new Map() },
  };
}

function change(
  table: TableState,
  tableUnits: number,
  indexes: ReturnType<typeof indexChanges>,
  mutation: Mutation,
  before: StoredItem | undefined,
): ItemChange {
  const units = { table: tableUnits, indexes: indexes.units };
  const { replica } = table;
  const { key, value: after } = mutation;
  const replicated = replica && { tree: table.tree, replica, key, before: before?.bytes, after };
  return {
    draft: {
      table: table.tree,
      mutations: [mutation, ...indexes.mutations],
      units: totalUnits(units) * 2,
      ...(replicated === undefined ? {} : { replicated }),
    },
    units,
  };
}
