/** DynamoDB's throttling, where an engine is told to enforce capacity; nowhere else. */
import { describe, expect, test } from 'vitest';
import type { DynamoError } from '../../../src/base/errors.ts';
import { enforceCapacity } from '../../../src/operation/capacity/enforced.ts';
import { ask, openRig, type Rig } from '../../support/engine.ts';
import { wireOf } from '../../support/item-world.ts';
import { shardsOf } from '../../support/streams.ts';

const table = 'Units';
const arn = 'arn:aws:dynamodb:local:000000000000:table/Units';
const ofTable =
  'The level of configured provisioned throughput for the table was exceeded. Consider ' +
  'increasing your provisioning level with the UpdateTable API.';
const ofIndex =
  'The level of configured provisioned throughput for one or more global secondary indexes of the ' +
  'table was exceeded. Consider increasing your provisioning level for the under-provisioned ' +
  'global secondary indexes with the UpdateTable API.';
const onDemandMax =
  'Throughput exceeds the maximum OnDemandThroughput configured on table or index';
const ofAccount =
  'Throughput exceeds the current throughput limit for your account. Please contact AWS Support ' +
  'at https://aws.amazon.com/support request a limit increase';

const units = (read: number, write: number) => ({
  ReadCapacityUnits: read,
  WriteCapacityUnits: write,
});
const provisioned = (read: number, write: number) => ({
  BillingMode: 'PROVISIONED',
  ProvisionedThroughput: units(read, write),
});
const attribute = (AttributeName: string) => ({ AttributeName, AttributeType: 'S' });
const keys = (...names: string[]) =>
  names.map((AttributeName, at) => ({ AttributeName, KeyType: at === 0 ? 'HASH' : 'RANGE' }));

/** A table with a global index `byG` and a local one `byL`. */
async function opened(billing: object, ofG: object = {}, capacity = true): Promise<Rig> {
  const rig = await openRig(capacity ? { capacity: enforceCapacity() } : {});
  await ask(rig, 'CreateTable', {
    TableName: table,
    AttributeDefinitions: ['p', 's', 'g', 'l'].map(attribute),
    KeySchema: keys('p', 's'),
    GlobalSecondaryIndexes: [
      {
        IndexName: 'byG',
        KeySchema: keys('g'),
        Projection: { ProjectionType: 'ALL' },
        ...ofG,
      },
    ],
    LocalSecondaryIndexes: [
      { IndexName: 'byL', KeySchema: keys('p', 'l'), Projection: { ProjectionType: 'KEYS_ONLY' } },
    ],
    ...billing,
  });
  return rig;
}

const S = (value: string) => ({ S: value });
const key = (p: string) => ({ p: S(p), s: S('s') });

const put = (p: string, more: object = {}) => ({ TableName: table, Item: { ...key(p), ...more } });
const get = (p: string) => ({ TableName: table, Key: key(p), ConsistentRead: true });
const statement = (p: string) => `SELECT * FROM Units WHERE p = '${p}' AND s = 's'`;
const query = {
  TableName: table,
  KeyConditionExpression: 'p = :p',
  ExpressionAttributeValues: { ':p': S('a') },
};

/** The refusal of a call as `[name, message, members]`. */
async function refused(rig: Rig, operation: string, input: object): Promise<readonly unknown[]> {
  let answer: unknown;
  try {
    answer = await ask(rig, operation, input);
  } catch (error) {
    const { name, message, members } = error as DynamoError;
    return [name, message, wireOf(members)];
  }
  throw new Error(`not refused: ${JSON.stringify(wireOf(answer))}`);
}

const provisionedRefusal = (kind: 'Read' | 'Write') => [
  'ProvisionedThroughputExceededException',
  ofTable,
  { ThrottlingReasons: [{ reason: `Table${kind}ProvisionedThroughputExceeded`, resource: arn }] },
];

