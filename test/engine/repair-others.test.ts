import { describe, expect, test } from 'vitest';
import { checkpointSpan } from '../../src/base/limits.ts';
import { strayPages } from '../simulation/pages.ts';
import { damagePage, pagesAt } from '../support/damage.ts';
import {
  countOf,
  fill,
  find,
  holdPages,
  keysOf,
  makeTable,
  metaOf,
  openRig,
  put,
  quiet,
  refusal,
  type Rig,
} from '../support/engine.ts';

const count = 600;
const tableTree = 100;
type Disk = Rig['store']['disk'];

/** Damages a page; what it answers puts it back, where its records are there yet. */
function spoil(disk: Disk, page: number): () => void {
  const keys = keysOf(disk, 'page').filter((key) => Math.floor(key / checkpointSpan) === page);
  const whole = keys.map((key) => [key, disk.spaces.page.get(key) as Uint8Array] as const);
  damagePage(disk, page);
  return () => {
    for (const [key, value] of whole) {
      if (disk.spaces.page.get(key) !== undefined) disk.spaces.page.put(key, value);
    }
  };
}

describe('a repair, with what is done meanwhile,', () => {
  test('brings a page back that another tab cuts out after the repair has read the record', async () => {
    const first = await openRig();
    await makeTable(first);
    await fill(first, count, 500);
    await first.engine.checkpoint();
    const { disk } = first.store;
    const [leaf] = (await pagesAt(disk, tableTree, 1)).slice(2);
    const page = leaf?.id ?? 0;
    const mend = spoil(disk, page);
    const finder = await openRig({ disk });
    await refusal(countOf(finder));
    await finder.engine.idle();
    expect(finder.engine.status().damage).toMatchObject([{ state: 'quarantined', page }]);
    mend();
    const other = await openRig({ disk });
    const held = holdPages(other);
    const cut = other.engine.checkpoint();
    for (let round = 0; metaOf(disk).reservation === undefined && round < 100; round += 1) {
      await quiet(1);
    }
    const rig = await openRig({ disk, cacheBytes: 1 });
    const scan = rig.store.scan.bind(rig.store);
    let loads = 0;
    // Whether the page is a part of its tree is looked up in pages that are not in memory yet.
    rig.store.scan = async (ranges) => {
      if (ranges.some(({ space }) => space === 'page') && loads === 0) {
        loads += 1;
        held.open();
        await cut;
      }
      return scan(ranges);
    };
    const { ranges } = await rig.engine.repair();
    expect(loads).toBe(1);
    const restored = leaf?.page?.count;
    expect(ranges).toMatchObject([{ page, restored, isWhole: true }]);
    expect(await countOf(rig)).toBe(count);
  });

  test.each([
    ['is not in pages yet', false],
    ['has pages of its own no more', true],
  ])('leaves an item alone that was written since, and %s', async (_, isInPages) => {
    const first = await openRig();
    await makeTable(first);
    await fill(first, 20);
    await put(first, 'large', { v: { S: 'y'.repeat(100_000) } });
    await first.engine.checkpoint();
    const { disk } = first.store;
    const page = (await pagesAt(disk, tableTree, 0))[0]?.id ?? 0;
    const mend = spoil(disk, page);
    const rig = await openRig({ disk });
    expect(await refusal(find(rig, 'large'))).toMatch(/^DamagedData/);
    await rig.engine.idle();
    expect(rig.engine.status().damage).toMatchObject([{ state: 'quarantined', page }]);
    // Another tab has the value in memory, or the disk was read well for a while.
    mend();
    await put(rig, 'large', { v: { S: 'anew' } });
    spoil(disk, page);
    if (isInPages) await rig.engine.checkpoint();
    const { ranges } = await rig.engine.repair();
    expect(ranges).toMatchObject([{ page, isWhole: true }]);
    expect(rig.engine.status().damage).toEqual([]);
    for (const each of [rig, await openRig({ disk })]) {
      expect((await find(each, 'large'))?.get('v')).toEqual({ type: 'S', value: 'anew' });
      expect((await each.engine.sizes()).tables[0]?.items).toBe(21);
    }
    await rig.engine.checkpoint();
    expect(strayPages(disk)).toEqual([]);
  });
});
