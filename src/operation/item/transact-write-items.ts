/**
 * TransactWriteItems: up to 100 writes and condition checks, all or nothing.
 *
 * Every action is judged on the state before the transaction; no two may touch one item, so their
 * order means nothing. Faults that need no table, and missing tables, are answers of their own; all
 * else is a cancellation (reference/transactions-batch-partiql.md, section 1).
 */
import { countItem, countWrite } from '../insight/accesses.ts';
import { mapKey } from '../../base/bytes.ts';
import { DynamoError, validation } from '../../base/errors.ts';
import {
  clientTokenLengthMax,
  transactionActionsMax,
  transactionBytesMax,
} from '../../base/limits.ts';
import { type CapacityDetail, ConsumedTables, noIndexes } from '../../capacity/consumed.ts';
import { transactionReadUnits, transactionWriteUnits } from '../../capacity/units.ts';
import { parseExpressions } from '../../expression/request.ts';
import {
  attributeMap,
  list,
  returnConsumedCapacity,
  returnItemCollectionMetrics,
  string,
  struct,
  tableName,
} from '../../shape/constructors.ts';
import { CollectionLedger } from '../../table/collections.ts';
import { durabilityOf } from '../../table/durability.ts';
import { findItem, isWritten, unchangedItem } from '../../table/items.ts';
import { checkEmptyKeys, primaryKey } from '../../table/keys.ts';
import type { TableState } from '../../table/state.ts';
import { totalUnits } from '../../table/write-units.ts';
import { itemSize } from '../../value/size.ts';
import type { Item } from '../../value/value.ts';
import {
  type CommitDraft,
  type DecideContext,
  type Effect,
  type Operation,
  operation,
  type PlanContext,
  type RequestContext,
} from '../operation.ts';
import {
  type CancellationReason,
  cancelled,
  eachOrCancel,
  noReason,
  orFault,
  reasonOf,
  thrown,
} from './cancellation.ts';
import { type ClientToken, digestOf, rememberToken, wasDone } from './client-token.ts';
import { collectionTables } from './collection-metrics.ts';
import { checkDelete, type DeleteInput } from './delete-item.ts';
import { placeholders, returnOldOnFailure } from './fields.ts';
import { type CheckedWrite, type ItemWrite, performWrite, type WriteResult } from './item-write.ts';
import { underCondition } from './key-paths.ts';
import { checkPut, type PutInput } from './put-item.ts';
import { checkUpdate, type UpdateInput } from './update-item.ts';

const shared = {
  TableName: tableName.required,
  ConditionExpression: string(),
  ...placeholders,
  ReturnValuesOnConditionCheckFailure: returnOldOnFailure,
};

export const TransactWriteItems: Operation = operation({
  name: 'TransactWriteItems',
  kind: 'write',
  touchesMany: true,
  input: struct({
    TransactItems: list(
      struct(
        {
          ConditionCheck: struct(
            { ...shared, Key: attributeMap.required, ConditionExpression: string().required },
            'ConditionCheck',
          ),
          Put: struct({ ...shared, Item: attributeMap.required }, 'Put'),
          Delete: struct({ ...shared, Key: attributeMap.required }, 'Delete'),
          Update: struct(
            { ...shared, Key: attributeMap.required, UpdateExpression: string().required },
            'Update',
          ),
        },
        'TransactWriteItem',
      ),
      { min: 1, max: transactionActionsMax },
    ).required,
    ReturnConsumedCapacity: returnConsumedCapacity,
    ReturnItemCollectionMetrics: returnItemCollectionMetrics,
    ClientRequestToken: string({ min: 1, max: clientTokenLengthMax }),
  }),
  check(input, context) {
    const elements = input.TransactItems.map(onlyAction);
    const actions = elements.map((element) => checkAction(element, context));
    checkAggregate(elements, context);
    const token: ClientToken | undefined =
      input.ClientRequestToken === undefined
        ? undefined
        : { token: input.ClientRequestToken, digest: digestOf(elements, context.values) };
    return { input, actions, token };
  },
  plan({ input, actions, token }, context) {
    return { input, token, writes: planActions(actions, context) };
  },
  decide({ input, token, writes }, context) {
    return performTransaction(input, token, writes, context);
  },
});