describe('a request for units that are not there', () => {
  const reads: [string, object][] = [
    ['GetItem', get('a')],
    ['Query', query],
    ['Query', { ...query, IndexName: 'byL' }],
    ['Scan', { TableName: table }],
    ['BatchGetItem', { RequestItems: { [table]: { Keys: [key('a'), key('b')] } } }],
    ['ExecuteStatement', { Statement: statement('a') }],
    ['ExecuteStatement', { Statement: 'SELECT * FROM Units' }],
  ];
  const condition = { ConditionExpression: 'attribute_exists(zz)' };
  const writes: [string, object][] = [
    ['PutItem', put('a')],
    ['PutItem', { ...put('a'), ...condition }],
    ['UpdateItem', { TableName: table, Key: key('a'), UpdateExpression: 'SET n.m = n' }],
    ['DeleteItem', { TableName: table, Key: key('a') }],
    ['BatchWriteItem', { RequestItems: { [table]: [{ PutRequest: { Item: key('a') } }] } }],
    ['ExecuteStatement', { Statement: "INSERT INTO Units VALUE {'p': 'a', 's': 's'}" }],
  ];

  test.each(reads)('of reads: %s %j', async (operation, input) => {
    const rig = await opened(provisioned(1, 100), { ProvisionedThroughput: units(100, 100) });
    await ask(rig, 'PutItem', put('a'));
    await ask(rig, 'GetItem', get('a'));
    expect(await refused(rig, operation, input)).toEqual(provisionedRefusal('Read'));
    rig.time.pass(2000);
    await ask(rig, operation, input);
  });

  test.each(writes)('of writes, before its condition: %s %j', async (operation, input) => {
    const rig = await opened(provisioned(100, 1), { ProvisionedThroughput: units(100, 100) });
    await ask(rig, 'PutItem', put('z'));
    expect(await refused(rig, operation, input)).toEqual(provisionedRefusal('Write'));
    // Nothing was done, and what is refused costs nothing.
    rig.time.pass(1);
    expect(await ask(rig, 'GetItem', get('a'))).toEqual({});
  });

  test('is judged after its table and its key', async () => {
    const rig = await opened(provisioned(1, 1), { ProvisionedThroughput: units(1, 1) });
    await ask(rig, 'GetItem', get('a'));
    const bare = { TableName: table, Key: { p: S('a') } };
    expect(await refused(rig, 'GetItem', bare)).toMatchObject({ 0: 'ValidationException' });
    const missing = { ...get('a'), TableName: 'Nowhere' };
    expect(await refused(rig, 'GetItem', missing)).toMatchObject({
      0: 'ResourceNotFoundException',
    });
  });

  test('is not refused where nothing is enforced', async () => {
    const rig = await opened(provisioned(1, 1), { ProvisionedThroughput: units(1, 1) }, false);
    for (let times = 0; times < 400; times += 1) {
      await ask(rig, 'PutItem', put('a'));
      await ask(rig, 'GetItem', get('a'));
    }
  });
});

