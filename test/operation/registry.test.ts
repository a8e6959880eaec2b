import { describe, expect, test } from 'vitest';
import { findOperation, operations } from '../../src/operation/registry.ts';
import type { StructShape } from '../../src/shape/constructors.ts';

describe('the registry', () => {
  test('has each name once, and finds it', () => {
    const names = operations.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    for (const row of operations) expect(findOperation(row.name)).toBe(row);
  });

  test('does not find what is not there, or what every object has', () => {
    for (const name of ['Nope', '', 'constructor', '__proto__', 'putitem']) {
      expect(findOperation(name)).toBeUndefined();
    }
  });

  test('gives every row an action and an input that is a structure', () => {
    for (const { action, input, kind } of operations) {
      expect(action).toMatch(/^dynamodb:[A-Za-z]+$/);
      expect(input.kind).toBe('struct');
      expect(['read', 'write']).toContain(kind);
    }
  });

  // Required members with `!`; reference/operations.md, sections 1 to 5, 10 and 11.
  const placeholders = 'ExpressionAttributeNames ExpressionAttributeValues';
  const write =
    'TableName! Expected ConditionalOperator ReturnValues ReturnConsumedCapacity ' +
    `ReturnItemCollectionMetrics ConditionExpression ${placeholders} ` +
    'ReturnValuesOnConditionCheckFailure';
  const read =
    'TableName! IndexName Select AttributesToGet Limit ConsistentRead ConditionalOperator ' +
    'ExclusiveStartKey ReturnConsumedCapacity ProjectionExpression FilterExpression ' +
    placeholders;
  test.each([
    ['PutItem', `${write} Item!`],
    ['DeleteItem', `${write} Key!`],
    ['UpdateItem', `${write} Key! AttributeUpdates UpdateExpression`],
    [
      'GetItem',
      'TableName! Key! AttributesToGet ConsistentRead ReturnConsumedCapacity ' +
        'ProjectionExpression ExpressionAttributeNames',
    ],
    ['Query', `${read} KeyConditions QueryFilter ScanIndexForward KeyConditionExpression`],
    ['Scan', `${read} ScanFilter TotalSegments Segment`],
    ['BatchGetItem', 'RequestItems! ReturnConsumedCapacity'],
    ['BatchWriteItem', 'RequestItems! ReturnConsumedCapacity ReturnItemCollectionMetrics'],
    [
      'TransactWriteItems',
      'TransactItems! ReturnConsumedCapacity ReturnItemCollectionMetrics ClientRequestToken',
    ],
    ['TransactGetItems', 'TransactItems! ReturnConsumedCapacity'],
    [
      'ExecuteStatement',
      'Statement! Parameters ConsistentRead NextToken ReturnConsumedCapacity Limit ' +
        'ReturnValuesOnConditionCheckFailure',
    ],
    ['BatchExecuteStatement', 'Statements! ReturnConsumedCapacity'],
    ['ExecuteTransaction', 'TransactStatements! ClientRequestToken ReturnConsumedCapacity'],
    ['DescribeTable', 'TableName!'],
    ['DeleteTable', 'TableName!'],
    ['ListTables', 'ExclusiveStartTableName Limit'],
    ['DescribeLimits', ''],
    ['DescribeEndpoints', ''],
    ['TagResource', 'ResourceArn! Tags!'],
    ['UntagResource', 'ResourceArn! TagKeys!'],
    ['ListTagsOfResource', 'ResourceArn! NextToken'],
    ['ListStreams', 'TableName Limit ExclusiveStartStreamArn'],
    ['GetShardIterator', 'StreamArn! ShardId! ShardIteratorType! SequenceNumber'],
    ['GetRecords', 'ShardIterator! Limit'],
  ])('%s has the members of the reference', (name, members) => {
    const input = findOperation(name)?.input as StructShape;
    const declared = Object.entries(input.fields).map(([field, { isRequired }]) => {
      return isRequired ? `${field}!` : field;
    });
    const expected = members.split(' ').filter((member) => member !== '');
    expect(declared.toSorted()).toEqual(expected.toSorted());
  });

  test.each([
    [
      'CreateTable',
      'TableName AttributeDefinitions KeySchema LocalSecondaryIndexes GlobalSecondaryIndexes ' +
        'BillingMode ProvisionedThroughput StreamSpecification SSESpecification Tags TableClass ' +
        'DeletionProtectionEnabled WarmThroughput ResourcePolicy OnDemandThroughput',
    ],
    [
      'UpdateTable',
      'TableName AttributeDefinitions BillingMode ProvisionedThroughput ' +
        'GlobalSecondaryIndexUpdates StreamSpecification SSESpecification ReplicaUpdates ' +
        'TableClass DeletionProtectionEnabled OnDemandThroughput WarmThroughput',
    ],
  ])('%s takes what can be set here', (name, members) => {
    const input = findOperation(name)?.input as StructShape;
    for (const member of members.split(' ')) expect(input.fields).toHaveProperty(member);
  });
});
