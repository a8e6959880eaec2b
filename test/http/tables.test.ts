/** Tables, tags and limits over HTTP: reference/types-and-limits.md, sections 10 to 13. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Endpoint, openEndpoint, schemaOf, tableOf } from '../support/endpoint.ts';

const P = 'One or more parameter values were invalid: ';
const constraint = '1 validation error detected: Value';
let db: Endpoint;
let arn = '';

beforeAll(async () => {
  db = await openEndpoint();
  const made = await db.call('CreateTable', tableOf('Tab', ['p:S']));
  arn = made.TableDescription.TableArn;
});
afterAll(() => db.close());

const S = (text: string): object => ({ S: text });
const all = { ProjectionType: 'ALL' };
const units = (read = 1, write = 1): object => ({
  ReadCapacityUnits: read,
  WriteCapacityUnits: write,
});
const provisioned = { BillingMode: 'PROVISIONED', ProvisionedThroughput: units() };
const local = (IndexName: string, keys: readonly string[], Projection: object = all): object => ({
  IndexName,
  KeySchema: schemaOf(keys),
  Projection,
});
const globals = (...indexes: readonly object[]): object => ({ GlobalSecondaryIndexes: indexes });
const locals = (...indexes: readonly object[]): object => ({ LocalSecondaryIndexes: indexes });
const defined = (...keys: readonly string[]): object => ({
  AttributeDefinitions: keys.map((key) => ({
    AttributeName: key.split(':')[0],
    AttributeType: key.split(':')[1],
  })),
});

describe('a table', () => {
  test('is described with everything it was made with', async () => {
    const made = await db.call(
      'CreateTable',
      tableOf(
        'Full',
        ['p:S', 's:N'],
        {
          ...locals(local('lsi', ['p:S', 'c:B'])),
          ...globals({ ...local('gsi', ['c:B']), ProvisionedThroughput: units(2, 3) }),
          ...provisioned,
          TableClass: 'STANDARD',
          StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_IMAGE' },
          DeletionProtectionEnabled: true,
        },
        ['c:B'],
      ),
    );
    expect(made.TableDescription.TableStatus).toBe('CREATING');
    const { Table } = await db.call('DescribeTable', { TableName: 'Full' });
    const tableArn = 'arn:aws:dynamodb:local:000000000000:table/Full';
    const numbers = { NumberOfDecreasesToday: 0 };
    expect(Table).toEqual({
      TableName: 'Full',
      TableStatus: 'ACTIVE',
      TableArn: tableArn,
      TableId: expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/),
      CreationDateTime: expect.any(Number),
      ItemCount: 0,
      TableSizeBytes: 0,
      DeletionProtectionEnabled: true,
      ProvisionedThroughput: { ...numbers, ...units() },
      WarmThroughput: { ReadUnitsPerSecond: 1, WriteUnitsPerSecond: 1, Status: 'ACTIVE' },
      TableClassSummary: { TableClass: 'STANDARD' },
      AttributeDefinitions: [
        { AttributeName: 'p', AttributeType: 'S' },
        { AttributeName: 's', AttributeType: 'N' },
        { AttributeName: 'c', AttributeType: 'B' },
      ],
      KeySchema: schemaOf(['p:S', 's:N']),
      StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_IMAGE' },
      LatestStreamLabel: expect.any(String),
      LatestStreamArn: `${tableArn}/stream/${Table.LatestStreamLabel}`,
      LocalSecondaryIndexes: [
        {
          ...local('lsi', ['p:S', 'c:B']),
          IndexSizeBytes: 0,
          ItemCount: 0,
          IndexArn: `${tableArn}/index/lsi`,
        },
      ],
      GlobalSecondaryIndexes: [
        {
          ...local('gsi', ['c:B']),
          IndexSizeBytes: 0,
          ItemCount: 0,
          IndexArn: `${tableArn}/index/gsi`,
          IndexStatus: 'ACTIVE',
          ProvisionedThroughput: { ...numbers, ...units(2, 3) },
          WarmThroughput: { ReadUnitsPerSecond: 2, WriteUnitsPerSecond: 3, Status: 'ACTIVE' },
        },
      ],
    });
  });

  test('that is protected is not deleted', async () => {
    const protectedText =
      'Resource cannot be deleted as it is currently protected against deletion. Disable ' +
      'deletion ' +
      'protection first.';
    expect(await db.invalid('DeleteTable', { TableName: 'Full' })).toBe(protectedText);
    await db.call('UpdateTable', { TableName: 'Full', DeletionProtectionEnabled: false });
    const { TableDescription } = await db.call('DeleteTable', { TableName: 'Full' });
    expect(Object.keys(TableDescription).sort()).toEqual([
      'DeletionProtectionEnabled',
      'ItemCount',
      'ProvisionedThroughput',
      'TableArn',
      'TableId',
      'TableName',
      'TableSizeBytes',
      'TableStatus',
    ]);
    expect(TableDescription.TableStatus).toBe('DELETING');
  });

  test.each(['DescribeTable', 'DeleteTable', 'UpdateTable'])(
    'without a name: %s',
    async (operation) => {
      expect(await db.invalid(operation, {})).toBe(
        "The parameter 'TableName' is required but was not present in the request",
      );
    },
  );

  test.each(['DescribeTable', 'DeleteTable'])('that is missing: %s', async (operation) => {
    expect(await db.refuse(operation, { TableName: 'Gone' })).toMatchObject({
      name: 'ResourceNotFoundException',
      message: 'Requested resource not found: Table: Gone not found',
    });
  });

  test('is known by its ARN', async () => {
    const { Table } = await db.call('DescribeTable', { TableName: arn });
    expect(Table.TableName).toBe('Tab');
    const foreign = arn.replace('000000000000', '111111111111');
    expect((await db.refuse('DescribeTable', { TableName: foreign })).name).toBe(
      'ResourceNotFoundException',
    );
  });
});

describe('UpdateTable', () => {
  const update = (more: object, TableName = 'Upd'): object => ({ TableName, ...more });
  const gsi = (more: object): object => ({ GlobalSecondaryIndexUpdates: [more] });
  beforeAll(async () => {
    await db.call(
      'CreateTable',
      tableOf('Upd', ['p:S', 's:N'], locals(local('lsi', ['p:S', 's:N']))),
    );
    await db.call('CreateTable', tableOf('Pro', ['p:S'], provisioned));
  });

  test.each<[string, object, string]>([
    [
      'nothing',
      update({}),
      'At least one of ProvisionedThroughput, BillingMode, UpdateStreamEnabled, ' +
        'GlobalSecondaryIndexUpdates, SSESpecification, ReplicaUpdates, ' +
        'MultiAccountReplicaReady, ' +
        'ReplicaTransitRoleArn, MultiRegionConsistency, DeletionProtectionEnabled, ' +
        'OnDemandThroughput, WarmThroughput or TableClass is required',
    ],
    [
      'two concerns',
      update({ TableClass: 'STANDARD', BillingMode: 'PAY_PER_REQUEST' }),
      'TableClass must be the only operation in the request',
    ],
    [
      'no units',
      update({ BillingMode: 'PROVISIONED' }),
      `${P}ProvisionedThroughput must be specified when BillingMode is PROVISIONED`,
    ],
    [
      'units on demand',
      update({ ProvisionedThroughput: units() }),
      `${P}Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is ` +
        `PAY_PER_REQUEST`,
    ],
    [
      'the same units',
      update({ ProvisionedThroughput: units() }, 'Pro'),
      'The provisioned throughput for the table will not change. The requested value equals the ' +
        'current value. Current ReadCapacityUnits provisioned for the table: 1. Requested ' +
        'ReadCapacityUnits: 1. Current WriteCapacityUnits provisioned for the table: 1. ' +
        'Requested ' +
        'WriteCapacityUnits: 1. Refer to the Amazon DynamoDB Developer Guide for current limits ' +
        'and ' +
        'how to request higher limits.',
    ],
    [
      'an empty index action',
      update(gsi({})),
      `${P}One of GlobalSecondaryIndexUpdate.Update, GlobalSecondaryIndexUpdate.Create, ` +
        'GlobalSecondaryIndexUpdate.Delete must not be null',
    ],
    [
      'two index actions in one',
      update(gsi({ Delete: { IndexName: 'gsi' }, Create: local('gsi', ['p:S']) })),
      `${P}Only one global secondary index action is allowed per GlobalSecondaryIndexUpdate object`,
    ],
    [
      'an index twice',
      update({
        GlobalSecondaryIndexUpdates: [
          { Delete: { IndexName: 'gsi' } },
          { Create: local('gsi', ['p:S']) },
        ],
      }),
      `${P}Only one global secondary index update per index is allowed simultaneously. Index: gsi`,
    ],
    [
      'an index that is there',
      update({ ...gsi({ Create: local('lsi', ['q:S']) }), ...defined('q:S') }),
      'Attempting to create an index which already exists',
    ],
    [
      'an index without definitions',
      update(gsi({ Create: local('gsi', ['q:S']) })),
      'AttributeDefinitions is not specified for index: gsi',
    ],
    [
      'a key of another type',
      update({ ...gsi({ Create: local('gsi', ['s:S']) }), ...defined('s:S') }),
      'Attributes cannot be redefined. Please check that your attribute has the same type as ' +
        'previously defined. Existing schema: Schema:[SchemaElement: key{p:S:HASH}, ' +
        'SchemaElement: ' +
        'key{s:N:RANGE}] New schema: Schema:[SchemaElement: key{s:S:HASH}]',
    ],
    [
      'deleting a local index',
      update(gsi({ Delete: { IndexName: 'lsi' } })),
      'Cannot delete an index that is not a GlobalSecondaryIndex: lsi',
    ],
    [
      'a stream off that is not on',
      update({ StreamSpecification: { StreamEnabled: false } }),
      'Table has no stream to disable: TableName: Upd',
    ],
    [
      'a stream without a view',
      update({ StreamSpecification: { StreamEnabled: true } }),
      `${P}If stream is being enabled then UpdateViewType is required`,
    ],
    [
      'less warmth',
      update({ WarmThroughput: { ReadUnitsPerSecond: 1 } }),
      `${P}Requested ReadUnitsPerSecond for WarmThroughput for table is lower than current ` +
        'WarmThroughput, decreasing WarmThroughput is not supported',
    ],
    [
      'on-demand units of a provisioned table',
      update({ OnDemandThroughput: { MaxReadRequestUnits: 5 } }, 'Pro'),
      `${P}MaxReadRequestUnits for OnDemandThroughput cannot be specified when the table ` +
        `BillingMode is PROVISIONED`,
    ],
  ])('is refused with %s', async (_name, input, message) => {
    expect(await db.invalid('UpdateTable', input)).toBe(message);
  });

  test.each<[string, object, string, string]>([
    [
      'two new indexes',
      {
        GlobalSecondaryIndexUpdates: [
          { Create: local('gs1', ['q:S']) },
          { Create: local('gs2', ['q:S']) },
        ],
        ...defined('q:S'),
      },
      'LimitExceededException',
      'Subscriber limit exceeded: Only 1 online index can be created or deleted simultaneously ' +
        'per table',
    ],
    [
      'an index that is not there',
      gsi({ Delete: { IndexName: 'nope' } }),
      'ResourceNotFoundException',
      'Requested resource not found',
    ],
  ])('is refused with %s, by name', async (_case, more, name, message) => {
    expect(await db.refuse('UpdateTable', update(more))).toMatchObject({ name, message });
  });

  test('changes units, billing and stream', async () => {
    const changed = await db.call(
      'UpdateTable',
      update({ ProvisionedThroughput: units(5, 1) }, 'Pro'),
    );
    expect(changed.TableDescription.TableStatus).toBe('UPDATING');
    const onDemand = await db.call(
      'UpdateTable',
      update({ BillingMode: 'PAY_PER_REQUEST' }, 'Pro'),
    );
    expect(onDemand.TableDescription.BillingModeSummary.BillingMode).toBe('PAY_PER_REQUEST');
    const view = { StreamEnabled: true, StreamViewType: 'KEYS_ONLY' };
    await db.call('UpdateTable', update({ StreamSpecification: view }, 'Pro'));
    expect(await db.invalid('UpdateTable', update({ StreamSpecification: view }, 'Pro'))).toBe(
      'Table already has an enabled stream: TableName: Pro',
    );
    await db.call('UpdateTable', update({ StreamSpecification: { StreamEnabled: false } }, 'Pro'));
    const { Table } = await db.call('DescribeTable', { TableName: 'Pro' });
    expect(Table.StreamSpecification).toBeUndefined();
    expect(Table.LatestStreamArn).toContain('/stream/');
  });
});

describe('an index that is added later', () => {
  test('is filled from what is there, and kept by what comes', async () => {
    await db.call('CreateTable', tableOf('Fill', ['p:S']));
    const count = 2000;
    for (let from = 0; from < count; from += 25) {
      const Fill = Array.from({ length: 25 }, (_, at) => ({
        PutRequest: {
          Item: {
            p: S(String(from + at)),
            // A tenth is of a wrong type, a tenth empty: these are skipped.
            g: (from + at) % 10 === 0 ? { N: '1' } : S((from + at) % 10 === 1 ? '' : 'one'),
          },
        },
      }));
      await db.call('BatchWriteItem', { RequestItems: { Fill } });
    }
    const { TableDescription } = await db.call('UpdateTable', {
      TableName: 'Fill',
      GlobalSecondaryIndexUpdates: [{ Create: local('gsi', ['g:S']) }],
      ...defined('g:S'),
    });
    expect(TableDescription.GlobalSecondaryIndexes[0]).toMatchObject({
      IndexStatus: 'CREATING',
      Backfilling: true,
    });
    const query = {
      TableName: 'Fill',
      IndexName: 'gsi',
      Select: 'COUNT',
      KeyConditionExpression: 'g = :g',
      ExpressionAttributeValues: { ':g': S('one') },
    };
    const early = await db.post('Query', JSON.stringify(query));
    if (early.status !== 200) {
      expect(JSON.parse(early.text).message).toBe(
        'Cannot read from backfilling global secondary index: gsi',
      );
    }
    // Violations are refused while it fills, too.
    expect(
      await db.invalid('PutItem', { TableName: 'Fill', Item: { p: S('bad'), g: { N: '1' } } }),
    ).toBe(`${P}Type mismatch for Index Key g Expected: S Actual: N IndexName: gsi`);
    await db.call('PutItem', { TableName: 'Fill', Item: { p: S('late'), g: S('one') } });
    await db.call('DeleteItem', { TableName: 'Fill', Key: { p: S('2') } });
    let index: Record<string, unknown> = {};
    for (let round = 0; round < 500 && index['IndexStatus'] !== 'ACTIVE'; round += 1) {
      const { Table } = await db.call('DescribeTable', { TableName: 'Fill' });
      index = Table.GlobalSecondaryIndexes[0];
    }
    expect(index).not.toHaveProperty('Backfilling');
    expect(index['ItemCount']).toBe(count * 0.8);
    expect((await db.call('Query', query)).Count).toBe(count * 0.8);
    await db.call('UpdateTable', {
      TableName: 'Fill',
      GlobalSecondaryIndexUpdates: [{ Delete: { IndexName: 'gsi' } }],
    });
    expect(await db.invalid('Query', query)).toBe(
      'The table does not have the specified index: gsi',
    );
    const { Table } = await db.call('DescribeTable', { TableName: 'Fill' });
    expect(Table.AttributeDefinitions).toEqual([{ AttributeName: 'p', AttributeType: 'S' }]);
  });
});

describe('ListTables', () => {
  test('pages in byte order', async () => {
    const other = await openEndpoint();
    for (const name of ['bbb', 'aaa', 'Zzz', 'a-b', 'a_b', 'a.b']) {
      await other.call('CreateTable', tableOf(name, ['p:S']));
    }
    const sorted = ['Zzz', 'a-b', 'a.b', 'a_b', 'aaa', 'bbb'];
    expect(await other.call('ListTables', {})).toEqual({ TableNames: sorted });
    expect(await other.call('ListTables', { Limit: 2 })).toEqual({
      TableNames: sorted.slice(0, 2),
      LastEvaluatedTableName: 'a-b',
    });
    expect(await other.call('ListTables', { Limit: 4, ExclusiveStartTableName: 'a-b' })).toEqual({
      TableNames: sorted.slice(2),
    });
    expect(await other.call('ListTables', { ExclusiveStartTableName: 'a_a' })).toEqual({
      TableNames: sorted.slice(3),
    });
    await other.close();
  });

  test.each([
    [0, 'greater than or equal to 1'],
    [101, 'less than or equal to 100'],
  ])('has no Limit of %i', async (Limit, rule) => {
    expect(await db.invalid('ListTables', { Limit })).toBe(
      `${constraint} '${Limit}' at 'limit' failed to satisfy constraint: Member must have value ` +
        `${rule}`,
    );
  });
});

describe('tags', () => {
  const tag = (Key: string, Value = 'v') => ({ Key, Value });
  const on = (ResourceArn: string, ...Tags: readonly object[]) => ({ ResourceArn, Tags });

  test('come, are overwritten, are listed in pages, and go', async () => {
    expect(await db.post('TagResource', JSON.stringify(on(arn, tag('a'), tag('b'))))).toEqual({
      status: 200,
      text: '',
    });
    await db.call('TagResource', on(arn, tag('b', 'w')));
    expect(await db.call('ListTagsOfResource', { ResourceArn: arn })).toEqual({
      Tags: [tag('a'), tag('b', 'w')],
    });
    const more = Array.from({ length: 48 }, (_, at) => tag(`t${at}`));
    await db.call('TagResource', on(arn, ...more));
    expect(await db.invalid('TagResource', on(arn, tag('one more')))).toBe(
      'Number of Tags exceed the current limit for the provided ResourceArn',
    );
    const seen: string[] = [];
    let NextToken: string | undefined;
    for (let page = 0; page < 10; page += 1) {
      const answer = await db.call('ListTagsOfResource', { ResourceArn: arn, NextToken });
      for (const { Key } of answer.Tags) seen.push(Key);
      NextToken = answer.NextToken;
      if (NextToken === undefined) break;
    }
    expect(new Set(seen).size).toBe(50);
    expect(seen).toHaveLength(50);
    await db.call('UntagResource', { ResourceArn: arn, TagKeys: [...seen, 'absent'] });
    expect(await db.call('ListTagsOfResource', { ResourceArn: arn })).toEqual({ Tags: [] });
  });

  test.each<[string, object, string]>([
    [
      'TagResource',
      { ResourceArn: 'X', Tags: [] },
      'Atleast one Tag needs to be provided as Input.',
    ],
    [
      'UntagResource',
      { ResourceArn: 'X', TagKeys: [] },
      'Atleast one Tag Key needs to be provided as Input.',
    ],
    ['TagResource', on('Tab', tag('a')), `${P}ARNs must start with 'arn:': Tab`],
    [
      'TagResource',
      on('arn:aws:dynamodb:x', tag('a')),
      'Invalid TableArn: Invalid ResourceArn provided as input arn:aws:dynamodb:x',
    ],
    [
      'ListTagsOfResource',
      { ResourceArn: 'arn:aws:dynamodb:local:000000000000:table/Tab/index/gsi' },
      'Invalid TableArn: Invalid resource arn provided, only table or stream is accepted. ' +
        'Provided ' +
        'resource arn: arn:aws:dynamodb:local:000000000000:table/Tab/index/gsi',
    ],
    ['TagResource', on('X', tag('a!')), 'The Tag Key provided is invalid, Key: a!'],
    ['TagResource', on('X', tag('a', '!')), 'The Tag Value provided is invalid, Value: !'],
    ['TagResource', on('X', tag('aws:a')), 'Tag Key cannot be prefixed with aws:, Key: aws:a'],
    [
      'TagResource',
      on('X', tag('a'), tag('a')),
      'Duplicate Tag Keys provided as input: Duplicate Tag Key found a',
    ],
  ])('%s of %j is refused', async (operation, input, message) => {
    expect(await db.invalid(operation, input)).toBe(message);
  });

  test('of a missing table are not there', async () => {
    const gone = arn.replace('Tab', 'Gone');
    expect((await db.refuse('TagResource', on(gone, tag('a')))).message).toBe(
      `Requested resource not found: ResourcArn: ${gone} not found`,
    );
    expect((await db.refuse('UntagResource', { ResourceArn: gone, TagKeys: ['a'] })).message).toBe(
      'Requested resource not found',
    );
    const foreign = arn.replace(':local:', ':other:');
    expect((await db.refuse('TagResource', on(foreign, tag('a')))).name).toBe(
      'AccessDeniedException',
    );
  });
});

describe('the account', () => {
  test('has limits and an endpoint', async () => {
    expect(await db.call('DescribeLimits', {})).toEqual({
      AccountMaxReadCapacityUnits: 80_000,
      AccountMaxWriteCapacityUnits: 80_000,
      TableMaxReadCapacityUnits: 40_000,
      TableMaxWriteCapacityUnits: 40_000,
    });
    const { Endpoints } = await db.call('DescribeEndpoints', {});
    expect(Endpoints).toEqual([
      { Address: expect.stringMatching(/^[^/]+:\d+$/), CachePeriodInMinutes: 1440 },
    ]);
  });
});
