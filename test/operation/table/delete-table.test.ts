import { describe, expect, test } from 'vitest';
import { droppedTrees, firstJob } from '../../../src/table/jobs.ts';
import { catalogTree } from '../../../src/table/system.ts';
import { World } from '../../support/run.ts';
import { attribute, globalIndex, hash, refusal, simpleTable } from '../../support/table-inputs.ts';

const named = { TableName: 'Simple' };
const indexed = simpleTable({
  AttributeDefinitions: [attribute('a'), attribute('g')],
  GlobalSecondaryIndexes: [globalIndex('global', [hash('g')])],
});
const missing = {
  name: 'ResourceNotFoundException',
  message: 'Requested resource not found: Table: Simple not found',
};

describe('DeleteTable', () => {
  test('answers DELETING without keys or indexes, and the table is gone', () => {
    const world = new World();
    world.run('CreateTable', indexed);
    world.run('PutItem', { ...named, Item: { a: { S: '1' }, g: { S: '2' } } });
    expect(world.run('DeleteTable', named)['TableDescription']).toEqual({
      TableName: 'Simple',
      TableStatus: 'DELETING',
      TableArn: 'arn:aws:dynamodb:local:000000000000:table/Simple',
      TableId: expect.any(String),
      ItemCount: 1,
      TableSizeBytes: 4,
      ProvisionedThroughput: {
        NumberOfDecreasesToday: 0,
        ReadCapacityUnits: 0,
        WriteCapacityUnits: 0,
      },
      DeletionProtectionEnabled: false,
      BillingModeSummary: {
        BillingMode: 'PAY_PER_REQUEST',
        LastUpdateToPayPerRequestDateTime: expect.any(Number),
      },
    });
    expect(refusal(() => world.run('DescribeTable', named))).toEqual(missing);
    expect(refusal(() => world.run('GetItem', { ...named, Key: { a: { S: '1' } } }))).toEqual({
      name: 'ResourceNotFoundException',
      message: 'Requested resource not found',
    });
    expect(world.reader.counters(catalogTree).entries).toBe(0);
  });

  test('leaves the trees of table and indexes to the checkpoint, until they are forgotten', () => {
    const world = new World();
    world.run('CreateTable', indexed);
    world.run('DeleteTable', named);
    const trees = droppedTrees(world.reader, 10);
    expect(trees).toHaveLength(2);
    world.run('ForgetDropped', { Trees: [trees[0]] }, 'plain');
    expect(droppedTrees(world.reader, 10)).toEqual([trees[1]]);
    world.run('ForgetDropped', { Trees: trees }, 'plain');
    expect(droppedTrees(world.reader, 10)).toEqual([]);
  });

  test('and CreateTable of the same name make a new, empty table', () => {
    const world = new World();
    world.run('CreateTable', indexed);
    world.run('PutItem', { ...named, Item: { a: { S: '1' } } });
    const before = world.run('DeleteTable', named)['TableDescription'];
    world.run('CreateTable', indexed);
    const after = world.run('DescribeTable', named)['Table'] as { TableId: string };
    expect(after).toMatchObject({ ItemCount: 0 });
    expect(after.TableId).not.toBe((before as { TableId: string }).TableId);
  });

  test('takes an ARN', () => {
    const world = new World();
    world.run('CreateTable', simpleTable());
    world.run('DeleteTable', { TableName: 'arn:aws:dynamodb:local:000000000000:table/Simple' });
    expect(world.run('ListTables', {})).toEqual({ TableNames: [] });
  });

  test('refuses a table that is not there', () => {
    expect(refusal(() => new World().run('DeleteTable', named))).toEqual(missing);
  });

  test('refuses a protected table until it is protected no more', () => {
    const world = new World();
    world.run('CreateTable', simpleTable({ DeletionProtectionEnabled: true }));
    expect(refusal(() => world.run('DeleteTable', named))).toEqual({
      name: 'ValidationException',
      message:
        'Resource cannot be deleted as it is currently protected against deletion. Disable ' +
        'deletion protection first.',
    });
    world.run('UpdateTable', { ...named, DeletionProtectionEnabled: false });
    world.run('DeleteTable', named);
    expect(world.run('ListTables', {})).toEqual({ TableNames: [] });
  });

  test('refuses a table whose index is being filled', () => {
    const world = new World();
    world.run('CreateTable', simpleTable());
    world.run('UpdateTable', {
      ...named,
      AttributeDefinitions: [attribute('g')],
      GlobalSecondaryIndexUpdates: [{ Create: globalIndex('global', [hash('g')]) }],
    });
    expect(refusal(() => world.run('DeleteTable', named))).toEqual({
      name: 'ResourceInUseException',
      message:
        'Attempt to change a resource which is still in use: Cannot delete table while indexes ' +
        'are being created, updated, or deleted.',
    });
    world.run('AdvanceJob', { Job: firstJob(world.reader) });
    world.run('DeleteTable', named);
    expect(firstJob(world.reader)).toBeUndefined();
  });
});
