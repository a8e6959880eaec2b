import { describe, expect, test } from 'vitest';
import { World } from '../../support/run.ts';
import {
  attribute,
  globalIndex,
  hash,
  localIndex,
  range,
  simpleTable,
  units,
} from '../../support/table-inputs.ts';

const arn = 'arn:aws:dynamodb:local:000000000000:table/Simple';
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

function describeIt(world: World): Record<string, unknown> {
  const { Table } = world.run('DescribeTable', { TableName: 'Simple' });
  return Table as Record<string, unknown>;
}

describe('the description of a table', () => {
  test('on demand has every member of its own and no other', () => {
    const world = new World();
    world.run('CreateTable', simpleTable());
    expect(describeIt(world)).toEqual({
      TableName: 'Simple',
      TableStatus: 'ACTIVE',
      TableArn: arn,
      TableId: expect.stringMatching(uuid),
      ItemCount: 0,
      TableSizeBytes: 0,
      ProvisionedThroughput: {
        NumberOfDecreasesToday: 0,
        ReadCapacityUnits: 0,
        WriteCapacityUnits: 0,
      },
      DeletionProtectionEnabled: false,
      AttributeDefinitions: [{ AttributeName: 'a', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'a', KeyType: 'HASH' }],
      CreationDateTime: 1_700_000_000,
      WarmThroughput: {
        ReadUnitsPerSecond: 12_000,
        WriteUnitsPerSecond: 4000,
        Status: 'ACTIVE',
      },
      BillingModeSummary: {
        BillingMode: 'PAY_PER_REQUEST',
        LastUpdateToPayPerRequestDateTime: 1_700_000_000,
      },
    });
  });

  test('with provisioned units has no summary of its billing, and is warm for them', () => {
    const world = new World();
    const provisioned = { BillingMode: undefined, ProvisionedThroughput: units(3, 7) };
    world.run('CreateTable', simpleTable(provisioned));
    const table = describeIt(world);
    expect(table).not.toHaveProperty('BillingModeSummary');
    expect(table).toMatchObject({
      ProvisionedThroughput: { ReadCapacityUnits: 3, WriteCapacityUnits: 7 },
      WarmThroughput: { ReadUnitsPerSecond: 3, WriteUnitsPerSecond: 7, Status: 'ACTIVE' },
    });
  });

  test('shows its indexes: of local ones neither status nor units', () => {
    const world = new World();
    const input = simpleTable({
      AttributeDefinitions: [attribute('g', 'N'), attribute('b'), attribute('a')],
      KeySchema: [hash('a'), range('b')],
      LocalSecondaryIndexes: [
        localIndex('local', [hash('a'), range('g')], { ProjectionType: 'KEYS_ONLY' }),
      ],
      GlobalSecondaryIndexes: [
        globalIndex('global', [hash('g'), hash('b'), range('a')], {
          ProjectionType: 'INCLUDE',
          NonKeyAttributes: ['x'],
        }),
      ],
    });
    const created = world.run('CreateTable', input)['TableDescription'];
    expect(created).toMatchObject({ GlobalSecondaryIndexes: [{ IndexStatus: 'CREATING' }] });
    const table = describeIt(world);
    expect(table['AttributeDefinitions']).toEqual([
      attribute('a'),
      attribute('b'),
      attribute('g', 'N'),
    ]);
    expect(table['LocalSecondaryIndexes']).toEqual([
      {
        IndexName: 'local',
        KeySchema: [hash('a'), range('g')],
        Projection: { ProjectionType: 'KEYS_ONLY' },
        IndexSizeBytes: 0,
        ItemCount: 0,
        IndexArn: `${arn}/index/local`,
      },
    ]);
    expect(table['GlobalSecondaryIndexes']).toEqual([
      {
        IndexName: 'global',
        KeySchema: [hash('g'), hash('b'), range('a')],
        Projection: { ProjectionType: 'INCLUDE', NonKeyAttributes: ['x'] },
        IndexStatus: 'ACTIVE',
        ProvisionedThroughput: {
          NumberOfDecreasesToday: 0,
          ReadCapacityUnits: 0,
          WriteCapacityUnits: 0,
        },
        WarmThroughput: {
          ReadUnitsPerSecond: 12_000,
          WriteUnitsPerSecond: 4000,
          Status: 'ACTIVE',
        },
        IndexSizeBytes: 0,
        ItemCount: 0,
        IndexArn: `${arn}/index/global`,
      },
    ]);
  });

  test('counts items and bytes of table and indexes as they are now', () => {
    const world = new World();
    const input = simpleTable({
      AttributeDefinitions: [attribute('a'), attribute('g')],
      GlobalSecondaryIndexes: [globalIndex('global', [hash('g')], { ProjectionType: 'KEYS_ONLY' })],
    });
    world.run('CreateTable', input);
    const put = (Item: object): object => world.run('PutItem', { TableName: 'Simple', Item });
    put({ a: { S: '1' }, g: { S: 'xy' }, other: { S: '12345' } });
    put({ a: { S: '2' } });
    expect(describeIt(world)).toMatchObject({
      ItemCount: 2,
      TableSizeBytes: 2 + 3 + 10 + 2,
      GlobalSecondaryIndexes: [{ ItemCount: 1, IndexSizeBytes: 2 + 3 }],
    });
  });

  test('echoes what was asked of stream, class, encryption, protection and throughput', () => {
    const world = new World();
    const input = simpleTable({
      StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_IMAGE' },
      TableClass: 'STANDARD',
      SSESpecification: { Enabled: true },
      DeletionProtectionEnabled: true,
      WarmThroughput: { ReadUnitsPerSecond: 13_000 },
      OnDemandThroughput: { MaxWriteRequestUnits: 9 },
      ResourcePolicy: JSON.stringify({
        Version: '2012-10-17',
        Statement: { Effect: 'Deny', Principal: '*', Action: '*', Resource: '*' },
      }),
    });
    world.run('CreateTable', input);
    expect(describeIt(world)).toMatchObject({
      StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_IMAGE' },
      LatestStreamLabel: '2023-11-14T22:13:20.000',
      LatestStreamArn: `${arn}/stream/2023-11-14T22:13:20.000`,
      TableClassSummary: { TableClass: 'STANDARD' },
      SSEDescription: {
        Status: 'ENABLED',
        SSEType: 'KMS',
        KMSMasterKeyArn: 'arn:aws:kms:local:000000000000:alias/aws/dynamodb',
      },
      DeletionProtectionEnabled: true,
      WarmThroughput: { ReadUnitsPerSecond: 13_000, WriteUnitsPerSecond: 4000 },
      OnDemandThroughput: { MaxWriteRequestUnits: 9 },
    });
    expect(describeIt(world)).not.toHaveProperty('ResourcePolicy');
  });

  test('says UPDATING in the answer to a change, and ACTIVE after it', () => {
    const world = new World();
    world.run('CreateTable', simpleTable());
    const change = { TableName: 'Simple', DeletionProtectionEnabled: true };
    expect(world.run('UpdateTable', change)['TableDescription']).toMatchObject({
      TableStatus: 'UPDATING',
      DeletionProtectionEnabled: true,
    });
    expect(describeIt(world)).toMatchObject({ TableStatus: 'ACTIVE' });
  });
});
