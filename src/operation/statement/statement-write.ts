/**
 * INSERT, UPDATE, DELETE and EXISTS as writes of one item.
 *
 * INSERT never overwrites; UPDATE never makes an item; DELETE of what is not there succeeds,
 * whatever else it asks. Key equalities name the item, all other conditions must hold.
 */
import { DynamoError, validation } from '../../base/errors.ts';
import { type Condition, compileCondition } from '../../expression/condition.ts';
import { allOf, writtenKeyOf } from '../../partiql/branches.ts';
import type { CompiledExists, CompiledWrite } from '../../partiql/compile.ts';
import type { TableState } from '../../table/state.ts';
import type { StoredItem } from '../../value/codec.ts';
import type { Item } from '../../value/value.ts';
import { planDelete } from '../item/delete-item.ts';
import type { ItemWrite, WriteResult } from '../item/item-write.ts';
import { itemBytes, planPut } from '../item/put-item.ts';
import { planCheck } from '../item/transact-write-items.ts';
import { planUpdate, returned } from '../item/update-item.ts';
import { keyNames } from './statement-input.ts';

export interface WriteOptions {
  /** Whether a refusal by the condition shows the item that was there. */
  readonly tellsOld: boolean;
  /** In a transaction, a key that is not whole is told as one that does not fit the table. */
  readonly inTransaction: boolean;
}

/** Throws what is wrong with the statement's key, and what Put, Update and Delete would refuse. */
export function planStatement(
  compiled: CompiledWrite,
  table: TableState,
  { tellsOld, inTransaction }: WriteOptions,
): ItemWrite {
  if (compiled.type === 'insert') return planInsert(table, compiled.item);
  const names = keyNames(table.keys);
  const { key, rest, conflict } = writtenKeyOf(compiled.where, names);
  const keyCount = names[1] === undefined ? 1 : 2;
  if (key.size < keyCount && !inTransaction) {
    throw validation('Where clause does not contain a mandatory equality on all key attributes');
  }
  if (conflict !== undefined) {
    throw validation(
      `Multiple conditions on same key ${conflict}. ` +
        'Only single item Update/Insert/Delete are supported',
    );
  }
  const bound = allOf(rest);
  const asked = bound && compileCondition(bound);
  if (compiled.type === 'delete') {
    const condition = asked && {
      roots: asked.roots,
      nestedRoots: asked.nestedRoots,
      holds: (item: Item | undefined) => item === undefined || asked.holds(item),
    };
    return { ...planDelete(table, key), condition, tellsOld };
  }
  const condition: Condition = {
    roots: asked?.roots ?? new Set(),
    nestedRoots: asked?.nestedRoots ?? new Set(),
    holds: (item) => item !== undefined && asked?.holds(item) !== false,
  };
  return { ...planUpdate('Update', table, key, compiled.update), condition, tellsOld };
}

/** Undefined where the statement does not ask for a whole key and something besides. */
export function planExists(
  { where }: CompiledExists,
  table: TableState,
  tellsOld: boolean,
): (() => ItemWrite) | undefined {
  const names = keyNames(table.keys);
  const { key, rest } = writtenKeyOf(where, names);
  const bound = allOf(rest);
  if (key.size < (names[1] === undefined ? 1 : 2) || bound === undefined) return undefined;
  const asked = compileCondition(bound);
  // What is not there is not found, whatever would be true of missing attributes.
  const condition: Condition = {
    ...asked,
    holds: (item) => item !== undefined && asked.holds(item),
  };
  return () => ({ ...planCheck(table, key), condition, tellsOld });
}

/** What RETURNING asks for; undefined where there is nothing of that. */
export function returnedBy(
  compiled: CompiledWrite,
  result: WriteResult,
): Item | StoredItem | undefined {
  if (compiled.type === 'insert' || compiled.returning === undefined) return undefined;
  if (compiled.type === 'delete') return result.before;
  return returned(compiled.returning, compiled.update, result);
}

function planInsert(table: TableState, item: Item): ItemWrite {
  const put = planPut(table, item, itemBytes(item));
  return {
    ...put,
    isBlind: false,
    apply(reader, before) {
      if (before === undefined) return put.apply(reader, before);
      throw new DynamoError(
        'DuplicateItemException',
        'Duplicate primary key exists in table',
        {},
        before.size,
      );
    },
  };
}
