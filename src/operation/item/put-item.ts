/** PutItem: stores an item, in the place of the one with its key if there is one. */
import { emptyBytes } from '../../base/bytes.ts';
import { validation } from '../../base/errors.ts';
import { itemBytesMax } from '../../base/limits.ts';
import { parseExpressions } from '../../expression/request.ts';
import {
  attributeMap,
  returnConsumedCapacity,
  returnItemCollectionMetrics,
  string,
  struct,
  writtenTableName,
} from '../../shape/constructors.ts';
import { checkIndexKeys } from '../../table/index-checks.ts';
import { hasLocalIndexes, sizeWithLocalEntries } from '../../table/indexes.ts';
import { putItem } from '../../table/items.ts';
import { itemKey } from '../../table/keys.ts';
import type { TableState } from '../../table/state.ts';
import { encodeItem, StoredItem } from '../../value/codec.ts';
import { preparedBytes } from '../../value/prepared.ts';
import { itemSize } from '../../value/size.ts';
import type { Item } from '../../value/value.ts';
import { type Operation, operation, type RequestContext } from '../operation.ts';
import {
  conditionalOperator,
  expected,
  placeholders,
  type ReturnValues,
  returnOldOnFailure,
  returnValues,
} from './fields.ts';
import { type CheckedWrite, type ItemWrite, performWrite, writeEffect } from './item-write.ts';
import { underCondition } from './key-paths.ts';

export const PutItem: Operation = operation({
  name: 'PutItem',
  kind: 'write',
  input: struct({
    TableName: writtenTableName.required,
    Item: attributeMap.required,
    Expected: expected,
    ReturnValues: returnValues,
    ReturnConsumedCapacity: returnConsumedCapacity,
    ReturnItemCollectionMetrics: returnItemCollectionMetrics,
    ConditionalOperator: conditionalOperator,
    ConditionExpression: string(),
    ...placeholders,
    ReturnValuesOnConditionCheckFailure: returnOldOnFailure,
  }),
  check: (input, context) => ({ input, write: checkPut('PutItem', input, context) }),
  plan({ input, write }, { catalog }) {
    return { input, write: write.plan(catalog.table(input.TableName)) };
  },
  decide({ input, write }, context) {
    const result = performWrite(context.reader, write, context);
    const attributes = input.ReturnValues === 'ALL_OLD' ? result.before : undefined;
    return writeEffect(input, write, result, attributes, context);
  },
});

export interface PutInput {
  readonly TableName: string;
  readonly Item: Readonly<Record<string, unknown>>;
  readonly ReturnValues?: ReturnValues | undefined;
  readonly ReturnValuesOnConditionCheckFailure?: 'ALL_OLD' | 'NONE' | undefined;
}

const noAttributes: Item = new Map();

/** Everything about a Put that needs no table, in DynamoDB's order. */
export function checkPut(
  host: 'PutItem' | 'Put',
  input: PutInput,
  { values }: RequestContext,
): CheckedWrite {
  let item: Item = noAttributes;
  let bytes = emptyBytes;
  const { condition } = parseExpressions(
    host,
    input,
    (raw) => values.value(raw),
    () => {
      item = values.item(input.Item);
      checkReturnsOld(input.ReturnValues);
      bytes = itemBytes(item);
    },
  );
  return {
    tableName: input.TableName,
    item,
    plan: (table) => {
      const wish = input.ReturnValuesOnConditionCheckFailure;
      return underCondition(planPut(table, item, bytes), condition, wish);
    },
  };
}

/** The item's bytes; throws on an item that is too large for any table. */
export function itemBytes(item: Item): Uint8Array {
  const known = preparedBytes(item);
  if (known !== undefined) return known;
  // Measured first: to sort and encode what is refused would take seconds.
  const size = itemSize(item);
  if (size > itemBytesMax) throw tooLarge();
  return encodeItem(item, { size });
}

/** Throws on an item that is too large together with its entries in local indexes. */
export function checkLocalEntries(table: TableState, item: Item, bytes: Uint8Array): void {
  if (!hasLocalIndexes(table)) return;
  if (sizeWithLocalEntries(table, new StoredItem(bytes).size, item) > itemBytesMax)
    throw tooLarge();
}

function tooLarge(): Error {
  return validation('Item size has exceeded the maximum allowed size');
}

/** An unconditional put of an item whose bytes are known. */
export function planPut(table: TableState, item: Item, bytes: Uint8Array): ItemWrite {
  const key = itemKey(table, item);
  checkIndexKeys(table, item);
  checkLocalEntries(table, item, bytes);
  return {
    table,
    key,
    keyItem: item,
    condition: undefined,
    tellsOld: false,
    isBlind: true,
    apply: (reader, before) => ({
      change: putItem(reader, table, key, before, item, bytes),
      after: item,
    }),
  };
}

/** Put and Delete know two of the five ReturnValues. */
export function checkReturnsOld(wish: ReturnValues | undefined): void {
  if (wish === undefined || wish === 'NONE' || wish === 'ALL_OLD') return;
  throw validation('ReturnValues can only be ALL_OLD or NONE');
}
