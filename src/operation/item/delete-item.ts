/** DeleteItem: removes one item, if a condition on what is there now holds. */
import { parseExpressions } from '../../expression/request.ts';
import {
  attributeMap,
  returnConsumedCapacity,
  returnItemCollectionMetrics,
  string,
  struct,
  writtenTableName,
} from '../../shape/constructors.ts';
import { removeItem } from '../../table/items.ts';
import { primaryKey } from '../../table/keys.ts';
import type { TableState } from '../../table/state.ts';
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
import { checkReturnsOld } from './put-item.ts';

export const DeleteItem: Operation = operation({
  name: 'DeleteItem',
  kind: 'write',
  input: struct({
    TableName: writtenTableName.required,
    Key: attributeMap.required,
    Expected: expected,
    ConditionalOperator: conditionalOperator,
    ReturnValues: returnValues,
    ReturnConsumedCapacity: returnConsumedCapacity,
    ReturnItemCollectionMetrics: returnItemCollectionMetrics,
    ConditionExpression: string(),
    ...placeholders,
    ReturnValuesOnConditionCheckFailure: returnOldOnFailure,
  }),
  check: (input, context) => ({ input, write: checkDelete('DeleteItem', input, context) }),
  plan({ input, write }, { catalog }) {
    return { input, write: write.plan(catalog.table(input.TableName)) };
  },
  decide({ input, write }, context) {
    // Deleting what is not there succeeds, and changes nothing: no log record, no stream record.
    const result = performWrite(context.reader, write, context);
    const attributes = input.ReturnValues === 'ALL_OLD' ? result.before : undefined;
    return writeEffect(input, write, result, attributes, context);
  },
});

export interface DeleteInput {
  readonly TableName: string;
  readonly Key: Readonly<Record<string, unknown>>;
  readonly ReturnValues?: ReturnValues | undefined;
  readonly ReturnValuesOnConditionCheckFailure?: 'ALL_OLD' | 'NONE' | undefined;
}

/** Everything about a Delete that needs no table, in DynamoDB's order. */
export function checkDelete(
  host: 'DeleteItem' | 'Delete',
  input: DeleteInput,
  { values }: RequestContext,
): CheckedWrite {
  let keyItem: Item = new Map();
  const { condition } = parseExpressions(
    host,
    input,
    (raw) => values.value(raw),
    () => {
      keyItem = values.item(input.Key);
      checkReturnsOld(input.ReturnValues);
    },
  );
  return {
    tableName: input.TableName,
    item: keyItem,
    plan: (table) => {
      const wish = input.ReturnValuesOnConditionCheckFailure;
      return underCondition(planDelete(table, keyItem), condition, wish);
    },
  };
}

/** An unconditional delete. Throws on a key that does not fit the table. */
export function planDelete(table: TableState, keyItem: Item): ItemWrite {
  const key = primaryKey(table, keyItem, 'remove', 'DeleteItem');
  return {
    table,
    key,
    keyItem,
    condition: undefined,
    tellsOld: false,
    isBlind: true,
    apply: (reader, before) => ({
      change: removeItem(reader, table, key, before),
      after: undefined,
    }),
  };
}
