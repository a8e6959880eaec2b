/** Repairs with `salvage` of spoilt pages of what the engine knows about itself. */
import { describe, expect, test } from 'vitest';
import { pageKey } from '../../src/pager/versions.ts';
import type { MemoryDisk } from '../../src/storage/memory.ts';
import { catalogTree, streamsTree } from '../../src/table/system.ts';
import { pagesAt } from '../support/damage.ts';
import { ask, makeTable, openRig, put, refusal, type Rig, tableInput } from '../support/engine.ts';

/** A database whose own trees are in pages: a table with a stream, and one more. */
async function stored(): Promise<MemoryDisk> {
  const rig = await openRig();
  await makeTable(rig);
  const StreamSpecification = { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' };
  await ask(rig, 'UpdateTable', { TableName: 'Things', StreamSpecification });
  await ask(rig, 'CreateTable', { ...tableInput, TableName: 'Others' });
  await rig.engine.idle();
  for (let id = 0; id < 5; id += 1) await put(rig, `k${id}`, { v: { S: 'x'.repeat(400) } });
  await rig.engine.checkpoint();
  return rig.store.disk;
}

/** Flips one bit of the leaf of a tree, at such a share of its bytes. */
async function spoil(disk: MemoryDisk, tree: number, share: number): Promise<void> {
  const [leaf] = await pagesAt(disk, tree, 1);
  const id = leaf?.id ?? 0;
  const { page } = disk.spaces;
  for (const key of [...page.keys(pageKey(id, 0), pageKey(id + 1, 0) - 1)]) {
    const bytes = (page.get(key) as Uint8Array).slice();
    const at = Math.floor(share * bytes.length);
    bytes[at] = (bytes[at] as number) ^ 0x20;
    page.put(key, bytes);
  }
}

/** What both tables say when a row is put, and that repairs and scrubs come to their ends. */
async function tried(rig: Rig): Promise<readonly string[]> {
  const said: string[] = [];
  for (const TableName of ['Things', 'Others']) {
    const call = ask(rig, 'PutItem', { TableName, Item: { p: { S: 'new' } } });
    said.push(
      await call.then(
        () => 'done',
        (error: Error) => error.name,
      ),
    );
  }
  await rig.engine.repair({ salvage: true });
  await rig.engine.repair();
  expect((await rig.engine.scrub()).damagedPages).toBe(0);
  return said;
}

describe('salvage', () => {
  test('of a page of streams takes nothing that is not whole', async () => {
    for (let share = 0; share < 1; share += 1 / 30) {
      const disk = await stored();
      await spoil(disk, streamsTree, share);
      const rig = await openRig({ disk });
      await rig.engine.repair({ salvage: true });
      expect(await tried(rig)).toEqual(['done', 'done']);
      expect(await tried(await openRig({ disk }))).toEqual(['done', 'done']);
    }
  });

  test('of a page of tables takes those that are described', async () => {
    let kept = 0;
    let lost = 0;
    for (let share = 0; share < 1; share += 1 / 30) {
      const disk = await stored();
      await spoil(disk, catalogTree, share);
      const rig = await openRig({ disk });
      expect(await refusal(ask(rig, 'ListTables'))).toMatch(/^DamagedData/);
      await rig.engine.repair({ salvage: true });
      const said = await tried(rig);
      kept += said.filter((one) => one === 'done').length;
      lost += said.filter((one) => one === 'ResourceNotFoundException').length;
      expect(await tried(await openRig({ disk }))).toEqual(said);
    }
    expect(kept).toBeGreaterThan(lost);
    expect(lost).toBeGreaterThan(0);
  });
});