describe('units', () => {
  test('that were not used are kept for 300 seconds', async () => {
    const rig = await opened(provisioned(1, 1), { ProvisionedThroughput: units(1, 1) });
    rig.time.pass(10 * 60 * 1000);
    for (let times = 0; times < 300; times += 1) await ask(rig, 'GetItem', get('a'));
    expect(await refused(rig, 'GetItem', get('a'))).toEqual(provisionedRefusal('Read'));
    // Half a unit, of a read that is eventually consistent, leaves half of one.
    rig.time.pass(1000);
    const eventual = { ...get('a'), ConsistentRead: false };
    await ask(rig, 'GetItem', eventual);
    await ask(rig, 'GetItem', eventual);
    expect(await refused(rig, 'GetItem', eventual)).toEqual(provisionedRefusal('Read'));
  });

  test('are taken by what a request costs, also beyond what there is', async () => {
    const rig = await opened(provisioned(5, 5), { ProvisionedThroughput: units(100, 100) });
    await ask(rig, 'PutItem', put('a', { v: S('x'.repeat(20_000)) }));
    // 20 units of 5: 15 are owed, and one must be there again.
    rig.time.pass(3000);
    expect(await refused(rig, 'PutItem', put('b'))).toEqual(provisionedRefusal('Write'));
    rig.time.pass(1);
    await ask(rig, 'PutItem', put('b'));
  });

  test('are taken by a write that its condition refuses', async () => {
    const rig = await opened(provisioned(5, 1), { ProvisionedThroughput: units(5, 5) });
    const input = { ...put('a'), ConditionExpression: 'attribute_exists(p)' };
    expect(await refused(rig, 'PutItem', input)).toMatchObject({
      0: 'ConditionalCheckFailedException',
    });
    expect(await refused(rig, 'PutItem', input)).toEqual(provisionedRefusal('Write'));
  });

  test('are as UpdateTable says from then on', async () => {
    const rig = await opened(provisioned(1, 1), { ProvisionedThroughput: units(1, 1) });
    await ask(rig, 'GetItem', get('a'));
    await ask(rig, 'UpdateTable', { TableName: table, ProvisionedThroughput: units(50, 1) });
    rig.time.pass(100);
    for (let times = 0; times < 5; times += 1) await ask(rig, 'GetItem', get('a'));
    expect(await refused(rig, 'GetItem', get('a'))).toEqual(provisionedRefusal('Read'));
  });

  test('of a table are its own', async () => {
    const rig = await opened(provisioned(1, 1), { ProvisionedThroughput: units(1, 1) });
    await ask(rig, 'PutItem', put('a'));
    await ask(rig, 'CreateTable', {
      TableName: 'Other',
      AttributeDefinitions: [attribute('p')],
      KeySchema: keys('p'),
      ...provisioned(1, 1),
    });
    await ask(rig, 'PutItem', { TableName: 'Other', Item: { p: S('a') } });
    expect(await refused(rig, 'PutItem', put('a'))).toEqual(provisionedRefusal('Write'));
  });

  test('are not taken by those who are no users, nor by an import', async () => {
    const rig = await opened(provisioned(1, 1), { ProvisionedThroughput: units(1, 1) });
    for (let times = 0; times < 5; times += 1) {
      await ask(rig, 'PutItem', put('a'), { unmetered: true });
      await ask(rig, 'PutItem', put('a'), { caller: { kind: 'engine', principal: 'engine' } });
    }
    await ask(rig, 'PutItem', put('a'));
  });
});

describe('a global index', () => {
  const indexRefusal = (kind: 'Read' | 'Write') => [
    'ProvisionedThroughputExceededException',
    ofIndex,
    {
      ThrottlingReasons: [
        { reason: `Index${kind}ProvisionedThroughputExceeded`, resource: `${arn}/index/byG` },
      ],
    },
  ];

  test('without units refuses the writes that come to it, and no others', async () => {
    const rig = await opened(provisioned(100, 100), { ProvisionedThroughput: units(1, 1) });
    await ask(rig, 'PutItem', put('a', { g: S('g') }));
    expect(await refused(rig, 'PutItem', put('b', { g: S('g') }))).toEqual(indexRefusal('Write'));
    await ask(rig, 'PutItem', put('c'));
    expect(await ask(rig, 'GetItem', get('b'))).toEqual({});
    const remove = { TableName: table, Key: key('a') };
    expect(await refused(rig, 'DeleteItem', remove)).toEqual(indexRefusal('Write'));
    rig.time.pass(1000);
    await ask(rig, 'DeleteItem', remove);
  });

  test('is read from its own units', async () => {
    const rig = await opened(provisioned(1, 100), { ProvisionedThroughput: units(1, 100) });
    const scan = { TableName: table, IndexName: 'byG' };
    await ask(rig, 'Scan', scan);
    await ask(rig, 'Scan', scan);
    expect(await refused(rig, 'Scan', scan)).toEqual(indexRefusal('Read'));
    await ask(rig, 'GetItem', get('a'));
    const of = "SELECT * FROM Units.byG WHERE g = 'g'";
    expect(await refused(rig, 'ExecuteStatement', { Statement: of })).toEqual(indexRefusal('Read'));
  });
});

/** 25 large items with keys of their own: 391 units each, 9,775 together. */
const large = (prefix: string) => {
  const requests = Array.from({ length: 25 }, (_, at) => ({
    PutRequest: { Item: { ...key(`${prefix}${at}`), v: S('x'.repeat(400_000)) } },
  }));
  return { RequestItems: { [table]: requests } };
};