type Element = readonly [kind: string, action: Readonly<Record<string, unknown>>];

export interface NamedWrite {
  /** The table's name as the caller wrote it. */
  readonly name: string;
  readonly write: ItemWrite;
}

export interface TransactionInput {
  readonly ReturnConsumedCapacity?: CapacityDetail;
  readonly ReturnItemCollectionMetrics?: 'SIZE' | 'NONE' | undefined;
}

interface CheckInput {
  readonly TableName: string;
  readonly Key: Readonly<Record<string, unknown>>;
  readonly ReturnValuesOnConditionCheckFailure?: 'ALL_OLD' | 'NONE' | undefined;
}

function onlyAction(element: Readonly<Record<string, unknown>>): Element {
  const given = Object.entries(element).filter(([, action]) => action !== undefined);
  const [first] = given;
  if (first === undefined || given.length > 1) {
    throw validation('TransactItems can only contain one of Check, Put, Update or Delete');
  }
  return [first[0], first[1] as Readonly<Record<string, unknown>>];
}

function checkAction([kind, action]: Element, context: RequestContext): CheckedWrite {
  switch (kind) {
    case 'Put':
      return checkPut('Put', action as unknown as PutInput, context);
    case 'Update':
      return checkUpdate('Update', action as unknown as UpdateInput, context).write;
    case 'Delete':
      return checkDelete('Delete', action as unknown as DeleteInput, context);
    default:
      return checkCondition(action as unknown as CheckInput, context);
  }
}

/** A ConditionCheck is a write that changes nothing. */
function checkCondition(input: CheckInput, { values }: RequestContext): CheckedWrite {
  let keyItem: Item = new Map();
  const { condition } = parseExpressions(
    'ConditionCheck',
    input,
    (raw) => values.value(raw),
    () => {
      keyItem = values.item(input.Key);
    },
  );
  return {
    tableName: input.TableName,
    item: keyItem,
    plan: (table) => {
      const wish = input.ReturnValuesOnConditionCheckFailure;
      return underCondition(planCheck(table, keyItem), condition, wish);
    },
  };
}

/** A write that changes nothing, still without the condition that it is about. */
export function planCheck(table: TableState, keyItem: Item): ItemWrite {
  return {
    table,
    key: primaryKey(table, keyItem, 'read', 'ConditionCheckItem'),
    keyItem,
    condition: undefined,
    tellsOld: false,
    apply: (_, before) => ({ change: unchangedItem(table, before), after: before?.item() }),
  };
}

/** What the request itself brings; items that are deleted do not count. */
function checkAggregate(elements: readonly Element[], { values }: RequestContext): void {
  let bytes = 0;
  for (const [, action] of elements) {
    for (const member of ['Item', 'Key', 'ExpressionAttributeValues']) {
      if (action[member] !== undefined) bytes += itemSize(values.item(action[member]));
    }
  }
  if (bytes > transactionBytesMax) {
    throw validation('Transaction request size cannot exceed 4 MB');
  }
}

function planActions(
  actions: readonly CheckedWrite[],
  { catalog }: PlanContext,
): readonly NamedWrite[] {
  const targets = actions.map((action) => ({ action, table: catalog.table(action.tableName) }));
  for (const { action, table } of targets) {
    if (action.item !== undefined) checkEmptyKeys(table, action.item);
  }
  // One item twice refuses the request, whatever else would cancel it.
  const plans = targets.map(({ action, table }) =>
    orFault(() => ({ name: action.tableName, write: action.plan(table) })),
  );
  checkDistinct(plans.flatMap((plan) => (plan instanceof DynamoError ? [] : plan.write)));
  return eachOrCancel(plans, thrown);
}

/** Throws when two actions speak of one item. */
export function checkDistinct(
  targets: readonly { readonly table: { readonly tree: number }; readonly key: Uint8Array }[],
): void {
  const seen = new Set(targets.map(({ table, key }) => `${table.tree} ${mapKey(key)}`));
  if (seen.size < targets.length) {
    throw validation('Transaction request cannot include multiple operations on one item');
  }
}

