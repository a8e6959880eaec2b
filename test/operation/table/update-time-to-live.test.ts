import { describe, expect, test } from 'vitest';
import { expiryChangeMs } from '../../../src/base/limits.ts';
import { createCatalog } from '../../../src/table/catalog.ts';
import { expiryIndex, expiryIndexName } from '../../../src/table/expiry.ts';
import { droppedTrees, firstJob } from '../../../src/table/jobs.ts';
import { putTable } from '../../../src/table/system-items.ts';
import type { TableState } from '../../../src/table/state.ts';
import { ItemWorld } from '../../support/item-world.ts';

const tooSoon = 'Time to live has been modified multiple times within a fixed interval';
const other = 'TimeToLive is active on a different AttributeName: current AttributeName is expires';

function specified(Enabled: boolean, AttributeName = 'expires', TableName = 'Tab'): object {
  return { TableName, TimeToLiveSpecification: { Enabled, AttributeName } };
}

function tableWorld(items = 0): ItemWorld {
  const world = new ItemWorld();
  world.table('Tab', ['p:S'], { global: { byG: { keys: ['g:S'] } } });
  for (let id = 0; id < items; id += 1) {
    const Item = { p: { S: `k${id}` }, expires: { N: String(id) } };
    world.run('PutItem', { TableName: 'Tab', Item });
  }
  return world;
}

function described(world: ItemWorld): unknown {
  return world.call('DescribeTimeToLive', { TableName: 'Tab' })['TimeToLiveDescription'];
}

function stored(world: ItemWorld): TableState {
  return createCatalog(world.reader).find('Tab') as TableState;
}

function withStatus(world: ItemWorld, status: TableState['status']): void {
  world.reader.apply([putTable(world.reader, { ...stored(world), status })]);
}

