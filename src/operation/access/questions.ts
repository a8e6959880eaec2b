/**
 * What each operation asks of policies, by its name (reference/streams-ttl-backup-globaltables.md,
 * section 10). An operation that has no row here is denied to everybody but the owner.
 *
 * Not imported by the registry: a browser, where there is one user, does not carry it.
 */
import { anyValue } from '../../access/condition.ts';
import type { Question } from '../../access/evaluate.ts';
import { Corruption } from '../../base/corruption.ts';
import { DynamoError } from '../../base/errors.ts';
import { decodeEntry } from '../../replica/entry.ts';
import { decodeIterator } from '../../stream/iterator.ts';
import { streamOfArn } from '../../stream/streams.ts';
import { parseArn, streamArn, tableArn } from '../../table/arn.ts';
import type { PlanContext } from '../operation.ts';
import { readRequest } from '../replica/execute.ts';
import { calledWrites, requestOf } from '../replica/hub-call.ts';
import { entryQuestions } from './entry-questions.ts';
import { attributesFact, indexTarget, leadingFacts, question, targetOf } from './facts.ts';
import {
  batchGetQuestions,
  batchWriteQuestions,
  getQuestion,
  isMissing,
  queryQuestion,
  scanQuestion,
  transactQuestions,
  writeQuestion,
} from './item-questions.ts';
import { batchStatementQuestions, statementQuestions } from './statement-questions.ts';

// An operation's input is what its own shape and check have let pass.
// biome-ignore lint/suspicious/noExplicitAny: one type for the inputs of all operations.
type Ask = (input: any, context: PlanContext) => readonly Question[];

const get: Ask = (input, context) => [getQuestion(input, { action: 'GetItem' }, context)];
const write = (action: string): Ask => {
  return (input, context) => [writeQuestion(input, { action }, context)];
};
/** Of an operation on a table as a whole. */
const onTable = (action: string): Ask => {
  return (input, context) => [question(action, targetOf(input.TableName, context).arn)];
};
/** On a table, or on one of its indexes where it is named. */
const onIndex = (action: string): Ask => {
  return (input, context) => {
    const target = targetOf(input.TableName, context);
    return [question(action, indexTarget(target, input.IndexName).resource)];
  };
};
const onResource = (action: string): Ask => {
  return (input, context) => [question(action, targetOf(input.ResourceArn, context).arn)];
};
const onGlobalTable = (action: string): Ask => {
  return ({ GlobalTableName: name }, { account }) => [
    question(action, `arn:aws:dynamodb::${account}:global-table/${name}`),
  ];
};
/** Of a table, or of its stream. */
const onPolicy = (action: string): Ask => {
  return (input, context) => {
    const label = parseArn(input.ResourceArn)?.rest.replace('stream/', '') ?? '';
    const { arn } = targetOf(input.ResourceArn, context);
    return [question(action, label === '' ? arn : streamArn(arn, label))];
  };
};
const onEverything = (action: string): Ask => {
  return () => [question(action, '*')];
};

/** A table that is made with tags asks for TagResource too, one with a policy for its Put. */
const createTable: Ask = (input, context) => {
  const asked = onTable('CreateTable')(input, context);
  const isTagged = !isMissing(input.Tags) && input.Tags.length > 0;
  return [
    ...asked,
    ...(isTagged ? onTable('TagResource')(input, context) : []),
    ...(isMissing(input.ResourcePolicy) ? [] : onTable('PutResourcePolicy')(input, context)),
  ];
};

const executeTransaction: Ask = ({ TransactStatements, ReturnConsumedCapacity }, context) => {
  return TransactStatements.flatMap((one: Parameters<typeof statementQuestions>[0]) =>
    statementQuestions({ ...one, ReturnConsumedCapacity }, context, 'ExecuteTransaction'),
  );
};

const listStreams: Ask = ({ TableName }, { region, account }) => {
  return [question('ListStreams', streamArn(tableArn(region, account, TableName ?? '*'), '*'))];
};

/** Records are of any key and have any attribute. */
function onStream(
  action: string,
  arn: string,
  showsItems: boolean,
  context: PlanContext,
): Question {
  const name = streamOfArn(arn);
  const { region, account } = context;
  const table = tableArn(region, account, name?.table ?? '');
  const facts = showsItems ? [...leadingFacts([anyValue]), attributesFact([], true)] : [];
  return question(action, streamArn(table, name?.label ?? ''), facts);
}

const getRecords: Ask = ({ ShardIterator }, context) => {
  const arn = decodeIterator(ShardIterator)?.arn ?? '';
  return [onStream('GetRecords', arn, true, context)];
};

/**
 * A request is judged as if it were made here. One that cannot be read asks for what no policy
 * allows: it is refused, whatever it is.
 */
