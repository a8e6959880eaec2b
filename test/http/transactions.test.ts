/** Transactions and batch writes over HTTP: reference/transactions-batch-partiql.md. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Endpoint, openEndpoint, schemaOf, tableOf } from '../support/endpoint.ts';

const P = 'One or more parameter values were invalid: ';
const N = (n: number | string): object => ({ N: String(n) });
const S = (text: string): object => ({ S: text });
const failed = 'The conditional request failed';
let db: Endpoint;

beforeAll(async () => {
  db = await openEndpoint();
  await db.call('CreateTable', tableOf('Tab', ['p:S']));
  await db.call('CreateTable', tableOf('Two', ['p:S']));
  await db.call('CreateTable', tableOf('Num', ['p:N']));
  await db.call(
    'CreateTable',
    tableOf(
      'Loc',
      ['p:S', 's:N'],
      {
        LocalSecondaryIndexes: [
          {
            IndexName: 'lsi',
            KeySchema: schemaOf(['p:S', 'c:S']),
            Projection: { ProjectionType: 'ALL' },
          },
        ],
      },
      ['c:S'],
    ),
  );
});
afterAll(() => db.close());

const a = { p: S('a') };
const b = { p: S('b') };
beforeEach(async () => {
  await db.call('PutItem', { TableName: 'Tab', Item: { ...a, t: S('x') } });
  await db.call('DeleteItem', { TableName: 'Tab', Key: b });
});

const put = (Item: object, more: object = {}): object => ({
  Put: { TableName: 'Tab', Item, ...more },
});
const remove = (Key: object, more: object = {}): object => ({
  Delete: { TableName: 'Tab', Key, ...more },
});
const change = (Key: object, UpdateExpression: string, more: object = {}): object => ({
  Update: { TableName: 'Tab', Key, UpdateExpression, ...more },
});
const check = (Key: object, ConditionExpression: string, more: object = {}): object => ({
  ConditionCheck: { TableName: 'Tab', Key, ConditionExpression, ...more },
});
const one = { ExpressionAttributeValues: { ':1': N(1) } };
const write = (...TransactItems: readonly object[]): object => ({ TransactItems });
const isThere = async (Key: object): Promise<boolean> =>
  (await db.call('GetItem', { TableName: 'Tab', Key })).Item !== undefined;

describe('a transaction is cancelled', () => {
  const none = { Code: 'None' };
  const condition = { Code: 'ConditionalCheckFailed', Message: failed };
  const invalid = (Message: string) => ({ Code: 'ValidationError', Message });
  const never = 'attribute_exists(zz)';
  test.each<[string, readonly object[], readonly object[]]>([
    ['by a ConditionCheck', [put(b), check(a, never)], [none, condition]],
    [
      'by every condition that fails',
      [
        change(a, 'SET n = :1', { ...one, ConditionExpression: never }),
        remove(b, { ConditionExpression: never }),
      ],
      [condition, condition],
    ],
    [
      'with the item that was there',
      [
        put(b),
        remove(a, { ConditionExpression: never, ReturnValuesOnConditionCheckFailure: 'ALL_OLD' }),
      ],
      [none, { ...condition, Item: { ...a, t: S('x') } }],
    ],
    [
      'without an item that was not there',
      [put(b, { ConditionExpression: never, ReturnValuesOnConditionCheckFailure: 'ALL_OLD' })],
      [condition],
    ],
    [
      'by a key of a wrong type, told once',
      [put({ p: N(1) }), put({ p: N(2) }), put(b)],
      [invalid(`${P}Type mismatch for key p expected: S actual: N`), none, none],
    ],
    [
      'by a Key of a wrong shape',
      [put(b), remove({ q: S('a') })],
      [none, invalid('The provided key element does not match the schema')],
    ],
    [
      'by an attribute that is not there',
      [change(a, 'SET n = n + :1', one)],
      [invalid('The provided expression refers to an attribute that does not exist in the item')],
    ],
    [
      'by an operand of a wrong type',
      [put(b), change(a, 'SET n = t + :1', one)],
      [none, invalid('An operand in the update expression has an incorrect data type')],
    ],
    [
      'by an update of a key',
      [change(a, 'SET p = :1', one)],
      [invalid(`${P}Cannot update attribute p. This attribute is part of the key`)],
    ],
  ])('%s', async (_name, actions, reasons) => {
    const told = await db.refuse('TransactWriteItems', write(...actions));
    const codes = reasons.map((reason) => (reason as { Code: string }).Code).join(', ');
    expect(told.body).toEqual({
      __type: 'com.amazonaws.dynamodb.v20120810#TransactionCanceledException',
      Message:
        'Transaction cancelled, please refer cancellation reasons for specific reasons ' +
        `[${codes}]`,
      CancellationReasons: reasons,
    });
    expect([await isThere(a), await isThere(b)]).toEqual([true, false]);
  });
});

describe('a transaction is refused', () => {
  const twice = 'Transaction request cannot include multiple operations on one item';
  const only = 'TransactItems can only contain one of Check, Put, Update or Delete';
  const constraint = '1 validation error detected: Value';
  test.each<[string, object, string]>([
    [
      'without actions',
      {},
      `${constraint} null at 'transactItems' failed to satisfy constraint: Member must not be null`,
    ],
    [
      'with none',
      write(),
      `${constraint} '[]' at 'transactItems' failed to satisfy constraint: Member must have ` +
        `length ` +
        'greater than or equal to 1',
    ],
    ['with an empty action', write({}), only],
    ['with two in one', write({ ...put(a), ...remove(b) }), only],
    ['with two on one item', write(put(a), remove(a)), twice],
    ['with a check and a put of one item', write(check(a, 'attribute_exists(p)'), put(a)), twice],
    [
      'with one key spelled twice',
      write(
        { Put: { TableName: 'Num', Item: { p: N('1') } } },
        { Put: { TableName: 'Num', Item: { p: N('1.0') } } },
      ),
      twice,
    ],
    [
      'without an Item',
      write({ Put: { TableName: 'Tab' } }),
      `${constraint} null at 'transactItems.1.member.put.item' failed to satisfy constraint: ` +
        'Member must not be null',
    ],
    [
      'without an UpdateExpression',
      write(put(b), { Update: { TableName: 'Tab', Key: a } }),
      `${constraint} null at 'transactItems.2.member.update.updateExpression' failed to satisfy ` +
        'constraint: Member must not be null',
    ],
    [
      'without a ConditionExpression',
      write({ ConditionCheck: { TableName: 'Tab', Key: a } }),
      `${constraint} null at 'transactItems.1.member.conditionCheck.conditionExpression' failed ` +
        `to ` +
        'satisfy constraint: Member must not be null',
    ],
    [
      'with a bad expression',
      write(check(a, 'size(p)')),
      'Invalid ConditionExpression: The function is not allowed to be used this way in an ' +
        'expression; function: size',
    ],
    [
      'with an unused value',
      write(put(a, one)),
      'ExpressionAttributeValues can only be specified when using expressions: ' +
        'ConditionExpression is null',
    ],
    [
      'with a value that another action uses',
      write(
        change(a, 'SET n = :1', one),
        put(b, { ConditionExpression: 'attribute_exists(p)', ...one }),
      ),
      'Value provided in ExpressionAttributeValues unused in expressions: keys: {:1}',
    ],
    ...[
      put({ p: S('') }),
      change({ p: S('') }, 'SET n = :1', one),
      remove({ p: S('') }),
      check({ p: S('') }, 'attribute_exists(n)'),
    ].map((action): [string, object, string] => [
      `with an empty key in ${Object.keys(action)[0]}`,
      write(action),
      'One or more parameter values are not valid. The AttributeValue for a key attribute cannot ' +
        'contain an empty string value. Key: p',
    ]),
    [
      'with a token that is too long',
      { ...write(put(a)), ClientRequestToken: 't'.repeat(37) },
      `${constraint} '${'t'.repeat(37)}' at 'clientRequestToken' failed to satisfy constraint: ` +
        'Member must have length less than or equal to 36',
    ],
  ])('%s', async (_name, input, message) => {
    expect(await db.invalid('TransactWriteItems', input)).toBe(message);
  });

  test('with over 100 actions or 4 MB', async () => {
    const keys = Array.from({ length: 101 }, (_, at) => ({ p: S(`many ${at}`) }));
    await db.call('TransactWriteItems', write(...keys.slice(1).map((key) => put(key))));
    const many = await db.invalid('TransactWriteItems', write(...keys.map((key) => put(key))));
    expect(many.startsWith(`${constraint} '[TransactWriteItem(`)).toBe(true);
    expect(
      many.endsWith(
        "]' at 'transactItems' failed to satisfy constraint: Member must have length less than " +
          'or ' +
          'equal to 100',
      ),
    ).toBe(true);
    const large = keys.slice(0, 11).map((key) => put({ ...key, v: S('v'.repeat(390_000)) }));
    expect(await db.invalid('TransactWriteItems', write(...large))).toContain('size cannot exceed');
    await db.call('TransactWriteItems', write(...large.slice(1)));
    const Gets = keys.slice(0, 11).map((Key) => ({ Get: { TableName: 'Tab', Key } }));
    await db.call('TransactGetItems', { TransactItems: Gets });
    await db.call('PutItem', (large[0] as { Put: object }).Put);
    expect(await db.invalid('TransactGetItems', { TransactItems: Gets })).toContain(
      'size cannot exceed',
    );
    // What is deleted does not count.
    await db.call('TransactWriteItems', write(...keys.slice(1).map((key) => remove(key))));
  });

  test('when a table is missing', async () => {
    const missing = { Put: { TableName: 'nowhere', Item: a } };
    expect(await db.refuse('TransactWriteItems', write(put(b), missing))).toMatchObject({
      name: 'ResourceNotFoundException',
      message: 'Requested resource not found',
    });
    expect(await isThere(b)).toBe(false);
  });

  test('with an ARN and a name for one table', async () => {
    const { Table } = await db.call('DescribeTable', { TableName: 'Tab' });
    const byArn = { Delete: { TableName: Table.TableArn, Key: a } };
    expect(await db.invalid('TransactWriteItems', write(put(a), byArn))).toBe(twice);
  });
});

describe('a transaction', () => {
  test('writes in several tables, and costs twice', async () => {
    const v = S('v'.repeat(1000));
    const answer = await db.call('TransactWriteItems', {
      ...write(
        put({ ...b, v }),
        { Put: { TableName: 'Two', Item: { ...b, v } } },
        check(a, 'attribute_exists(p)'),
      ),
      ReturnConsumedCapacity: 'TOTAL',
    });
    expect(answer).toEqual({
      ConsumedCapacity: [
        { TableName: 'Tab', CapacityUnits: 4, WriteCapacityUnits: 4 },
        { TableName: 'Two', CapacityUnits: 2, WriteCapacityUnits: 2 },
      ],
    });
    const both = await db.call('TransactGetItems', {
      TransactItems: [
        { Get: { TableName: 'Two', Key: b, ProjectionExpression: 'p' } },
        { Get: { TableName: 'Two', Key: { p: S('gone') } } },
        { Get: { TableName: 'Tab', Key: b } },
      ],
      ReturnConsumedCapacity: 'TOTAL',
    });
    expect(both).toEqual({
      Responses: [{ Item: b }, {}, { Item: { ...b, v } }],
      ConsumedCapacity: [
        { TableName: 'Two', CapacityUnits: 4, ReadCapacityUnits: 4 },
        { TableName: 'Tab', CapacityUnits: 2, ReadCapacityUnits: 2 },
      ],
    });
  });

  test('with a check of what is not there costs two units', async () => {
    expect(
      await db.call('TransactWriteItems', {
        ...write(check({ p: S('gone') }, 'attribute_not_exists(p)')),
        ReturnConsumedCapacity: 'TOTAL',
      }),
    ).toEqual({
      ConsumedCapacity: [{ TableName: 'Tab', CapacityUnits: 2, WriteCapacityUnits: 2 }],
    });
  });

  test('that is sent again with its token happens once', async () => {
    const add = (by: number) => ({
      ...write(change(a, 'ADD n :n', { ExpressionAttributeValues: { ':n': N(by) } })),
      ClientRequestToken: 'token-1',
      ReturnConsumedCapacity: 'TOTAL',
    });
    const first = await db.call('TransactWriteItems', add(1));
    expect(first.ConsumedCapacity).toEqual([
      { TableName: 'Tab', CapacityUnits: 2, WriteCapacityUnits: 2 },
    ]);
    const again = await db.call('TransactWriteItems', add(1));
    expect(again.ConsumedCapacity).toEqual([
      { TableName: 'Tab', CapacityUnits: 2, ReadCapacityUnits: 2 },
    ]);
    const told = await db.refuse('TransactWriteItems', add(2));
    expect(told.name).toBe('IdempotentParameterMismatchException');
    expect(told.body['Message']).toBe(told.message);
    const { Item } = await db.call('GetItem', { TableName: 'Tab', Key: a });
    expect(Item.n).toEqual(N(1));
  });

  test('that was cancelled leaves its token free', async () => {
    const request = {
      ...write(put(b, { ConditionExpression: 'attribute_exists(p)' })),
      ClientRequestToken: 'token-2',
    };
    await db.refuse('TransactWriteItems', request);
    await db.call('PutItem', { TableName: 'Tab', Item: b });
    expect(await db.call('TransactWriteItems', request)).toEqual({});
  });

  test.each<[object, string]>([
    [{ q: S('a') }, 'The provided key element does not match the schema'],
    [{ p: N(1) }, 'The provided key element does not match the schema'],
    [
      { p: S('') },
      'One or more parameter values are not valid. The AttributeValue for a key attribute cannot ' +
        'contain an empty string value. Key: p',
    ],
  ])('that gets %j is cancelled', async (Key, Message) => {
    const told = await db.refuse('TransactGetItems', {
      TransactItems: [{ Get: { TableName: 'Tab', Key: a } }, { Get: { TableName: 'Tab', Key } }],
    });
    expect(told.body['CancellationReasons']).toEqual([
      { Code: 'None' },
      { Code: 'ValidationError', Message },
    ]);
  });

  test('gets no item twice', async () => {
    const Get = { TableName: 'Tab', Key: a };
    expect(await db.invalid('TransactGetItems', { TransactItems: [{ Get }, { Get }] })).toBe(
      'Transaction request cannot include multiple operations on one item',
    );
  });

  test('refuses one item twice before it tells of keys that do not fit', async () => {
    const message = 'Transaction request cannot include multiple operations on one item';
    const TableName = 'Tab';
    const bad = { TableName, Key: { other: S('x') } };
    const gets = [a, a, bad.Key].map((Key) => ({ Get: { TableName, Key } }));
    expect(await db.invalid('TransactGetItems', { TransactItems: gets })).toBe(message);
    const writes = [{ Delete: { TableName, Key: a } }, { Put: { TableName, Item: a } }];
    const input = { TransactItems: [{ Delete: bad }, ...writes] };
    expect(await db.invalid('TransactWriteItems', input)).toBe(message);
  });
});

describe('BatchWriteItem', () => {
  const putting = (Item: object) => ({ PutRequest: { Item } });
  const deleting = (Key: object) => ({ DeleteRequest: { Key } });
  const keys = Array.from({ length: 26 }, (_, at) => ({ p: S(`batch ${at}`) }));

  test('puts and deletes in several tables', async () => {
    expect(
      await db.call('BatchWriteItem', {
        RequestItems: { Tab: [putting(b), deleting(a)], Two: [putting(a)] },
        ReturnConsumedCapacity: 'TOTAL',
      }),
    ).toEqual({
      UnprocessedItems: {},
      ConsumedCapacity: [
        { TableName: 'Tab', CapacityUnits: 2 },
        { TableName: 'Two', CapacityUnits: 1 },
      ],
    });
    expect([await isThere(a), await isThere(b)]).toEqual([false, true]);
  });

  const both =
    'Supplied AttributeValue has more than one datatypes set, must contain exactly one of the ' +
    'supported datatypes';
  const mapValue =
    'Map value must satisfy constraint: [Member must have length less than or equal to 25, ' +
    'Member ' +
    'must have length greater than or equal to 1]';
  test.each<[string, object, string | RegExp]>([
    ['no table', {}, 'The requestItems parameter is required for BatchWriteItem'],
    [
      'nothing for a table',
      { Tab: [] },
      `1 validation error detected: Value '{Tab=[]}' at 'requestItems' failed to satisfy ` +
        `constraint: ${mapValue}`,
    ],
    [
      '26 for a table',
      { Tab: keys.map(putting) },
      new RegExp(
        `at 'requestItems' failed to satisfy constraint: ${mapValue.replace(/[[\]]/g, '\\$&')}$`,
      ),
    ],
    [
      '26 together',
      { Tab: keys.slice(13).map(putting), Two: keys.slice(13).map(putting) },
      'Too many items requested for the BatchWriteItem call',
    ],
    [
      'a put twice',
      { Tab: [putting(a), putting(a)] },
      'Provided list of item keys contains duplicates',
    ],
    [
      'put and delete',
      { Tab: [putting(a), deleting(a)] },
      'Provided list of item keys contains duplicates',
    ],
    ['neither', { Tab: [{}] }, both],
    ['both', { Tab: [{ ...putting(a), ...deleting(a) }] }, both],
    [
      'no key',
      { Tab: [putting({ q: S('a') })] },
      'The provided key element does not match the schema',
    ],
    [
      'a wrong key',
      { Tab: [deleting({ p: N(1) })] },
      'The provided key element does not match the schema',
    ],
    [
      'one that is too large among others',
      { Tab: [...keys.slice(0, 24).map(putting), putting({ ...b, v: S('v'.repeat(409_600)) })] },
      'Item size has exceeded the maximum allowed size',
    ],
    [
      'no Item',
      { Tab: [{ PutRequest: {} }] },
      '1 validation error detected: Value null at ' +
        "'requestItems.Tab.member.1.member.putRequest.item' " +
        'failed to satisfy constraint: Member must not be null',
    ],
  ])('is refused with %s', async (_name, RequestItems, message) => {
    const told = await db.invalid('BatchWriteItem', { RequestItems });
    if (typeof message === 'string') expect(told).toBe(message);
    else expect(told).toMatch(message);
    expect(await isThere({ p: S('batch 0') })).toBe(false);
  });

  test('of a missing table is refused as a whole', async () => {
    const told = await db.refuse('BatchWriteItem', {
      RequestItems: { Tab: [putting(b)], nowhere: [putting(a)] },
    });
    expect(told.message).toBe('Requested resource not found');
    expect(await isThere(b)).toBe(false);
  });
});

describe('item collection metrics', () => {
  const key = { p: S('a'), s: N(1) };
  const SIZE = { ReturnItemCollectionMetrics: 'SIZE' };
  const metrics = { ItemCollectionKey: { p: S('a') }, SizeEstimateRangeGB: [0, 1] };
  test('are told where there are local indexes', async () => {
    expect(await db.call('PutItem', { TableName: 'Loc', Item: key, ...SIZE })).toEqual({
      ItemCollectionMetrics: metrics,
    });
    expect(await db.call('PutItem', { TableName: 'Tab', Item: a, ...SIZE })).toEqual({});
    const other = { p: S('a'), s: N(2) };
    expect(
      await db.call('BatchWriteItem', {
        RequestItems: {
          Loc: [{ PutRequest: { Item: other } }, { DeleteRequest: { Key: key } }],
          Tab: [{ PutRequest: { Item: a } }],
        },
        ...SIZE,
      }),
    ).toEqual({ UnprocessedItems: {}, ItemCollectionMetrics: { Loc: [metrics] } });
    expect(
      await db.call('TransactWriteItems', {
        ...write({ Delete: { TableName: 'Loc', Key: other } }),
        ...SIZE,
      }),
    ).toEqual({ ItemCollectionMetrics: { Loc: [metrics] } });
  });
});
