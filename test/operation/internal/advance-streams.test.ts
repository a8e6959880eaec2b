import { describe, expect, test } from 'vitest';
import { shardLifeMs } from '../../../src/base/limits.ts';
import { AdvanceStreams } from '../../../src/operation/internal/advance-streams.ts';
import { findOperation } from '../../../src/operation/registry.ts';
import { listShards, listStreams } from '../../../src/stream/streams.ts';
import { createCatalog } from '../../../src/table/catalog.ts';
import { catalogKey, catalogTree } from '../../../src/table/system.ts';
import { putSystemItem } from '../../../src/table/system-items.ts';
import { tableItem } from '../../../src/table/description.ts';
import { ItemWorld } from '../../support/item-world.ts';
import { askWorld, readStream } from '../../support/streams.ts';
import { simpleTable } from '../../support/table-inputs.ts';

const StreamSpecification = { StreamEnabled: true, StreamViewType: 'KEYS_ONLY' };

function advance(world: ItemWorld, more: object = {}): unknown {
  return world.run('AdvanceStreams', { PartitionBytes: 1e9, ...more }, 'plain')['Done'];
}

describe('AdvanceStreams', () => {
  test("is the engine's own", () => {
    expect(findOperation('AdvanceStreams')).toBe(AdvanceStreams);
    expect(AdvanceStreams).toMatchObject({ internal: true, kind: 'write' });
  });

  test('takes one step at a time, and writes nothing when none is due', () => {
    const world = new ItemWorld();
    world.run('CreateTable', simpleTable({ StreamSpecification }));
    world.run('PutItem', { TableName: 'Simple', Item: { a: { S: 'k' } } });
    expect(advance(world)).toBe(true);
    world.nowMs += shardLifeMs;
    expect(advance(world)).toBe(false);
    expect(advance(world)).toBe(true);
    const [stream] = listStreams(world.reader, 1);
    expect(stream && listShards(world.reader, stream, 9)).toHaveLength(2);
    const table = createCatalog(world.reader).table('Simple');
    expect(table.stream?.shards).toHaveLength(1);
  });

  test('gives a stream to a table that was only told of one', async () => {
    const world = new ItemWorld();
    world.run('CreateTable', simpleTable());
    const table = createCatalog(world.reader).table('Simple');
    // As a store of format 1 has it.
    const settings = { StreamSpecification, LatestStreamLabel: '2020-01-01T00:00:00.000' };
    const item = tableItem({ ...table, settings });
    world.reader.apply([putSystemItem(world.reader, catalogTree, catalogKey('Simple'), item)]);
    expect(advance(world)).toBe(true);
    expect(advance(world, { Adopt: true })).toBe(false);
    expect(advance(world, { Adopt: true })).toBe(true);
    world.run('PutItem', { TableName: 'Simple', Item: { a: { S: 'k' } } });
    const { arn = '' } = listStreams(world.reader, 1)[0] ?? {};
    expect(await readStream(askWorld(world), arn)).toHaveLength(1);
  });
});
