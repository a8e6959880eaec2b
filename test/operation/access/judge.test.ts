/** Policies as the IAM documentation of DynamoDB describes them, on calls that an engine runs. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { judgeOf } from '../../../src/operation/access/judge.ts';
import { owner } from '../../../src/operation/request.ts';
import { type AccessWorld, notesArn, openAccessWorld } from '../../support/access.ts';

let world: AccessWorld;
const TableName = 'Notes';
const S = (text: string): object => ({ S: text });
const key = (who: string, id = '1'): object => ({ owner: S(who), id: S(id) });

beforeAll(async () => {
  world = await openAccessWorld();
  for (const who of ['ada', 'eve']) {
    const Item = { ...key(who), title: S('t'), pay: S('secret'), tag: S(who) };
    await world.call('PutItem', { TableName, Item });
  }
});
afterAll(() => world.engine.close());

const claims = { 'jwt:sub': ['ada'] };
const denied = 'AccessDeniedException';

async function check(
  statements: readonly object[],
  rows: readonly (readonly [string, object, string])[],
): Promise<void> {
  for (const [operation, input, expected] of rows) {
    const found = await world.outcome(statements, operation, input, claims);
    expect([operation, input, found]).toEqual([operation, input, expected]);
  }
}

const query = (who: string): object => ({
  TableName,
  KeyConditionExpression: '#o = :o',
  ExpressionAttributeNames: { '#o': 'owner' },
  ExpressionAttributeValues: { ':o': S(who) },
});

test('items of whoever signed in, and no others', async () => {
  const mine = {
    Effect: 'Allow',
    Action: [
      ...['GetItem', 'BatchGetItem', 'Query', 'Scan', 'PutItem', 'UpdateItem', 'DeleteItem'],
      ...['BatchWriteItem', 'ConditionCheckItem', 'PartiQL*', 'GetRecords'],
    ].map((name) => `dynamodb:${name}`),
    Resource: [notesArn, `${notesArn}/index/*`],
    Condition: { 'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': ['${jwt:sub}'] } },
  };
  const batch = (...who: readonly string[]): object => ({
    RequestItems: { Notes: { Keys: who.map((one) => key(one)) } },
  });
  const put = (who: string): object => ({ Put: { TableName, Item: key(who, 'new') } });
  const select = (where: string): object => ({ Statement: `SELECT * FROM Notes ${where}` });
  await check(
    [mine],
    [
      ['GetItem', { TableName, Key: key('ada') }, 'allowed'],
      ['GetItem', { TableName, Key: key('eve') }, denied],
      ['PutItem', { TableName, Item: key('eve') }, denied],
      ['DeleteItem', { TableName, Key: key('eve') }, denied],
      ['UpdateItem', { TableName, Key: key('eve') }, denied],
      ['Query', query('ada'), 'allowed'],
      ['Query', query('eve'), denied],
      ['Scan', { TableName }, denied],
      ['Scan', { TableName, Limit: 1, Select: 'COUNT' }, denied],
      ['BatchGetItem', batch('ada'), 'allowed'],
      ['BatchGetItem', batch('ada', 'eve'), denied],
      [
        'BatchWriteItem',
        { RequestItems: { Notes: [{ DeleteRequest: { Key: key('eve') } }] } },
        denied,
      ],
      ['TransactWriteItems', { TransactItems: [put('ada')] }, 'allowed'],
      ['TransactWriteItems', { TransactItems: [put('ada'), put('eve')] }, denied],
      ['TransactGetItems', { TransactItems: [{ Get: { TableName, Key: key('eve') } }] }, denied],
      ['ExecuteStatement', select(`WHERE owner = 'ada'`), 'allowed'],
      ['ExecuteStatement', select(`WHERE owner = 'ada' OR owner = 'eve'`), denied],
      ['ExecuteStatement', select(''), denied],
      ['DescribeTable', { TableName }, denied],
      ['GetItem', { TableName: 'Bytes', Key: { b: { B: 'AA==' } } }, denied],
      // An index has partition keys of its own.
      [
        'Query',
        {
          TableName,
          IndexName: 'by-tag',
          KeyConditionExpression: 'tag = :t',
          ExpressionAttributeValues: { ':t': S('ada') },
        },
        'allowed',
      ],
      [
        'Query',
        {
          TableName,
          IndexName: 'by-tag',
          KeyConditionExpression: 'tag = :t',
          ExpressionAttributeValues: { ':t': S('eve') },
        },
        denied,
      ],
    ],
  );
  // What was refused has changed nothing.
  expect(await world.call('GetItem', { TableName, Key: key('eve', 'new') })).toEqual({});
});

test('prefixes of partition keys', async () => {
  const prefix = {
    Effect: 'Allow',
    Action: 'dynamodb:*',
    Resource: notesArn,
    Condition: { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': '${jwt:sub}-*' } },
  };
  await check(
    [prefix],
    [
      ['GetItem', { TableName, Key: key('ada-1') }, 'allowed'],
      ['GetItem', { TableName, Key: key('ada') }, denied],
      ['GetItem', { TableName, Key: key('adam-1') }, denied],
      ['Scan', { TableName }, denied],
    ],
  );
});

test('some attributes, and nothing that shows the others', async () => {
  const some = {
    Effect: 'Allow',
    Action: 'dynamodb:*',
    Resource: [notesArn, `${notesArn}/index/*`],
    Condition: {
      'ForAllValues:StringEquals': { 'dynamodb:Attributes': ['owner', 'id', 'title', 'tag'] },
    },
  };
  const chosen = { ProjectionExpression: 'title' };
  const Key = key('ada');
  const update = { TableName, Key, ExpressionAttributeValues: { ':t': S('t') } };
  await check(
    [some],
    [
      ['GetItem', { TableName, Key, ...chosen }, 'allowed'],
      ['GetItem', { TableName, Key }, denied],
      ['GetItem', { TableName, Key, ProjectionExpression: 'title, pay' }, denied],
      ['Query', { ...query('ada'), ...chosen }, 'allowed'],
      ['Query', query('ada'), denied],
      ['Query', { ...query('ada'), Select: 'COUNT' }, 'allowed'],
      ['Scan', { TableName, ...chosen }, 'allowed'],
      ['Scan', { TableName, ...chosen, FilterExpression: 'attribute_exists(pay)' }, denied],
      ['UpdateItem', { ...update, UpdateExpression: 'SET title = :t' }, 'allowed'],
      ['UpdateItem', { ...update, UpdateExpression: 'SET title = pay, tag = :t' }, denied],
      [
        'UpdateItem',
        { ...update, UpdateExpression: 'SET title = :t', ReturnValues: 'ALL_NEW' },
        denied,
      ],
      [
        'UpdateItem',
        { ...update, UpdateExpression: 'SET title = :t', ReturnValues: 'UPDATED_NEW' },
        'allowed',
      ],
      ['DeleteItem', { TableName, Key: key('none'), ReturnValues: 'ALL_OLD' }, denied],
      ['ExecuteStatement', { Statement: `SELECT title FROM Notes` }, 'allowed'],
      ['ExecuteStatement', { Statement: `SELECT * FROM Notes` }, denied],
    ],
  );
});

describe('more of the documentation', () => {
  const all = { Effect: 'Allow', Action: 'dynamodb:*', Resource: '*' };

  test('no reads of what is not chosen', async () => {
    const specific = {
      ...all,
      Condition: { StringEqualsIfExists: { 'dynamodb:Select': 'SPECIFIC_ATTRIBUTES' } },
    };
    await check(
      [specific],
      [
        ['Query', { ...query('ada'), ProjectionExpression: 'title' }, 'allowed'],
        ['Query', query('ada'), denied],
        ['GetItem', { TableName, Key: key('ada') }, 'allowed'],
      ],
    );
  });

  test('no transactions, or nothing but transactions', async () => {
    const outside = {
      Effect: 'Deny',
      Action: 'dynamodb:*',
      Resource: '*',
      Condition: { Null: { 'dynamodb:EnclosingOperation': 'false' } },
    };
    const get = { TransactItems: [{ Get: { TableName, Key: key('ada') } }] };
    await check(
      [all, outside],
      [
        ['GetItem', { TableName, Key: key('ada') }, 'allowed'],
        ['TransactGetItems', get, denied],
      ],
    );
    const inside = {
      ...all,
      Condition: { StringEquals: { 'dynamodb:EnclosingOperation': 'TransactGetItems' } },
    };
    await check(
      [inside],
      [
        ['GetItem', { TableName, Key: key('ada') }, denied],
        ['TransactGetItems', get, 'allowed'],
      ],
    );
  });

  test('no statements that scan', async () => {
    const scans = {
      Effect: 'Deny',
      Action: 'dynamodb:PartiQLSelect',
      Resource: '*',
      Condition: { Bool: { 'dynamodb:FullTableScan': ['true'] } },
    };
    const one = `SELECT * FROM Notes WHERE owner = 'ada'`;
    await check(
      [all, scans],
      [
        ['ExecuteStatement', { Statement: one }, 'allowed'],
        ['ExecuteStatement', { Statement: 'SELECT * FROM Notes' }, denied],
      ],
    );
  });

  test('an index alone', async () => {
    const index = { ...all, Action: 'dynamodb:Query', Resource: `${notesArn}/index/by-tag` };
    await check(
      [index],
      [
        ['Query', query('ada'), denied],
        [
          'Query',
          {
            TableName,
            IndexName: 'by-tag',
            KeyConditionExpression: 'tag = :t',
            ExpressionAttributeValues: { ':t': S('eve') },
          },
          'allowed',
        ],
      ],
    );
  });

  test('reading and writing alone', async () => {
    const reads = { ...all, Action: ['dynamodb:Get*', 'dynamodb:Query', 'dynamodb:Scan'] };
    await check(
      [reads],
      [
        ['Scan', { TableName }, 'allowed'],
        ['PutItem', { TableName, Item: key('ada') }, denied],
        ['DeleteTable', { TableName }, denied],
      ],
    );
  });
});

describe('the order of judgement (reference/protocol.md, section 4)', () => {
  const none = [{ Effect: 'Allow', Action: 'dynamodb:ListTables', Resource: '*' }];
  const all = [{ Effect: 'Allow', Action: '*', Resource: '*' }];

  test('what is invalid without a table comes first, and whether there is one comes after', async () => {
    await check(none, [
      ['GetItem', { TableName, Key: {}, ProjectionExpression: '(' }, 'ValidationException'],
      ['GetItem', { TableName: 'Nothing', Key: key('ada') }, denied],
      ['GetItem', { TableName, Key: { wrong: S('x') } }, denied],
      ['DescribeTable', { TableName: 'Nothing' }, denied],
    ]);
    await check(all, [
      ['GetItem', { TableName: 'Nothing', Key: key('ada') }, 'ResourceNotFoundException'],
      ['GetItem', { TableName, Key: { wrong: S('x') } }, 'ValidationException'],
    ]);
  });
});

test('a key of a wrong type opens nothing under LeadingKeys', async () => {
  const mine = {
    Effect: 'Allow',
    Action: '*',
    Resource: '*',
    Condition: { 'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': ['${jwt:sub}'] } },
  };
  await check(
    [mine],
    [
      ['GetItem', { TableName, Key: { id: S('1') } }, denied],
      ['GetItem', { TableName, Key: { owner: { M: {} }, id: S('1') } }, denied],
      ['ExecuteStatement', { Statement: `DELETE FROM Notes WHERE id = '1'` }, denied],
    ],
  );
});

test('live queries are for the owner alone', () => {
  const judge = judgeOf({ arn: '', policies: [], variables: new Map() });
  const request = { operation: 'Scan', input: { TableName }, form: 'json', caller: owner } as const;
  expect(() => world.engine.live({ ...request, judge })).toThrow('for the owner alone');
});
