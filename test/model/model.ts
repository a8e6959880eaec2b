/**
 * DynamoDB told naively: tables are maps, a query is a filter and a sort.
 *
 * It shares the value and the expression floors with the engine (they have tests of their own) and
 * nothing above them: no keys as bytes, no pages, no log. States are never changed in place, so
 * every state of a run can be kept and asked again.
 */
import { parseExpressions } from '../../src/expression/request.ts';
import { compareDecimals } from '../../src/value/decimal.ts';
import { compareText } from '../../src/value/compare.ts';
import type { Item, Value } from '../../src/value/value.ts';
import { wireReader } from '../../src/value/wire.ts';

export type Input = Readonly<Record<string, unknown>>;

export interface ModelIndex {
  readonly hash: string;
  readonly range: string;
  readonly status: 'CREATING' | 'ACTIVE';
}

export interface ModelTable {
  readonly items: ReadonlyMap<string, Item>;
  readonly indexes: ReadonlyMap<string, ModelIndex>;
}

export type ModelState = ReadonlyMap<string, ModelTable>;

export interface Change {
  readonly table: string;
  readonly key: string;
  readonly after: Item | undefined;
}

/** What an operation answers in a state, and what it would change there. */
export interface Outcome {
  readonly error?: string;
  readonly output?: Readonly<Record<string, unknown>>;
  readonly changes: readonly Change[];
}

/** Tables of the model have a partition key `p` (S) and a sort key `s` (N). */
export function keyOf(item: Item): string {
  const p = item.get('p');
  const s = item.get('s');
  if (p?.type !== 'S' || s?.type !== 'N') throw new Error('the model needs keys p (S) and s (N)');
  return JSON.stringify([p.value, s.value]);
}

export function evaluate(state: ModelState, operation: string, input: Input): Outcome {
  try {
    return rows[operation]?.(state, input) ?? fail(`the model has no ${operation}`);
  } catch (error) {
    if (error instanceof Refusal) return { error: error.message, changes: [] };
    const { name } = error as Error;
    return { error: name, changes: [] };
  }
}

export function applyChange(state: ModelState, { table, key, after }: Change): ModelState {
  const found = state.get(table);
  if (found === undefined) throw new Error(`a change of table ${table}, which the model lacks`);
  const items = new Map(found.items);
  if (after === undefined) items.delete(key);
  else items.set(key, after);
  return new Map(state).set(table, { ...found, items });
}

class Refusal extends Error {}

function refuse(name: string): never {
  throw new Refusal(name);
}

function fail(message: string): never {
  throw new Error(message);
}

type Row = (state: ModelState, input: Input) => Outcome;

const rows: Readonly<Record<string, Row>> = {
  PutItem: (state, input) => write(state, input, 'PutItem', 'Item'),
  UpdateItem: (state, input) => write(state, input, 'UpdateItem', 'Key'),
  DeleteItem: (state, input) => write(state, input, 'DeleteItem', 'Key'),
  GetItem: (state, input) => {
    const table = tableOf(state, input);
    const item = table.items.get(keyOf(wireReader.item(input['Key'])));
    return { output: item === undefined ? {} : { Item: item }, changes: [] };
  },
  Query: query,
  Scan: scan,
  TransactWriteItems: transact,
  BatchWriteItem: (state, input) => {
    const changes: Change[] = [];
    for (const [name, requests] of Object.entries(input['RequestItems'] as Input)) {
      tableOf(state, { TableName: name });
      for (const request of requests as Input[]) {
        const put = request['PutRequest'] as Input | undefined;
        const removed = request['DeleteRequest'] as Input | undefined;
        const item = wireReader.item(put?.['Item'] ?? removed?.['Key']);
        changes.push({ table: name, key: keyOf(item), after: put && item });
      }
    }
    return { output: { UnprocessedItems: {} }, changes };
  },
};

function tableOf(state: ModelState, input: Input): ModelTable {
  return state.get(input['TableName'] as string) ?? refuse('ResourceNotFoundException');
}

function readValue(raw: unknown): Value {
  return wireReader.value(raw);
}

type Host = 'PutItem' | 'UpdateItem' | 'DeleteItem';

function write(state: ModelState, input: Input, host: Host, member: string): Outcome {
  const parsed = parseExpressions(host, input, readValue);
  const table = tableOf(state, input);
  const given = wireReader.item(input[member]);
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
  update: ReturnType<typeof parseExpressions>['update'],
): Item | undefined {
  if (host === 'PutItem') return given;
  if (host === 'DeleteItem') return undefined;
  if (update === undefined) return before ?? given;
  return update.apply(before, given);
}

function transact(state: ModelState, input: Input): Outcome {
  const changes: Change[] = [];
  const codes: string[] = [];
  for (const element of input['TransactItems'] as Input[]) {
    const [kind, action] = Object.entries(element)[0] as [string, Input];
    const table = tableOf(state, action);
    const given = wireReader.item(action['Item'] ?? action['Key']);
    const host = kind as 'Put' | 'Update' | 'Delete' | 'ConditionCheck';
    const parsed = parseExpressions(host, action, readValue);
    const key = keyOf(given);
    const before = table.items.get(key);
    if (parsed.condition?.holds(before) === false) {
      codes.push('ConditionalCheckFailed');
      continue;
    }
    codes.push('None');
    if (kind === 'ConditionCheck') continue;
    const after = afterOf(`${kind}Item` as Host, given, before, parsed.update);
    if (before === undefined && after === undefined) continue;
    changes.push({ table: action['TableName'] as string, key, after });
  }
  if (codes.some((code) => code !== 'None')) refuse(`TransactionCanceled ${codes.join()}`);
  return { output: {}, changes };
}

/** Query by `p`, or by an index's hash key; the value is `:p`. Answers all items in order. */
function query(state: ModelState, input: Input): Outcome {
  const table = tableOf(state, input);
  const index = indexOf(table, input);
  const values = input['ExpressionAttributeValues'] as Input;
  const wanted = readValue(values[':p']);
  const hash = index?.hash ?? 'p';
  const items = [...table.items.values()].filter((item) => {
    const value = item.get(hash);
    return value !== undefined && value.value === wanted.value && isIn(index, item);
  });
  items.sort((a, b) => order(a, b, index?.range ?? 's') || order(a, b, 'p') || order(a, b, 's'));
  if (input['ScanIndexForward'] === false) items.reverse();
  const page = input['Limit'] === undefined ? items : items.slice(0, input['Limit'] as number);
  return { output: { Items: page, Count: page.length }, changes: [] };
}

/** Scan: the items in any order; the caller compares as sets. */
function scan(state: ModelState, input: Input): Outcome {
  const table = tableOf(state, input);
  const index = indexOf(table, input);
  const items = [...table.items.values()].filter((item) => isIn(index, item));
  return { output: { Items: items, Count: items.length }, changes: [] };
}

function indexOf(table: ModelTable, input: Input): ModelIndex | undefined {
  if (input['IndexName'] === undefined) return undefined;
  const index = table.indexes.get(input['IndexName'] as string);
  if (index === undefined || index.status === 'CREATING') refuse('ValidationException');
  return index;
}

function isIn(index: ModelIndex | undefined, item: Item): boolean {
  return index === undefined || (item.has(index.hash) && item.has(index.range));
}

function order(a: Item, b: Item, name: string): number {
  const x = a.get(name);
  const y = b.get(name);
  if (x?.type === 'N' && y?.type === 'N') return compareDecimals(x.value, y.value);
  if (x?.type === 'S' && y?.type === 'S') return compareText(x.value, y.value);
  return 0;
}
