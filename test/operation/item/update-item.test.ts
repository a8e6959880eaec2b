import { beforeEach, describe, expect, test } from 'vitest';
import { ItemWorld } from '../../support/item-world.ts';

const prefix = 'One or more parameter values were invalid: ';
const scalars =
  "Key attributes must be scalars; list random access '[]' and map lookup '.' are not " +
  'allowed: ';
let world: ItemWorld;
const key = { p: { S: 'k' } };
const item = {
  ...key,
  a: { L: [2, 3, 4, 5, 6, 7].map((n) => ({ N: `${n}` })) },
  m: { M: { x: { N: '1' }, y: { M: { z: { N: '2' } } } } },
  n: { N: '5' },
  t: { S: 'dog' },
};
const numbers = { ':one': { N: '1' }, ':nine': { N: '9' }, ':s': { S: 's' } };

/** An update that uses exactly the values it names. */
const update = (UpdateExpression: string, more: object = {}): object => {
  const used = Object.entries(numbers).filter(([name]) => UpdateExpression.includes(name));
  return {
    TableName: 'Tab',
    Key: key,
    UpdateExpression,
    ...(used.length === 0 ? {} : { ExpressionAttributeValues: Object.fromEntries(used) }),
    ...more,
  };
};

beforeEach(() => {
  world = new ItemWorld();
  world.table('Tab', ['p:S'], { global: { gsi: { keys: ['g:S'] } } });
  world.call('PutItem', { TableName: 'Tab', Item: item });
});

describe('an UpdateItem is judged', () => {
  const rows: readonly [string, object, string][] = [
    [
      'on the values of its key before its expressions',
      update('bad (', { TableName: 'none', Key: { p: {} } }),
      'Supplied AttributeValue is empty, must contain exactly one of the supported datatypes',
    ],
    [
      'on its key',
      update('SET n = :one', { Key: { p: { N: '1' } } }),
      'The provided key element does not match the schema',
    ],
    [
      'on touching the key, even with the same value',
      update('SET p = :s'),
      `${prefix}Cannot update attribute p. This attribute is part of the key`,
    ],
    [
      'on removing the key',
      update('REMOVE p'),
      `${prefix}Cannot update attribute p. This attribute is part of the key`,
    ],
    ['on a path below the key', update('SET p.x = :s'), `${scalars}Key: p`],
    ['on a path below an index key', update('SET g[0] = :s'), `${scalars}IndexKey: g`],
    [
      'on a literal that an index key cannot be',
      update('SET g = :one', { ConditionExpression: 'attribute_not_exists(p)' }),
      `${prefix}Type mismatch for Index Key g Expected: S Actual: N IndexName: gsi`,
    ],
    [
      'on a literal that is added to an index key, before a path below one',
      update('ADD g :one SET g2.x = :s'),
      `${prefix}Type mismatch for Index Key g Expected: S Actual: N IndexName: gsi`,
    ],
    ['on reading below its key', update('SET n = p.x'), `${scalars}Key: p`],
    ['on reading below an index key', update('SET n = n + g[0]'), `${scalars}IndexKey: g`],
    [
      'on reading below an index key, deep in a call',
      update('SET l = list_append(if_not_exists(g.x, :l), :l)', {
        ExpressionAttributeValues: { ':l': { L: [] } },
      }),
      `${scalars}IndexKey: g`,
    ],
    [
      'on a path that is not there',
      update('SET q.x = :one'),
      'The document path provided in the update expression is invalid for update',
    ],
    [
      'on what an index key would become',
      update('SET g = n'),
      'The update expression attempted to update the secondary index key to unsupported type',
    ],
  ];
  test.each(rows)('%s', (_, input, message) => {
    expect(world.invalid('UpdateItem', input)).toBe(message);
  });

  test('on the condition before what needs the stored item', () => {
    const input = update('SET q.x = :one', { ConditionExpression: 'attribute_not_exists(p)' });
    expect(world.refuse('UpdateItem', input).name).toBe('ConditionalCheckFailedException');
  });
});

