import { describe, expect, test } from 'vitest';
import { logNoteKey } from '../../src/engine/log-damage.ts';
import { strayPages } from '../simulation/pages.ts';
import { damagePage, outcomes, pagesAt, tally } from '../support/damage.ts';
import {
  ask,
  countOf,
  damage,
  fill,
  find,
  indexInput,
  keysOf,
  makeTable,
  openRig,
  put,
  refusal,
  type Rig,
} from '../support/engine.ts';

const count = 600;

/** A damaged leaf of a table with an index; its own count of items. */
async function damaged(): Promise<{
  rig: Rig;
  lost: number;
  page: number;
  before: Map<number, Uint8Array>;
}> {
  const first = await openRig();
  await makeTable(first);
  await ask(first, 'UpdateTable', indexInput);
  await first.engine.idle();
  const v = { S: 'x'.repeat(500) };
  const ids = Array.from({ length: count }, (_, id) => id);
  await Promise.all(ids.map((id) => put(first, `k${id}`, { g: { S: `g${id % 7}` }, v })));
  await first.engine.checkpoint();
  const { disk } = first.store;
  const [leaf] = (await pagesAt(disk, 100, 1)).slice(2);
  const page = leaf?.id ?? 0;
  const before = new Map(
    keysOf(disk, 'page').map((key) => [
      key,
      disk.spaces.page.get(key)?.slice() ?? new Uint8Array(),
    ]),
  );
  damagePage(disk, page);
  return { rig: await openRig({ disk }), lost: leaf?.page?.count ?? 0, page, before };
}

async function isSound(rig: Rig, items: number): Promise<void> {
  expect(await countOf(rig)).toBe(items);
  expect(await countOf(rig, 'byG')).toBe(items);
  const [table] = (await rig.engine.sizes()).tables;
  expect(table?.items).toBe(items);
  expect(table?.indexes[0]?.items).toBe(items);
  expect(rig.engine.status().damage).toEqual([]);
}

describe('a repair', () => {
  test('of a page that cannot be read gives up what it held, and says how much', async () => {
    const { rig, lost, page } = await damaged();
    await outcomes(rig, count);
    const report = await rig.engine.repair();
    expect(report.ranges).toMatchObject([{ table: 'Things', page, restored: 0, isWhole: false }]);
    // Entries of the index whose items are gone go too.
    expect(report.scrub.mended).toBe(lost);
    for (const each of [rig, await openRig({ disk: rig.store.disk })]) {
      expect(tally(await outcomes(each, count))).toEqual({ found: count - lost, absent: lost });
      await isSound(each, count - lost);
    }
    await rig.engine.checkpoint();
    await put(rig, 'one');
    await rig.engine.checkpoint();
    expect(strayPages(rig.store.disk)).toEqual([]);
    await put(rig, 'k3');
  });

  test('with salvage takes the cells that still parse', async () => {
    const { rig, lost } = await damaged();
    await outcomes(rig, count);
    const report = await rig.engine.repair({ salvage: true });
    // One byte was spoilt, at the end of the last cell's value.
    expect(report.ranges[0]?.restored).toBeGreaterThanOrEqual(lost - 1);
    const found = tally(await outcomes(rig, count))['found'] ?? 0;
    expect(found).toBeGreaterThanOrEqual(count - 1);
    await isSound(await openRig({ disk: rig.store.disk }), found);
  });

  test('of a page that reads well again brings all of it back', async () => {
    const { rig, page, before } = await damaged();
    await outcomes(rig, count);
    await rig.engine.idle();
    await rig.engine.checkpoint();
    const { disk } = rig.store;
    for (const [key, value] of before) {
      if (Math.floor(key / 2 ** 24) === page) disk.spaces.page.put(key, value);
    }
    const report = await rig.engine.repair();
    expect(report.ranges).toMatchObject([{ page, isWhole: true }]);
    expect(tally(await outcomes(rig, count))).toEqual({ found: count });
    await isSound(await openRig({ disk }), count);
  });

  test('of a piece of a large value gives up its item', async () => {
    const rig = await openRig();
    await makeTable(rig);
    await ask(rig, 'UpdateTable', indexInput);
    await rig.engine.idle();
    await fill(rig, 20);
    await put(rig, 'large', { v: { S: 'y'.repeat(100_000) } });
    await rig.engine.checkpoint();
    const { disk } = rig.store;
    damagePage(disk, (await pagesAt(disk, 100, 0))[0]?.id ?? 0);
    const other = await openRig({ disk });
    expect(await refusal(find(other, 'large'))).toMatch(/^DamagedData/);
    await other.engine.repair();
    expect(await find(other, 'large')).toBeUndefined();
    await other.engine.checkpoint();
    const again = await openRig({ disk });
    expect(await find(again, 'large')).toBeUndefined();
    expect((await again.engine.sizes()).tables[0]?.items).toBe(20);
    expect(strayPages(disk)).toEqual([]);
  });

  test('forgets what was set aside of a damaged log when it is told to', async () => {
    const rig = await openRig();
    await makeTable(rig);
    await put(rig, 'a');
    const { disk } = rig.store;
    damage(disk, 'log', rig.engine.status().head);
    const other = await openRig({ disk });
    await other.engine.repair();
    expect(other.engine.status().damage).toHaveLength(1);
    await other.engine.repair({ forget: true });
    expect(other.engine.status().damage).toEqual([]);
    expect(keysOf(disk, 'meta').filter((key) => key >= logNoteKey)).toEqual([]);
    expect((await openRig({ disk })).engine.status().damage).toEqual([]);
  });

  test('of a sound store finds nothing to do', async () => {
    const rig = await openRig();
    await makeTable(rig);
    expect(await rig.engine.repair()).toMatchObject({ ranges: [], scrub: { mended: 0 } });
  });
});
