/**
 * What calls on items ask of policies: one question for each key of each part, so that one that is
 * denied refuses the whole call.
 */
import { type Known, anyValue } from '../../access/condition.ts';
import type { Question } from '../../access/evaluate.ts';
import type { KeyTerm } from '../../expression/key-condition.ts';
import { parseExpressions } from '../../expression/request.ts';
import type { KeySchema } from '../../table/state.ts';
import type { PlanContext } from '../operation.ts';
import { type NamingInput, namesIn } from './attribute-names.ts';
import {
  allKeys,
  attributesFact,
  indexTarget,
  keyFacts,
  keyNamesOf,
  keyText,
  leadingFacts,
  projectedFacts,
  question,
  targetOf,
} from './facts.ts';

interface ItemInput extends NamingInput {
  readonly TableName: string;
  readonly Key?: unknown;
  readonly Item?: unknown;
  readonly ReturnValues?: string | null | undefined;
  readonly ReturnConsumedCapacity?: string | null | undefined;
  readonly ReturnValuesOnConditionCheckFailure?: string | null | undefined;
}

interface Setting {
  readonly action: string;
  readonly enclosing?: string;
}

/** GetItem, and a Get of a transaction. */
export function getQuestion(
  input: ItemInput,
  { action, enclosing }: Setting,
  context: PlanContext,
): Question {
  const target = targetOf(input.TableName, context);
  const key = context.values.item(input.Key);
  const isWhole = isMissing(input.ProjectionExpression) && isMissing(input.AttributesToGet);
  return question(action, target.arn, [
    ...keyFacts(target.table?.keys, key),
    attributesFact([...key.keys(), ...namesIn(input)], isWhole),
    ['dynamodb:returnconsumedcapacity', [input.ReturnConsumedCapacity ?? 'NONE']],
    ['dynamodb:enclosingoperation', enclosing === undefined ? undefined : [enclosing]],
  ]);
}

const wholeAnswers: ReadonlySet<string | null | undefined> = new Set(['ALL_OLD', 'ALL_NEW']);

/** One write, alone or as an action of a transaction. */
export function writeQuestion(
  input: ItemInput,
  { action, enclosing }: Setting,
  context: PlanContext,
): Question {
  const target = targetOf(input.TableName, context);
  const item = context.values.item(input.Item ?? input.Key);
  const isWhole =
    wholeAnswers.has(input.ReturnValues) ||
    wholeAnswers.has(input.ReturnValuesOnConditionCheckFailure);
  const isAlone = enclosing === undefined;
  return question(action, target.arn, [
    ...keyFacts(target.table?.keys, item),
    attributesFact([...item.keys(), ...namesIn(input)], isWhole),
    ['dynamodb:returnvalues', isAlone ? [input.ReturnValues ?? 'NONE'] : undefined],
    ['dynamodb:returnconsumedcapacity', [input.ReturnConsumedCapacity ?? 'NONE']],
    ['dynamodb:enclosingoperation', isAlone ? undefined : [enclosing]],
  ]);
}

interface BatchGetInput {
  readonly RequestItems: Readonly<
    Record<string, NamingInput & { readonly Keys: readonly unknown[] }>
  >;
  readonly ReturnConsumedCapacity?: string | null | undefined;
}

export function batchGetQuestions(input: BatchGetInput, context: PlanContext): readonly Question[] {
  const { ReturnConsumedCapacity } = input;
  return Object.entries(input.RequestItems).flatMap(([TableName, { Keys, ...rest }]) =>
    Keys.map((Key) =>
      getQuestion(
        { ...rest, TableName, Key, ReturnConsumedCapacity },
        { action: 'BatchGetItem' },
        context,
      ),
    ),
  );
}

interface BatchWriteInput {
  readonly RequestItems: Readonly<
    Record<
      string,
      readonly {
        readonly PutRequest?: { readonly Item: unknown } | null | undefined;
        readonly DeleteRequest?: { readonly Key: unknown } | null | undefined;
      }[]
    >
  >;
  readonly ReturnConsumedCapacity?: string | null | undefined;
}

export function batchWriteQuestions(
  input: BatchWriteInput,
  context: PlanContext,
): readonly Question[] {
  const { ReturnConsumedCapacity } = input;
  return Object.entries(input.RequestItems).flatMap(([TableName, requests]) =>
    requests.map(({ PutRequest, DeleteRequest }) =>
      writeQuestion(
        {
          TableName,
          Item: PutRequest?.Item,
          Key: DeleteRequest?.Key,
          ReturnConsumedCapacity,
        },
        { action: 'BatchWriteItem' },
        context,
      ),
    ),
  );
}

