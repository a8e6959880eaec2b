import {
  BatchGetItemCommand,
  ConditionalCheckFailedException,
  CreateTableCommand,
  DescribeTableCommand,
  DuplicateItemException,
  DynamoDBClient,
  DynamoDBServiceException,
  ExecuteStatementCommand,
  GetItemCommand,
  paginateScan,
  ProvisionedThroughputExceededException,
  PutItemCommand,
  ResourceNotFoundException,
  TransactionCanceledException,
  TransactWriteItemsCommand,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb';
import {
  BatchExecuteStatementCommand,
  DynamoDBDocumentClient,
  ExecuteTransactionCommand,
  GetCommand,
  paginateQuery,
  PutCommand,
} from '@aws-sdk/lib-dynamodb';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openInMemory, type TestDatabase } from '../../src/client/in-memory.ts';
import { clientConfig, shortCircuit } from '../../src/client/sdk.ts';

const TableName = 'Notes';
const table = {
  TableName,
  AttributeDefinitions: [
    { AttributeName: 'owner', AttributeType: 'S' },
    { AttributeName: 'id', AttributeType: 'N' },
  ],
  KeySchema: [
    { AttributeName: 'owner', KeyType: 'HASH' },
    { AttributeName: 'id', KeyType: 'RANGE' },
  ],
  BillingMode: 'PAY_PER_REQUEST',
} as const;

let db: TestDatabase;
beforeEach(async () => {
  db = await openInMemory({ tables: [table] });
});
afterEach(() => db.close());

const ways = {
  'over the protocol': () => new DynamoDBClient({ ...clientConfig(db), maxAttempts: 2 }),
  'by the short circuit': () => {
    const client = new DynamoDBClient({ ...clientConfig(db), maxAttempts: 2 });
    client.middlewareStack.use(shortCircuit(db));
    return client;
  },
};

