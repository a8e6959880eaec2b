import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type AccessWorld, openAccessWorld } from '../../support/access.ts';

let world: AccessWorld;
beforeAll(async () => {
  world = await openAccessWorld();
});
afterAll(() => world.engine.close());

const TableName = 'Notes';
const S = (text: string): object => ({ S: text });
const Key = { owner: S('ada'), id: S('1') };
const eve = { owner: S('eve'), id: S('1') };
const keys = ['owner', 'id'];
const ada = { leadingkeys: ['ada'] };

describe('reads of one item', () => {
  const rows: readonly (readonly [string, object, object])[] = [
    ['whole', {}, { ...ada, attributes: 'any', returnconsumedcapacity: ['NONE'] }],
    [
      'by a projection',
      { ProjectionExpression: '#t.x[0], k', ExpressionAttributeNames: { '#t': 'title' } },
      { ...ada, attributes: [...keys, 'title', 'k'] },
    ],
    ['by names', { AttributesToGet: ['a', 'b'] }, { attributes: [...keys, 'a', 'b'] }],
    ['metered', { ReturnConsumedCapacity: 'TOTAL' }, { returnconsumedcapacity: ['TOTAL'] }],
    [
      'of names that objects have',
      { AttributesToGet: ['__proto__', 'constructor'] },
      { attributes: [...keys, '__proto__', 'constructor'] },
    ],
  ];
  test.each(rows)('%s', async (_, input, facts) => {
    expect(await world.asked('GetItem', { TableName, Key, ...input })).toMatchObject([
      { action: 'GetItem', resource: 'Notes', facts },
    ]);
  });

  test('a key of bytes is base64', async () => {
    const bytes = { TableName: 'Bytes', Key: { b: { B: 'AP8=' } } };
    expect((await world.asked('GetItem', bytes))?.[0]?.facts['leadingkeys']).toEqual(['AP8=']);
  });

  test('a table that is not there has no keys to ask about', async () => {
    const asked = await world.asked('GetItem', { TableName: 'Nothing', Key });
    expect(Object.keys(asked?.[0]?.facts ?? {})).not.toContain('leadingkeys');
  });

  test('a key of a wrong type is any key', async () => {
    const wrong = { TableName, Key: { owner: { L: [] }, id: S('1') } };
    expect((await world.asked('GetItem', wrong))?.[0]?.facts['leadingkeys']).toBe('any');
  });
});

describe('writes of one item', () => {
  const rows: readonly (readonly [string, string, object, object])[] = [
    [
      'a put',
      'PutItem',
      { Item: { ...Key, text: S('x') } },
      { ...ada, attributes: [...keys, 'text'], returnvalues: ['NONE'] },
    ],
    [
      'a put on a condition',
      'PutItem',
      {
        Item: Key,
        ConditionExpression: 'attribute_not_exists(#v) OR size(w) < :n AND x IN (y, :n)',
        ExpressionAttributeNames: { '#v': 'v' },
        ExpressionAttributeValues: { ':n': { N: '1' } },
      },
      { attributes: [...keys, 'v', 'w', 'x', 'y'] },
    ],
    [
      'an update',
      'UpdateItem',
      {
        Key,
        UpdateExpression: 'SET a = if_not_exists(b, :n) + c, d.e = :n REMOVE f ADD g :n',
        ConditionExpression: 'h BETWEEN :n AND i AND NOT j = :n',
        ExpressionAttributeValues: { ':n': { N: '1' } },
        ReturnValues: 'UPDATED_NEW',
      },
      {
        ...ada,
        attributes: [...keys, 'h', 'i', 'j', 'a', 'b', 'c', 'd', 'f', 'g'],
        returnvalues: ['UPDATED_NEW'],
      },
    ],
    [
      'an update in the old form',
      'UpdateItem',
      {
        Key,
        AttributeUpdates: { a: { Action: 'PUT', Value: S('x') } },
        Expected: { b: { Exists: false } },
      },
      { attributes: [...keys, 'b', 'a'] },
    ],
    [
      'a delete that answers the item',
      'DeleteItem',
      { Key, ReturnValues: 'ALL_OLD' },
      { ...ada, attributes: 'any', returnvalues: ['ALL_OLD'] },
    ],
    [
      'a delete whose refusal shows the item',
      'DeleteItem',
      {
        Key,
        ConditionExpression: 'attribute_exists(a)',
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      },
      { attributes: 'any' },
    ],
  ];
  test.each(rows)('%s', async (_, operation, input, facts) => {
    expect(await world.asked(operation, { TableName, ...input })).toMatchObject([
      { action: operation, resource: 'Notes', facts },
    ]);
  });
});

