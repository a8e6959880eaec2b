import { afterEach, describe, expect, test } from 'vitest';
import {
  openInMemory,
  type InMemoryOptions,
  type TestDatabase,
} from '../../src/client/in-memory.ts';
import type { CreateTableInput } from '../../src/client/table-types.ts';

const notes: CreateTableInput = {
  TableName: 'Notes',
  AttributeDefinitions: [
    { AttributeName: 'owner', AttributeType: 'S' },
    { AttributeName: 'id', AttributeType: 'N' },
  ],
  KeySchema: [
    { AttributeName: 'owner', KeyType: 'HASH' },
    { AttributeName: 'id', KeyType: 'RANGE' },
  ],
  BillingMode: 'PAY_PER_REQUEST',
};

const opened: TestDatabase[] = [];
async function openNotes(options: InMemoryOptions = {}): Promise<TestDatabase> {
  const db = await openInMemory({ tables: [notes], ...options });
  opened.push(db);
  return db;
}
afterEach(async () => {
  for (const db of opened.splice(0)) await db.close();
});

const key = { owner: 'ada', id: 1 };

describe('a database in memory', () => {
  test('keeps plain values of every type', async () => {
    const db = await openNotes();
    const item = {
      ...key,
      text: 'hi',
      flag: true,
      nothing: null,
      bytes: new Uint8Array([1, 2]),
      tags: new Set(['a', 'b']),
      list: [1, 'two', { deep: false }],
      // Own members of these names are data.
      map: JSON.parse('{"__proto__":1,"constructor":"x"}') as object,
      left: undefined,
    };
    await db.putItem({ TableName: 'Notes', Item: item });
    const { Item } = await db.getItem({ TableName: 'Notes', Key: key });
    const { left: _, ...kept } = item;
    expect(Item).toEqual(kept);
    expect(Object.keys(Item?.['map'] as object).sort()).toEqual(['__proto__', 'constructor']);
  });

  test('speaks PartiQL in plain values', async () => {
    const db = await openNotes();
    const Parameters = [1, { at: new Date(0).getTime() }];
    const Statement = "INSERT INTO Notes VALUE {'owner': 'ada', 'id': ?, 'map': ?}";
    expect(await db.executeStatement({ Statement, Parameters })).toEqual({ Items: [] });
    await db.executeTransaction({
      TransactStatements: [
        { Statement: "UPDATE Notes SET n = 2 WHERE owner = 'ada' AND id = ?", Parameters: [1] },
      ],
    });
    const select = 'SELECT map."at", n FROM Notes WHERE owner = \'ada\' AND id = ';
    const { Responses } = await db.batchExecuteStatement({
      Statements: [{ Statement: `${select}1` }, { Statement: `${select}2` }],
    });
    expect(Responses).toEqual([
      { TableName: 'Notes', Item: { at: 0, n: 2 } },
      { TableName: 'Notes' },
    ]);
    const duplicate = db.executeStatement({ Statement, Parameters });
    await expect(duplicate).rejects.toMatchObject({ name: 'DuplicateItemException' });
  });

  test('keeps digits that a JavaScript number cannot hold, and takes them back', async () => {
    const db = await openNotes();
    const big = 12345678901234567890123n;
    await db.putItem({ TableName: 'Notes', Item: { ...key, big } });
    const { Item } = await db.getItem({ TableName: 'Notes', Key: key });
    expect(String(Item?.['big'])).toBe(String(big));
    await db.putItem({ TableName: 'Notes', Item: { ...Item, id: 2 } });
    const again = await db.getItem(
      { TableName: 'Notes', Key: { owner: { S: 'ada' }, id: { N: '2' } } },
      { attributeValues: true },
    );
    expect(again.Item).toMatchObject({ big: { N: String(big) } });
  });

  test('queries, batches and transacts', async () => {
    const db = await openNotes();
    await db.batchWriteItem({
      RequestItems: {
        Notes: [1, 2, 3].map((id) => ({ PutRequest: { Item: { owner: 'ada', id } } })),
      },
    });
    const page = await db.query({
      TableName: 'Notes',
      KeyConditionExpression: '#o = :o',
      ExpressionAttributeNames: { '#o': 'owner' },
      ExpressionAttributeValues: { ':o': 'ada' },
      Limit: 2,
    });
    expect(page).toEqual({
      Items: [
        { owner: 'ada', id: 1 },
        { owner: 'ada', id: 2 },
      ],
      Count: 2,
      ScannedCount: 2,
      LastEvaluatedKey: { owner: 'ada', id: 2 },
    });
    const got = await db.batchGetItem({ RequestItems: { Notes: { Keys: [key] } } });
    expect(got.Responses).toEqual({ Notes: [key] });
    await expect(
      db.transactWriteItems({
        TransactItems: [
          {
            Put: {
              TableName: 'Notes',
              Item: key,
              ConditionExpression: 'attribute_not_exists(id)',
              ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
            },
          },
        ],
      }),
    ).rejects.toMatchObject({
      name: 'TransactionCanceledException',
      CancellationReasons: [{ Code: 'ConditionalCheckFailed', Item: key }],
    });
  });

  test('opens over the disk of another, whose tables are there', async () => {
    const one = await openNotes();
    await one.putItem({ TableName: 'Notes', Item: key });
    await one.close();
    const two = await openNotes({ disk: one.disk });
    expect((await two.getItem({ TableName: 'Notes', Key: key })).Item).toEqual(key);
    expect((await two.listTables()).TableNames).toEqual(['Notes']);
  });

  test('refuses calls after it was closed, and closes twice', async () => {
    const db = await openNotes();
    const last = db.putItem({ TableName: 'Notes', Item: key });
    await Promise.all([db.close(), db.close()]);
    await expect(last).resolves.toEqual({});
    await expect(db.getItem({ TableName: 'Notes', Key: key })).rejects.toMatchObject({
      name: 'DatabaseError',
      why: 'closed',
    });
  });

  test('has a status and makes checkpoints', async () => {
    const db = await openNotes();
    await db.putItem({ TableName: 'Notes', Item: key });
    await db.checkpoint();
    expect(await db.status()).toMatchObject({ closed: false, checkpoint: expect.any(Number) });
    expect((await db.status()).checkpoints).toBeGreaterThan(0);
  });
});