describe.each(Object.entries(ways))('the AWS SDK %s', (_name, createClient) => {
  const key = { owner: { S: 'ada' }, id: { N: '1' } };

  test('speaks PartiQL, with values of every form', async () => {
    const client = createClient();
    const bytes = { B: new Uint8Array([0, 255]) };
    const insert = new ExecuteStatementCommand({
      Statement: "INSERT INTO Notes VALUE {'owner': 'ada', 'id': 1, 'bytes': ?}",
      Parameters: [bytes],
    });
    expect((await client.send(insert)).Items).toEqual([]);
    await expect(client.send(insert)).rejects.toBeInstanceOf(DuplicateItemException);
    const documents = DynamoDBDocumentClient.from(client);
    await documents.send(
      new ExecuteTransactionCommand({
        TransactStatements: [
          {
            Statement: "UPDATE Notes SET n = ?, m = ? WHERE owner = 'ada' AND id = ?",
            Parameters: [2, { deep: ['x'] }, 1],
          },
        ],
      }),
    );
    const select = "SELECT bytes, n, m.deep FROM Notes WHERE owner = 'ada' AND id = ?";
    const { Responses } = await documents.send(
      new BatchExecuteStatementCommand({
        Statements: [
          { Statement: select, Parameters: [1] },
          { Statement: 'SELECT', Parameters: [1] },
        ],
      }),
    );
    expect(Responses?.[0]).toEqual({
      TableName,
      Item: { bytes: bytes.B, n: 2, deep: ['x'] },
    });
    expect(Responses?.[1]?.Error?.Code).toBe('ValidationError');
  });

  test('puts and gets attribute values, binary and sets included', async () => {
    const client = createClient();
    const Item = {
      ...key,
      bytes: { B: new Uint8Array([0, 255]) },
      list: { L: [{ BS: [new Uint8Array([1])] }, { NULL: true }] },
      number: { N: '1234567890123456789012345678901234567.8' },
    };
    const put = await client.send(new PutItemCommand({ TableName, Item }));
    expect(put.$metadata).toMatchObject({ httpStatusCode: 200, attempts: 1 });
    const got = await client.send(new GetItemCommand({ TableName, Key: key }));
    expect(got.Item).toEqual(Item);
    const batch = await client.send(
      new BatchGetItemCommand({ RequestItems: { [TableName]: { Keys: [key] } } }),
    );
    expect(batch.Responses?.[TableName]).toEqual([Item]);
  });

  test('throws its own error classes with their members', async () => {
    const client = createClient();
    await client.send(new PutItemCommand({ TableName, Item: key }));
    const put = {
      TableName,
      Item: key,
      ConditionExpression: 'attribute_not_exists(id)',
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    } as const;
    const failed = await client.send(new PutItemCommand(put)).catch((error: unknown) => error);
    expect(failed).toBeInstanceOf(ConditionalCheckFailedException);
    expect(failed).toMatchObject({
      name: 'ConditionalCheckFailedException',
      message: 'The conditional request failed',
      $fault: 'client',
      $metadata: { httpStatusCode: 400 },
      Item: key,
    });
    const cancelled = await client
      .send(new TransactWriteItemsCommand({ TransactItems: [{ Put: put }] }))
      .catch((error: unknown) => error);
    expect(cancelled).toBeInstanceOf(TransactionCanceledException);
    expect(cancelled).toMatchObject({
      CancellationReasons: [{ Code: 'ConditionalCheckFailed', Item: key }],
    });
    expect((cancelled as Error).message).toMatch(/^Transaction cancelled/);
    await expect(
      client.send(new GetItemCommand({ TableName: 'Nowhere', Key: key })),
    ).rejects.toBeInstanceOf(ResourceNotFoundException);
  });

  test('has the base class for errors the SDK has no class for', async () => {
    const error = await createClient()
      .send(new GetItemCommand({ TableName, Key: { owner: { S: 'ada' } } }))
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(DynamoDBServiceException);
    expect(error).toMatchObject({
      name: 'ValidationException',
      message: 'The provided key element does not match the schema',
    });
  });

  test('retries what may be retried', async () => {
    db.faults.refuse('GetItem', 'ProvisionedThroughputExceededException', 'slow', 1);
    const got = await createClient().send(new GetItemCommand({ TableName, Key: key }));
    expect(got.$metadata.attempts).toBe(2);
    db.faults.refuse('GetItem', 'ProvisionedThroughputExceededException', 'slow', 9);
    const error = await createClient()
      .send(new GetItemCommand({ TableName, Key: key }))
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ProvisionedThroughputExceededException);
    expect(error).toMatchObject({ $metadata: { attempts: 2 } });
  });

  test('describes tables with dates, and waits for them', async () => {
    const client = createClient();
    await client.send(new CreateTableCommand({ ...table, TableName: 'More' } as never));
    const wait = await waitUntilTableExists(
      { client, minDelay: 1, maxWaitTime: 10 },
      { TableName: 'More' },
    );
    expect(wait.state).toBe('SUCCESS');
    const { Table } = await client.send(new DescribeTableCommand({ TableName: 'More' }));
    expect(Table?.CreationDateTime).toBeInstanceOf(Date);
    expect(Math.abs(Number(Table?.CreationDateTime) - Date.now())).toBeLessThan(60_000);
  });

  test('carries documents and pages of them', async () => {
    const doc = DynamoDBDocumentClient.from(createClient());
    for (let id = 1; id <= 5; id += 1) {
      const Item = { owner: 'ada', id, tags: new Set(['x']), deep: { list: [1, null, 'a'] } };
      await doc.send(new PutCommand({ TableName, Item }));
    }
    const { Item } = await doc.send(new GetCommand({ TableName, Key: { owner: 'ada', id: 3 } }));
    expect(Item).toEqual({
      owner: 'ada',
      id: 3,
      tags: new Set(['x']),
      deep: { list: [1, null, 'a'] },
    });
    const ids: number[] = [];
    const query = {
      TableName,
      KeyConditionExpression: '#o = :o',
      ExpressionAttributeNames: { '#o': 'owner' },
      ExpressionAttributeValues: { ':o': 'ada' },
    };
    for await (const page of paginateQuery({ client: doc, pageSize: 2 }, query)) {
      for (const item of page.Items ?? []) ids.push(item['id'] as number);
    }
    expect(ids).toEqual([1, 2, 3, 4, 5]);
    let scanned = 0;
    for await (const page of paginateScan({ client: createClient(), pageSize: 2 }, { TableName })) {
      scanned += page.Count ?? 0;
    }
    expect(scanned).toBe(5);
  });

  test('takes calls back', async () => {
    const client = createClient();
    const abortSignal = AbortSignal.abort();
    await expect(
      client.send(new GetItemCommand({ TableName, Key: key }), { abortSignal }),
    ).rejects.toMatchObject({ name: 'AbortError' });
    const aborter = new AbortController();
    const call = client.send(new PutItemCommand({ TableName, Item: key }), {
      abortSignal: aborter.signal,
    });
    aborter.abort();
    await expect(call).rejects.toMatchObject({ name: 'AbortError' });
  });

  test('passes errors of the world through', async () => {
    const client = createClient();
    await db.close();
    await expect(client.send(new GetItemCommand({ TableName, Key: key }))).rejects.toMatchObject({
      name: 'DatabaseError',
      why: 'closed',
    });
  });
});