describe('UpdateTimeToLive', () => {
  test('answers what it was given, and turns time to live on and off', () => {
    const world = tableWorld();
    expect(described(world)).toEqual({ TimeToLiveStatus: 'DISABLED' });
    const TimeToLiveSpecification = { Enabled: true, AttributeName: 'expires' };
    expect(world.call('UpdateTimeToLive', specified(true))).toEqual({ TimeToLiveSpecification });
    expect(described(world)).toEqual({ TimeToLiveStatus: 'ENABLED', AttributeName: 'expires' });
    world.nowMs += expiryChangeMs;
    expect(world.call('UpdateTimeToLive', specified(false))).toEqual({
      TimeToLiveSpecification: { Enabled: false, AttributeName: 'expires' },
    });
    expect(described(world)).toEqual({ TimeToLiveStatus: 'DISABLED' });
    world.nowMs += expiryChangeMs;
    world.run('UpdateTimeToLive', specified(true, 'another'));
    expect(described(world)).toEqual({ TimeToLiveStatus: 'ENABLED', AttributeName: 'another' });
  });

  test('of a table with items is ENABLING until each was looked at', () => {
    const world = tableWorld(5);
    world.run('UpdateTimeToLive', specified(true));
    expect(described(world)).toEqual({ TimeToLiveStatus: 'ENABLING', AttributeName: 'expires' });
    const Job = firstJob(world.reader);
    expect(world.run('AdvanceJob', { Job }, 'plain')).toEqual({ Done: true });
    expect(described(world)).toEqual({ TimeToLiveStatus: 'ENABLED', AttributeName: 'expires' });
    const { tree } = expiryIndex(stored(world)) ?? { tree: 0 };
    expect(world.reader.counters(tree).entries).toBe(5);
    expect(firstJob(world.reader)).toBeUndefined();
  });

  test('off takes its tree and its job along', () => {
    const world = tableWorld(2);
    world.run('UpdateTimeToLive', specified(true));
    const { tree } = expiryIndex(stored(world)) ?? { tree: 0 };
    world.nowMs += expiryChangeMs;
    world.run('UpdateTimeToLive', specified(false));
    // Nothing expires from then on, so there is no DISABLING: what is left to do is nobody's.
    expect(described(world)).toEqual({ TimeToLiveStatus: 'DISABLED' });
    expect(expiryIndex(stored(world))).toBeUndefined();
    expect(firstJob(world.reader)).toBeUndefined();
    expect(droppedTrees(world.reader, 9)).toEqual([tree]);
  });

  test('shows nothing of its tree, and is in the way of no index and no deletion', () => {
    const world = tableWorld(3);
    world.run('UpdateTimeToLive', specified(true));
    const { Table } = world.call('DescribeTable', { TableName: 'Tab' }) as { Table: object };
    expect(Table).toMatchObject({
      GlobalSecondaryIndexes: [{ IndexName: 'byG' }],
      AttributeDefinitions: [{ AttributeName: 'p' }, { AttributeName: 'g' }],
    });
    expect(JSON.stringify(Table)).not.toContain('expires');
    // The attribute may be a key of another type in an index.
    world.run('UpdateTable', {
      TableName: 'Tab',
      AttributeDefinitions: [{ AttributeName: 'expires', AttributeType: 'S' }],
      GlobalSecondaryIndexUpdates: [
        {
          Create: {
            IndexName: 'byText',
            KeySchema: [{ AttributeName: 'expires', KeyType: 'HASH' }],
            Projection: { ProjectionType: 'ALL' },
          },
        },
      ],
    });
    const query = { TableName: 'Tab', IndexName: expiryIndexName };
    expect(world.refuse('Scan', query)).toMatchObject({ name: 'ValidationException' });
    for (let Job = firstJob(world.reader); Job !== undefined; Job = firstJob(world.reader)) {
      world.run('AdvanceJob', { Job }, 'plain');
    }
    world.run('DeleteTable', { TableName: 'Tab' });
  });

  test('still filling is no reason against the deletion of its table', () => {
    const world = tableWorld(3);
    world.run('UpdateTimeToLive', specified(true));
    world.run('DeleteTable', { TableName: 'Tab' });
    expect(droppedTrees(world.reader, 9)).toHaveLength(3);
  });

  test('costs writes no units, and they break no type', () => {
    const world = tableWorld();
    world.run('UpdateTimeToLive', specified(true));
    for (const expires of [{ N: '17' }, { S: 'text' }, { M: {} }]) {
      const put = { TableName: 'Tab', Item: { p: { S: 'x' }, expires } };
      const answer = world.call('PutItem', { ...put, ReturnConsumedCapacity: 'INDEXES' });
      expect(answer['ConsumedCapacity']).toMatchObject({ CapacityUnits: 1 });
    }
  });

  test.each([
    ['is on', true, 'expires', 'TimeToLive is already enabled'],
    ['is on', true, 'other', other],
    ['is on', false, 'other', other],
    ['is on', false, 'expires', tooSoon],
    ['is off', false, 'expires', 'TimeToLive is already disabled'],
    ['is off', false, 'other', 'TimeToLive is already disabled'],
    ['was turned off', true, 'expires', tooSoon],
    ['was turned off', false, 'expires', 'TimeToLive is already disabled'],
  ])('while it %s, { Enabled: %s, %s } is refused', (state, enabled, name, message) => {
    const world = tableWorld();
    if (state !== 'is off') world.run('UpdateTimeToLive', specified(true));
    if (state === 'was turned off') {
      world.nowMs += expiryChangeMs;
      world.run('UpdateTimeToLive', specified(false));
    }
    world.nowMs += expiryChangeMs - 1;
    const refusal = world.refuse('UpdateTimeToLive', specified(enabled, name));
    expect(refusal).toMatchObject({ name: 'ValidationException', message });
  });

  test('of a clock that was ahead holds up nobody', () => {
    const world = tableWorld();
    world.run('UpdateTimeToLive', specified(true));
    world.nowMs -= 1;
    world.run('UpdateTimeToLive', specified(false));
    expect(described(world)).toEqual({ TimeToLiveStatus: 'DISABLED' });
  });

  test('goes with its table: one of the same name begins without, and may turn it on at once', () => {
    const world = tableWorld();
    world.run('UpdateTimeToLive', specified(true));
    world.run('DeleteTable', { TableName: 'Tab' });
    world.table('Tab', ['p:S']);
    expect(described(world)).toEqual({ TimeToLiveStatus: 'DISABLED' });
    world.run('UpdateTimeToLive', specified(true, 'p'));
    expect(described(world)).toEqual({ TimeToLiveStatus: 'ENABLED', AttributeName: 'p' });
  });

  test('takes the ARN of its table', () => {
    const world = tableWorld();
    const arn = stored(world).arn;
    world.run('UpdateTimeToLive', specified(true, 'expires', arn));
    const answer = world.call('DescribeTimeToLive', { TableName: arn });
    expect(answer).toMatchObject({ TimeToLiveDescription: { TimeToLiveStatus: 'ENABLED' } });
  });

  test.each([
    [{}, "The parameter 'TableName' is required but was not present in the request"],
    [
      { TableName: 'Tab' },
      "1 validation error detected: Value null at 'timeToLiveSpecification' failed to satisfy " +
        'constraint: Member must not be null',
    ],
    [
      { TableName: 'Tab', TimeToLiveSpecification: { AttributeName: 'x' } },
      "1 validation error detected: Value null at 'timeToLiveSpecification.enabled' failed to " +
        'satisfy constraint: Member must not be null',
    ],
    [
      { TableName: 'Tab', TimeToLiveSpecification: { Enabled: true } },
      "1 validation error detected: Value null at 'timeToLiveSpecification.attributeName' failed " +
        'to satisfy constraint: Member must not be null',
    ],
    [
      specified(true, ''),
      "1 validation error detected: Value '' at 'timeToLiveSpecification.attributeName' failed " +
        'to satisfy constraint: Member must have length greater than or equal to 1',
    ],
    [
      specified(true, 'x'.repeat(256)),
      "at 'timeToLiveSpecification.attributeName' failed to satisfy constraint: Member must have " +
        'length less than or equal to 255',
    ],
  ])('refuses the shape of %j', (input, message) => {
    expect(tableWorld().invalid('UpdateTimeToLive', input)).toContain(message);
  });

  test.each(['UpdateTimeToLive', 'DescribeTimeToLive'])('%s needs a table', (name) => {
    expect(tableWorld().refuse(name, specified(true, 'x', 'Nobody'))).toMatchObject({
      name: 'ResourceNotFoundException',
      message: 'Requested resource not found: Table: Nobody not found',
    });
  });

  test.each([
    ['CREATING', 'Table is being created: Tab'],
    ['DELETING', 'Table is being deleted: Tab'],
  ] as const)('is refused while the table is %s', (status, what) => {
    const world = tableWorld();
    withStatus(world, status);
    expect(world.refuse('UpdateTimeToLive', specified(true))).toMatchObject({
      name: 'ResourceInUseException',
      message: `Attempt to change a resource which is still in use: ${what}`,
    });
  });

  test('is possible while the table is UPDATING', () => {
    const world = tableWorld();
    withStatus(world, 'UPDATING');
    world.run('UpdateTimeToLive', specified(true));
    expect(described(world)).toMatchObject({ TimeToLiveStatus: 'ENABLED' });
  });
});

describe('DescribeTimeToLive', () => {
  test('is refused while the table is CREATING', () => {
    const world = tableWorld();
    withStatus(world, 'CREATING');
    expect(world.invalid('DescribeTimeToLive', { TableName: 'Tab' })).toBe(
      'Cannot describe time to live while table is in CREATING state: Current table state is ' +
        'CREATING',
    );
  });
});