/** All of the writes or, where one is refused or the token says that they were done, none. */
export function performTransaction(
  input: TransactionInput,
  token: ClientToken | undefined,
  writes: readonly NamedWrite[],
  context: DecideContext,
): Effect {
  if (token !== undefined && wasDone(context.reader, token, context.nowMs)) {
    return replay(input.ReturnConsumedCapacity, writes, context);
  }
  return carryOut(input, token, writes, context);
}

function carryOut(
  input: TransactionInput,
  token: ClientToken | undefined,
  writes: readonly NamedWrite[],
  context: DecideContext,
): Effect {
  const { reader, nowMs, collectionBytesMax } = context;
  const consumed = new ConsumedTables();
  const ledger = new CollectionLedger(reader, collectionBytesMax);
  const commits: CommitDraft[] = [];
  const results = performAll(context, writes);
  for (const [at, result] of results.entries()) {
    const { change, before, after } = result;
    const { name, write } = writes[at] as NamedWrite;
    countWrite(context, write.table, write.keyItem, result, 2);
    const units = transactionWriteUnits(change.units);
    const draft = ledger.add({ ...write, before, after }, change.draft, 'later');
    if (isWritten(draft)) commits.push({ ...draft, units: totalUnits(units) * 2 });
    consumed.add(name, write.table, units);
  }
  checkGrowth(ledger, writes, results);
  commits.push(...ledger.beginnings());
  if (token !== undefined) {
    commits.push({ table: 0, mutations: rememberToken(reader, token, nowMs), units: 0 });
  }
  const output = {
    ...consumed.member(input.ReturnConsumedCapacity, 'write'),
    ...collectionTables(input.ReturnItemCollectionMetrics, ledger, writes),
  };
  return { output, commits, transaction: true, durability: durabilityOfAll(writes) };
}

function durabilityOfAll(writes: readonly NamedWrite[]): Effect['durability'] {
  return durabilityOf(writes.map(({ write }) => write.table));
}

/** Performs every action, so that every refusal is told, and throws if there was one. */
function performAll(
  { reader, meter }: DecideContext,
  writes: readonly NamedWrite[],
): readonly WriteResult[] {
  const results: WriteResult[] = [];
  let sizeRead = 0;
  const reasons = writes.map(({ write }): CancellationReason => {
    try {
      const result = performWrite(reader, write, { meter });
      results.push(result);
      sizeRead += result.before?.size ?? 0;
      return noReason;
    } catch (fault) {
      if (fault instanceof DynamoError) sizeRead += fault.sizeRead;
      return reasonOf(fault);
    }
  });
  if (results.length < writes.length) throw cancelled(reasons, sizeRead);
  return results;
}

/** Throws when a collection has become too large, with a reason for each action that adds to it. */
function checkGrowth(
  ledger: CollectionLedger,
  writes: readonly NamedWrite[],
  results: readonly WriteResult[],
): void {
  const reasons = results.map(({ before, after }, at): CancellationReason => {
    try {
      ledger.checkGrowth({ ...(writes[at] as NamedWrite).write, before, after });
      return noReason;
    } catch (fault) {
      return reasonOf(fault);
    }
  });
  if (reasons.every((reason) => reason === noReason)) return;
  throw cancelled(
    reasons,
    results.reduce((sum, { before }) => sum + (before?.size ?? 0), 0),
  );
}

/** Sent before, and done: nothing happens, and what it costs is to have looked. */
function replay(
  detail: CapacityDetail,
  writes: readonly NamedWrite[],
  context: DecideContext,
): Effect {
  const consumed = new ConsumedTables();
  for (const { name, write } of writes) {
    const size = findItem(context.reader, write.table, write.key)?.size ?? 0;
    const units = transactionReadUnits(size);
    consumed.add(name, write.table, { table: units, indexes: noIndexes });
    countItem(context, write.table, write.keyItem, units);
  }
  return { output: consumed.member(detail, 'read'), durability: durabilityOfAll(writes) };
}
