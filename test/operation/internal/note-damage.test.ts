import { describe, expect, test } from 'vitest';
import { NoteDamage } from '../../../src/operation/internal/note-damage.ts';
import { findOperation } from '../../../src/operation/registry.ts';
import { createCatalog } from '../../../src/table/catalog.ts';
import { readDamage } from '../../../src/table/damage.ts';
import { firstJob } from '../../../src/table/jobs.ts';
import { localWorld, stateOf } from '../../support/collections.ts';
import { World } from '../../support/run.ts';
import { attribute, globalIndex, hash, simpleTable } from '../../support/table-inputs.ts';

function withIndex(): World {
  const world = new World();
  world.run('CreateTable', withGlobal);
  return world;
}

const where = { Page: 300, Height: 1, From: '', To: '0aff' };

const withGlobal = simpleTable({
  AttributeDefinitions: [attribute('a'), attribute('g')],
  GlobalSecondaryIndexes: [globalIndex('byG', [hash('g')])],
});

describe('NoteDamage', () => {
  test("is the engine's own", () => {
    expect(findOperation('NoteDamage')).toBe(NoteDamage);
    expect(NoteDamage).toMatchObject({ internal: true, kind: 'write' });
  });

  test('of a table, or of a tree of the engine, is put on record', () => {
    const world = withIndex();
    const table = createCatalog(world.reader).find('Simple');
    const note = (Tree: number): object => world.run('NoteDamage', { Tree, ...where }, 'plain');
    expect(note(table?.tree ?? 0)).toEqual({ Damage: 'quarantined' });
    expect(note(1)).toEqual({ Damage: 'quarantined' });
    expect(readDamage(world.reader)).toMatchObject([
      { tree: 1, page: 300, table: undefined, to: Uint8Array.of(10, 255) },
      { tree: table?.tree, page: 300, table: 'Simple', from: new Uint8Array() },
    ]);
  });

  test('of a shard is put on record for its table, while the shard is there', () => {
    const world = withIndex();
    const StreamSpecification = { StreamEnabled: true, StreamViewType: 'KEYS_ONLY' };
    world.run('UpdateTable', { TableName: 'Simple', StreamSpecification });
    const shard = createCatalog(world.reader).find('Simple')?.stream?.shards[0]?.tree ?? 0;
    const note = (Tree: number): object => world.run('NoteDamage', { Tree, ...where }, 'plain');
    world.run('UpdateTable', {
      TableName: 'Simple',
      StreamSpecification: { StreamEnabled: false },
    });
    expect(note(shard)).toEqual({ Damage: 'quarantined' });
    expect(readDamage(world.reader)).toMatchObject([{ tree: shard, table: 'Simple' }]);
    expect(note(shard + 1)).toEqual({ Damage: 'gone' });
  });

  test('of an index has it rebuilt; of a tree that is no more, nothing', () => {
    const world = withIndex();
    const index = () => createCatalog(world.reader).find('Simple')?.indexes[0];
    const tree = index()?.tree ?? 0;
    const note = (Tree: number): object => world.run('NoteDamage', { Tree, ...where }, 'plain');
    expect(note(tree)).toEqual({ Damage: 'rebuilding' });
    expect(index()?.backfilling).toBe(true);
    expect(index()?.tree).not.toBe(tree);
    expect(note(tree)).toEqual({ Damage: 'gone' });
    expect(readDamage(world.reader)).toEqual([]);
  });

  test('of counters of item collections, or of their items, has them counted anew', () => {
    const world = localWorld();
    const put = (s: string) =>
      world.call('PutItem', { TableName: 'Loc', Item: { p: { S: 'a' }, s: { N: s } } });
    const note = (Tree: number): object => world.run('NoteDamage', { Tree, ...where }, 'plain');
    put('1');
    const tree = stateOf(world).collections?.tree ?? 0;
    expect(note(tree)).toEqual({ Damage: 'rebuilding' });
    expect(stateOf(world).collections).toBeUndefined();
    expect(note(tree)).toEqual({ Damage: 'gone' });
    put('2');
    expect(stateOf(world).collections).toMatchObject({ counting: true });
    expect(note(stateOf(world).tree)).toEqual({ Damage: 'quarantined' });
    expect(stateOf(world).collections).toBeUndefined();
    expect(firstJob(world.reader)).toBeUndefined();
  });
});
