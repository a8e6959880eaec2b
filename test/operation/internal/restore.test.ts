import { describe, expect, test } from 'vitest';
import { hexOf, utf8 } from '../../../src/base/bytes.ts';
import { GiveUp, Restore } from '../../../src/operation/internal/restore.ts';
import { findOperation } from '../../../src/operation/registry.ts';
import { createCatalog } from '../../../src/table/catalog.ts';
import { damageItem, damageKey, type DamageRecord, readDamage } from '../../../src/table/damage.ts';
import { damageTree } from '../../../src/table/system.ts';
import { encodeItem } from '../../../src/value/codec.ts';
import { World } from '../../support/run.ts';
import { simpleTable } from '../../support/table-inputs.ts';

/** As a checkpoint leaves it on record. */
function cutOut(world: World, tree: number, more: Partial<DamageRecord> = {}): void {
  const from = new Uint8Array();
  const where = { tree, page: 300, height: 1, from, to: undefined, table: 'Simple', foundMs: 1 };
  const value = encodeItem(damageItem({ ...where, isCut: true, ...more }));
  const sizes = { sizeBefore: undefined, sizeAfter: 1 };
  world.reader.apply([{ tree: damageTree, key: damageKey(tree, 300), value, ...sizes }]);
}

describe('Restore and GiveUp', () => {
  test("are the engine's own", () => {
    expect(findOperation('Restore')).toBe(Restore);
    expect(findOperation('GiveUp')).toBe(GiveUp);
    expect([Restore.internal, GiveUp.internal]).toEqual([true, true]);
  });

  test('put back what was saved, once', () => {
    const world = new World();
    world.run('CreateTable', simpleTable());
    world.run('PutItem', { TableName: 'Simple', Item: { a: { S: 'k' } } });
    const table = createCatalog(world.reader).table('Simple');
    const cursor = world.reader.range(table.tree, {});
    cursor.next();
    const [key, value] = [cursor.key.slice(), cursor.value.slice()];
    const Entries = [{ Key: hexOf(key), Value: hexOf(value) }];
    const restore = (Table: string) =>
      world.run('Restore', { Table, Tree: table.tree, Page: 300, Entries }, 'plain');
    cutOut(world, table.tree);
    expect(restore('Simple')).toEqual({ Restored: 0 });
    const gone = { tree: table.tree, key, value: undefined };
    world.reader.apply([{ ...gone, sizeBefore: 1, sizeAfter: undefined }]);
    for (const more of [{ isCut: undefined }, { superseded: [key] }]) {
      cutOut(world, table.tree, more);
      expect(restore('Simple')).toEqual({ Restored: 0 });
    }
    cutOut(world, table.tree);
    expect(restore('Simple')).toEqual({ Restored: 1 });
    expect(world.reader.get(table.tree, key)).toEqual(value);
    expect(restore('None')).toEqual({ Restored: 0 });
  });

  test('put back records of a stream, though its table is gone', () => {
    const world = new World();
    const StreamSpecification = { StreamEnabled: true, StreamViewType: 'NEW_IMAGE' };
    world.run('CreateTable', simpleTable({ StreamSpecification }));
    world.run('PutItem', { TableName: 'Simple', Item: { a: { S: 'k' } } });
    const table = createCatalog(world.reader).table('Simple');
    const Tree = table.stream?.shards[0]?.tree ?? 0;
    const cursor = world.reader.range(Tree, {});
    cursor.next();
    const [key, value] = [cursor.key.slice(), cursor.value.slice()];
    const gone = { tree: Tree, key, value: undefined };
    world.reader.apply([{ ...gone, sizeBefore: 1, sizeAfter: undefined }]);
    world.run('DeleteTable', { TableName: 'Simple' });
    const Entries = [{ Key: hexOf(key), Value: hexOf(value) }];
    cutOut(world, Tree);
    const input = { Table: 'Simple', Tree, Page: 300, Entries };
    const restore = () => world.run('Restore', input, 'plain');
    expect(restore()).toEqual({ Restored: 1 });
    expect(world.reader.get(Tree, key)).toEqual(value);
    expect(restore()).toEqual({ Restored: 0 });
  });

  test('take damage from the record, and with a key the item whose value it is', () => {
    const world = new World();
    const key = utf8('k');
    const put = { tree: 7, key, value: utf8('v'), sizeBefore: undefined, sizeAfter: 1 };
    world.reader.apply([put]);
    const where = { Tree: 7, Page: 300, Height: 1, From: '' };
    world.run('NoteDamage', where, 'plain');
    world.run('GiveUp', { Tree: 7, Page: 300 }, 'plain');
    expect(readDamage(world.reader)).toEqual([]);
    expect(world.reader.get(7, key)).toBeDefined();
    world.run('GiveUp', { Tree: 7, Page: 300, Key: hexOf(key) }, 'plain');
    expect(world.reader.get(7, key)).toBeDefined();
    world.run('NoteDamage', where, 'plain');
    const asked: unknown[] = [];
    world.reader.hasPiece = (...of) => asked.push(of) > 0;
    const output = world.run('GiveUp', { Tree: 7, Page: 300, Key: hexOf(key) }, 'plain');
    expect(output).toEqual({ IsGiven: true, IsLost: true });
    expect(asked).toEqual([[7, key, 300]]);
    expect(world.reader.get(7, key)).toBeUndefined();
  });

  test('leave an item alone whose value is elsewhere by now', () => {
    const world = new World();
    const key = utf8('k');
    const put = { tree: 7, key, value: utf8('v'), sizeBefore: undefined, sizeAfter: 1 };
    world.reader.apply([put]);
    world.run('NoteDamage', { Tree: 7, Page: 300, Height: 0, From: hexOf(key) }, 'plain');
    const given = { Tree: 7, Page: 300, Key: hexOf(key), IsLost: true };
    expect(world.run('GiveUp', given, 'plain')).toEqual({ IsGiven: true, IsLost: false });
    expect(readDamage(world.reader)).toEqual([]);
    expect(world.reader.get(7, key)).toBeDefined();
    expect(world.run('GiveUp', given, 'plain')).toEqual({ IsGiven: false, IsLost: false });
  });
});
