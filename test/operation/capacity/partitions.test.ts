/** Ceilings of partitions, and how a table on demand grows, where capacity is enforced. */
import { describe, expect, test } from 'vitest';
import type { DynamoError } from '../../../src/base/errors.ts';
import { enforceCapacity } from '../../../src/operation/capacity/enforced.ts';
import { ask, openRig, type Rig } from '../../support/engine.ts';
import { wireOf } from '../../support/item-world.ts';

const table = 'Hot';
const arn = 'arn:aws:dynamodb:local:000000000000:table/Hot';
const S = (value: string) => ({ S: value });
const attribute = (AttributeName: string) => ({ AttributeName, AttributeType: 'S' });
const units = (read: number, write: number) => ({
  ReadCapacityUnits: read,
  WriteCapacityUnits: write,
});
const onDemand = { BillingMode: 'PAY_PER_REQUEST' };
const ample = { ProvisionedThroughput: units(20_000, 20_000) };

async function opened(billing: object, ofG: object = {}): Promise<Rig> {
  const rig = await openRig({ capacity: enforceCapacity() });
  const KeySchema = [{ AttributeName: 'g', KeyType: 'HASH' }];
  await ask(rig, 'CreateTable', {
    TableName: table,
    AttributeDefinitions: ['p', 's', 'g'].map(attribute),
    KeySchema: [
      { AttributeName: 'p', KeyType: 'HASH' },
      { AttributeName: 's', KeyType: 'RANGE' },
    ],
    GlobalSecondaryIndexes: [
      { IndexName: 'byG', KeySchema, Projection: { ProjectionType: 'ALL' }, ...ofG },
    ],
    ...billing,
  });
  return rig;
}

/** An item of 390 KB: 391 units to write, 49 to read half consistently. */
const large = (p: string, s = 's', more: object = {}) => ({
  TableName: table,
  Item: { p: S(p), s: S(s), v: S('x'.repeat(400_000)), ...more },
});
const small = (p: string) => ({ TableName: table, Item: { p: S(p), s: S('small') } });

async function refused(rig: Rig, operation: string, input: object): Promise<readonly unknown[]> {
  try {
    await ask(rig, operation, input);
  } catch (error) {
    const { name, message, members } = error as DynamoError;
    return [name, message, wireOf(members)];
  }
  return [];
}

const provisioned = (of: 'table' | 'index', reason: string, resource = arn) => [
  'ProvisionedThroughputExceededException',
  of === 'table'
    ? 'The level of configured provisioned throughput for the table was exceeded. Consider ' +
      'increasing your provisioning level with the UpdateTable API.'
    : 'The level of configured provisioned throughput for one or more global secondary indexes of ' +
      'the table was exceeded. Consider increasing your provisioning level for the ' +
      'under-provisioned global secondary indexes with the UpdateTable API.',
  { ThrottlingReasons: [{ reason, resource }] },
];
const growing = (of: 'table' | 'index', reason: string, resource = arn) => [
  'ThrottlingException',
  of === 'table'
    ? 'Throughput exceeds the current capacity of your table or index. DynamoDB is automatically ' +
      'scaling your table or index so please try again shortly. If exceptions persist, check if ' +
      'you have a hot key: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/' +
      'bp-partition-key-design.html'
    : 'Throughput exceeds the current capacity for one or more global secondary indexes. DynamoDB ' +
      'is automatically scaling your index so please try again shortly.',
  { throttlingReasons: [{ reason, resource }] },
];

describe('a partition key has 1,000 write units a second', () => {
  test.each([
    ['provisioned', ample, provisioned('table', 'TableWriteKeyRangeThroughputExceeded')],
    ['on demand', onDemand, growing('table', 'TableWriteKeyRangeThroughputExceeded')],
  ])('%s', async (_, billing, refusal) => {
    const rig = await opened(billing, 'BillingMode' in billing ? {} : ample);
    rig.time.pass(60_000);
    for (const s of ['1', '2', '3']) await ask(rig, 'PutItem', large('hot', s));
    expect(await refused(rig, 'PutItem', small('hot'))).toEqual(refusal);
    // Other keys are not held up, and what nobody used in a second is not kept.
    await ask(rig, 'PutItem', small('cold'));
    rig.time.pass(1000);
    for (const s of ['1', '2', '3']) await ask(rig, 'PutItem', large('hot', s));
    expect(await refused(rig, 'PutItem', small('hot'))).toEqual(refusal);
    const batch = {
      [table]: ['hot', 'cold'].map((p) => ({ PutRequest: { Item: small(p).Item } })),
    };
    const { UnprocessedItems } = wireOf(
      await ask(rig, 'BatchWriteItem', { RequestItems: batch }),
    ) as {
      UnprocessedItems: object;
    };
    expect(UnprocessedItems).toEqual({ [table]: [{ PutRequest: { Item: small('hot').Item } }] });
  });
});