describe('clock and faults', () => {
  test('the clock that was set dates a table', async () => {
    const db = await openNotes();
    db.clock.set(Date.UTC(2030, 0, 1));
    const { TableDescription } = await db.createTable({ ...notes, TableName: 'Later' });
    expect(TableDescription.CreationDateTime).toBe(Date.UTC(2030, 0, 1) / 1000);
    db.clock.advance(5000);
    expect(db.clock.wallMs()).toBe(Date.UTC(2030, 0, 1) + 5000);
  });

  test('a wait ends when the clock is moved beyond it', async () => {
    const db = await openNotes();
    db.clock.freeze();
    const wait = db.clock.delay(60_000).then(() => 'over');
    const early = new Promise((resolve) => {
      setTimeout(resolve, 5, 'waiting');
    });
    expect(await Promise.race([wait, early])).toBe('waiting');
    db.clock.advance(60_000);
    expect(await wait).toBe('over');
  });

  const turns: readonly [string, number][] = [
    ['stands still', 0],
    ['was set back an hour', -3_600_000],
    ['was set back two years', -2 * 365 * 86_400_000],
    ['was set to the next day', 86_400_000],
  ];
  test.each(turns)('background work comes to its end while the clock %s', async (_, byMs) => {
    const db = await openNotes();
    const until = Math.floor(Date.now() / 1000) - 100;
    for (const id of [1, 2, 3]) {
      await db.putItem({ TableName: 'Notes', Item: { owner: 'ada', id, until } });
    }
    await db.updateTimeToLive({
      TableName: 'Notes',
      TimeToLiveSpecification: { Enabled: true, AttributeName: 'until' },
    });
    db.clock.set(db.clock.wallMs() + byMs);
    await db.idle();
    const { TimeToLiveDescription } = await db.describeTimeToLive({ TableName: 'Notes' });
    expect(TimeToLiveDescription).toEqual({ TimeToLiveStatus: 'ENABLED', AttributeName: 'until' });
    // By a clock that was set back nothing is over yet.
    expect((await db.scan({ TableName: 'Notes' })).Count).toBe(byMs < 0 ? 3 : 0);
  });

  test('a refusal is asked for by operation, and for so many times', async () => {
    const db = await openNotes();
    db.faults.refuse('PutItem', 'ProvisionedThroughputExceededException', 'slow down');
    const put = () => db.putItem({ TableName: 'Notes', Item: key });
    await expect(put()).rejects.toMatchObject({
      name: 'ProvisionedThroughputExceededException',
      message: 'slow down',
    });
    await expect(put()).resolves.toEqual({});
  });

  test('capacity is enforced where that is asked for', async () => {
    const units = { ReadCapacityUnits: 1, WriteCapacityUnits: 1 };
    const tables = [
      { ...notes, BillingMode: 'PROVISIONED', ProvisionedThroughput: units } as const,
    ];
    const free = await openInMemory({ tables });
    const db = await openInMemory({ tables, capacity: 'enforced' });
    db.clock.freeze();
    const put = { TableName: 'Notes', Item: key };
    for (const one of [free, db, free]) await one.putItem(put);
    await expect(db.putItem(put)).rejects.toMatchObject({
      name: 'ProvisionedThroughputExceededException',
      ThrottlingReasons: [
        {
          reason: 'TableWriteProvisionedThroughputExceeded',
          resource: 'arn:aws:dynamodb:local:000000000000:table/Notes',
        },
      ],
    });
    db.clock.advance(1000);
    await db.putItem(put);
  });

  test('a full disk refuses a write and keeps what was there', async () => {
    const db = await openNotes();
    await db.putItem({ TableName: 'Notes', Item: key });
    db.faults.failStore('write', 'full');
    await expect(
      db.putItem({ TableName: 'Notes', Item: { ...key, text: 'more' } }),
    ).rejects.toThrow(/full/);
    expect((await db.getItem({ TableName: 'Notes', Key: key })).Item).toEqual(key);
  });

  test.each(['cacheBytes', 'tailBytes', 'checkpointBytes', 'replayMs'] as const)(
    '%s reaches its engine',
    async (name) => {
      const opening = openInMemory({ [name]: -1 });
      await expect(opening).rejects.toThrow(`${name} must be a whole number of`);
    },
  );
});
