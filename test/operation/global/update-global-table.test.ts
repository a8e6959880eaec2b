import { describe, expect, test } from 'vitest';
import {
  ask,
  openRig,
  type Output,
  put,
  refusal,
  type Rig,
  tableInput,
} from '../../support/engine.ts';
import { engineCaller, openReplica, Stored } from '../../support/replica.ts';
import { globalOperations } from '../../../src/operation/global/rows.ts';
import { replicaOperations } from '../../../src/operation/replica/rows.ts';

const operations = [...replicaOperations, ...globalOperations];
const own = 'eu-central-1';

async function rig(table: object = {}): Promise<Rig> {
  const opened = await openRig({ operations, region: own });
  await ask(opened, 'CreateTable', { ...tableInput, ...table });
  return opened;
}
async function update(at: Rig, input: object): Promise<Output> {
  const { TableDescription } = await ask(at, 'UpdateTable', { TableName: 'Things', ...input });
  return TableDescription as Output;
}
async function describeTable(at: Rig): Promise<Output> {
  const { Table } = await ask(at, 'DescribeTable', { TableName: 'Things' });
  return Table as Output;
}
const create = (RegionName: string, more: object = {}): object => ({
  ReplicaUpdates: [{ Create: { RegionName, ...more } }],
});
const change = (RegionName: string, more: object = {}): object => ({
  ReplicaUpdates: [{ Update: { RegionName, ...more } }],
});
const drop = (RegionName: string): object => ({ ReplicaUpdates: [{ Delete: { RegionName } }] });

const arn = (region: string): string => `arn:aws:dynamodb:${region}:000000000000:table/Things`;
const active = (RegionName: string): object => ({
  ...{ RegionName, ReplicaStatus: 'ACTIVE', ReplicaArn: arn(RegionName) },
});

