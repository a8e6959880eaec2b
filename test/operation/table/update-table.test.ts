import { describe, expect, test } from 'vitest';
import { World } from '../../support/run.ts';
import {
  attribute,
  globalIndex,
  hash,
  invalidValues,
  localIndex,
  range,
  refusal,
  simpleTable,
  units,
} from '../../support/table-inputs.ts';

type Description = Record<string, unknown>;

const provisioned = { BillingMode: undefined, ProvisionedThroughput: units(5, 5) };
const keys = {
  AttributeDefinitions: [attribute('a'), attribute('b'), attribute('g', 'N')],
  KeySchema: [hash('a'), range('b')],
  LocalSecondaryIndexes: [localIndex('local', [hash('a'), range('g')])],
};
/** On demand, with a local and a global index. */
const onDemandTable = simpleTable({
  ...keys,
  GlobalSecondaryIndexes: [globalIndex('global', [hash('g')])],
});
const provisionedTable = simpleTable({
  ...keys,
  ...provisioned,
  GlobalSecondaryIndexes: [
    { ...globalIndex('global', [hash('g')]), ProvisionedThroughput: units(2, 3) },
  ],
});

function worldOf(table: object): World {
  const world = new World();
  world.run('CreateTable', table);
  return world;
}
function update(world: World, input: object): Description {
  const answer = world.run('UpdateTable', { TableName: 'Simple', ...input });
  return answer['TableDescription'] as Description;
}
function describeIt(world: World): Description {
  return world.run('DescribeTable', { TableName: 'Simple' })['Table'] as Description;
}
const actions = (...all: readonly object[]): object => ({ GlobalSecondaryIndexUpdates: all });
const updating = (IndexName: string, more: object = {}): object => ({
  Update: { IndexName, ...more },
});
const creating = (name: string, ...schema: readonly object[]): object => ({
  Create: globalIndex(name, schema),
});
const deleting = (IndexName: string): object => ({ Delete: { IndexName } });
const streamOn = { StreamSpecification: { StreamEnabled: true, StreamViewType: 'KEYS_ONLY' } };
const streamOff = { StreamSpecification: { StreamEnabled: false } };

const noUnits =
  'Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is ' +
  'PAY_PER_REQUEST';
const willNotChange = (what: string, of: string, read: number, write: number): string =>
  `The provisioned throughput for the ${what} will not change. The requested value equals the ` +
  `current value. Current ReadCapacityUnits provisioned for the ${of}: ${read}. Requested ` +
  `ReadCapacityUnits: ${read}. Current WriteCapacityUnits provisioned for the ${of}: ${write}. ` +
  `Requested WriteCapacityUnits: ${write}. Refer to the Amazon DynamoDB Developer Guide for ` +
  'current limits and how to request higher limits.';

interface Row {
  readonly what: string;
  readonly of?: object;
  readonly input: object;
  readonly message: string;
  readonly name?: string;
}

// In the order of reference/types-and-limits.md, section 12.
const rows: readonly Row[] = [
  {
    what: 'a deleted index and another mode',
    of: provisionedTable,
    input: { ...actions(deleting('global')), BillingMode: 'PAY_PER_REQUEST' },
    message: 'You cannot create or delete index while updating table IOPS',
  },
  {
    what: 'PROVISIONED without units of the index',
    input: { BillingMode: 'PROVISIONED', ProvisionedThroughput: units(1, 1) },
    message: `${invalidValues}ProvisionedThroughput must be specified for index: global`,
  },
  {
    what: 'on demand with units, by the table',
    input: { ProvisionedThroughput: units(1, 1) },
    message: invalidValues + noUnits,
  },
  {
    what: 'the same units',
    of: provisionedTable,
    input: { ProvisionedThroughput: units(5, 5) },
    message: willNotChange('table', 'table', 5, 5),
  },
  {
    what: 'redefining a key',
    input: {
      AttributeDefinitions: [attribute('n'), attribute('b', 'N')],
      ...actions(creating('new', hash('n'), range('b'))),
    },
    message:
      'Attributes cannot be redefined. Please check that your attribute has the same type as ' +
      'previously defined. Existing schema: Schema:[SchemaElement: key{a:S:HASH}, SchemaElement: ' +
      'key{b:S:RANGE}] New schema: Schema:[SchemaElement: key{n:S:HASH}, SchemaElement: ' +
      'key{b:N:RANGE}]',
  },
  {
    what: 'a stream that is on',
    of: simpleTable(streamOn),
    input: streamOn,
    message: 'Table already has an enabled stream: TableName: Simple',
  },
  {
    what: 'no stream to turn off',
    input: streamOff,
    message: 'Table has no stream to disable: TableName: Simple',
  },
  {
    what: 'to be less warm',
    input: { WarmThroughput: { ReadUnitsPerSecond: 11_999, WriteUnitsPerSecond: 1 } },
    message:
      `${invalidValues}Requested ReadUnitsPerSecond for WarmThroughput for table is lower than ` +
      'current WarmThroughput, decreasing WarmThroughput is not supported',
  },
  {
    what: 'maximums on demand of a provisioned table',
    of: provisionedTable,
    input: { OnDemandThroughput: { MaxReadRequestUnits: 1 } },
    message:
      `${invalidValues}MaxReadRequestUnits for OnDemandThroughput cannot be specified when the ` +
      'table BillingMode is PROVISIONED',
  },
];

