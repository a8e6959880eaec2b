import { describe, expect, test } from 'vitest';
import { settingsOf } from '../../../src/operation/table/settings.ts';
import { changeStream } from '../../../src/operation/table/stream-change.ts';
import { listStreams } from '../../../src/stream/streams.ts';
import { ItemWorld } from '../../support/item-world.ts';
import { MapReader } from '../../support/map-reader.ts';
import { simpleTable } from '../../support/table-inputs.ts';
import { tableState } from '../../support/table-states.ts';

const nowMs = 1_767_225_600_000;
const on = { StreamEnabled: true, StreamViewType: 'NEW_IMAGE' } as const;
const off = { StreamEnabled: false };

describe("a table's stream", () => {
  test('is left alone by what says nothing of it', () => {
    const table = tableState();
    expect(changeStream(table, undefined, new MapReader(), nowMs)).toEqual({
      table,
      mutations: [],
    });
  });

  test('is turned on, off, and on again as another', () => {
    const reader = new MapReader();
    const first = changeStream(tableState(), on, reader, nowMs);
    reader.apply(first.mutations);
    expect(settingsOf(first.table)).toEqual({
      StreamSpecification: on,
      LatestStreamLabel: '2026-01-01T00:00:00.000',
    });
    const second = changeStream(first.table, off, reader, nowMs);
    reader.apply(second.mutations);
    expect(second.table.stream).toBeUndefined();
    expect(settingsOf(second.table)).toEqual({ LatestStreamLabel: '2026-01-01T00:00:00.000' });
    const third = changeStream(second.table, on, reader, nowMs);
    reader.apply(third.mutations);
    expect(third.table.stream?.label).toBe('2026-01-01T00:00:00.001');
    expect(third.table.stream?.shards[0]?.tree).not.toBe(first.table.stream?.shards[0]?.tree);
    expect(listStreams(reader, 9).map(({ disabledMs }) => disabledMs)).toEqual([nowMs, undefined]);
  });
});

describe('UpdateTable', () => {
  const description = (world: ItemWorld) =>
    world.call('DescribeTable', { TableName: 'Simple' })['Table'] as Record<string, unknown>;

  test('turns a stream on and off, and the table tells of it', () => {
    const world = new ItemWorld();
    world.run('CreateTable', simpleTable());
    expect(description(world)).not.toHaveProperty('LatestStreamArn');
    world.run('UpdateTable', { TableName: 'Simple', StreamSpecification: on });
    const told = {
      LatestStreamLabel: '2023-11-14T22:13:20.000',
      LatestStreamArn:
        'arn:aws:dynamodb:local:000000000000:table/Simple/stream/2023-11-14T22:13:20.000',
    };
    expect(description(world)).toMatchObject({ StreamSpecification: on, ...told });
    world.run('UpdateTable', { TableName: 'Simple', StreamSpecification: off });
    expect(description(world)).toMatchObject(told);
    expect(description(world)).not.toHaveProperty('StreamSpecification');
  });

  test('answers UPDATING; the stream is ENABLED or DISABLED when it is answered', () => {
    const world = new ItemWorld();
    world.run('CreateTable', simpleTable());
    const streamStatus = (table: unknown) => {
      const { LatestStreamArn: StreamArn } = table as { LatestStreamArn: string };
      return world.call('DescribeStream', { StreamArn })['StreamDescription'];
    };
    for (const [StreamSpecification, StreamStatus] of [
      [on, 'ENABLED'],
      [off, 'DISABLED'],
    ] as const) {
      const update = { TableName: 'Simple', StreamSpecification };
      const { TableDescription } = world.call('UpdateTable', update);
      expect(TableDescription).toMatchObject({ TableStatus: 'UPDATING' });
      expect(streamStatus(TableDescription)).toMatchObject({ StreamStatus });
      expect(description(world)).toMatchObject({ TableStatus: 'ACTIVE' });
    }
    const made = world.call('CreateTable', {
      ...simpleTable({ StreamSpecification: on }),
      TableName: 'Made',
    });
    expect(made['TableDescription']).toMatchObject({ TableStatus: 'CREATING' });
    expect(streamStatus(made['TableDescription'])).toMatchObject({ StreamStatus: 'ENABLED' });
    const { TableDescription } = world.call('DeleteTable', { TableName: 'Made' });
    expect(TableDescription).toMatchObject({ TableStatus: 'DELETING' });
    expect(streamStatus(made['TableDescription'])).toMatchObject({ StreamStatus: 'DISABLED' });
  });

  test('refuses what is so already, and another view in place', () => {
    const world = new ItemWorld();
    world.run('CreateTable', simpleTable({ StreamSpecification: on }));
    const refused = (StreamSpecification: object) =>
      world.invalid('UpdateTable', { TableName: 'Simple', StreamSpecification });
    const enabled = 'Table already has an enabled stream: TableName: Simple';
    expect(refused(on)).toBe(enabled);
    expect(refused({ ...on, StreamViewType: 'KEYS_ONLY' })).toBe(enabled);
    world.run('UpdateTable', { TableName: 'Simple', StreamSpecification: off });
    expect(refused(off)).toBe('Table has no stream to disable: TableName: Simple');
  });
});
