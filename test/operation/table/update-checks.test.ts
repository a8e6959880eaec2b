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

function worldOf(table: object): World {
  const world = new World();
  world.run('CreateTable', table);
  return world;
}
function update(world: World, input: object): Description {
  const answer = world.run('UpdateTable', { TableName: 'Simple', ...input });
  return answer['TableDescription'] as Description;
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

const onlyOne = 'must be the only operation in the request';
const oneIndex =
  'Subscriber limit exceeded: Only 1 online index can be created or deleted simultaneously per ' +
  'table';
const noUnits =
  'Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is ' +
  'PAY_PER_REQUEST';

const unitsMissing = 'ProvisionedThroughput must be specified when BillingMode is PROVISIONED';
const viewGiven = 'If stream is being disabled, then UpdateViewType must not be specified';

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
    what: 'nothing to do',
    input: { AttributeDefinitions: [attribute('a')], ...actions() },
    message:
      'At least one of ProvisionedThroughput, BillingMode, UpdateStreamEnabled, ' +
      'GlobalSecondaryIndexUpdates, SSESpecification, ReplicaUpdates, MultiAccountReplicaReady, ' +
      'ReplicaTransitRoleArn, MultiRegionConsistency, DeletionProtectionEnabled, ' +
      'OnDemandThroughput, WarmThroughput or TableClass is required',
  },
  {
    what: 'encryption and more',
    input: { SSESpecification: { Enabled: true }, TableClass: 'STANDARD' },
    message: `Server-Side Encryption modification ${onlyOne}`,
  },
  {
    what: 'class and more',
    input: { TableClass: 'STANDARD', ProvisionedThroughput: units(1, 1) },
    message: `TableClass ${onlyOne}`,
  },
  {
    what: 'protection and more',
    input: { DeletionProtectionEnabled: true, ...streamOn },
    message: `DeletionProtection ${onlyOne}`,
  },
  {
    what: 'warm throughput and more',
    input: { WarmThroughput: { ReadUnitsPerSecond: 1 }, BillingMode: 'PAY_PER_REQUEST' },
    message: `WarmThroughput ${onlyOne}`,
  },
  {
    what: 'maximums on demand and more than a mode',
    input: { OnDemandThroughput: { MaxReadRequestUnits: 1 }, ...streamOn },
    message: 'OnDemandThroughput can only be combined with BillingMode in an UpdateTable request',
  },
  {
    what: 'stream and units',
    input: { ...streamOn, ProvisionedThroughput: units(1, 1) },
    message: 'You cannot modify stream status while updating table IOPS',
  },
  {
    what: 'a new index and units',
    input: { ...actions(creating('new', hash('n'))), ProvisionedThroughput: units(1, 1) },
    message: 'You cannot create or delete index while updating table IOPS',
  },
  {
    what: 'a deleted index and the stream',
    input: { ...actions(deleting('global')), ...streamOn },
    message: 'You cannot create or delete index while changing stream status',
  },
  {
    what: 'PROVISIONED without units',
    input: { BillingMode: 'PROVISIONED' },
    message: invalidValues + unitsMissing,
  },
  {
    what: 'on demand with units, by the call',
    input: { BillingMode: 'PAY_PER_REQUEST', ProvisionedThroughput: units(1e13, 1) },
    message: invalidValues + noUnits,
  },
  {
    what: 'units out of bounds',
    input: { ProvisionedThroughput: units(1, 1_000_000_000_001) },
    message: 'Given value 1000000000001 for WriteCapacityUnits is out of bounds',
  },
  {
    what: 'an empty action',
    input: actions({}),
    message:
      `${invalidValues}One of GlobalSecondaryIndexUpdate.Update, ` +
      'GlobalSecondaryIndexUpdate.Create, GlobalSecondaryIndexUpdate.Delete must not be null',
  },
  {
    what: 'two actions in one',
    input: actions({ ...updating('global'), ...deleting('global') }),
    message:
      `${invalidValues}Only one global secondary index action is allowed per ` +
      'GlobalSecondaryIndexUpdate object',
  },
  {
    what: 'an index twice',
    input: actions(deleting('global'), creating('global', hash('a'))),
    message:
      `${invalidValues}Only one global secondary index update per index is allowed ` +
      'simultaneously. Index: global',
  },
  {
    what: 'two indexes at once',
    input: actions(deleting('global'), creating('other', hash('a'))),
    name: 'LimitExceededException',
    message: oneIndex,
  },
  {
    what: 'a stream on without view',
    input: { StreamSpecification: { StreamEnabled: true } },
    message: `${invalidValues}If stream is being enabled then UpdateViewType is required`,
  },
  {
    what: 'a stream off with view',
    input: { StreamSpecification: { StreamEnabled: false, StreamViewType: 'KEYS_ONLY' } },
    message: invalidValues + viewGiven,
  },
  {
    what: 'a replica',
    input: { ReplicaUpdates: [{ Create: { RegionName: 'eu-west-1' } }] },
    message: 'Replicas of a table are made by synchronization, not by UpdateTable',
  },
];

describe('whether or not there is a table, UpdateTable refuses', () => {
  test.each(rows)('$what', ({ input, message, name }) => {
    const expected = { name: name ?? 'ValidationException', message };
    for (const world of [new World(), worldOf(onDemandTable)]) {
      expect(refusal(() => update(world, input))).toEqual(expected);
    }
  });
});
