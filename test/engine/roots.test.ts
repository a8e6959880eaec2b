/** Damage of the tree of roots, of which nothing is ever cut out. */
import { describe, expect, test } from 'vitest';
import { rootsTree } from '../../src/table/system.ts';
import { strayPages } from '../simulation/pages.ts';
import { damagePage } from '../support/damage.ts';
import {
  ask,
  find,
  keysOf,
  makeTable,
  metaOf,
  openRig,
  put,
  refusal,
  type Rig,
  tableInput,
} from '../support/engine.ts';

/** The root of the tree of roots is on record, though it reads well. */
async function rootsNoted(): Promise<{ rig: Rig; page: number }> {
  const rig = await openRig();
  await makeTable(rig);
  await put(rig, 'a');
  // So many trees that a checkpoint writes what changed of their roots, and not the page.
  for (let table = 0; table < 30; table += 1) {
    const TableName = `Others${table}`;
    await ask(rig, 'CreateTable', { ...tableInput, TableName });
    await ask(rig, 'PutItem', { TableName, Item: { p: { S: 'a' } } });
  }
  await rig.engine.checkpoint();
  const page = metaOf(rig.store.disk).roots?.page ?? 0;
  const input = { Tree: rootsTree, Page: page, Height: 1, From: '' };
  const engineAsks = { form: 'plain', caller: { kind: 'engine', principal: 'engine' } } as const;
  await ask(rig, 'NoteDamage', input, engineAsks);
  return { rig, page };
}

describe('a repair of the tree of roots', () => {
  test('ends when its page reads well again, and leaves the page where it is', async () => {
    const { rig, page } = await rootsNoted();
    const { disk } = rig.store;
    await rig.engine.checkpoint();
    const other = await openRig({ disk });
    expect(await find(other, 'a')).toBeDefined();
    expect(other.engine.status().damage).toMatchObject([{ page, state: 'quarantined' }]);
    const { ranges } = await other.engine.repair();
    expect(ranges).toMatchObject([{ page, isWhole: true }]);
    for (const one of [rig, other, await openRig({ disk })]) {
      expect(await find(one, 'a')).toBeDefined();
      expect(one.engine.status().damage).toEqual([]);
    }
    await other.engine.checkpoint();
    expect(strayPages(disk)).toEqual([]);
  });

  test.each([
    ['by the next checkpoint', false],
    ['by the repair', true],
  ])('that is bad on the disk alone is written anew, from memory, %s', async (_, isLate) => {
    const { rig, page } = await rootsNoted();
    const { disk } = rig.store;
    if (isLate) await rig.engine.checkpoint();
    damagePage(disk, page);
    if (!isLate) {
      await rig.engine.checkpoint();
      expect(await find(await openRig({ disk }), 'a')).toBeDefined();
    }
    const { ranges } = await rig.engine.repair();
    expect(ranges).toMatchObject([{ page, isWhole: true }]);
    const other = await openRig({ disk });
    expect(await find(other, 'a')).toBeDefined();
    expect(other.engine.status().damage).toEqual([]);
  });

  test('that nobody has in memory is refused until its page reads well again', async () => {
    const { rig, page } = await rootsNoted();
    const { disk } = rig.store;
    const whole = new Map(keysOf(disk, 'page').map((key) => [key, disk.spaces.page.get(key)]));
    damagePage(disk, page);
    const other = await openRig({ disk });
    expect(await refusal(other.engine.repair())).toMatch(/^DamagedData .*own data is damaged/);
    expect(other.engine.status().damage).toMatchObject([{ page }]);
    for (const [key, value] of whole) disk.spaces.page.put(key, value as Uint8Array);
    expect((await other.engine.repair()).ranges).toMatchObject([{ page, isWhole: true }]);
    expect(other.engine.status().damage).toEqual([]);
    expect(await find(other, 'a')).toBeDefined();
  });
});