describe('ReturnValues', () => {
  // reference/expressions.md, section 10.
  const rows: readonly [string, object, object | undefined][] = [
    ['UPDATED_OLD', update('SET m.x = :nine'), { m: { M: { x: { N: '1' } } } }],
    [
      'UPDATED_NEW',
      update('SET m.x = :nine, a[1] = :one'),
      { m: { M: { x: { N: '9' } } }, a: { L: [{ N: '1' }] } },
    ],
    ['UPDATED_OLD', update('REMOVE a[1], a[9]'), { a: { L: [{ N: '3' }] } }],
    ['UPDATED_NEW', update('REMOVE a[1]'), { a: { L: [{ N: '4' }] } }],
    ['UPDATED_NEW', update('SET a[100] = :nine'), undefined],
    ['UPDATED_OLD', update('SET fresh = :one'), undefined],
    ['ALL_OLD', update('SET n = :one'), item],
    ['ALL_NEW', update('SET n = :one'), { ...item, n: { N: '1' } }],
    ['ALL_NEW', update('REMOVE nothing'), item],
    ['ALL_OLD', update('SET n = :one', { Key: { p: { S: 'new' } } }), undefined],
    ['ALL_NEW', { TableName: 'Tab', Key: { p: { S: 'new' } } }, { p: { S: 'new' } }],
    ['ALL_NEW', update('REMOVE n', { Key: { p: { S: 'new' } } }), undefined],
    ['NONE', update('SET n = :one'), undefined],
  ];
  test.each(rows)('%s of %j', (ReturnValues, input, attributes) => {
    const answer = world.call('UpdateItem', { ...input, ReturnValues });
    expect(answer).toEqual(attributes === undefined ? {} : { Attributes: attributes });
  });
});

describe('UpdateItem', () => {
  const get = (Key: object): unknown => world.call('GetItem', { TableName: 'Tab', Key })['Item'];
  const other = { p: { S: 'new' } };

  test('makes the item unless it only removes', () => {
    world.call('UpdateItem', update('REMOVE n', { Key: other }));
    expect(get(other)).toBeUndefined();
    world.call('UpdateItem', update('SET n = :one', { Key: other }));
    expect(get(other)).toEqual({ ...other, n: { N: '1' } });
  });

  test('without an expression makes an item of its key, and changes none', () => {
    world.call('UpdateItem', { TableName: 'Tab', Key: other });
    world.call('UpdateItem', { TableName: 'Tab', Key: key });
    expect(get(other)).toEqual(other);
    expect(get(key)).toEqual(item);
  });

  test('takes the legacy AttributeUpdates', () => {
    const AttributeUpdates = {
      n: { Action: 'ADD', Value: { N: '2' } },
      t: { Action: 'DELETE' },
      q: { Value: { S: 'x' } },
    };
    const input = { TableName: 'Tab', Key: key, AttributeUpdates, ReturnValues: 'UPDATED_NEW' };
    expect(world.call('UpdateItem', input)).toEqual({
      Attributes: { n: { N: '7' }, q: { S: 'x' } },
    });
  });

  test('moves the item in and out of an index', () => {
    const count = (): unknown =>
      world.call('Scan', { TableName: 'Tab', IndexName: 'gsi' })['Count'];
    expect(count()).toBe(0);
    world.call('UpdateItem', update('SET g = :s'));
    expect(count()).toBe(1);
    world.call('UpdateItem', update('REMOVE g'));
    expect(count()).toBe(0);
  });

  test('weighs actions besides the item', () => {
    const input = (length: number): object => ({
      TableName: 'Tab',
      Key: { p: { S: 'ab' } },
      UpdateExpression: 'SET v = :v',
      ExpressionAttributeValues: { ':v': { S: 'x'.repeat(length) } },
    });
    // Three bytes of key: one SET caps the item at 409,581.
    expect(world.call('UpdateItem', input(409_577))).toEqual({});
    expect(world.invalid('UpdateItem', input(409_578))).toBe(
      'Item size to update has exceeded the maximum allowed size',
    );
  });

  test('meters the larger of the item before and after, whatever part is changed', () => {
    const Item = { ...key, v: { S: 'x'.repeat(3000) } };
    world.call('PutItem', { TableName: 'Tab', Item });
    const input = update('SET v = :s', { ReturnConsumedCapacity: 'TOTAL' });
    expect(world.call('UpdateItem', input)).toEqual({
      ConsumedCapacity: { TableName: 'Tab', CapacityUnits: 3 },
    });
  });
});