describe('on demand', () => {
  const throttled = (kind: string, of: string, resource = arn) => [
    'ThrottlingException',
    onDemandMax,
    { throttlingReasons: [{ reason: `${of}${kind}MaxOnDemandThroughputExceeded`, resource }] },
  ];
  const most = { MaxReadRequestUnits: 1, MaxWriteRequestUnits: 1 };

  test('a maximum of the table throttles', async () => {
    const rig = await opened({ BillingMode: 'PAY_PER_REQUEST', OnDemandThroughput: most });
    await ask(rig, 'PutItem', put('a'));
    await ask(rig, 'GetItem', get('a'));
    expect(await refused(rig, 'PutItem', put('a'))).toEqual(throttled('Write', 'Table'));
    expect(await refused(rig, 'GetItem', get('a'))).toEqual(throttled('Read', 'Table'));
  });

  test('a maximum of an index throttles, until -1 takes it away', async () => {
    const rig = await opened({ BillingMode: 'PAY_PER_REQUEST' }, { OnDemandThroughput: most });
    const item = put('a', { g: S('g') });
    await ask(rig, 'PutItem', item);
    const other = put('b', { g: S('h') });
    const index = `${arn}/index/byG`;
    expect(await refused(rig, 'PutItem', other)).toEqual(throttled('Write', 'Index', index));
    await ask(rig, 'UpdateTable', {
      TableName: table,
      GlobalSecondaryIndexUpdates: [
        {
          Update: {
            IndexName: 'byG',
            OnDemandThroughput: { MaxReadRequestUnits: -1, MaxWriteRequestUnits: -1 },
          },
        },
      ],
    });
    rig.time.pass(1);
    await ask(rig, 'PutItem', other);
  });

  test('without a maximum, what an account may use of one table does', async () => {
    const WarmThroughput = { WriteUnitsPerSecond: 100_000 };
    const rig = await opened({ BillingMode: 'PAY_PER_REQUEST', WarmThroughput });
    for (let call = 0; call < 5; call += 1) await ask(rig, 'BatchWriteItem', large(`${call}-`));
    expect(await refused(rig, 'PutItem', put('a'))).toEqual([
      'RequestLimitExceeded',
      ofAccount,
      { ThrottlingReasons: [{ reason: 'TableWriteAccountLimitExceeded', resource: arn }] },
    ]);
  });
});

describe('a batch', () => {
  test('of reads answers what there were units for, and leaves the rest with its options', async () => {
    const rig = await opened(provisioned(2, 100), { ProvisionedThroughput: units(1, 100) });
    await ask(rig, 'PutItem', put('a'));
    const options = { ConsistentRead: true, ProjectionExpression: 'p' };
    const Keys = ['a', 'b', 'c', 'd'].map(key);
    const input = { RequestItems: { [table]: { ...options, Keys } } };
    expect(wireOf(await ask(rig, 'BatchGetItem', input))).toEqual({
      Responses: { [table]: [{ p: S('a') }] },
      UnprocessedKeys: { [table]: { ...options, Keys: [key('c'), key('d')] } },
    });
    expect(await refused(rig, 'BatchGetItem', input)).toEqual(provisionedRefusal('Read'));
  });

  test('of writes does what there were units for, and names the rest', async () => {
    const rig = await opened(provisioned(100, 2), { ProvisionedThroughput: units(1, 100) });
    const requests = [
      { PutRequest: { Item: { ...key('a'), v: { B: new Uint8Array([1]) } } } },
      { PutRequest: { Item: key('b') } },
      { PutRequest: { Item: { ...key('c'), v: { NS: ['1', '2'] } } } },
      { DeleteRequest: { Key: key('d') } },
    ];
    const input = { RequestItems: { [table]: requests }, ReturnConsumedCapacity: 'TOTAL' };
    expect(wireOf(await ask(rig, 'BatchWriteItem', input))).toEqual({
      UnprocessedItems: { [table]: requests.slice(2) },
      ConsumedCapacity: [{ TableName: table, CapacityUnits: 2 }],
    });
    expect(await refused(rig, 'BatchWriteItem', input)).toEqual(provisionedRefusal('Write'));
    expect(wireOf(await ask(rig, 'GetItem', get('b')))).toEqual({ Item: key('b') });
  });

  test('of statements has the refusal in its place', async () => {
    const rig = await opened(provisioned(1, 1), { ProvisionedThroughput: units(1, 1) });
    const Statements = ['a', 'b'].map((p) => ({ Statement: statement(p), ConsistentRead: true }));
    const { Responses } = wireOf(await ask(rig, 'BatchExecuteStatement', { Statements })) as {
      Responses: unknown[];
    };
    expect(Responses).toEqual([
      { TableName: table },
      {
        TableName: table,
        Error: {
          Code: 'ProvisionedThroughputExceeded',
          Message: ofTable,
          ThrottlingReasons: [{ reason: 'TableReadProvisionedThroughputExceeded', resource: arn }],
        },
      },
    ]);
  });
});

