import { beforeEach, describe, expect, test } from 'vitest';
import { ItemWorld } from '../../support/item-world.ts';

let world: ItemWorld;
const item = { p: { S: 'a' }, g: { S: 'x' }, v: { S: 'x'.repeat(2500) } };
const remove = (input: object): object => ({ TableName: 'Tab', Key: { p: { S: 'a' } }, ...input });

beforeEach(() => {
  world = new ItemWorld();
  world.table('Tab', ['p:S'], { global: { gsi: { keys: ['g:S'], project: 'KEYS_ONLY' } } });
  world.call('PutItem', { TableName: 'Tab', Item: item });
});

describe('a DeleteItem is judged', () => {
  const mismatch = 'The provided key element does not match the schema';
  const rows: readonly [string, object, string][] = [
    [
      'on the values of its key',
      { TableName: 'none', Key: { p: {} }, ReturnValues: 'ALL_NEW' },
      'Supplied AttributeValue is empty, must contain exactly one of the supported datatypes',
    ],
    [
      'then on ReturnValues',
      { TableName: 'none', ReturnValues: 'ALL_NEW', ConditionExpression: 'bad (' },
      'ReturnValues can only be ALL_OLD or NONE',
    ],
    ['on its key after the table', { Key: { q: { S: 'a' } } }, mismatch],
    ['on its key before the condition', { Key: {}, ConditionExpression: 'p = q' }, mismatch],
  ];
  test.each(rows)('%s', (_, input, message) => {
    expect(world.invalid('DeleteItem', remove(input))).toBe(message);
  });

  test('on the table before its key', () => {
    const refusal = world.refuse('DeleteItem', remove({ TableName: 'none', Key: {} }));
    expect(refusal.name).toBe('ResourceNotFoundException');
    expect(refusal.message).toBe('Requested resource not found');
  });
});

describe('DeleteItem', () => {
  test('removes the item everywhere and answers ALL_OLD', () => {
    expect(world.call('DeleteItem', remove({ ReturnValues: 'ALL_OLD' }))).toEqual({
      Attributes: item,
    });
    expect(world.call('GetItem', { TableName: 'Tab', Key: { p: { S: 'a' } } })).toEqual({});
    expect(world.call('Scan', { TableName: 'Tab', IndexName: 'gsi' })).toMatchObject({ Count: 0 });
  });

  test('succeeds on what is missing', () => {
    const gone = remove({ Key: { p: { S: 'b' } }, ReturnValues: 'ALL_OLD' });
    expect(world.call('DeleteItem', gone)).toEqual({});
  });

  test('leaves the item when the condition fails, and shows it when asked', () => {
    const failing = {
      ConditionExpression: 'g = :v',
      ExpressionAttributeValues: { ':v': { S: 'y' } },
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    };
    expect(world.refuse('DeleteItem', remove(failing))).toEqual({
      name: 'ConditionalCheckFailedException',
      message: 'The conditional request failed',
      members: { Item: item },
    });
    expect(world.call('Scan', { TableName: 'Tab' })).toMatchObject({ Count: 1 });
  });

  test('costs what was there', () => {
    const capacity = { ReturnConsumedCapacity: 'INDEXES' };
    expect(world.call('DeleteItem', remove(capacity))).toEqual({
      ConsumedCapacity: {
        TableName: 'Tab',
        CapacityUnits: 4,
        Table: { CapacityUnits: 3 },
        GlobalSecondaryIndexes: { gsi: { CapacityUnits: 1 } },
      },
    });
    expect(world.call('DeleteItem', remove(capacity))).toEqual({
      ConsumedCapacity: { TableName: 'Tab', CapacityUnits: 1, Table: { CapacityUnits: 1 } },
    });
  });
});