describe('a partition key has 3,000 read units a second', () => {
  const query = (p: string, ConsistentRead = true) => ({
    TableName: table,
    ConsistentRead,
    KeyConditionExpression: 'p = :p',
    ExpressionAttributeValues: { ':p': S(p) },
  });

  test('in gets and queries alike; a Scan has none', async () => {
    const rig = await opened(ample, ample);
    for (const s of ['1', '2']) await ask(rig, 'PutItem', large('hot', s));
    rig.time.pass(60_000);
    // 196 units each: a page of both items.
    for (let times = 0; times < 16; times += 1) await ask(rig, 'Query', query('hot'));
    const refusal = provisioned('table', 'TableReadKeyRangeThroughputExceeded');
    expect(await refused(rig, 'Query', query('hot'))).toEqual(refusal);
    const get = { TableName: table, Key: { p: S('hot'), s: S('1') } };
    expect(await refused(rig, 'GetItem', get)).toEqual(refusal);
    await ask(rig, 'Query', query('cold'));
    await ask(rig, 'Scan', { TableName: table });
    rig.time.pass(1000);
    await ask(rig, 'GetItem', get);
  });

  test('in a transaction, which is cancelled by it', async () => {
    const rig = await opened(ample, ample);
    await ask(rig, 'PutItem', large('hot'));
    rig.time.pass(60_000);
    const Get = { TableName: table, Key: { p: S('hot'), s: S('s') } };
    const input = { TransactItems: [{ Get }] };
    for (let times = 0; times < 16; times += 1) await ask(rig, 'TransactGetItems', input);
    expect(await refused(rig, 'TransactGetItems', input)).toMatchObject({
      0: 'TransactionCanceledException',
      2: {
        CancellationReasons: [
          {
            Code: 'ProvisionedThroughputExceeded',
            ThrottlingReasons: [{ reason: 'TableReadKeyRangeThroughputExceeded', resource: arn }],
          },
        ],
      },
    });
  });
});

test('a key of a global index has them too, and holds up the writes that come to it', async () => {
  const index = `${arn}/index/byG`;
  for (const [billing, ofG, words] of [
    [ample, ample, provisioned],
    [onDemand, {}, growing],
  ] as const) {
    const rig = await opened(billing, ofG);
    rig.time.pass(60_000);
    for (const p of ['1', '2', '3']) await ask(rig, 'PutItem', large(p, 's', { g: S('hot') }));
    const item = { ...small('4').Item, g: S('hot') };
    const hot = { TableName: table, Item: item };
    expect(await refused(rig, 'PutItem', hot)).toEqual(
      words('index', 'IndexWriteKeyRangeThroughputExceeded', index),
    );
    await ask(rig, 'PutItem', { TableName: table, Item: { ...item, g: S('cold') } });
    // Who leaves the index comes to no key of it, and takes the units of the index alone.
    const gone = { ...small('5'), Item: { ...small('5').Item } };
    await ask(rig, 'PutItem', gone);
  }
});

describe('a table on demand', () => {
  const put = (p: number) => large(`k${p}`);
  const refusal = growing('table', 'TableWriteKeyRangeThroughputExceeded');

  /** How many large items, of 391 units each, it takes in one second. */
  async function taken(rig: Rig, from: number): Promise<number> {
    let count = 0;
    while (count < 60 && (await refused(rig, 'PutItem', put(from + count))).length === 0)
      count += 1;
    return count;
  }

  test('takes 4,000 write units a second, and twice its peak half an hour later', async () => {
    const rig = await opened(onDemand);
    expect(await taken(rig, 0)).toBe(11);
    expect(await refused(rig, 'PutItem', put(99))).toEqual(refusal);
    rig.time.pass(2000);
    expect(await taken(rig, 100)).toBe(11);
    rig.time.pass(30 * 60_000);
    expect(await taken(rig, 200)).toBe(22);
  });

  test('takes what it is warm for', async () => {
    const rig = await opened({ ...onDemand, WarmThroughput: { WriteUnitsPerSecond: 8000 } });
    expect(await taken(rig, 0)).toBe(21);
  });

  test('takes at least what was provisioned before', async () => {
    const rig = await opened({ ProvisionedThroughput: units(1, 10_000) }, ample);
    await ask(rig, 'PutItem', small('a'));
    await ask(rig, 'UpdateTable', { TableName: table, ...onDemand });
    expect(await taken(rig, 0)).toBe(26);
  });
});
