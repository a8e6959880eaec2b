import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
} from '@aws-sdk/lib-dynamodb';
import { afterEach, describe, expect, test } from 'vitest';
import { clientConfig, shortCircuit } from '../../src/aws.ts';
import { type CreateTableInput, type Database, type OpenOptions, open } from '../../src/index.ts';
import { deleteIndexedDB } from '../../src/storage/indexeddb.ts';

const notes: CreateTableInput = {
  TableName: 'Notes',
  AttributeDefinitions: [
    { AttributeName: 'owner', AttributeType: 'S' },
    { AttributeName: 'id', AttributeType: 'S' },
  ],
  KeySchema: [
    { AttributeName: 'owner', KeyType: 'HASH' },
    { AttributeName: 'id', KeyType: 'RANGE' },
  ],
  BillingMode: 'PAY_PER_REQUEST',
};

const TableName = 'Notes';
const Key = { owner: 'ada', id: '1' };
const ofAda = {
  TableName,
  KeyConditionExpression: '#o = :o',
  ExpressionAttributeNames: { '#o': 'owner' },
  ExpressionAttributeValues: { ':o': 'ada' },
};

const databases: Database[] = [];
const names = new Set<string>();
let lastName = 0;

function newName(): string {
  lastName += 1;
  return `open-test-${Date.now()}-${lastName}`;
}

async function openNotes(name: string, options: OpenOptions = {}): Promise<Database> {
  names.add(name);
  const db = await open(name, { tables: [notes], ...options });
  databases.push(db);
  return db;
}

function ownWorker(): Worker {
  return new Worker(new URL('../../worker/web-worker.ts', import.meta.url), { type: 'module' });
}

afterEach(async () => {
  for (const db of databases.splice(0)) await db.close();
  for (const name of names) await deleteIndexedDB(name);
  names.clear();
});

describe.each([
  ['the inlined worker', {}],
  ['a worker of the page', { worker: ownWorker }],
] as const)('a database in %s', (_name, options) => {
  test('keeps items over a close', async () => {
    const name = newName();
    const db = await openNotes(name, options);
    const bytes = new Uint8Array([1, 2, 3]);
    await db.putItem({ TableName, Item: { ...Key, text: 'hi', bytes, tags: new Set(['a']) } });
    await db.close();
    await expect(db.getItem({ TableName, Key })).rejects.toMatchObject({ why: 'closed' });
    const again = await openNotes(name, options);
    const { Item } = await again.getItem({ TableName, Key });
    expect(Item).toEqual({ ...Key, text: 'hi', bytes, tags: new Set(['a']) });
    expect(await again.query(ofAda)).toMatchObject({ Count: 1, Items: [Item] });
    expect(await again.status()).toMatchObject({ closed: false });
  });

  test('is seen by another of the same name', async () => {
    const name = newName();
    const [one, two] = await Promise.all([openNotes(name, options), openNotes(name, options)]);
    await one.putItem({ TableName, Item: { ...Key, text: 'from one' } });
    const { Item } = await two.getItem(
      { TableName, Key, ConsistentRead: true },
      { consistency: 'strong' },
    );
    expect(Item).toEqual({ ...Key, text: 'from one' });
  });
});

describe('a database in the browser', () => {
  test.each([
    ['over the protocol', false],
    ['by the short circuit', true],
  ])('serves the AWS SDK %s', async (_name, isShort) => {
    const db = await openNotes(newName());
    const base = new DynamoDBClient(clientConfig(db));
    if (isShort) base.middlewareStack.use(shortCircuit(db));
    const client = DynamoDBDocumentClient.from(base);
    await client.send(new PutCommand({ TableName, Item: { ...Key, n: 1.5 } }));
    const got = await client.send(new GetCommand({ TableName, Key }));
    expect(got.Item).toEqual({ ...Key, n: 1.5 });
    const page = await client.send(new QueryCommand(ofAda));
    expect(page.Items).toEqual([{ ...Key, n: 1.5 }]);
  });

  test('answers many calls at once', async () => {
    const db = await openNotes(newName());
    const ids = Array.from({ length: 500 }, (_, at) => String(at).padStart(3, '0'));
    await Promise.all(ids.map((id) => db.putItem({ TableName, Item: { owner: 'ada', id } })));
    const { Items } = await db.query(ofAda);
    expect(Items?.map(({ id }) => id)).toEqual(ids);
  });

  test('refuses with DynamoDB errors', async () => {
    const db = await openNotes(newName());
    await expect(
      db.putItem({ TableName, Item: Key, ConditionExpression: 'attribute_exists(id)' }),
    ).rejects.toMatchObject({ name: 'ConditionalCheckFailedException' });
  });
});

describe('a worker that does not serve', () => {
  const workerOf = (code: string): Worker =>
    new Worker(URL.createObjectURL(new Blob([code], { type: 'text/javascript' })));

  test.each([
    ['is silent', '0', 200, /within 200 ms.*worker-src blob:/s],
    ['throws at its start', 'throw new Error("oh")', 4000, /did not start.*worker-src blob:/s],
  ])('%s: open names the remedy', async (_name, code, timeoutMs, message) => {
    await expect(open(newName(), { worker: () => workerOf(code), timeoutMs })).rejects.toThrow(
      message,
    );
  });

  test('dies later: calls under way are rejected', async () => {
    let worker: Worker | undefined;
    const db = await openNotes(newName(), {
      worker: () => {
        worker = ownWorker();
        return worker;
      },
    });
    const call = db.putItem({ TableName, Item: Key });
    worker?.dispatchEvent(new ErrorEvent('error', { message: 'out of memory' }));
    await expect(call).rejects.toMatchObject({ name: 'DatabaseError', why: 'worker' });
    await expect(db.status()).rejects.toMatchObject({ why: 'worker' });
  });

  test('opening can be given up', async () => {
    const aborter = new AbortController();
    const opening = open(newName(), { worker: () => workerOf('0'), signal: aborter.signal });
    aborter.abort();
    await expect(opening).rejects.toMatchObject({ name: 'AbortError' });
  });

  test.each(['cacheBytes', 'tailBytes', 'checkpointBytes', 'replayMs'] as const)(
    '%s reaches the engine',
    async (name) => {
      const opening = open(newName(), { [name]: -1 });
      await expect(opening).rejects.toThrow(`${name} must be a whole number of`);
    },
  );

  test.each(['', 'x'.repeat(256)])('a name of %# characters is refused', async (name) => {
    await expect(open(name)).rejects.toMatchObject({ name: 'DatabaseError', why: 'open' });
  });
});