describe('a transaction', () => {
  const cancelledBy = (codes: string, ...CancellationReasons: object[]) => [
    'TransactionCanceledException',
    `Transaction cancelled, please refer cancellation reasons for specific reasons [${codes}]`,
    { CancellationReasons },
  ];
  const reason = (kind: string) => ({
    Code: 'ProvisionedThroughputExceeded',
    Message: ofTable,
    ThrottlingReasons: [{ reason: `Table${kind}ProvisionedThroughputExceeded`, resource: arn }],
  });

  test('of writes is cancelled, with a reason for each that found no units', async () => {
    const rig = await opened(provisioned(9, 1), { ProvisionedThroughput: units(1, 1) });
    await ask(rig, 'CreateTable', {
      TableName: 'Free',
      AttributeDefinitions: [attribute('p')],
      KeySchema: keys('p'),
      BillingMode: 'PAY_PER_REQUEST',
    });
    await ask(rig, 'PutItem', put('z'));
    const TransactItems = [
      { Put: { TableName: 'Free', Item: { p: S('a') } } },
      { Put: put('a') },
      {
        ConditionCheck: {
          TableName: table,
          Key: key('b'),
          ConditionExpression: 'attribute_exists(p)',
        },
      },
    ];
    const throttled = reason('Write');
    expect(await refused(rig, 'TransactWriteItems', { TransactItems })).toEqual(
      cancelledBy(
        'None, ProvisionedThroughputExceeded, ProvisionedThroughputExceeded',
        { Code: 'None' },
        throttled,
        throttled,
      ),
    );
    // The units of a transaction are doubled: two are owed for one that is left.
    rig.time.pass(1000);
    await ask(rig, 'TransactWriteItems', { TransactItems: TransactItems.slice(0, 2) });
    rig.time.pass(1000);
    expect(await refused(rig, 'PutItem', put('z'))).toEqual(provisionedRefusal('Write'));
    rig.time.pass(1);
    await ask(rig, 'PutItem', put('z'));
  });

  test('of reads is cancelled; of statements too', async () => {
    const rig = await opened(provisioned(1, 1), { ProvisionedThroughput: units(1, 1) });
    await ask(rig, 'GetItem', get('a'));
    const TransactItems = ['a', 'b'].map((p) => ({ Get: { TableName: table, Key: key(p) } }));
    const both = cancelledBy(
      'ProvisionedThroughputExceeded, ProvisionedThroughputExceeded',
      reason('Read'),
      reason('Read'),
    );
    expect(await refused(rig, 'TransactGetItems', { TransactItems })).toEqual(both);
    const TransactStatements = ['a', 'b'].map((p) => ({ Statement: statement(p) }));
    expect(await refused(rig, 'ExecuteTransaction', { TransactStatements })).toEqual(both);
  });

  test('on demand is cancelled by ThrottlingError', async () => {
    const most = { MaxReadRequestUnits: 1, MaxWriteRequestUnits: 1 };
    const rig = await opened({ BillingMode: 'PAY_PER_REQUEST', OnDemandThroughput: most });
    await ask(rig, 'PutItem', put('a'));
    const TransactItems = [{ Put: put('a') }];
    expect(await refused(rig, 'TransactWriteItems', { TransactItems })).toEqual(
      cancelledBy('ThrottlingError', {
        Code: 'ThrottlingError',
        Message: onDemandMax,
        throttlingReasons: [{ reason: 'TableWriteMaxOnDemandThroughputExceeded', resource: arn }],
      }),
    );
  });

  test('that is sent again with its token takes units of reads', async () => {
    const rig = await opened(provisioned(2, 9), { ProvisionedThroughput: units(1, 1) });
    const input = { TransactItems: [{ Put: put('a') }], ClientRequestToken: 'again' };
    await ask(rig, 'TransactWriteItems', input);
    await ask(rig, 'TransactWriteItems', input);
    expect(await refused(rig, 'GetItem', get('a'))).toEqual(provisionedRefusal('Read'));
  });
});