const judgeEntry: Ask = (input: { readonly Entry: Uint8Array }, context) => {
  const { request } = decodeEntry(input.Entry);
  if (request === undefined) return entryQuestions(input, context);
  return judgeRequest(request, context);
};

function judgeRequest(
  request: Parameters<typeof readRequest>[0],
  context: PlanContext,
  allowed?: ReadonlySet<string>,
): readonly Question[] {
  try {
    const { row, input: own, own: reading } = readRequest(request, context, allowed);
    row.check(own, reading);
    return questionsOf(row.name, own, reading) ?? [question(row.name, '')];
  } catch (error) {
    if (error instanceof DynamoError || error instanceof Corruption) return [question('None', '')];
    throw error;
  }
}

/** A call in the mode `hub`, judged so too. */
const judgeCall: Ask = (input: Parameters<typeof requestOf>[0], context) =>
  judgeRequest(requestOf(input), context, calledWrites);

const asked: ReadonlyMap<string, Ask> = new Map<string, Ask>([
  ['BatchExecuteStatement', batchStatementQuestions],
  ['BatchGetItem', batchGetQuestions],
  ['BatchWriteItem', batchWriteQuestions],
  ['CarryOutCall', judgeCall],
  ['CreateGlobalTable', onGlobalTable('CreateGlobalTable')],
  ['CreateTable', createTable],
  ['DeleteItem', write('DeleteItem')],
  ['DeleteResourcePolicy', onPolicy('DeleteResourcePolicy')],
  ['DeleteTable', onTable('DeleteTable')],
  ['DescribeContributorInsights', onIndex('DescribeContributorInsights')],
  ['DescribeEndpoints', onEverything('DescribeEndpoints')],
  ['DescribeGlobalTable', onGlobalTable('DescribeGlobalTable')],
  ['DescribeGlobalTableSettings', onGlobalTable('DescribeGlobalTableSettings')],
  ['DescribeKinesisStreamingDestination', onTable('DescribeKinesisStreamingDestination')],
  ['DescribeLimits', onEverything('DescribeLimits')],
  [
    'DescribeStream',
    ({ StreamArn }, context) => [onStream('DescribeStream', StreamArn, false, context)],
  ],
  ['DescribeTable', onTable('DescribeTable')],
  ['DescribeTimeToLive', onTable('DescribeTimeToLive')],
  ['DisableKinesisStreamingDestination', onTable('DisableKinesisStreamingDestination')],
  ['EnableKinesisStreamingDestination', onTable('EnableKinesisStreamingDestination')],
  ['ExecuteStatement', (input, context) => statementQuestions(input, context)],
  ['ExecuteTransaction', executeTransaction],
  ['GetItem', get],
  ['GetRecords', getRecords],
  ['GetResourcePolicy', onPolicy('GetResourcePolicy')],
  [
    'GetShardIterator',
    ({ StreamArn }, context) => [onStream('GetShardIterator', StreamArn, false, context)],
  ],
  ['JudgeEntry', judgeEntry],
  ['JudgeReplicate', onTable('UpdateTable')],
  ['ListContributorInsights', onEverything('ListContributorInsights')],
  ['ListGlobalTables', onEverything('ListGlobalTables')],
  ['ListStreams', listStreams],
  ['ListTables', onEverything('ListTables')],
  ['ListTagsOfResource', onResource('ListTagsOfResource')],
  ['PutItem', write('PutItem')],
  ['PutResourcePolicy', onPolicy('PutResourcePolicy')],
  ['Query', (input, context) => [queryQuestion(input, context)]],
  ['Scan', (input, context) => [scanQuestion(input, context)]],
  ['TagResource', onResource('TagResource')],
  ['TransactGetItems', (input, context) => transactQuestions(input, 'TransactGetItems', context)],
  [
    'TransactWriteItems',
    (input, context) => transactQuestions(input, 'TransactWriteItems', context),
  ],
  ['UntagResource', onResource('UntagResource')],
  ['UpdateContributorInsights', onIndex('UpdateContributorInsights')],
  ['UpdateGlobalTable', onGlobalTable('UpdateGlobalTable')],
  ['UpdateGlobalTableSettings', onGlobalTable('UpdateGlobalTableSettings')],
  ['UpdateItem', write('UpdateItem')],
  ['UpdateKinesisStreamingDestination', onTable('UpdateKinesisStreamingDestination')],
  ['UpdateTable', onTable('UpdateTable')],
  ['UpdateTimeToLive', onTable('UpdateTimeToLive')],
]);

/** Undefined of an operation that no policy can allow. `input` has passed the operation's check. */
export function questionsOf(
  operation: string,
  input: unknown,
  context: PlanContext,
): readonly Question[] | undefined {
  return asked.get(operation)?.(input, context);
}
