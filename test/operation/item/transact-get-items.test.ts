import { beforeEach, describe, expect, test } from 'vitest';
import { findOperation } from '../../../src/operation/registry.ts';
import { ItemWorld } from '../../support/item-world.ts';

let world: ItemWorld;
const key = (name: string): object => ({ p: { S: name } });
const get = (name: string, more: object = {}): object => ({
  Get: { TableName: 'Tab', Key: key(name), ...more },
});
const read = (...TransactItems: readonly object[]): object => ({ TransactItems });

beforeEach(() => {
  world = new ItemWorld();
  world.table('Tab', ['p:S']);
  const Item = { ...key('a'), v: { S: 'x'.repeat(5000) }, n: { N: '1' } };
  world.call('PutItem', { TableName: 'Tab', Item });
});

describe('TransactGetItems', () => {
  test('answers in the order of the request, and {} for what is missing', () => {
    const input = read(get('x'), get('a', { ProjectionExpression: 'n' }));
    expect(world.call('TransactGetItems', input)).toEqual({
      Responses: [{}, { Item: { n: { N: '1' } } }],
    });
  });

  test('costs twice', () => {
    const input = { ...read(get('x'), get('a')), ReturnConsumedCapacity: 'TOTAL' };
    expect(world.call('TransactGetItems', input)['ConsumedCapacity']).toEqual([
      { TableName: 'Tab', CapacityUnits: 6, ReadCapacityUnits: 6 },
    ]);
  });

  test('is always consistent', () => {
    expect(findOperation('TransactGetItems')?.consistent?.({})).toBe(true);
  });

  test('refuses one item twice', () => {
    expect(world.invalid('TransactGetItems', read(get('a'), get('a')))).toBe(
      'Transaction request cannot include multiple operations on one item',
    );
  });

  test('refuses a missing table before bad keys', () => {
    const bad = { Get: { TableName: 'Tab', Key: {} } };
    const gone = { Get: { TableName: 'none', Key: key('a') } };
    expect(world.refuse('TransactGetItems', read(bad, gone)).name).toBe(
      'ResourceNotFoundException',
    );
  });

  test.each([
    ['a mistyped key', { p: { N: '1' } }, 'The provided key element does not match the schema'],
    [
      'an empty key',
      key(''),
      'One or more parameter values are not valid. The AttributeValue for a key attribute cannot ' +
        'contain an empty string value. Key: p',
    ],
  ])('is cancelled by %s', (_, Key, Message) => {
    const input = read(get('a'), { Get: { TableName: 'Tab', Key } });
    expect(world.refuse('TransactGetItems', input)).toEqual({
      name: 'TransactionCanceledException',
      message:
        'Transaction cancelled, please refer cancellation reasons for specific reasons ' +
        '[None, ValidationError]',
      members: { CancellationReasons: [{ Code: 'None' }, { Code: 'ValidationError', Message }] },
    });
  });

  test('refuses to answer more than 4 MB', () => {
    const gets = Array.from({ length: 11 }, (_, n) => {
      const Item = { ...key(`${n}`), v: { S: 'x'.repeat(400_000) } };
      world.call('PutItem', { TableName: 'Tab', Item });
      return get(`${n}`);
    });
    expect(world.invalid('TransactGetItems', read(...gets))).toContain('size cannot exceed');
    const { Responses } = world.call('TransactGetItems', read(...gets.slice(1)));
    expect(Responses).toHaveLength(10);
  });
});