describe('what is throttled', () => {
  test('is counted by its keys, where contributor insights are on', async () => {
    const rig = await opened(provisioned(1, 1), { ProvisionedThroughput: units(9, 1) });
    const insights = { ContributorInsightsAction: 'ENABLE', TableName: table };
    await ask(rig, 'UpdateContributorInsights', insights);
    await ask(rig, 'UpdateContributorInsights', { ...insights, IndexName: 'byG' });
    await ask(rig, 'PutItem', put('a', { g: S('hot') }));
    await refused(rig, 'PutItem', put('b'));
    await refused(rig, 'PutItem', put('b'));
    await ask(rig, 'Query', query);
    await ask(rig, 'Query', query);
    await refused(rig, 'Query', query);
    const { throttled } = await rig.engine.contributors({ table });
    expect(throttled.partitionKeys.contributors).toEqual([
      { key: { p: 'b' }, sum: 2, atLeast: 2 },
      { key: { p: 'a' }, sum: 1, atLeast: 1 },
    ]);
    expect(throttled.keys?.contributors).toEqual([{ key: { p: 'b', s: 's' }, sum: 2, atLeast: 2 }]);
    const ofG = await rig.engine.contributors({ table, index: 'byG' });
    expect(ofG.throttled.partitionKeys.total).toBe(0);
    await ask(rig, 'UpdateTable', { TableName: table, ProvisionedThroughput: units(1, 100) });
    rig.time.pass(500);
    await ask(rig, 'PutItem', put('c', { g: S('warm') }));
    await refused(rig, 'PutItem', put('d', { g: S('cold') }));
    const later = await rig.engine.contributors({ table, index: 'byG' });
    expect(later.throttled.partitionKeys.contributors).toEqual([
      { key: { g: 'cold' }, sum: 1, atLeast: 1 },
    ]);
  });
});

describe('units that go down', () => {
  const message = (count: number, last: string, next: string): string =>
    'Subscriber limit exceeded: Provisioned throughput decreases are limited within a given UTC ' +
    'day. After the first 4 decreases, each subsequent decrease in the same UTC day can be ' +
    `performed at most once every 3600 seconds. Number of decreases today: ${count}. Last ` +
    `decrease at Thursday, January 1, 2026 at ${last} Coordinated Universal Time. Next decrease ` +
    `can be made at ${next} Coordinated Universal Time`;

  async function lower(rig: Rig, read: number): Promise<unknown> {
    return ask(rig, 'UpdateTable', { TableName: table, ProvisionedThroughput: units(read, 50) });
  }

  test('may do so four times a day, and then once an hour', async () => {
    const rig = await opened(provisioned(50, 50), { ProvisionedThroughput: units(50, 50) });
    for (const read of [49, 48, 47, 46]) await lower(rig, read);
    const input = { TableName: table, ProvisionedThroughput: units(45, 50) };
    rig.time.pass(3_599_999);
    const day = 'Thursday, January 1, 2026';
    expect(await refused(rig, 'UpdateTable', input)).toEqual([
      'LimitExceededException',
      message(4, '12:00:00 AM', `${day} at 1:00:00 AM`),
      {},
    ]);
    // Going up is free, and counts for nothing.
    await lower(rig, 60);
    rig.time.pass(1);
    await lower(rig, 45);
    expect(await refused(rig, 'UpdateTable', { ...input, ...provisioned(44, 50) })).toEqual([
      'LimitExceededException',
      message(5, '1:00:00 AM', `${day} at 2:00:00 AM`),
      {},
    ]);
    // Before midnight the next day is nearer than the next hour.
    rig.time.pass(22.5 * 3_600_000);
    await lower(rig, 44);
    expect(await refused(rig, 'UpdateTable', { ...input, ...provisioned(43, 50) })).toEqual([
      'LimitExceededException',
      message(6, '11:30:00 PM', 'Friday, January 2, 2026 at 12:00:00 AM'),
      {},
    ]);
    rig.time.pass(1_800_000);
    for (const read of [43, 42, 41, 40]) await lower(rig, read);
  });

  test('of an index are counted apart; where nothing is enforced nothing is refused', async () => {
    const lowerIndex = (rig: Rig, read: number) => {
      const Update = { IndexName: 'byG', ProvisionedThroughput: units(read, 50) };
      const input = { TableName: table, GlobalSecondaryIndexUpdates: [{ Update }] };
      return ask(rig, 'UpdateTable', input);
    };
    const of = { ProvisionedThroughput: units(50, 50) };
    const rig = await opened(provisioned(50, 50), of);
    for (const read of [49, 48, 47, 46]) await lowerIndex(rig, read);
    await expect(lowerIndex(rig, 45)).rejects.toThrow('Number of decreases today: 4.');
    await lower(rig, 49);
    // On demand there are no units; to go there is none of these changes.
    await ask(rig, 'UpdateTable', { TableName: table, BillingMode: 'PAY_PER_REQUEST' });
    const free = await opened(provisioned(50, 50), of, false);
    for (const read of [49, 48, 47, 46, 45, 44]) await lowerIndex(free, read);
  });
});