describe('a table gets a replica', () => {
  test('in a region that it names, and is then a table of several', async () => {
    const at = await rig();
    expect(await describeTable(at)).not.toHaveProperty('Replicas');
    const answer = await update(at, create('us-east-1'));
    expect(answer).toMatchObject({
      TableStatus: 'UPDATING',
      GlobalTableVersion: '2019.11.21',
      MultiRegionConsistency: 'EVENTUAL',
      Replicas: [
        { RegionName: 'us-east-1', ReplicaStatus: 'CREATING', ReplicaArn: arn('us-east-1') },
      ],
    });
    const now = await describeTable(at);
    expect(now).toMatchObject({
      TableStatus: 'ACTIVE',
      GlobalTableVersion: '2019.11.21',
      MultiRegionConsistency: 'EVENTUAL',
      StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' },
    });
    expect(now['Replicas']).toEqual([active('us-east-1')]);
    expect(now['LatestStreamArn']).toMatch(/\/stream\//);
  });

  test('turns replication on as a hub does for its first device', async () => {
    const at = await rig();
    await update(at, create('us-east-1'));
    await put(at, 'a');
    const { self, table } = await Stored.of(at.store.disk);
    expect([self.role, table.replica?.role, table.replica?.global]).toEqual([
      'hub',
      'hub',
      table.id,
    ]);
    const asked = { caller: engineCaller };
    await ask(at, 'StartHub', {}, asked);
    const { Place } = await ask(at, 'DescribeReplica', {}, asked);
    expect(Place).toBeGreaterThan(0);
    await update(at, create('us-west-2'));
    const names = (await describeTable(at))['Replicas'] as readonly { RegionName: string }[];
    expect(names.map(({ RegionName }) => RegionName)).toEqual(['us-east-1', 'us-west-2']);
  });

  test('is CREATING until what the table had is in the feed', async () => {
    const at = await rig();
    await put(at, 'from before');
    await update(at, create('us-east-1'));
    expect(await describeTable(at)).toMatchObject({ Replicas: [{ ReplicaStatus: 'CREATING' }] });
    const asked = { caller: engineCaller };
    for (let slice = 0; slice < 10; slice += 1) {
      const { Done } = await ask(at, 'MendReplica', {}, asked);
      if (Done === true) break;
    }
    expect(await describeTable(at)).toMatchObject({ Replicas: [{ ReplicaStatus: 'ACTIVE' }] });
  });

  test('keeps what a replica has of its own, and shows it as DynamoDB does', async () => {
    const at = await rig();
    const more = {
      KMSMasterKeyId: 'alias/mine',
      TableClassOverride: 'STANDARD_INFREQUENT_ACCESS',
      OnDemandThroughputOverride: { MaxReadRequestUnits: 5 },
    };
    await update(at, create('us-east-1', more));
    const { TableClassOverride: TableClass, ...shown } = more;
    const [replica] = (await describeTable(at))['Replicas'] as readonly object[];
    expect(replica).toEqual({
      ...active('us-east-1'),
      ...shown,
      ReplicaTableClassSummary: { TableClass },
    });
    const answer = await update(at, change('us-east-1', { TableClassOverride: 'STANDARD' }));
    expect(answer).toMatchObject({ Replicas: [{ ReplicaStatus: 'UPDATING' }] });
    expect(await describeTable(at)).toMatchObject({
      Replicas: [
        { KMSMasterKeyId: 'alias/mine', ReplicaTableClassSummary: { TableClass: 'STANDARD' } },
      ],
    });
  });

  test('loses one, and after the last is a table of one region again', async () => {
    const at = await rig();
    await update(at, create('us-east-1'));
    const answer = await update(at, drop('us-east-1'));
    expect(answer).toMatchObject({ Replicas: [{ ReplicaStatus: 'DELETING' }] });
    const now = await describeTable(at);
    for (const member of ['Replicas', 'GlobalTableVersion', 'MultiRegionConsistency']) {
      expect(now).not.toHaveProperty(member);
    }
  });

  test('keeps its regions through other changes', async () => {
    const at = await rig();
    await update(at, create('us-east-1'));
    const answer = await update(at, { TableClass: 'STANDARD' });
    expect(answer).toMatchObject({ Replicas: [active('us-east-1')] });
    expect(await describeTable(at)).toMatchObject({ Replicas: [active('us-east-1')] });
  });
});

describe('is refused', () => {
  const member = 'us-east-1';
  const rows: readonly (readonly [string, object, string])[] = [
    [
      'more than one of them made or deleted',
      { ReplicaUpdates: [{ Create: { RegionName: 'a' } }, { Create: { RegionName: 'b' } }] },
      'Update table operation with more than one create or delete replica actions not allowed',
    ],
    [
      'actions of two types',
      {
        ReplicaUpdates: [
          { Create: { RegionName: 'a' } },
          { Update: { RegionName: 'b', KMSMasterKeyId: 'k' } },
        ],
      },
      'Update table operation with more than one type of replica actions not allowed.',
    ],
    [
      'an element without an action',
      { ReplicaUpdates: [{}] },
      'There are no actions specified in the Replica Update Action of the request.',
    ],
    [
      'an update that changes nothing',
      change(member),
      'There are no actions specified in the Replica Update Action of the request.',
    ],
    [
      'the region of the table itself',
      create(own),
      'Cannot add or delete the local region through ReplicaUpdates. Use CreateTable, ' +
        'DeleteTable, or UpdateTable as required.',
    ],
    [
      'a region that has one',
      create(member),
      'Failed to create a the new replica of table with name: ‘Things’ because one or more ' +
        'replicas already existed as tables.',
    ],
    [
      'the deletion of one that is not there',
      drop('us-west-2'),
      'Update global table operation failed because one or more replicas were not part of the ' +
        'global table. Please retry the request without these replicas: [us-west-2].',
    ],
    [
      'units on demand',
      create('us-west-2', { ProvisionedThroughputOverride: { ReadCapacityUnits: 1 } }),
      'One or more parameter values were invalid: Neither ReadCapacityUnits nor ' +
        'WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST',
    ],
    [
      'anything beside it',
      { ...create('us-west-2'), TableClass: 'STANDARD' },
      'TableClass must be the only operation in the request',
    ],
    [
      'indexes beside it',
      { ...create('us-west-2'), BillingMode: 'PAY_PER_REQUEST' },
      'Replica must be the only operation in the request',
    ],
    [
      'the end of its stream',
      { StreamSpecification: { StreamEnabled: false } },
      'Disabling Stream is not allowed for a Global Table replica.',
    ],
    [
      'units of its own for a table of several regions',
      {
        BillingMode: 'PROVISIONED',
        ProvisionedThroughput: { ReadCapacityUnits: 1, WriteCapacityUnits: 1 },
      },
      'Table write capacity should either be Pay-Per-Request or AutoScaled.',
    ],
    [
      'another consistency of a table that has replicas',
      { MultiRegionConsistency: 'EVENTUAL' },
      'MultiRegionConsistency parameter is unsupported on existing global table',
    ],
    [
      'strong consistency between regions',
      { ...create('us-west-2'), MultiRegionConsistency: 'STRONG' },
      'Regions that are strongly consistent with one another are not done here',
    ],
  ];
  test.each(rows)('%s', async (_, input, message) => {
    const at = await rig();
    await update(at, create(member));
    expect(await refusal(update(at, input))).toBe(`ValidationException ${message}`);
  });

  test('units that nothing scales', async () => {
    const units = { ReadCapacityUnits: 1, WriteCapacityUnits: 1 };
    const at = await rig({ BillingMode: 'PROVISIONED', ProvisionedThroughput: units });
    expect(await refusal(update(at, create('us-east-1')))).toBe(
      'ValidationException Table write capacity should either be Pay-Per-Request or AutoScaled.',
    );
  });

  test('a stream of another view', async () => {
    const StreamSpecification = { StreamEnabled: true, StreamViewType: 'KEYS_ONLY' };
    const at = await rig({ StreamSpecification });
    expect(await refusal(update(at, create('us-east-1')))).toMatch('NEW_AND_OLD_IMAGES');
  });

  test('a table that is not there, or not ready', async () => {
    const at = await rig();
    const missing = ask(at, 'UpdateTable', { TableName: 'None', ...create('us-east-1') });
    expect(await refusal(missing)).toMatch('ResourceNotFoundException');
  });

  test('the tables of a device, whose hub has their replicas', async () => {
    const at = await openReplica('device', { operations, region: own }, 'the-hubs-id');
    expect(await refusal(update(at, create('us-east-1')))).toMatch('are made at its hub');
  });

  test('by an engine that cannot replicate', async () => {
    const at = await openRig({ operations: [] });
    await ask(at, 'CreateTable', tableInput);
    expect(await refusal(update(at, create('us-east-1')))).toMatch('made by synchronization');
  });
});
