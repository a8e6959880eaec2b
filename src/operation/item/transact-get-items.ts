/**
 * TransactGetItems: up to 100 items of several tables, all at one moment.
 *
 * Faults of keys cancel the transaction (reference/transactions-batch-partiql.md, section 2).
 */
import { refusalOf } from '../capacity/admission.ts';
import { countItem } from '../insight/accesses.ts';
import { DynamoError, validation } from '../../base/errors.ts';
import { transactionActionsMax, transactionBytesMax } from '../../base/limits.ts';
import { type CapacityDetail, ConsumedTables, noIndexes } from '../../capacity/consumed.ts';
import { transactionReadUnits } from '../../capacity/units.ts';
import type { Projection } from '../../expression/projection.ts';
import { parseExpressions } from '../../expression/request.ts';
import {
  attributeMap,
  list,
  nameMap,
  returnConsumedCapacity,
  string,
  struct,
  tableName,
} from '../../shape/constructors.ts';
import { shownItem } from '../../table/expiry.ts';
import { findItem } from '../../table/items.ts';
import { primaryKey } from '../../table/keys.ts';
import type { TableState } from '../../table/state.ts';
import type { Item } from '../../value/value.ts';
import {
  type DecideContext,
  type Operation,
  operation,
  type RequestContext,
} from '../operation.ts';
import { cancelled, eachOrCancel, noReason, orFault, reasonOf, thrown } from './cancellation.ts';
import { checkKeyPaths } from './key-paths.ts';
import { checkDistinct } from './transact-write-items.ts';

export const TransactGetItems: Operation = operation({
  name: 'TransactGetItems',
  kind: 'read',
  touchesMany: true,
  input: struct({
    TransactItems: list(
      struct(
        {
          Get: struct(
            {
              Key: attributeMap.required,
              TableName: tableName.required,
              ProjectionExpression: string(),
              ExpressionAttributeNames: nameMap,
            },
            'Get',
          ).required,
        },
        'TransactGetItem',
      ),
      { min: 1, max: transactionActionsMax },
    ).required,
    ReturnConsumedCapacity: returnConsumedCapacity,
  }),
  check(input, context) {
    return { input, gets: input.TransactItems.map(({ Get }) => checkGet(Get, context)) };
  },
  plan({ input, gets }, { catalog }) {
    const targets = gets.map((get) => ({ ...get, table: catalog.table(get.name) }));
    const plans = targets.map((target) =>
      orFault(() => ({ ...target, key: primaryKey(target.table, target.keyItem) })),
    );
    checkDistinct(plans.flatMap((plan) => (plan instanceof DynamoError ? [] : plan)));
    const reads = eachOrCancel(plans, thrown);
    eachOrCancel(reads, ({ table, projection }) => checkKeyPaths(table, projection));
    return { input, reads };
  },
  decide: ({ input, reads }, context) => ({
    output: readTogether(reads, input.ReturnConsumedCapacity, context),
  }),
  consistent: () => true,
});

export interface PlannedGet {
  /** The table's name as the caller wrote it. */
  readonly name: string;
  readonly table: TableState;
  readonly key: Uint8Array;
  readonly keyItem: Item;
  readonly projection: Projection | undefined;
}

/** The output of a transaction that reads: `{}` for an item that is not there. */
export function readTogether(
  reads: readonly PlannedGet[],
  detail: CapacityDetail,
  context: DecideContext,
): object {
  const { reader, hideAtMs } = context;
  admitAll(reads, context);
  const consumed = new ConsumedTables();
  let bytes = 0;
  const responses = reads.map(({ name, table, key, keyItem, projection }) => {
    const stored = findItem(reader, table, key);
    bytes += stored?.size ?? 0;
    if (bytes > transactionBytesMax) {
      throw validation('Transaction response size cannot exceed 4 MB');
    }
    const units = transactionReadUnits(stored?.size ?? 0);
    consumed.add(name, table, { table: units, indexes: noIndexes });
    countItem(context, table, keyItem, units);
    const shown = shownItem(table, stored, hideAtMs);
    if (shown === undefined) return {};
    return { Item: projection === undefined ? shown : projection.project(shown.item()) };
  });
  return { ...consumed.member(detail, 'read'), Responses: responses };
}

/** Throws the reasons of those for which there are no units. */
function admitAll(reads: readonly PlannedGet[], context: DecideContext): void {
  if (context.meter === undefined) return;
  const refusals = reads.map(({ table, keyItem }) => refusalOf(context, table, 'Read', keyItem));
  if (refusals.every((refusal) => refusal === undefined)) return;
  throw cancelled(refusals.map((refusal) => (refusal ? reasonOf(refusal) : noReason)));
}

interface GetInput {
  readonly TableName: string;
  readonly Key: Readonly<Record<string, unknown>>;
}

interface CheckedGet {
  readonly name: string;
  readonly keyItem: Item;
  readonly projection: Projection | undefined;
}

function checkGet(input: GetInput, { values }: RequestContext): CheckedGet {
  let keyItem: Item = new Map();
  const { projection } = parseExpressions(
    'Get',
    input,
    (raw) => values.value(raw),
    () => {
      keyItem = values.item(input.Key);
    },
  );
  return { name: input.TableName, keyItem, projection };
}
