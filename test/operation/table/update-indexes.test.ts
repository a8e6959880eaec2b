import { describe, expect, test } from 'vitest';
import { droppedTrees, firstJob } from '../../../src/table/jobs.ts';
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
const newKey = { AttributeDefinitions: [attribute('n')] };

const oneIndex =
  'Subscriber limit exceeded: Only 1 online index can be created or deleted simultaneously per ' +
  'table';
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
    what: 'the same units of an index',
    of: provisionedTable,
    input: actions(updating('global', { ProvisionedThroughput: units(2, 3) })),
    message: willNotChange('index global', 'index', 2, 3),
  },
  {
    what: 'an index without units',
    of: provisionedTable,
    input: actions(updating('global')),
    message: `${invalidValues}ProvisionedThroughput is not specified for index: global`,
  },
  {
    what: 'units of an index on demand',
    input: actions(updating('global', { ProvisionedThroughput: units(2, 3) })),
    message:
      `${invalidValues}ProvisionedThroughput should not be specified for index: global when ` +
      'BillingMode is PAY_PER_REQUEST',
  },
  {
    what: 'creating what exists, before its keys are looked at',
    input: actions(creating('global', range('zzz'))),
    message: 'Attempting to create an index which already exists',
  },
  {
    what: 'creating under the name of a local index',
    input: actions(creating('local', hash('a'))),
    message: 'Attempting to create an index which already exists',
  },
  {
    what: 'creating without definitions',
    input: actions(creating('new', hash('n'))),
    message: 'AttributeDefinitions is not specified for index: new',
  },
  {
    what: 'creating over a key that is not defined again',
    input: { ...newKey, ...actions(creating('new', hash('n'), range('a'))) },
    message:
      `${invalidValues}Some index key attributes are not defined in AttributeDefinitions. Keys: ` +
      '[n, a], AttributeDefinitions: [n]',
  },
  {
    what: 'creating with a bad schema',
    input: { ...newKey, ...actions(creating('new', hash('n'), hash('n'))) },
    message: 'The KeySchema contains multiple key attributes with the same name',
  },
  {
    what: 'creating without units',
    of: provisionedTable,
    input: { ...newKey, ...actions(creating('new', hash('n'))) },
    message: `${invalidValues}ProvisionedThroughput is not specified for index: new`,
  },
  {
    what: 'creating the 21st',
    of: simpleTable({
      GlobalSecondaryIndexes: Array.from({ length: 20 }, (_, at) =>
        globalIndex(`index${at}`, [hash('a')]),
      ),
    }),
    input: { ...newKey, ...actions(creating('new', hash('n'))) },
    message: `${invalidValues}GlobalSecondaryIndex count exceeds the per-table limit of 20`,
  },
  {
    what: 'deleting a local index',
    input: actions(deleting('local')),
    message: 'Cannot delete an index that is not a GlobalSecondaryIndex: local',
  },
  {
    what: 'deleting an unknown index',
    input: actions(deleting('unknown')),
    name: 'ResourceNotFoundException',
    message: 'Requested resource not found',
  },
  {
    what: 'updating an unknown index',
    input: actions(updating('unknown', { ProvisionedThroughput: units(1, 1) })),
    name: 'ResourceNotFoundException',
    message: 'Requested resource not found',
  },
];

describe('of indexes, UpdateTable refuses', () => {
  test.each(rows)('$what', ({ of = onDemandTable, input, message, name }) => {
    const world = worldOf(of);
    const before = describeIt(world);
    expect(refusal(() => update(world, input))).toEqual({
      name: name ?? 'ValidationException',
      message,
    });
    expect(describeIt(world)).toEqual(before);
  });

  test('to make or delete an index while another is being made, but not to delete that one', () => {
    const world = worldOf(onDemandTable);
    update(world, { ...newKey, ...actions(creating('new', hash('n'))) });
    for (const action of [creating('third', hash('n')), deleting('global')]) {
      expect(refusal(() => update(world, { ...newKey, ...actions(action) }))).toEqual({
        name: 'LimitExceededException',
        message: oneIndex,
      });
    }
    update(world, actions(deleting('new')));
    expect(firstJob(world.reader)).toBeUndefined();
    update(world, actions(deleting('global')));
  });
});

describe('of indexes, UpdateTable changes', () => {
  test('units of an index, which is answered as UPDATING', () => {
    const world = worldOf(provisionedTable);
    const input = actions(updating('global', { ProvisionedThroughput: units(1, 9) }));
    const changed = { ReadCapacityUnits: 1, WriteCapacityUnits: 9, NumberOfDecreasesToday: 1 };
    expect(update(world, input)).toMatchObject({
      TableStatus: 'UPDATING',
      GlobalSecondaryIndexes: [{ IndexStatus: 'UPDATING', ProvisionedThroughput: changed }],
    });
    expect(describeIt(world)).toMatchObject({
      TableStatus: 'ACTIVE',
      GlobalSecondaryIndexes: [{ IndexStatus: 'ACTIVE', ProvisionedThroughput: changed }],
    });
  });

  test('by deleting an index: answered once more, it and its definitions are gone', () => {
    const world = worldOf(
      simpleTable({
        ...keys,
        LocalSecondaryIndexes: undefined,
        GlobalSecondaryIndexes: [globalIndex('global', [hash('g')])],
      }),
    );
    expect(update(world, actions(deleting('global')))).toMatchObject({
      GlobalSecondaryIndexes: [{ IndexName: 'global', IndexStatus: 'DELETING' }],
    });
    const table = describeIt(world);
    expect(table).not.toHaveProperty('GlobalSecondaryIndexes');
    expect(table['AttributeDefinitions']).toEqual([attribute('a'), attribute('b')]);
    expect(droppedTrees(world.reader, 10)).toHaveLength(1);
  });

  test('by making an index, which is filled later', () => {
    const world = worldOf(onDemandTable);
    const input = { ...newKey, ...actions(creating('new', hash('n'))) };
    const building = { IndexName: 'new', IndexStatus: 'CREATING', Backfilling: true };
    expect(update(world, input)).toMatchObject({ TableStatus: 'UPDATING' });
    const during = describeIt(world);
    expect(during).toMatchObject({ TableStatus: 'ACTIVE' });
    expect(during['GlobalSecondaryIndexes']).toEqual([
      expect.objectContaining({ IndexName: 'global', IndexStatus: 'ACTIVE' }),
      expect.objectContaining(building),
    ]);
    expect(world.run('AdvanceJob', { Job: firstJob(world.reader) })).toEqual({ Done: true });
    const [, ready] = describeIt(world)['GlobalSecondaryIndexes'] as Description[];
    expect(ready).toMatchObject({ IndexName: 'new', IndexStatus: 'ACTIVE' });
    expect(ready).not.toHaveProperty('Backfilling');
    expect(firstJob(world.reader)).toBeUndefined();
  });
});
