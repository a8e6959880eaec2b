import { beforeEach, describe, expect, test } from 'vitest';
import { findOperation } from '../../../src/operation/registry.ts';
import { StoredItem } from '../../../src/value/codec.ts';
import { ItemWorld } from '../../support/item-world.ts';

let world: ItemWorld;
const item = { p: { S: 'a' }, m: { M: { x: { N: '1' } } }, v: { S: 'x'.repeat(5000) } };
const get = (input: object = {}): object => ({
  TableName: 'Tab',
  Key: { p: { S: 'a' } },
  ...input,
});

beforeEach(() => {
  world = new ItemWorld();
  world.table('Tab', ['p:S']);
  world.call('PutItem', { TableName: 'Tab', Item: item });
});

describe('a GetItem is judged', () => {
  const rows: readonly [string, object, string][] = [
    [
      'on mixing',
      { TableName: 'none', Key: { p: {} }, AttributesToGet: ['p'], ProjectionExpression: 'p' },
      'Can not use both expression and non-expression parameters in the same request: ' +
        'Non-expression parameters: {AttributesToGet} ' +
        'Expression parameters: {ProjectionExpression}',
    ],
    [
      'on the values of its key',
      { TableName: 'none', Key: { p: {} }, ProjectionExpression: '!!' },
      'Supplied AttributeValue is empty, must contain exactly one of the supported datatypes',
    ],
    [
      'on its key',
      { Key: { p: { N: '1' } } },
      'The provided key element does not match the schema',
    ],
  ];
  test.each(rows)('%s', (_, input, message) => {
    expect(world.invalid('GetItem', get(input))).toBe(message);
  });

  test('on the projection before the table, on the table before the key', () => {
    expect(
      world.invalid('GetItem', get({ TableName: 'none', ProjectionExpression: '!!' })),
    ).toContain('Invalid ProjectionExpression: ');
    expect(world.refuse('GetItem', get({ TableName: 'none', Key: {} })).name).toBe(
      'ResourceNotFoundException',
    );
  });
});

describe('GetItem', () => {
  test('answers the stored bytes as they are', () => {
    const { Item } = world.run('GetItem', get());
    expect(Item).toBeInstanceOf(StoredItem);
    expect(world.call('GetItem', get())).toEqual({ Item: item });
  });

  test('answers no Item where there is none, and an empty one where nothing is projected', () => {
    expect(world.call('GetItem', get({ Key: { p: { S: 'b' } } }))).toEqual({});
    expect(world.call('GetItem', get({ ProjectionExpression: 'nothing' }))).toEqual({ Item: {} });
    expect(world.call('GetItem', get({ AttributesToGet: ['m', 'q'] }))).toEqual({
      Item: { m: item.m },
    });
  });

  test.each([
    ['eventually', get(), 1],
    ['strongly', get({ ConsistentRead: true }), 2],
    ['nothing eventually', get({ Key: { p: { S: 'b' } } }), 0.5],
    ['nothing strongly', get({ Key: { p: { S: 'b' } }, ConsistentRead: true }), 1],
    ['a part of it', get({ ProjectionExpression: 'm' }), 1],
  ])('meters 5 KB read %s', (_, input, units) => {
    expect(world.call('GetItem', { ...input, ReturnConsumedCapacity: 'TOTAL' })).toMatchObject({
      ConsumedCapacity: { TableName: 'Tab', CapacityUnits: units },
    });
  });

  test('is consistent when it says so', () => {
    const row = findOperation('GetItem');
    expect(row?.consistent?.({ input: { ConsistentRead: true } })).toBe(true);
    expect(row?.consistent?.({ input: {} })).toBe(false);
  });
});
