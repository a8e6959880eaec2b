/** Paths into keys, in every expression that can have one. */
import { beforeEach, describe, expect, test } from 'vitest';
import { ItemWorld } from '../../support/item-world.ts';

const scalars = (key: string): string =>
  'Key attributes must be scalars; list random access ' +
  `'[]' and map lookup '.' are not allowed: ${key}`;

const Key = { p: { S: 'a' }, s: { N: '1' } };
const on = { TableName: 'Tab' };
const one = { ExpressionAttributeValues: { ':a': { S: 'a' } } };
const ProjectionExpression = 'a, p[1]';
const ConditionExpression = 'attribute_exists(s.x)';

let world: ItemWorld;
beforeEach(() => {
  world = new ItemWorld();
  const part = (AttributeName: string, KeyType: string): object => ({ AttributeName, KeyType });
  world.run('CreateTable', {
    ...on,
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: [
      { AttributeName: 'p', AttributeType: 'S' },
      { AttributeName: 's', AttributeType: 'N' },
      { AttributeName: 'g', AttributeType: 'S' },
    ],
    KeySchema: [part('p', 'HASH'), part('s', 'RANGE')],
    GlobalSecondaryIndexes: [
      {
        IndexName: 'index',
        KeySchema: [part('g', 'HASH')],
        Projection: { ProjectionType: 'KEYS_ONLY' },
      },
    ],
  });
});

describe('a path into a key is refused in', () => {
  test.each([
    ['GetItem', { ...on, Key, ProjectionExpression }, 'Key: p'],
    ['GetItem', { ...on, Key, ProjectionExpression: 'g.x' }, 'IndexKey: g'],
    ['BatchGetItem', { RequestItems: { Tab: { Keys: [Key], ProjectionExpression } } }, 'Key: p'],
    ['Scan', { ...on, ProjectionExpression }, 'Key: p'],
    ['Scan', { ...on, FilterExpression: 's[0] = :a', ...one }, 'Key: s'],
    ['Query', { ...on, KeyConditionExpression: 'p = :a', ProjectionExpression, ...one }, 'Key: p'],
    [
      'Query',
      { ...on, KeyConditionExpression: 'p = :a', FilterExpression: 'g.x = :a', ...one },
      'IndexKey: g',
    ],
    ['PutItem', { ...on, Item: Key, ConditionExpression }, 'Key: s'],
    ['DeleteItem', { ...on, Key, ConditionExpression: 'size(g[1]) = g' }, 'IndexKey: g'],
    [
      'UpdateItem',
      { ...on, Key, UpdateExpression: 'SET a = :a', ConditionExpression, ...one },
      'Key: s',
    ],
  ])('%s %j', (operation, input, key) => {
    expect(world.refuse(operation, input)).toMatchObject({
      name: 'ValidationException',
      message: scalars(key),
    });
  });

  test('a transaction, as the reason of its action', () => {
    const TransactItems = [{ ConditionCheck: { ...on, Key, ConditionExpression } }];
    expect(world.refuse('TransactWriteItems', { TransactItems })).toMatchObject({
      members: { CancellationReasons: [{ Code: 'ValidationError', Message: scalars('Key: s') }] },
    });
  });
});

test('a key itself, and what lies below other attributes, may be named', () => {
  const input = { ...on, Key, ProjectionExpression: 'p, a.p, b[1].s' };
  expect(world.call('GetItem', input)).toEqual({});
});
