/**
 * DynamoDB told naively: tables are maps, a query is a filter and a sort.
 *
 * It shares the value and the expression floors with the engine (they have tests of their own) and
 * nothing above them: no pages, no log, no catalog.
 */
import { DynamoError } from '../../src/base/errors.ts';
import type { Item } from '../../src/value/value.ts';
import { itemIn, parsedOf } from './inputs.ts';
import { batchGetItem, describeTable, getItem, query, scan, transactGetItems } from './reads.ts';
import {
  type Change,
  type Input,
  keyOf,
  type ModelState,
  type Outcome,
  Refusal,
  refuse,
  tableOf,
} from './state.ts';

export function evaluate(state: ModelState, operation: string, input: Input): Outcome {
  const row = rows[operation];
  if (row === undefined) throw new Error(`the model has no ${operation}`);
  try {
    return row(state, input);
  } catch (error) {
    if (error instanceof Refusal) return { error: error.message, changes: [] };
    if (error instanceof DynamoError) return { error: error.name, changes: [] };
    throw error;
  }
}

type Row = (state: ModelState, input: Input) => Outcome;

const rows: Readonly<Record<string, Row>> = {
  PutItem: (state, input) => write(state, input, 'PutItem', 'Item'),
  UpdateItem: (state, input) => write(state, input, 'UpdateItem', 'Key'),
  DeleteItem: (state, input) => write(state, input, 'DeleteItem', 'Key'),
  TransactWriteItems: transact,
  BatchWriteItem: batchWrite,
  Import: importItems,
  Each: each,
  GetItem: getItem,
  BatchGetItem: batchGetItem,
  TransactGetItems: transactGetItems,
  DescribeTable: describeTable,
  Query: query,
  Scan: scan,
};

type Host = 'PutItem' | 'UpdateItem' | 'DeleteItem';

function write(state: ModelState, input: Input, host: Host, member: string): Outcome {
  const parsed = parsedOf(host, input);
  const table = tableOf(state, input['TableName']);
  const given = itemIn(input, member);
  const key = keyOf(given);
  const before = table.items.get(key);
  if (parsed.condition?.holds(before) === false) refuse('ConditionalCheckFailedException');
  const after = afterOf(host, given, before, parsed.update);
  const output: Record<string, unknown> = {};
  if (input['ReturnValues'] === 'ALL_OLD' && before !== undefined) output['Attributes'] = before;
  if (input['ReturnValues'] === 'ALL_NEW' && after !== undefined) output['Attributes'] = after;
  const changes = [{ table: input['TableName'] as string, key, after }];
  return { output, changes: before === undefined && after === undefined ? [] : changes };
}

function afterOf(
  host: Host,
  given: Item,
  before: Item | undefined,
  update: ReturnType<typeof parsedOf>['update'],
): Item | undefined {
  if (host === 'PutItem') return given;
  if (host === 'DeleteItem') return undefined;
  if (update === undefined) return before ?? given;
  return update.apply(before, given);
}

function batchWrite(state: ModelState, input: Input): Outcome {
  const changes: Change[] = [];
  for (const [name, requests] of Object.entries(input['RequestItems'] as Input)) {
    tableOf(state, name);
    for (const request of requests as Input[]) {
      const put = request['PutRequest'] as Input | undefined;
      const removed = request['DeleteRequest'] as Input | undefined;
      const item = put ? itemIn(put, 'Item') : itemIn(removed as Input, 'Key');
      changes.push({ table: name, key: keyOf(item), after: put && item });
    }
  }
  return { output: {}, changes };
}

/** Several operations, each for itself, in one state. */
function each(state: ModelState, input: Input): Outcome {
  const parts = input['Each'] as readonly { readonly operation: string; readonly input: Input }[];
  const outcomes = parts.map((part) => evaluate(state, part.operation, part.input));
  const told = outcomes.map(({ error, output }) => {
    return error === undefined ? { Item: output?.['Item'] } : { Error: error };
  });
  return { output: { Each: told }, changes: outcomes.flatMap(({ changes }) => changes) };
}

/** The items of an import, parsed once. */
export function importedBy(input: Input): readonly Item[] {
  return (input['Items'] as readonly Input[]).map((raw) => itemIn({ raw }, 'raw'));
}

/** Of equal keys the last counts. */
function importItems(state: ModelState, input: Input): Outcome {
  tableOf(state, input['TableName']);
  const table = input['TableName'] as string;
  const last = new Map(importedBy(input).map((item) => [keyOf(item), item]));
  const changes = [...last].map(([key, after]) => ({ table, key, after }));
  return { output: {}, changes };
}

/** What a transaction asks for, token aside: a second one with the same token must ask the same. */
export function askedBy(input: Input): string {
  return JSON.stringify(input['TransactItems'], (_name, value: unknown) => {
    return value instanceof Uint8Array ? [...value] : value;
  });
}

function transact(state: ModelState, input: Input): Outcome {
  const actions = (input['TransactItems'] as Input[]).map((element) => {
    const [kind, action] = Object.entries(element)[0] as [string, Input];
    return { kind, action, table: tableOf(state, action['TableName']) };
  });
  const token = input['ClientRequestToken'] as string | undefined;
  const done = token === undefined ? undefined : state.tokens.get(token);
  if (done !== undefined) {
    if (done !== askedBy(input)) refuse('IdempotentParameterMismatchException');
    return { output: {}, changes: [] };
  }
  const changes: Change[] = [];
  const codes: string[] = [];
  for (const { kind, action, table } of actions) {
    const given = itemIn(action, kind === 'Put' ? 'Item' : 'Key');
    const parsed = parsedOf(kind as 'Put' | 'Update' | 'Delete' | 'ConditionCheck', action);
    const key = keyOf(given);
    const before = table.items.get(key);
    const holds = parsed.condition?.holds(before) !== false;
    codes.push(holds ? 'None' : 'ConditionalCheckFailed');
    if (!holds || kind === 'ConditionCheck') continue;
    const after = afterOf(`${kind}Item` as Host, given, before, parsed.update);
    if (before === undefined && after === undefined) continue;
    changes.push({ table: action['TableName'] as string, key, after });
  }
  if (codes.some((code) => code !== 'None')) refuse(`TransactionCanceled ${codes.join()}`);
  return { output: {}, changes };
}