describe('UpdateTable refuses', () => {
  test.each(rows)('$what', ({ of = onDemandTable, input, message, name }) => {
    const world = worldOf(of);
    const before = describeIt(world);
    expect(refusal(() => update(world, input))).toEqual({
      name: name ?? 'ValidationException',
      message,
    });
    expect(describeIt(world)).toEqual(before);
  });

  test('a table that is not there', () => {
    expect(refusal(() => update(new World(), { BillingMode: 'PAY_PER_REQUEST' }))).toEqual({
      name: 'ResourceNotFoundException',
      message: 'Requested resource not found: Table: Simple not found',
    });
  });
});

describe('UpdateTable changes', () => {
  test('units, and remembers when they went up and down', () => {
    const world = worldOf(provisionedTable);
    world.nowMs = 1_700_000_001_000;
    update(world, { ProvisionedThroughput: units(6, 5) });
    world.nowMs = 1_700_000_002_000;
    update(world, { ProvisionedThroughput: units(1, 5) });
    update(world, { ProvisionedThroughput: units(1, 4) });
    expect(describeIt(world)['ProvisionedThroughput']).toEqual({
      NumberOfDecreasesToday: 2,
      ReadCapacityUnits: 1,
      WriteCapacityUnits: 4,
      LastIncreaseDateTime: 1_700_000_001,
      LastDecreaseDateTime: 1_700_000_002,
    });
    world.nowMs += 86_400_000;
    expect(describeIt(world)['ProvisionedThroughput']).toMatchObject({ NumberOfDecreasesToday: 0 });
  });

  test('billing to on demand and back, with the units of every index', () => {
    const world = worldOf(provisionedTable);
    world.nowMs = 1_700_000_005_000;
    update(world, {
      BillingMode: 'PAY_PER_REQUEST',
      OnDemandThroughput: { MaxReadRequestUnits: 9 },
    });
    const since = { LastUpdateToPayPerRequestDateTime: 1_700_000_005 };
    const none = { ReadCapacityUnits: 0, WriteCapacityUnits: 0 };
    expect(describeIt(world)).toMatchObject({
      BillingModeSummary: { BillingMode: 'PAY_PER_REQUEST', ...since },
      ProvisionedThroughput: none,
      OnDemandThroughput: { MaxReadRequestUnits: 9 },
      GlobalSecondaryIndexes: [{ ProvisionedThroughput: none }],
    });
    update(world, {
      BillingMode: 'PROVISIONED',
      ProvisionedThroughput: units(7, 8),
      ...actions(updating('global', { ProvisionedThroughput: units(1, 2) })),
    });
    const table = describeIt(world);
    expect(table).toMatchObject({
      BillingModeSummary: { BillingMode: 'PROVISIONED', ...since },
      ProvisionedThroughput: units(7, 8),
      GlobalSecondaryIndexes: [{ ProvisionedThroughput: units(1, 2) }],
    });
    expect(table).not.toHaveProperty('OnDemandThroughput');
  });

  test('nothing where the table is on demand already', () => {
    const world = worldOf(onDemandTable);
    const before = describeIt(world);
    world.nowMs += 1000;
    update(world, { BillingMode: 'PAY_PER_REQUEST' });
    expect(describeIt(world)).toEqual(before);
  });

  test('the stream: off it leaves its label, on again it has a new one', () => {
    const world = worldOf(onDemandTable);
    update(world, streamOn);
    const on = describeIt(world);
    expect(on).toMatchObject({ ...streamOn, LatestStreamLabel: '2023-11-14T22:13:20.000' });
    update(world, streamOff);
    const off = describeIt(world);
    expect(off).not.toHaveProperty('StreamSpecification');
    expect(off['LatestStreamArn']).toBe(on['LatestStreamArn']);
    world.nowMs += 5;
    update(world, streamOn);
    expect(describeIt(world)['LatestStreamLabel']).toBe('2023-11-14T22:13:20.005');
  });

  test('class, encryption and warmth', () => {
    const world = worldOf(onDemandTable);
    update(world, { TableClass: 'STANDARD_INFREQUENT_ACCESS' });
    update(world, { SSESpecification: { Enabled: true, SSEType: 'KMS', KMSMasterKeyId: 'k' } });
    update(world, { WarmThroughput: { WriteUnitsPerSecond: 5000 } });
    const warm = { ReadUnitsPerSecond: 13_000 };
    update(world, actions(updating('global', { WarmThroughput: warm })));
    expect(describeIt(world)).toMatchObject({
      TableClassSummary: { TableClass: 'STANDARD_INFREQUENT_ACCESS' },
      SSEDescription: { KMSMasterKeyArn: 'arn:aws:kms:local:000000000000:key/k' },
      WarmThroughput: { ReadUnitsPerSecond: 12_000, WriteUnitsPerSecond: 5000 },
      GlobalSecondaryIndexes: [{ WarmThroughput: warm }],
    });
    update(world, { SSESpecification: { Enabled: false } });
    expect(describeIt(world)).not.toHaveProperty('SSEDescription');
  });
});
