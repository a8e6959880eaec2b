/** The AWS SDK for JavaScript, version 3, against the HTTP endpoint, as programs use it. */
import {
  ConditionalCheckFailedException,
  CreateTableCommand,
  type CreateTableCommandInput,
  DeleteTableCommand,
  DescribeTableCommand,
  DynamoDBClient,
  IdempotentParameterMismatchException,
  LimitExceededException,
  ListTagsOfResourceCommand,
  paginateListTables,
  PutItemCommand,
  ResourceInUseException,
  ResourceNotFoundException,
  TagResourceCommand,
  TransactionCanceledException,
  TransactWriteItemsCommand,
  UpdateTableCommand,
  waitUntilTableExists,
  waitUntilTableNotExists,
} from '@aws-sdk/client-dynamodb';
import {
  BatchGetCommand,
  BatchWriteCommand,
  DeleteCommand,
  DynamoDBDocumentClient,
  GetCommand,
  paginateQuery,
  paginateScan,
  PutCommand,
  QueryCommand,
  TransactGetCommand,
  TransactWriteCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Endpoint, openEndpoint } from '../support/endpoint.ts';

let endpoint: Endpoint;
let client: DynamoDBClient;
let documents: DynamoDBDocumentClient;
const TableName = 'Sdk';
const patience = { maxWaitTime: 10, minDelay: 1, maxDelay: 1 };

beforeAll(async () => {
  endpoint = await openEndpoint();
  client = new DynamoDBClient({
    endpoint: endpoint.url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'x', secretAccessKey: 'y' },
    maxAttempts: 1,
  });
  documents = DynamoDBDocumentClient.from(client, {
    marshallOptions: { removeUndefinedValues: true },
  });
  await client.send(
    new CreateTableCommand({
      TableName,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [
        { AttributeName: 'p', AttributeType: 'S' },
        { AttributeName: 's', AttributeType: 'N' },
      ],
      KeySchema: [
        { AttributeName: 'p', KeyType: 'HASH' },
        { AttributeName: 's', KeyType: 'RANGE' },
      ],
    }),
  );
  await waitUntilTableExists({ client, ...patience }, { TableName });
});
afterAll(async () => {
  client.destroy();
  await endpoint.close();
});

/** The error a call ends with; an answer is a failure of the test. */
async function errorOf(call: Promise<unknown>): Promise<unknown> {
  const answer = await call.then(
    () => undefined,
    (error: unknown) => ({ error }),
  );
  if (answer === undefined) throw new Error('the call was not refused');
  return answer.error;
}

describe('the document client', () => {
  test('keeps every type of value', async () => {
    const Item = {
      p: 'types',
      s: 1,
      text: 'é😀',
      big: 12_345_678_901_234_567_890n,
      no: false,
      nothing: null,
      bytes: Uint8Array.of(0, 255, 1),
      words: new Set(['a', 'b']),
      numbers: new Set([1, 2]),
      list: [1, 'two', [3], { four: 4 }],
      map: { empty: '', nested: { list: [] } },
    };
    await documents.send(new PutCommand({ TableName, Item }));
    const found = await documents.send(
      new GetCommand({ TableName, Key: { p: 'types', s: 1 }, ConsistentRead: true }),
    );
    expect(found.Item).toEqual(Item);
  });

  test('updates, and is told what changed', async () => {
    const Key = { p: 'update', s: 1 };
    const update = {
      TableName,
      Key,
      UpdateExpression: 'SET #c = if_not_exists(#c, :zero) + :one',
      ExpressionAttributeNames: { '#c': 'count' },
      ExpressionAttributeValues: { ':zero': 0, ':one': 1 },
      ReturnValues: 'UPDATED_NEW',
    } as const;
    await documents.send(new UpdateCommand(update));
    const { Attributes } = await documents.send(new UpdateCommand(update));
    expect(Attributes).toEqual({ count: 2 });
    const gone = await documents.send(
      new DeleteCommand({ TableName, Key, ReturnValues: 'ALL_OLD' }),
    );
    expect(gone.Attributes).toEqual({ ...Key, count: 2 });
  });

  test('writes and reads batches', async () => {
    const keys = Array.from({ length: 25 }, (_, s) => ({ p: 'batch', s }));
    const written = await documents.send(
      new BatchWriteCommand({
        RequestItems: { [TableName]: keys.map((Item) => ({ PutRequest: { Item } })) },
      }),
    );
    expect(written.UnprocessedItems).toEqual({});
    const read = await documents.send(
      new BatchGetCommand({ RequestItems: { [TableName]: { Keys: keys } } }),
    );
    expect(read.Responses?.[TableName]).toHaveLength(25);
  });

  test('pages through a query, a scan and the names of tables', async () => {
    const count = 57;
    for (let from = 0; from < count; from += 25) {
      const items = Array.from({ length: Math.min(25, count - from) }, (_, at) => ({
        PutRequest: { Item: { p: 'pages', s: from + at, odd: (from + at) % 2 } },
      }));
      await documents.send(new BatchWriteCommand({ RequestItems: { [TableName]: items } }));
    }
    const query = {
      TableName,
      Limit: 10,
      KeyConditionExpression: 'p = :p',
      FilterExpression: 'odd = :one',
      ExpressionAttributeValues: { ':p': 'pages', ':one': 1 },
    };
    const found: number[] = [];
    let pages = 0;
    for await (const page of paginateQuery({ client: documents }, query)) {
      pages += 1;
      for (const { s } of page.Items ?? []) found.push(s);
    }
    expect(found).toEqual(Array.from({ length: 28 }, (_, at) => 2 * at + 1));
    expect(pages).toBe(6);
    let scanned = 0;
    for await (const page of paginateScan({ client: documents, pageSize: 7 }, { TableName })) {
      scanned += (page.Items ?? []).filter(({ p }) => p === 'pages').length;
    }
    expect(scanned).toBe(count);
    const names: string[] = [];
    for await (const page of paginateListTables({ client, pageSize: 1 }, {})) {
      names.push(...(page.TableNames ?? []));
    }
    expect(names).toEqual([TableName]);
  });

  test('has transactions', async () => {
    const [one, two] = [1, 2].map((s) => ({ p: 'transaction', s }));
    await documents.send(
      new TransactWriteCommand({
        TransactItems: [
          { Put: { TableName, Item: { ...one, v: 'a' } } },
          { Put: { TableName, Item: { ...two, v: 'b' } } },
        ],
      }),
    );
    const both = await documents.send(
      new TransactGetCommand({
        TransactItems: [{ Get: { TableName, Key: one } }, { Get: { TableName, Key: two } }],
      }),
    );
    expect(both.Responses?.map(({ Item }) => Item?.['v'])).toEqual(['a', 'b']);
  });
});

