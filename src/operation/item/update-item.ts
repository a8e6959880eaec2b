/**
 * UpdateItem: changes attributes of an item, or makes it.
 *
 * What an update may not touch (keys, and index keys of a wrong type) is judged before the
 * condition; what needs the stored item (paths, operand types, the size that results) after it.
 */
import { assert } from '../../base/assert.ts';
import { invalid } from '../../base/errors.ts';
import { itemBytesMax } from '../../base/limits.ts';
import { parseExpressions } from '../../expression/request.ts';
import type { Update } from '../../expression/update.ts';
import { updateTooLarge } from '../../expression/update-apply.ts';
import {
  attributeMap,
  returnConsumedCapacity,
  returnItemCollectionMetrics,
  string,
  struct,
  writtenTableName,
} from '../../shape/constructors.ts';
import { checkIndexLiterals, checkUpdatedIndexKeys } from '../../table/index-checks.ts';
import { sizeWithLocalEntries } from '../../table/indexes.ts';
import { putItem, unchangedItem } from '../../table/items.ts';
import { primaryKey } from '../../table/keys.ts';
import type { TableState } from '../../table/state.ts';
import type { StoredItem } from '../../value/codec.ts';
import { itemSize } from '../../value/size.ts';
import type { Item } from '../../value/value.ts';
import { type Operation, operation, type RequestContext } from '../operation.ts';
import {
  attributeUpdates,
  conditionalOperator,
  expected,
  placeholders,
  type ReturnValues,
  returnOldOnFailure,
  returnValues,
} from './fields.ts';
import {
  type CheckedWrite,
  type ItemWrite,
  performWrite,
  type WriteResult,
  writeEffect,
} from './item-write.ts';
import { checkKeyPaths, keysAreScalars, underCondition } from './key-paths.ts';

export const UpdateItem: Operation = operation({
  name: 'UpdateItem',
  kind: 'write',
  input: struct({
    TableName: writtenTableName.required,
    Key: attributeMap.required,
    AttributeUpdates: attributeUpdates,
    Expected: expected,
    ConditionalOperator: conditionalOperator,
    ReturnValues: returnValues,
    ReturnConsumedCapacity: returnConsumedCapacity,
    ReturnItemCollectionMetrics: returnItemCollectionMetrics,
    UpdateExpression: string(),
    ConditionExpression: string(),
    ...placeholders,
    ReturnValuesOnConditionCheckFailure: returnOldOnFailure,
  }),
  check: (input, context) => ({ input, ...checkUpdate('UpdateItem', input, context) }),
  plan({ input, write, update }, { catalog }) {
    return { input, update, write: write.plan(catalog.table(input.TableName)) };
  },
  decide({ input, write, update }, context) {
    const result = performWrite(context.reader, write, context);
    const attributes = returned(input.ReturnValues, update, result);
    return writeEffect(input, write, result, attributes, context);
  },
});

export interface UpdateInput {
  readonly TableName: string;
  readonly Key: Readonly<Record<string, unknown>>;
  readonly ReturnValuesOnConditionCheckFailure?: 'ALL_OLD' | 'NONE' | undefined;
}

/** Everything about an Update that needs no table, in DynamoDB's order. */
export function checkUpdate(
  host: 'UpdateItem' | 'Update',
  input: UpdateInput,
  { values }: RequestContext,
): { readonly write: CheckedWrite; readonly update: Update | undefined } {
  let keyItem: Item = new Map();
  const { condition, update } = parseExpressions(
    host,
    input,
    (raw) => values.value(raw),
    () => {
      keyItem = values.item(input.Key);
    },
  );
  const write: CheckedWrite = {
    tableName: input.TableName,
    item: keyItem,
    plan: (table) => {
      const wish = input.ReturnValuesOnConditionCheckFailure;
      return underCondition(planUpdate(host, table, keyItem, update), condition, wish);
    },
  };
  return { write, update };
}

/** An unconditional update. Throws on a key or targets that do not fit the table. */
export function planUpdate(
  host: 'UpdateItem' | 'Update',
  table: TableState,
  keyItem: Item,
  update: Update | undefined,
): ItemWrite {
  const key = primaryKey(table, keyItem, 'put', 'UpdateItem');
  if (update !== undefined) checkTargets(table, update);
  return {
    table,
    key,
    keyItem,
    condition: undefined,
    tellsOld: false,
    apply(reader, before) {
      const old = before?.item();
      const after = update === undefined ? (old ?? keyItem) : update.apply(old, keyItem);
      // An update that only removes does not make the item; and one may change nothing.
      if (after === old) return { change: unchangedItem(table, before), after };
      assert(after !== undefined, 'an update that removed its item');
      if (update !== undefined) checkUpdatedIndexKeys(table, update.roots, after);
      checkSize(host, table, after, keyItem, update);
      return { change: putItem(reader, table, key, before, after), after };
    },
  };
}

/** Throws when an update touches the table's key, or gives an index key what it cannot hold. */
function checkTargets(table: TableState, update: Update): void {
  const { nestedRoots: nested, readNestedRoots, roots } = update;
  for (const { name } of [...table.keys.hash, ...table.keys.range]) {
    if (nested.has(name)) throw keysAreScalars(`Key: ${name}`);
    if (roots.has(name)) {
      throw invalid(`Cannot update attribute ${name}. This attribute is part of the key`);
    }
  }
  checkIndexLiterals(table, update.literals);
  checkKeyPaths(table, { nestedRoots: nested }, { nestedRoots: readNestedRoots });
}

// UpdateItem weighs an item without its key but with something for each action; transactions weigh
// the item alone (reference/types-and-limits.md, section 6).
const keylessBytes = 3;
const setOrAddBytes = 19;
const removeOrDeleteBytes = 2;

function checkSize(
  host: 'UpdateItem' | 'Update',
  table: TableState,
  after: Item,
  keyItem: Item,
  update: Update | undefined,
): void {
  const size = itemSize(after);
  let weight = sizeWithLocalEntries(table, size, after);
  if (host === 'UpdateItem' && update !== undefined) {
    const actions =
      update.setAndAddCount * setOrAddBytes + update.removeAndDeleteCount * removeOrDeleteBytes;
    weight = Math.max(weight, size - itemSize(keyItem) + keylessBytes + actions);
  }
  if (weight > itemBytesMax) {
    throw updateTooLarge();
  }
}

/** What ReturnValues asks for. */
export function returned(
  wish: ReturnValues | undefined,
  update: Update | undefined,
  { before, after }: WriteResult,
): Item | StoredItem | undefined {
  switch (wish) {
    case 'ALL_OLD':
      return before;
    case 'ALL_NEW':
      return after;
    case 'UPDATED_OLD':
      return before && update?.fragments(before.item(), 'old');
    case 'UPDATED_NEW':
      return after && update?.fragments(after, 'new');
    default:
      return undefined;
  }
}
