import { beforeEach, describe, expect, test } from 'vitest';
import { ItemWorld } from '../../support/item-world.ts';

const prefix = 'One or more parameter values were invalid: ';
const missing = 'ResourceNotFoundException';
let world: ItemWorld;

beforeEach(() => {
  world = new ItemWorld();
  world.table('Tab', ['p:S', 's:N'], {
    global: { gsi: { keys: ['g:S'], project: 'KEYS_ONLY' } },
    local: { lsi: { keys: ['p:S', 'l:S'] } },
  });
  world.table('Plain', ['p:S']);
});

const key = { p: { S: 'a' }, s: { N: '1' } };
const put = (input: object): object => ({ TableName: 'Tab', Item: key, ...input });

describe('a PutItem is judged', () => {
  // Each row is refused for its first fault alone; the next row mends it.
  const rows: readonly [string, object, string][] = [
    [
      'on mixing first',
      put({
        TableName: 'none',
        ConditionExpression: 'bad (',
        Expected: {},
        Item: { p: {} },
        ReturnValues: 'ALL_NEW',
      }),
      'Can not use both expression and non-expression parameters in the same request: ' +
        'Non-expression parameters: {Expected} Expression parameters: {ConditionExpression}',
    ],
    [
      'on attribute values',
      put({
        TableName: 'none',
        ConditionExpression: 'bad (',
        Item: { p: {} },
        ReturnValues: 'ALL_NEW',
      }),
      'Supplied AttributeValue is empty, must contain exactly one of the supported datatypes',
    ],
    [
      'on ReturnValues',
      put({
        TableName: 'none',
        ConditionExpression: 'bad (',
        Item: { p: { S: 'x'.repeat(409_600) } },
        ReturnValues: 'ALL_NEW',
      }),
      'ReturnValues can only be ALL_OLD or NONE',
    ],
    [
      'on its size',
      put({
        TableName: 'none',
        ConditionExpression: 'bad (',
        Item: { p: { S: 'x'.repeat(409_600) } },
      }),
      'Item size has exceeded the maximum allowed size',
    ],
  ];
  test.each(rows)('%s', (_, input, message) => {
    expect(world.invalid('PutItem', input)).toBe(message);
  });

  test('on expressions before the table', () => {
    const message = world.invalid(
      'PutItem',
      put({ TableName: 'none', ConditionExpression: 'bad (' }),
    );
    expect(message).toContain('Invalid ConditionExpression: ');
  });

  test('on the table before its key', () => {
    expect(world.refuse('PutItem', put({ TableName: 'none', Item: { p: { N: '1' } } })).name).toBe(
      missing,
    );
  });

  test.each([
    ['the key', { p: { S: 'a' } }, `${prefix}Missing the key s in the item`],
    [
      'key types',
      { p: { S: 'a' }, s: { S: '1' } },
      `${prefix}Type mismatch for key s expected: N actual: S`,
    ],
    [
      'index keys',
      { ...key, g: { N: '1' } },
      `${prefix}Type mismatch for Index Key g Expected: S Actual: N IndexName: gsi`,
    ],
  ])('on %s before the condition', (_, Item, message) => {
    const input = put({ Item, ConditionExpression: 'attribute_exists(p)' });
    expect(world.invalid('PutItem', input)).toBe(message);
  });

  test('on the condition at last', () => {
    const condition = { ConditionExpression: 'attribute_not_exists(p)' };
    expect(world.call('PutItem', put(condition))).toEqual({});
    expect(world.refuse('PutItem', put(condition))).toEqual({
      name: 'ConditionalCheckFailedException',
      message: 'The conditional request failed',
      members: {},
    });
  });
});

describe('PutItem', () => {
  test('answers nothing that was not asked for', () => {
    expect(world.call('PutItem', put({}))).toEqual({});
  });

  test('replaces the item and answers ALL_OLD where there was one', () => {
    const old = put({ Item: { ...key, x: { N: '1' } }, ReturnValues: 'ALL_OLD' });
    expect(world.call('PutItem', old)).toEqual({});
    expect(world.call('PutItem', put({ ReturnValues: 'ALL_OLD' }))).toEqual({
      Attributes: { ...key, x: { N: '1' } },
    });
    expect(world.call('GetItem', { TableName: 'Tab', Key: key })).toEqual({ Item: key });
  });

  test('shows the item that made its condition fail only when asked', () => {
    world.call('PutItem', put({}));
    const failing = put({
      ConditionExpression: 'attribute_not_exists(p)',
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    });
    expect(world.refuse('PutItem', failing).members).toEqual({ Item: key });
    const other = {
      ...failing,
      Item: { ...key, s: { N: '2' } },
      ConditionExpression: 'attribute_exists(p)',
    };
    expect(world.refuse('PutItem', other).members).toEqual({});
  });

  test('takes the legacy Expected', () => {
    const Expected = { p: { Exists: false } };
    expect(world.call('PutItem', put({ Expected }))).toEqual({});
    expect(world.refuse('PutItem', put({ Expected })).name).toBe('ConditionalCheckFailedException');
  });

  test('tells what it consumed', () => {
    const Item = { ...key, g: { S: 'x' }, l: { S: 'y' } };
    expect(world.call('PutItem', put({ Item, ReturnConsumedCapacity: 'INDEXES' }))).toEqual({
      ConsumedCapacity: {
        TableName: 'Tab',
        CapacityUnits: 3,
        Table: { CapacityUnits: 1 },
        LocalSecondaryIndexes: { lsi: { CapacityUnits: 1 } },
        GlobalSecondaryIndexes: { gsi: { CapacityUnits: 1 } },
      },
    });
    expect(world.call('PutItem', put({ Item, ReturnConsumedCapacity: 'TOTAL' }))).toEqual({
      ConsumedCapacity: { TableName: 'Tab', CapacityUnits: 1 },
    });
  });

  test('tells of the item collection where the table has local indexes', () => {
    const metrics = { ReturnItemCollectionMetrics: 'SIZE' };
    expect(world.call('PutItem', put(metrics))).toEqual({
      ItemCollectionMetrics: {
        ItemCollectionKey: { p: { S: 'a' } },
        SizeEstimateRangeGB: [0, 1],
      },
    });
    const plain = { TableName: 'Plain', Item: { p: { S: 'a' } }, ...metrics };
    expect(world.call('PutItem', plain)).toEqual({});
  });

  test('stores up to 409,600 bytes', () => {
    const item = (length: number): object => ({
      TableName: 'Plain',
      Item: { p: { S: 'a' }, v: { S: 'x'.repeat(length) } },
    });
    expect(world.call('PutItem', item(409_597))).toEqual({});
    expect(world.invalid('PutItem', item(409_598))).toBe(
      'Item size has exceeded the maximum allowed size',
    );
  });

  test('keeps an attribute named __proto__', () => {
    const Item = JSON.parse('{"p":{"S":"a"},"s":{"N":"1"},"__proto__":{"S":"x"}}');
    world.call('PutItem', put({ Item }));
    const { Item: got } = world.call('GetItem', { TableName: 'Tab', Key: key });
    expect(Object.keys(got as object).sort()).toEqual(['__proto__', 'p', 's']);
  });
});
