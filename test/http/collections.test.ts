/**
 * The size of item collections over HTTP: reference/query-scan-indexes.md, section 7. DynamoDB's
 * limit of 10 GB is a thousand bytes here.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Endpoint, openLocalEndpoint, schemaOf, tableOf } from '../support/endpoint.ts';

const N = (n: number): object => ({ N: String(n) });
const S = (text: string): object => ({ S: text });
const text = (length: number): object => S('v'.repeat(length));
const tooLarge = 'Collection size exceeded.';
let db: Endpoint;

beforeAll(async () => {
  db = await openLocalEndpoint({ collectionBytesMax: 1000 });
});
afterAll(() => db.close());

const index = (IndexName: string, ProjectionType: string) => ({
  IndexName,
  KeySchema: schemaOf(['p:S', 'c:S']),
  Projection: { ProjectionType },
});
const LocalSecondaryIndexes = [index('all', 'ALL'), index('few', 'KEYS_ONLY')];
beforeEach(async () => {
  await db.post('DeleteTable', '{"TableName":"Loc"}');
  const local = tableOf('Loc', ['p:S', 's:N'], { LocalSecondaryIndexes }, ['c:S']);
  await db.call('CreateTable', local);
  // 996 bytes: p, a, s, two for the number, v; the rest is text.
  await db.call('PutItem', { TableName: 'Loc', Item: { ...key(1), v: text(990) } });
});

const key = (s: number, p = 'a') => ({ p: S(p), s: N(s) });
const countOf = async () => (await db.call('Scan', { TableName: 'Loc' })).Count;
const more = { TableName: 'Loc', Item: key(2) };
const update = (UpdateExpression: string, values?: object) => ({
  TableName: 'Loc',
  Key: key(1),
  UpdateExpression,
  ...(values && { ExpressionAttributeValues: values }),
});
const full = { name: 'ItemCollectionSizeLimitExceededException', message: tooLarge };

describe('a collection that is full', () => {
  test.each<[string, string, object]>([
    ['a new item', 'PutItem', more],
    ['a larger item', 'PutItem', { TableName: 'Loc', Item: { ...key(1), v: text(995) } }],
    ['a larger attribute', 'UpdateItem', update('SET v = :v', { ':v': text(995) })],
    ['entries in indexes', 'UpdateItem', update('SET c = :v', { ':v': S('c') })],
    ['an item by update', 'UpdateItem', { TableName: 'Loc', Key: key(2) }],
    [
      'an item in a batch',
      'BatchWriteItem',
      { RequestItems: { Loc: [key(2, 'b'), key(2)].map((Item) => ({ PutRequest: { Item } })) } },
    ],
    ['an INSERT', 'ExecuteStatement', { Statement: "INSERT INTO Loc VALUE {'p':'a','s':2}" }],
    [
      'an UPDATE',
      'ExecuteStatement',
      { Statement: "UPDATE Loc SET x = 'xxxxx' WHERE p = 'a' AND s = 1" },
    ],
  ])('takes no %s', async (_name, operation, input) => {
    expect(await db.refuse(operation, input)).toMatchObject(full);
    expect(await countOf()).toBe(1);
  });

  test.each<[string, string, object]>([
    ['a smaller item', 'PutItem', { TableName: 'Loc', Item: { ...key(1), v: text(9) } }],
    ['one of the same size', 'PutItem', { TableName: 'Loc', Item: { ...key(1), w: text(990) } }],
    ['a little more', 'UpdateItem', update('SET v = :v', { ':v': text(994) })],
    ['an update that takes away', 'UpdateItem', update('REMOVE v')],
    ['a delete', 'DeleteItem', { TableName: 'Loc', Key: key(1) }],
    ['what is in another collection', 'PutItem', { TableName: 'Loc', Item: key(1, 'b') }],
    [
      'a transaction that adds no more than it takes',
      'TransactWriteItems',
      {
        TransactItems: [
          { Put: { TableName: 'Loc', Item: { ...key(2), v: text(900) } } },
          { Delete: { TableName: 'Loc', Key: key(1) } },
        ],
      },
    ],
  ])('takes %s', async (_name, operation, input) => {
    await db.call(operation, input);
  });

  test('refuses a failed condition first', async () => {
    const input = { ...more, ConditionExpression: 'attribute_exists(p)' };
    expect((await db.refuse('PutItem', input)).name).toBe('ConditionalCheckFailedException');
  });

  test('cancels a transaction, with a reason for each action that adds to it', async () => {
    const put = (s: number, p: string) => ({ Put: { TableName: 'Loc', Item: key(s, p) } });
    const told = await db.refuse('TransactWriteItems', {
      TransactItems: [put(2, 'a'), put(2, 'b'), put(3, 'a')],
    });
    const reason = { Code: 'ItemCollectionSizeLimitExceeded', Message: tooLarge };
    expect(told.name).toBe('TransactionCanceledException');
    expect(told.body['CancellationReasons']).toEqual([reason, { Code: 'None' }, reason]);
    expect(await countOf()).toBe(1);
    const Statement = "INSERT INTO Loc VALUE {'p':'a','s':2}";
    const statements = await db.refuse('ExecuteTransaction', {
      TransactStatements: [{ Statement }],
    });
    expect(statements.body['CancellationReasons']).toEqual([reason]);
  });

  test('is told in the place of a statement of a batch', async () => {
    const { Responses } = await db.call('BatchExecuteStatement', {
      Statements: [
        { Statement: "INSERT INTO Loc VALUE {'p':'a','s':2}" },
        { Statement: "INSERT INTO Loc VALUE {'p':'b','s':2}" },
      ],
    });
    expect(Responses).toEqual([
      {
        TableName: 'Loc',
        Error: { Code: 'ItemCollectionSizeLimitExceeded', Message: tooLarge },
      },
      { TableName: 'Loc' },
    ]);
    expect(await countOf()).toBe(2);
  });

  test('has room again once items have gone', async () => {
    await db.call('DeleteItem', { TableName: 'Loc', Key: key(1) });
    await db.call('PutItem', more);
    // 5 bytes; then an item of 448, again as much in one index, and 7 in the other.
    await db.call('PutItem', { TableName: 'Loc', Item: { ...key(3), c: S('c'), v: text(440) } });
    const Item = { ...key(4), v: text(87) };
    expect(await db.refuse('PutItem', { TableName: 'Loc', Item })).toMatchObject(full);
    await db.call('PutItem', { TableName: 'Loc', Item: { ...key(4), v: text(86) } });
  });
});

test('a table without local indexes has no such limit', async () => {
  await db.call('CreateTable', tableOf('Pla', ['p:S', 's:N']));
  for (let s = 1; s <= 3; s += 1) {
    await db.call('PutItem', { TableName: 'Pla', Item: { ...key(s), v: text(990) } });
  }
  expect((await db.call('Scan', { TableName: 'Pla' })).Count).toBe(3);
});