describe('a shard of a stream', () => {
  const stream = { StreamSpecification: { StreamEnabled: true, StreamViewType: 'KEYS_ONLY' } };

  /** A table with a stream, and how to read its shard from the start. */
  async function streamed(capacity: boolean) {
    const rig = await opened({ BillingMode: 'PAY_PER_REQUEST', ...stream }, {}, capacity);
    const described = await ask(rig, 'DescribeTable', { TableName: table });
    const { LatestStreamArn: StreamArn } = described['Table'] as { LatestStreamArn: string };
    const [shard] = await shardsOf((name, input) => ask(rig, name, input), StreamArn);
    const place = { StreamArn, ShardId: shard?.ShardId, ShardIteratorType: 'TRIM_HORIZON' };
    const { ShardIterator } = await ask(rig, 'GetShardIterator', place);
    return { rig, shardId: shard?.ShardId, input: { ShardIterator } };
  }

  test('is read five times in any second', async () => {
    const { rig, shardId, input } = await streamed(true);
    for (let times = 0; times < 4; times += 1) await ask(rig, 'GetRecords', input);
    rig.time.pass(400);
    await ask(rig, 'GetRecords', input);
    const refusal = [
      'LimitExceededException',
      `Rate exceeded for shard ${shardId}: 5 reads a second`,
      {},
    ];
    expect(await refused(rig, 'GetRecords', input)).toEqual(refusal);
    rig.time.pass(600);
    for (let times = 0; times < 4; times += 1) await ask(rig, 'GetRecords', input);
    expect(await refused(rig, 'GetRecords', input)).toEqual(refusal);
    // Who reads another shard is not held up, nor who is refused counted.
    const other = 'UpdateTable';
    await ask(rig, other, { TableName: table, StreamSpecification: { StreamEnabled: false } });
    await ask(rig, other, { TableName: table, ...stream });
    const { Table } = await ask(rig, 'DescribeTable', { TableName: table });
    const { LatestStreamArn: StreamArn } = Table as { LatestStreamArn: string };
    const [fresh] = await shardsOf((name, given) => ask(rig, name, given), StreamArn);
    const place = { StreamArn, ShardId: fresh?.ShardId, ShardIteratorType: 'TRIM_HORIZON' };
    await ask(rig, 'GetRecords', await ask(rig, 'GetShardIterator', place));
    rig.time.pass(1000);
    await ask(rig, 'GetRecords', input);
  });

  test('is read as often as one likes where nothing is enforced', async () => {
    const { rig, input } = await streamed(false);
    for (let times = 0; times < 20; times += 1) await ask(rig, 'GetRecords', input);
  });
});