describe('errors', () => {
  const Item = { p: { S: 'error' }, s: { N: '1' }, v: { S: 'old' } };
  const condition = {
    ConditionExpression: 'attribute_not_exists(p)',
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
  } as const;
  beforeAll(() => client.send(new PutItemCommand({ TableName, Item })));

  test('of a condition bring the item', async () => {
    const error = await errorOf(client.send(new PutItemCommand({ TableName, Item, ...condition })));
    expect(error).toBeInstanceOf(ConditionalCheckFailedException);
    expect(error).toMatchObject({ Item, message: 'The conditional request failed' });
  });

  test('of a transaction bring a reason for each action', async () => {
    const error = await errorOf(
      client.send(
        new TransactWriteItemsCommand({
          TransactItems: [
            { Put: { TableName, Item: { ...Item, p: { S: 'other' } } } },
            { Put: { TableName, Item, ...condition } },
          ],
        }),
      ),
    );
    expect(error).toBeInstanceOf(TransactionCanceledException);
    expect((error as TransactionCanceledException).CancellationReasons).toEqual([
      { Code: 'None' },
      { Code: 'ConditionalCheckFailed', Message: 'The conditional request failed', Item },
    ]);
    expect((error as Error).message).toContain('[None, ConditionalCheckFailed]');
  });

  test('of a token that another transaction had', async () => {
    const put = (v: string) =>
      new TransactWriteItemsCommand({
        TransactItems: [{ Put: { TableName, Item: { ...Item, v: { S: v } } } }],
        ClientRequestToken: 'sdk-token',
      });
    await client.send(put('a'));
    await client.send(put('a'));
    expect(await errorOf(client.send(put('b')))).toBeInstanceOf(
      IdempotentParameterMismatchException,
    );
  });

  test('of tables have their classes', async () => {
    const missing = { TableName: 'Missing' };
    expect(await errorOf(client.send(new DescribeTableCommand(missing)))).toBeInstanceOf(
      ResourceNotFoundException,
    );
    const again = new CreateTableCommand({
      TableName,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [{ AttributeName: 'p', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'p', KeyType: 'HASH' }],
    });
    expect(await errorOf(client.send(again))).toBeInstanceOf(ResourceInUseException);
    const index = (IndexName: string) => ({ Delete: { IndexName } });
    const both = new UpdateTableCommand({
      TableName,
      GlobalSecondaryIndexUpdates: [index('one'), index('two')],
    });
    expect(await errorOf(client.send(both))).toBeInstanceOf(LimitExceededException);
  });

  test('of an input have their words', async () => {
    expect(
      await errorOf(documents.send(new QueryCommand({ TableName, KeyConditionExpression: 'p' }))),
    ).toMatchObject({
      name: 'ValidationException',
      message: expect.stringContaining('Invalid KeyConditionExpression: Syntax error; '),
      $metadata: { httpStatusCode: 400, requestId: expect.stringMatching(/^[0-9A-Z]{52}$/) },
    });
  });
});

test('tags are set with an empty answer', async () => {
  const { Table } = await client.send(new DescribeTableCommand({ TableName }));
  const ResourceArn = Table?.TableArn ?? '';
  const Tags = [{ Key: 'stage', Value: 'test' }];
  await client.send(new TagResourceCommand({ ResourceArn, Tags }));
  const listed = await client.send(new ListTagsOfResourceCommand({ ResourceArn }));
  expect(listed.Tags).toEqual(Tags);
});

test('a table is waited for, and waited away', async () => {
  const table: CreateTableCommandInput = {
    TableName: 'Waited',
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: [{ AttributeName: 'p', AttributeType: 'S' }],
    KeySchema: [{ AttributeName: 'p', KeyType: 'HASH' }],
  };
  const waited = { TableName: 'Waited' };
  await client.send(new CreateTableCommand(table));
  const there = await waitUntilTableExists({ client, ...patience }, waited);
  await client.send(new DeleteTableCommand(waited));
  const gone = await waitUntilTableNotExists({ client, ...patience }, waited);
  expect([there.state, gone.state]).toEqual(['SUCCESS', 'SUCCESS']);
});