interface TransactInput {
  readonly TransactItems: readonly Readonly<Record<string, unknown>>[];
  readonly ReturnConsumedCapacity?: string | null | undefined;
}

const transactActions: ReadonlyMap<string, string> = new Map([
  ['Put', 'PutItem'],
  ['Update', 'UpdateItem'],
  ['Delete', 'DeleteItem'],
  ['ConditionCheck', 'ConditionCheckItem'],
  ['Get', 'GetItem'],
]);

/** An action of a transaction is what it is alone, and says what encloses it. */
export function transactQuestions(
  { TransactItems, ReturnConsumedCapacity }: TransactInput,
  enclosing: 'TransactGetItems' | 'TransactWriteItems',
  context: PlanContext,
): readonly Question[] {
  const ask = enclosing === 'TransactGetItems' ? getQuestion : writeQuestion;
  return TransactItems.flatMap((element) =>
    [...transactActions].flatMap(([kind, action]) => {
      const input = element[kind];
      if (isMissing(input)) return [];
      const one = { ...(input as ItemInput), ReturnConsumedCapacity };
      return [ask(one, { action, enclosing }, context)];
    }),
  );
}

interface ReadInput extends ItemInput {
  readonly IndexName?: string | null | undefined;
  readonly Select?: string | null | undefined;
}

export function queryQuestion(input: ReadInput, context: PlanContext): Question {
  const { values } = context;
  const { keyCondition } = parseExpressions(
    'Query',
    input as Parameters<typeof parseExpressions>[1],
    (raw) => values.value(raw),
  );
  const { keys } = indexTarget(targetOf(input.TableName, context), input.IndexName);
  const given = (keys?.hash ?? []).map(({ name }): Known => {
    const term = keyCondition?.terms.find((one) => one.name === name && one.operator === '=');
    return keyText(term?.values[0]);
  });
  if (keys === undefined) return readQuestion('Query', input, [], context);
  const sort = isMissing(input.IndexName) ? sortFact(keyCondition?.terms, keys) : anyValue;
  return readQuestion('Query', input, leadingFacts(given, sort), context);
}

/** What is known of the sort keys that a Query of the table meets. */
function sortFact(terms: readonly KeyTerm[] | undefined, { range }: KeySchema): Known {
  const term = terms?.find(({ name }) => name === range[0]?.name);
  const value = term?.values[0];
  if (value?.type !== 'S') return anyValue;
  if (term?.operator === '=') return [value.value];
  return term?.operator === 'begins_with' ? { beginsWith: value.value } : anyValue;
}

/** A Scan may meet every key. */
export function scanQuestion(input: ReadInput, context: PlanContext): Question {
  const { keys } = indexTarget(targetOf(input.TableName, context), input.IndexName);
  return readQuestion('Scan', input, allKeys(keys), context);
}

function readQuestion(
  action: 'Query' | 'Scan',
  input: ReadInput,
  leading: readonly [string, Known][],
  context: PlanContext,
): Question {
  const target = targetOf(input.TableName, context);
  const { resource, index, keys } = indexTarget(target, input.IndexName);
  const isChosen = !isMissing(input.ProjectionExpression) || !isMissing(input.AttributesToGet);
  const byDefault = index === undefined ? 'ALL_ATTRIBUTES' : 'ALL_PROJECTED_ATTRIBUTES';
  const select = input.Select ?? (isChosen ? 'SPECIFIC_ATTRIBUTES' : byDefault);
  const projected =
    select === 'ALL_PROJECTED_ATTRIBUTES' ? projectedFacts(target.table, index) : [];
  const names = [
    ...namesIn(input),
    ...keyNamesOf(target.table?.keys, keys),
    ...(projected === anyValue ? [] : projected),
  ];
  return question(action, resource, [
    ...leading,
    attributesFact(names, select === 'ALL_ATTRIBUTES' || projected === anyValue),
    ['dynamodb:select', [select]],
    ['dynamodb:returnconsumedcapacity', [input.ReturnConsumedCapacity ?? 'NONE']],
  ]);
}

export function isMissing(value: unknown): value is null | undefined {
  return value === undefined || value === null;
}
