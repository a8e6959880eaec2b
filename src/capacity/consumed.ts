/**
 * ConsumedCapacity: what an answer tells its caller about units
 * (reference/streams-ttl-backup-globaltables.md, section 8).
 */
import { findIndex } from '../table/indexes.ts';
import type { TableState } from '../table/state.ts';
import { setOwn } from '../value/own.ts';

export type CapacityDetail = 'INDEXES' | 'TOTAL' | 'NONE' | undefined;

/** Units by where they were consumed: the table itself, and its indexes by name. */
export interface Consumed {
  readonly table: number;
  readonly indexes: ReadonlyMap<string, number>;
}

/** Where only the table itself was used; made once, for every read needs one. */
export const noIndexes: ReadonlyMap<string, number> = new Map();

export interface Capacity {
  readonly CapacityUnits: number;
  readonly ReadCapacityUnits?: number;
  readonly WriteCapacityUnits?: number;
}

export type CapacityMap = Readonly<Record<string, Capacity>>;

export interface ConsumedCapacity extends Capacity {
  readonly TableName: string;
  readonly Table?: Capacity;
  readonly LocalSecondaryIndexes?: CapacityMap;
  readonly GlobalSecondaryIndexes?: CapacityMap;
}

/** In a transaction, each level says also which kind its units are. */
export type TransactionKind = 'read' | 'write' | undefined;

/** `name` is the table's name as the caller wrote it. */
export function consumedCapacity(
  detail: CapacityDetail,
  name: string,
  table: TableState,
  consumed: Consumed,
  transaction?: TransactionKind,
): ConsumedCapacity | undefined {
  if (detail === undefined || detail === 'NONE') return undefined;
  let sum = consumed.table;
  for (const units of consumed.indexes.values()) sum += units;
  const total = { TableName: name, ...capacity(sum, transaction) };
  if (detail === 'TOTAL') return total;
  return {
    ...total,
    Table: capacity(consumed.table, transaction),
    ...indexArm('LocalSecondaryIndexes', 'local', table, consumed, transaction),
    ...indexArm('GlobalSecondaryIndexes', 'global', table, consumed, transaction),
  };
}

/** `{ ConsumedCapacity }`, or nothing where nothing was asked. */
export function consumedMember(
  detail: CapacityDetail,
  name: string,
  table: TableState,
  consumed: Consumed,
): { readonly ConsumedCapacity?: ConsumedCapacity } {
  const member = consumedCapacity(detail, name, table, consumed);
  return member === undefined ? {} : { ConsumedCapacity: member };
}

/** Adds up what several requests of one call consume, by table, in the order they were met. */
export class ConsumedTables {
  readonly #tables = new Map<number, { name: string; table: TableState; consumed: Sum }>();

  add(name: string, table: TableState, { table: units, indexes }: Consumed): void {
    let entry = this.#tables.get(table.tree);
    if (entry === undefined) {
      entry = { name, table, consumed: { table: 0, indexes: new Map() } };
      this.#tables.set(table.tree, entry);
    }
    const sum = entry.consumed;
    sum.table += units;
    for (const [index, more] of indexes)
      sum.indexes.set(index, (sum.indexes.get(index) ?? 0) + more);
  }

  /** `{ ConsumedCapacity: [one element per table] }`, or nothing where nothing was asked. */
  member(
    detail: CapacityDetail,
    transaction?: TransactionKind,
  ): { readonly ConsumedCapacity?: readonly ConsumedCapacity[] } {
    const list: ConsumedCapacity[] = [];
    for (const { name, table, consumed } of this.#tables.values()) {
      const one = consumedCapacity(detail, name, table, consumed, transaction);
      if (one !== undefined) list.push(one);
    }
    return detail === undefined || detail === 'NONE' ? {} : { ConsumedCapacity: list };
  }
}

interface Sum {
  table: number;
  readonly indexes: Map<string, number>;
}

function capacity(units: number, transaction: TransactionKind): Capacity {
  if (transaction === 'read') return { CapacityUnits: units, ReadCapacityUnits: units };
  if (transaction === 'write') return { CapacityUnits: units, WriteCapacityUnits: units };
  return { CapacityUnits: units };
}

function indexArm(
  member: 'LocalSecondaryIndexes' | 'GlobalSecondaryIndexes',
  kind: 'local' | 'global',
  table: TableState,
  { indexes }: Consumed,
  transaction: TransactionKind,
): Readonly<Record<string, CapacityMap>> {
  const arm: Record<string, Capacity> = {};
  for (const [name, units] of indexes) {
    if (findIndex(table, name)?.kind === kind) setOwn(arm, name, capacity(units, transaction));
  }
  return Object.keys(arm).length === 0 ? {} : { [member]: arm };
}