describe('batches and transactions ask for every key of every part', () => {
  test('BatchGetItem', async () => {
    const RequestItems = {
      Notes: { Keys: [Key, eve], ProjectionExpression: 'title' },
      Bytes: { Keys: [{ b: { B: 'AA==' } }] },
    };
    expect(await world.asked('BatchGetItem', { RequestItems })).toMatchObject([
      { action: 'BatchGetItem', facts: { ...ada, attributes: [...keys, 'title'] } },
      { action: 'BatchGetItem', facts: { leadingkeys: ['eve'] } },
      { resource: expect.stringContaining('table/Bytes'), facts: { attributes: 'any' } },
    ]);
  });

  test('BatchWriteItem', async () => {
    const RequestItems = {
      Notes: [{ PutRequest: { Item: { ...Key, a: S('x') } } }, { DeleteRequest: { Key: eve } }],
    };
    expect(await world.asked('BatchWriteItem', { RequestItems })).toMatchObject([
      { action: 'BatchWriteItem', facts: { ...ada, attributes: [...keys, 'a'] } },
      { action: 'BatchWriteItem', facts: { leadingkeys: ['eve'], attributes: keys } },
    ]);
  });

  test('TransactWriteItems', async () => {
    const on = { TableName, ConditionExpression: 'attribute_exists(c)' };
    const TransactItems = [
      { Put: { TableName, Item: Key } },
      { Delete: { TableName, Key: eve } },
      { ConditionCheck: { ...on, Key: { ...Key, id: S('2') } } },
      { Update: { TableName, Key: { ...eve, id: S('2') }, UpdateExpression: 'REMOVE a' } },
    ];
    const enclosingoperation = ['TransactWriteItems'];
    expect(await world.asked('TransactWriteItems', { TransactItems })).toMatchObject([
      { action: 'PutItem', facts: { ...ada, enclosingoperation } },
      { action: 'DeleteItem', facts: { leadingkeys: ['eve'], enclosingoperation } },
      { action: 'ConditionCheckItem', facts: { ...ada, attributes: [...keys, 'c'] } },
      { action: 'UpdateItem', facts: { leadingkeys: ['eve'], attributes: [...keys, 'a'] } },
    ]);
  });

  test('TransactGetItems', async () => {
    const TransactItems = [{ Get: { TableName, Key } }, { Get: { TableName, Key: eve } }];
    expect(await world.asked('TransactGetItems', { TransactItems })).toMatchObject([
      { action: 'GetItem', facts: { ...ada, enclosingoperation: ['TransactGetItems'] } },
      { action: 'GetItem', facts: { leadingkeys: ['eve'], attributes: 'any' } },
    ]);
  });
});

describe('reads of many items', () => {
  const of = (name: string, value: object): object => ({
    KeyConditionExpression: '#k = :k',
    ExpressionAttributeNames: { '#k': name },
    ExpressionAttributeValues: { ':k': value },
  });
  const year = { IndexName: 'by-year', ...of('year', { N: '2026.0' }) };
  const byYear = 'Notes/index/by-year';
  const rows: readonly (readonly [string, string, object, string, object])[] = [
    [
      'a query',
      'Query',
      of('owner', S('ada')),
      'Notes',
      { ...ada, attributes: 'any', select: ['ALL_ATTRIBUTES'] },
    ],
    [
      'a query in the old form',
      'Query',
      { KeyConditions: { owner: { ComparisonOperator: 'EQ', AttributeValueList: [S('ada')] } } },
      'Notes',
      ada,
    ],
    [
      'a query with its value first',
      'Query',
      { ...of('owner', S('ada')), KeyConditionExpression: ':k = #k AND id > :k' },
      'Notes',
      ada,
    ],
    [
      'a query of chosen attributes with a filter',
      'Query',
      { ...of('owner', S('ada')), ProjectionExpression: 'title', FilterExpression: 'pay > :k' },
      'Notes',
      { attributes: ['pay', 'owner', 'title', 'id'], select: ['SPECIFIC_ATTRIBUTES'] },
    ],
    [
      'a query that counts',
      'Query',
      { ...of('owner', S('ada')), Select: 'COUNT' },
      'Notes',
      { attributes: keys, select: ['COUNT'] },
    ],
    [
      'a query of an index, by its own key, which is a number',
      'Query',
      year,
      byYear,
      {
        leadingkeys: ['2026'],
        firstpartitionkeyvalues: ['2026'],
        attributes: expect.arrayContaining([...keys, 'year', 'title']),
        select: ['ALL_PROJECTED_ATTRIBUTES'],
      },
    ],
    [
      'a query of an index that holds all',
      'Query',
      { IndexName: 'by-tag', ...of('tag', S('red')) },
      'Notes/index/by-tag',
      { leadingkeys: ['red'], attributes: 'any' },
    ],
    [
      'a scan',
      'Scan',
      {},
      'Notes',
      { leadingkeys: 'any', attributes: 'any', select: ['ALL_ATTRIBUTES'] },
    ],
    [
      'a scan of an index',
      'Scan',
      { IndexName: 'by-year', Select: 'COUNT' },
      byYear,
      { leadingkeys: 'any', attributes: [...keys, 'year', 'id'].filter(distinct) },
    ],
  ];
  test.each(rows)('%s', async (_, operation, input, resource, facts) => {
    expect(await world.asked(operation, { TableName, ...input })).toMatchObject([
      { action: operation, resource, facts },
    ]);
  });
});

function distinct(name: string, at: number, names: readonly string[]): boolean {
  return names.indexOf(name) === at;
}
