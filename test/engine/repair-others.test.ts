import { describe, expect, test } from 'vitest';
import { checkpointSpan } from '../../src/base/limits.ts';
import { PageLoader } from '../../src/engine/load.ts';
import type { Page } from '../../src/pager/page.ts';
import { StoredItem } from '../../src/value/codec.ts';
import { strayPages } from '../simulation/pages.ts';
import { damagePage, pagesAt } from '../support/damage.ts';
import {
  ask,
  countOf,
  fill,
  find,
  holdPages,
  keysOf,
  localInput,
  makeTable,
  metaOf,
  openRig,
  openTestState,
  put,
  quiet,
  refusal,
  type Rig,
} from '../support/engine.ts';

const count = 600;
const tableTree = 100;
const engineAsks = { form: 'plain', caller: { kind: 'engine', principal: 'engine' } } as const;
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

/** A table of some leaves, in pages; one of them, in the middle. */
async function filled(): Promise<{ disk: Disk; leaf: Page | undefined; page: number }> {
  const rig = await openRig();
  await makeTable(rig);
  await fill(rig, count, 500);
  await rig.engine.checkpoint();
  const { disk } = rig.store;
  const [leaf] = (await pagesAt(disk, tableTree, 1)).slice(2);
  return { disk, leaf: leaf?.page, page: leaf?.id ?? 0 };
}

/** How many item collections have a size. */
async function collectionsOf(disk: Disk): Promise<number> {
  const { state } = await openTestState({ disk });
  return new PageLoader(state).run(() => {
    const tree = state.catalog().find('Things')?.collections?.tree ?? 0;
    const cursor = state.published.range(tree, {});
    let sizes = 0;
    while (cursor.next()) sizes += 1;
    return sizes;
  });
}

/** Partition keys of the items of a leaf. */
function keysIn(leaf: Page): readonly string[] {
  return Array.from({ length: leaf.count }, (_, at) => {
    const p = new StoredItem(leaf.value(at).slice()).item().get('p');
    return p?.type === 'S' ? p.value : '';
  });
}

describe('a repair, with what is done meanwhile,', () => {
  test('brings a page back that another tab cuts out after the repair has read the record', async () => {
    const { disk, leaf, page } = await filled();
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
    const restored = leaf?.count;
    expect(ranges).toMatchObject([{ page, restored, isWhole: true }]);
    expect(await countOf(rig)).toBe(count);
  });

  test('gives back all of a page that was joined with the next one when it was put on record', async () => {
    const first = await openRig();
    await makeTable(first);
    await fill(first, count, 500);
    await first.engine.checkpoint();
    const { disk } = first.store;
    const leaves = await pagesAt(disk, tableTree, 1);
    const [leaf, next] = leaves.slice(2).map((visit) => visit.page as Page);
    await countOf(first);
    const gone = [leaf, next].flatMap((one) => keysIn(one as Page).slice(3));
    for (const p of gone) {
      await ask(first, 'DeleteItem', { TableName: 'Things', Key: { p: { S: p } } });
    }
    const page = leaf?.id ?? 0;
    spoil(disk, page);
    // It is in memory here, and is written anew with what the next one has.
    const held = holdPages(first);
    const joined = first.engine.checkpoint();
    for (let round = 0; metaOf(disk).reservation === undefined && round < 100; round += 1) {
      await quiet(1);
    }
    const rig = await openRig({ disk });
    expect(await refusal(countOf(rig))).toMatch(/^DamagedData/);
    await rig.engine.idle();
    expect(rig.engine.status().damage).toMatchObject([{ state: 'quarantined', page }]);
    held.open();
    await joined;
    const now = await pagesAt(disk, tableTree, 1);
    const kept = now.find(({ id }) => id === page)?.page?.count ?? 0;
    expect(now.map(({ id }) => id)).not.toContain(next?.id);
    await rig.engine.checkpoint();
    for (const each of [rig, await openRig({ disk })]) {
      for (const p of keysIn(next as Page).slice(0, 3)) {
        expect(await refusal(find(each, p))).toMatch(/^DamagedData/);
      }
    }
    const { ranges } = await rig.engine.repair();
    expect(ranges).toMatchObject([{ page, restored: kept, isWhole: true }]);
    for (const each of [rig, first]) expect(await countOf(each)).toBe(count - gone.length);
  });

  test('is made of what another tab has put on record, and this one has not heard of', async () => {
    const { disk, leaf, page } = await filled();
    const rig = await openRig({ disk });
    expect(await countOf(rig)).toBe(count);
    const mend = spoil(disk, page);
    const finder = await openRig({ disk });
    await refusal(countOf(finder));
    await finder.engine.idle();
    mend();
    const { ranges } = await rig.engine.repair();
    expect(ranges).toMatchObject([{ page, restored: leaf?.count, isWhole: true }]);
    for (const each of [rig, finder]) expect(await countOf(each)).toBe(count);
  });

  test('is not decided on where its checkpoint is not adopted', async () => {
    const { disk, leaf, page } = await filled();
    const [p = ''] = keysIn(leaf as Page);
    const sleeper = await openRig({ disk });
    expect(await countOf(sleeper)).toBe(count);
    spoil(disk, page);
    const rig = await openRig({ disk });
    await refusal(countOf(rig));
    await rig.engine.idle();
    await find(sleeper, 'none');
    await rig.engine.checkpoint();
    await ask(rig, 'GiveUp', { Tree: tableTree, Page: page, IsLost: true }, engineAsks);
    const { checkpoint } = sleeper.engine.status();
    expect(checkpoint).toBeLessThan(metaOf(disk).checkpoint);
    const update = (): Promise<object> =>
      ask(sleeper, 'UpdateItem', {
        TableName: 'Things',
        Key: { p: { S: p } },
        UpdateExpression: 'SET n = :n',
        ExpressionAttributeValues: { ':n': { S: 'new' } },
        ReturnValues: 'ALL_OLD',
      });
    // Between that the log is followed and that the next page, or list of pages, is read.
    let updated: Promise<object> | undefined;
    sleeper.store.hooks.read = async (spaces) => {
      if (updated !== undefined || !spaces.includes('page')) return;
      updated = update();
      await quiet();
    };
    await find(sleeper, 'none');
    expect(await (updated ?? update())).not.toHaveProperty('Attributes');
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

  test('leaves no size of a collection whose one item it gave up', async () => {
    const first = await openRig();
    await ask(first, 'CreateTable', localInput);
    const item = (bytes: number): object => ({ s: { S: 's' }, v: { S: 'x'.repeat(bytes) } });
    for (const p of ['a', 'b', 'c']) await put(first, p, item(10));
    await put(first, 'large', item(100_000));
    await first.engine.checkpoint();
    expect(await countOf(first)).toBe(4);
    const { disk } = first.store;
    const page = (await pagesAt(disk, tableTree, 0))[0]?.id ?? 0;
    spoil(disk, page);
    const rig = await openRig({ disk });
    expect(await refusal(countOf(rig))).toMatch(/^DamagedData/);
    await rig.engine.idle();
    expect(rig.engine.status().damage).toMatchObject([{ state: 'quarantined', page }]);
    // This one has the value in memory, and counts it.
    await put(first, 'd', item(10));
    await first.engine.idle();
    expect(await collectionsOf(disk)).toBe(5);
    expect((await rig.engine.repair()).ranges).toMatchObject([{ page, isWhole: false }]);
    await put(rig, 'e', item(10));
    await rig.engine.idle();
    expect(await countOf(rig)).toBe(5);
    expect(await collectionsOf(disk)).toBe(5);
  });
});
