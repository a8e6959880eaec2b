/** Damage of what says what is damaged, and of what says whose it is. */
import { describe, expect, test } from 'vitest';
import { hexOf } from '../../src/base/bytes.ts';
import { dropsPerCheckpoint } from '../../src/base/limits.ts';
import { metaCopyKey } from '../../src/engine/meta-update.ts';
import { catalogTree, countersTree, damageTree, jobsTree } from '../../src/table/system.ts';
import { strayPages } from '../simulation/pages.ts';
import { damagePage, outcomes, pagesAt, stored, tally, withIndex } from '../support/damage.ts';
import {
  ask,
  countOf,
  damage,
  find,
  keysOf,
  makeTable,
  openRig,
  put,
  quiet,
  refusal,
  type Rig,
  tableInput,
  TestTime,
} from '../support/engine.ts';
import { openReplica } from '../support/replica.ts';
import { storedOf } from '../support/replica-damage.ts';
import { putText } from '../support/replica-pair.ts';

const tableTree = 100;
const engineAsks = { form: 'plain', caller: { kind: 'engine', principal: 'engine' } } as const;

interface Both {
  readonly rig: Rig;
  readonly catalog: () => void;
  readonly pages: number;
}

test('a repair that is the first to meet damage of own data ends that too', async () => {
  const { disk } = (await stored(100)).store;
  const pages = [countersTree, catalogTree].map((tree) => pagesAt(disk, tree, 1));
  const [counters, catalog] = (await Promise.all(pages)).map(([leaf]) => leaf?.id ?? 0);
  damagePage(disk, counters ?? 0);
  const { ranges } = await (await openRig({ disk })).engine.repair();
  expect(ranges).toMatchObject([{ page: counters, isWhole: false }]);
  damagePage(disk, catalog ?? 0);
  const rig = await openRig({ disk });
  expect((await rig.engine.repair()).ranges).toMatchObject([{ page: catalog, isWhole: false }]);
  expect(rig.engine.status().damage).toEqual([]);
});

/** 200 items in pages of a bulk build. */
async function importInto(rig: Rig, TableName: string, text: string): Promise<void> {
  await ask(rig, 'CreateTable', { ...tableInput, TableName });
  const session = await rig.engine.import({ table: TableName, form: 'plain' });
  const items = Array.from({ length: 200 }, (_, id) => ({ p: `k${id}`, v: text.repeat(500) }));
  await session.write({ items, position: items.length });
  await session.finish();
}

test('ids of trees and of pages are not given out again when their counters are lost', async () => {
  const first = await stored(100);
  const { disk } = first.store;
  await importInto(first, 'Before', 'b');
  await first.engine.idle();
  await first.engine.checkpoint();
  const [leaf] = await pagesAt(disk, countersTree, 1);
  damagePage(disk, leaf?.id ?? 0);
  const rig = await openRig({ disk });
  await rig.engine.repair();
  await importInto(rig, 'After', 'a');
  await ask(rig, 'CreateTable', { ...tableInput, TableName: 'Others' });
  await ask(rig, 'PutItem', { TableName: 'Others', Item: { p: { S: 'k1' } } });
  await rig.engine.checkpoint();
  for (const TableName of ['After', 'Others']) await ask(rig, 'DeleteTable', { TableName });
  await rig.engine.checkpoint();
  await rig.engine.idle();
  const fresh = await openRig({ disk });
  expect(tally(await outcomes(fresh, 100))).toEqual({ found: 100 });
  const { Items = [] } = await ask(fresh, 'Scan', { TableName: 'Before' });
  expect(Items).toHaveLength(200);
  expect(JSON.stringify(Items)).not.toContain('aaa');
  expect((await fresh.engine.scrub()).damagedPages).toBe(0);
});

test('a tree that nothing names, not even that it is dropped, keeps no checkpoint from being made', async () => {
  const first = await stored(100);
  const { disk } = first.store;
  for (let id = 0; id < 100; id += 1) await put(first, `k${id}`);
  await ask(first, 'DeleteTable', { TableName: 'Things' });
  // What a repair does that gives the page up where it is written.
  await ask(first, 'ForgetDropped', { Trees: [tableTree] }, engineAsks);
  for (const { id } of await pagesAt(disk, tableTree, 1)) damagePage(disk, id);
  const rig = await openRig({ disk });
  await rig.engine.checkpoint();
  expect(rig.engine.status()).toMatchObject({ tailBytes: 0 });
  await rig.engine.repair();
  expect(rig.engine.status().damage).toEqual([]);
  expect((await rig.engine.scrub()).damagedPages).toBe(0);
});

test('a dropped tree whose turn has not come keeps no checkpoint from being made', async () => {
  const first = await openRig();
  const names = Array.from({ length: dropsPerCheckpoint + 5 }, (_, at) => `Table${at}`);
  for (const TableName of names) {
    await ask(first, 'CreateTable', { ...tableInput, TableName });
    await ask(first, 'PutItem', { TableName, Item: { p: { S: 'before' } } });
  }
  await first.engine.checkpoint();
  const { disk } = first.store;
  for (const TableName of names) {
    await ask(first, 'PutItem', { TableName, Item: { p: { S: 'after' } } });
    await ask(first, 'DeleteTable', { TableName });
  }
  const last = await pagesAt(disk, tableTree + names.length - 1, 1);
  expect(last).toHaveLength(1);
  for (const { id } of last) damagePage(disk, id);
  const rig = await openRig({ disk });
  for (let round = 0; round < 3; round += 1) {
    await rig.engine.checkpoint();
    expect(rig.engine.status().damage).toEqual([]);
    await rig.engine.idle();
  }
  expect(await pagesAt(disk, tableTree + names.length - 1, 1)).toEqual([]);
});

describe('damage of a table and of the catalog at once', () => {
  /** Leaves of the table and of its index but the first, and the catalog; changes in the log. */
  async function both(isHit: (tree: number) => boolean): Promise<Both> {
    const first = await withIndex();
    const { disk } = first.store;
    await Promise.all(
      Array.from({ length: 300 }, (_, id) => put(first, `k${id}`, { g: { S: `g${id % 5}` } })),
    );
    const trees = [tableTree, tableTree + 1].filter(isHit);
    let pages = 0;
    for (const tree of trees) {
      for (const { id } of (await pagesAt(disk, tree, 1)).slice(1)) {
        damagePage(disk, id);
        pages += 1;
      }
    }
    const [leaf] = await pagesAt(disk, catalogTree, 1);
    damagePage(disk, leaf?.id ?? 0);
    // The same bit again: it reads well.
    const catalog = (): void => damagePage(disk, leaf?.id ?? 0);
    return { rig: await openRig({ disk }), catalog, pages };
  }

  /** All items are in the table and its index, in another engine too, and nothing else is kept. */
  async function expectAll(rig: Rig): Promise<void> {
    const { disk } = rig.store;
    for (const each of [rig, await openRig({ disk })]) {
      expect(tally(await outcomes(each, 300))).toEqual({ found: 300 });
      expect([await countOf(each), await countOf(each, 'byG')]).toEqual([300, 300]);
    }
    await rig.engine.checkpoint();
    await rig.engine.checkpoint();
    expect(strayPages(disk)).toEqual([]);
  }

  test.each([
    ['its table', (tree: number) => tree === tableTree],
    ['its index', (tree: number) => tree !== tableTree],
    ['both', () => true],
  ])(
    'keeps no checkpoint from being made, when the catalog reads well again: %s',
    async (_, hit) => {
      const { rig, catalog, pages } = await both(hit);
      for (let round = 0; round < 2; round += 1) {
        await rig.engine.checkpoint();
        expect(rig.engine.status().tailBytes).toBe(0);
        await rig.engine.idle();
      }
      expect(rig.engine.status().damage).toHaveLength(pages + 1);
      expect(await refusal(find(rig, 'k1'))).toMatch(/^DamagedData .*own data/);
      catalog();
      const { ranges } = await rig.engine.repair();
      expect(ranges[0]).toMatchObject({ isWhole: true });
      expect(rig.engine.status().damage).toEqual([]);
      await rig.engine.idle();
      // All were written since.
      await expectAll(rig);
    },
  );

  test('keeps no item out of reach whose index cannot be read', async () => {
    const first = await withIndex();
    const { disk } = first.store;
    // Some are written since, so that a checkpoint meets the pages that they were in.
    const ids = Array.from({ length: 30 }, (_, id) => 10 * id);
    await Promise.all(ids.map((id) => put(first, `k${id}`, { g: { S: `g${id % 5}` } })));
    const [catalog] = await pagesAt(disk, catalogTree, 1);
    const [, leaf] = await pagesAt(disk, tableTree, 1);
    const [, entries] = await pagesAt(disk, tableTree + 1, 1);
    const pages = [catalog, leaf, entries].map((visit) => visit?.id ?? 0);
    for (const page of pages) damagePage(disk, page);
    const rig = await openRig({ disk });
    await rig.engine.checkpoint();
    expect(rig.engine.status().damage).toHaveLength(pages.length);
    // The same bits again: these two read well.
    for (const page of pages.slice(0, 2)) damagePage(disk, page);
    const { ranges } = await rig.engine.repair();
    const isWhole = [true, true, false];
    expect(ranges).toMatchObject(pages.map((page, at) => ({ page, isWhole: isWhole[at] })));
    const held = leaf?.page?.count ?? 0;
    expect(ranges[1]?.restored).toBeGreaterThan(0);
    expect(ranges[1]?.restored).toBeLessThan(held);
    await rig.engine.idle();
    await expectAll(rig);
  });

  test('keeps no checkpoint from being made; one that is lost takes its tables along', async () => {
    const { rig, pages } = await both(() => true);
    await rig.engine.checkpoint();
    expect(rig.engine.status().tailBytes).toBe(0);
    const { ranges } = await rig.engine.repair();
    expect(ranges).toHaveLength(pages + 1);
    expect(ranges.filter(({ isWhole }) => isWhole)).toEqual([]);
    expect(rig.engine.status().damage).toEqual([]);
    expect(await ask(rig, 'ListTables')).toEqual({ TableNames: [] });
    await makeTable(rig);
    expect(tally(await outcomes(rig, 300))).toEqual({ absent: 300 });
  });
});

describe('damage of the records of damage', () => {
  /** A leaf of the table is cut out, and the record of that is in a page. */
  async function cutOut(): Promise<{ readonly rig: Rig; readonly lost: number }> {
    const rig = await stored();
    const { disk } = rig.store;
    const leaves = (await pagesAt(disk, tableTree, 1)).slice(3, 4);
    for (const { id } of leaves) damagePage(disk, id);
    const finder = await openRig({ disk });
    await outcomes(finder, 600);
    await finder.engine.idle();
    await finder.engine.checkpoint();
    expect(finder.engine.status().damage).toHaveLength(leaves.length);
    return { rig: finder, lost: leaves.reduce((sum, { page }) => sum + (page?.count ?? 0), 0) };
  }

  async function damageRecords(rig: Rig): Promise<readonly number[]> {
    const pages = (await pagesAt(rig.store.disk, damageTree, 1)).map(({ id }) => id);
    for (const id of pages) damagePage(rig.store.disk, id);
    return pages;
  }

  test('puts what is not found in doubt until a repair; what is found goes on', async () => {
    const { rig: first, lost } = await cutOut();
    const { disk } = first.store;
    const pages = await damageRecords(first);
    expect(pages).toHaveLength(1);
    const before = { found: 600 - lost, DamagedData: lost };
    const rig = await openRig({ disk });
    expect(tally(await outcomes(rig, 600))).toEqual(before);
    const good = (await outcomes(rig, 600)).indexOf('found');
    for (let round = 0; round < 2; round += 1) {
      await rig.engine.idle();
      expect(rig.engine.status().damage).toMatchObject([
        { tree: damageTree, page: pages[0], state: 'quarantined' },
      ]);
      await put(rig, `k${good}`, { round: { N: String(round) } });
      await rig.engine.checkpoint();
      expect(rig.engine.status().tailBytes).toBe(0);
      for (const each of [rig, first, await openRig({ disk })]) {
        expect(tally(await outcomes(each, 600))).toEqual(before);
        expect(await refusal(put(each, 'new'))).toMatch(/^DamagedData .*repair/);
        expect(await refusal(ask(each, 'Scan', { TableName: 'Things' }))).toMatch(/^DamagedData/);
      }
    }
    const { ranges } = await rig.engine.repair();
    expect(ranges).toMatchObject([
      { tree: damageTree, page: pages[0], isWhole: false, restored: 0 },
    ]);
    const fresh = await openRig({ disk });
    for (const each of [rig, first, fresh]) {
      await ask(each, 'ListTables', {}, { consistency: 'strong' });
      expect(tally(await outcomes(each, 600))).toEqual({ found: 600 - lost, absent: lost });
      await put(each, 'new');
      await ask(each, 'Scan', { TableName: 'Things' });
    }
    for (const { engine } of [rig, fresh]) expect(engine.status().damage).toEqual([]);
    await rig.engine.checkpoint();
    expect(await pagesAt(disk, damageTree, 1)).toEqual([]);
  });

  test('together with a page of a table: that is on record too, and outlives them', async () => {
    const { rig: first, lost } = await cutOut();
    const { disk } = first.store;
    await damageRecords(first);
    const [leaf] = (await pagesAt(disk, tableTree, 1)).slice(7);
    damagePage(disk, leaf?.id ?? 0);
    const more = leaf?.page?.count ?? 0;
    const rig = await openRig({ disk });
    const before = { found: 600 - lost - more, DamagedData: lost + more };
    expect(tally(await outcomes(rig, 600))).toEqual(before);
    const found = (await outcomes(rig, 600)).indexOf('found');
    await put(rig, `k${found}`);
    await rig.engine.checkpoint();
    expect(rig.engine.status().tailBytes).toBe(0);
    await rig.engine.idle();
    await rig.engine.checkpoint();
    const fresh = await openRig({ disk });
    expect(tally(await outcomes(fresh, 600))).toEqual(before);
    expect(fresh.engine.status().damage).toMatchObject([
      { tree: damageTree },
      { tree: tableTree, page: leaf?.id, state: 'quarantined' },
    ]);
    const { ranges } = await fresh.engine.repair();
    expect(ranges).toMatchObject([{ isWhole: false }, { page: leaf?.id, table: 'Things' }]);
    expect(tally(await outcomes(fresh, 600))).toEqual({
      found: 600 - lost - more,
      absent: lost + more,
    });
  });

  test.each([
    ['all', () => true],
    ['one', (_: number, at: number) => at === 1],
  ])('that fill several pages, %s of them', async (_, isHit) => {
    const { rig: first, lost } = await cutOut();
    const { disk } = first.store;
    // Keys of ranges that large that their records take pages of their own.
    for (let page = 9000; page < 9060; page += 1) {
      const From = hexOf(new Uint8Array(1500).fill(page % 7));
      const record = { Tree: jobsTree, From, To: From, Page: page, Height: 1 };
      await ask(first, 'NoteDamage', record, engineAsks);
    }
    await first.engine.checkpoint();
    const pages = await pagesAt(disk, damageTree, 1);
    expect(pages.length).toBeGreaterThan(2);
    for (const { id } of pages.filter(({ id }, at) => isHit(id, at))) damagePage(disk, id);
    const rig = await openRig({ disk });
    const before = { found: 600 - lost, DamagedData: lost };
    expect(tally(await outcomes(rig, 600))).toEqual(before);
    await rig.engine.idle();
    await rig.engine.checkpoint();
    expect(rig.engine.status().damage).toMatchObject([{ tree: damageTree, state: 'quarantined' }]);
    expect(tally(await outcomes(await openRig({ disk }), 600))).toEqual(before);
    await rig.engine.repair();
    expect(rig.engine.status().damage).toEqual([]);
    expect(tally(await outcomes(rig, 600))).toEqual({ found: 600 - lost, absent: lost });
  });

  test('that read well again before they are swept are not brought back', async () => {
    const { rig: first, lost } = await cutOut();
    const { disk } = first.store;
    const [page = 0] = await damageRecords(first);
    const maker = await openRig({ disk });
    await outcomes(maker, 600);
    await maker.engine.idle();
    // Its checkpoint waits for the other's repair, and its sweep comes to no end.
    let isWanted = false;
    let isMade = false;
    const { hooks } = maker.store;
    hooks.write = async ({ put: records = [], remove = [] }) => {
      const isCommit = records.some(({ space, key }) => space === 'meta' && key === metaCopyKey);
      while (isCommit && !isWanted) await quiet(1);
      if (isMade && remove.length > 0) await new Promise(() => undefined);
      isMade ||= isCommit;
      return undefined;
    };
    void maker.engine.checkpoint();
    await quiet(200);
    const { scheduler, clock } = new TestTime();
    const delay = async (): Promise<void> => {
      isWanted = true;
      for (let look = 0; look < 200; look += 1) await quiet(1);
    };
    const rig = await openRig({ disk, clock, scheduler: { ...scheduler, delay } });
    // The same bit again: it reads well.
    damagePage(disk, page);
    const { ranges } = await rig.engine.repair();
    expect(ranges).toMatchObject([{ page, isWhole: false, restored: 0 }]);
    expect(rig.engine.status().damage).toEqual([]);
    expect(tally(await outcomes(rig, 600))).toEqual({ found: 600 - lost, absent: lost });
  });

  test('a second time, while another engine makes checkpoints', async () => {
    const { rig: first, lost } = await cutOut();
    const { disk } = first.store;
    await damageRecords(first);
    const rig = await openRig({ disk });
    await outcomes(rig, 600);
    await rig.engine.idle();
    await rig.engine.checkpoint();
    // The record of that is damaged in its turn.
    const pages = await damageRecords(rig);
    expect(pages).toHaveLength(1);
    const again = await openRig({ disk });
    const good = (await outcomes(again, 600)).indexOf('found');
    let moves = 0;
    again.store.hooks.read = async (spaces) => {
      if (moves >= 2 || !spaces.includes('page')) return;
      moves += 1;
      await put(first, `k${good}`, { move: { N: String(moves) } });
      await first.engine.checkpoint();
    };
    await again.engine.idle();
    expect(moves).toBe(2);
    await again.engine.checkpoint();
    expect(tally(await outcomes(again, 600))).toEqual({ found: 600 - lost, DamagedData: lost });
    const { ranges } = await again.engine.repair();
    expect(ranges).toMatchObject([{ page: pages[0], isWhole: false }]);
    expect(again.engine.status().damage).toEqual([]);
  });

  test('in the log alone: what they spoke of is in its tree yet, and found again', async () => {
    const { disk } = (await stored()).store;
    const [leaf] = (await pagesAt(disk, tableTree, 1)).slice(3);
    damagePage(disk, leaf?.id ?? 0);
    const first = await openRig({ disk });
    const before = tally(await outcomes(first, 600));
    await first.engine.idle();
    expect(before['DamagedData']).toBe(leaf?.page?.count);
    for (const key of keysOf(disk, 'log')) damage(disk, 'log', key);
    const rig = await openRig({ disk });
    expect(tally(await outcomes(rig, 600))).toEqual(before);
    await rig.engine.idle();
    await rig.engine.checkpoint();
    const records = rig.engine.status().damage.filter(({ kind }) => kind === 'page');
    expect(records).toMatchObject([{ tree: tableTree, page: leaf?.id, state: 'quarantined' }]);
    expect(tally(await outcomes(rig, 600))).toEqual(before);
  });

  test('of a replica: all that it keeps is made anew, and nothing of it is lost', async () => {
    const first = await openReplica('device');
    await putText(first, 'k', 'one');
    await ask(first, 'NoteDamage', { Tree: jobsTree, From: '', Page: 9000, Height: 1 }, engineAsks);
    await first.engine.checkpoint();
    const { disk } = first.store;
    const { self } = await storedOf(first);
    await damageRecords(first);
    const rig = await openRig({ disk });
    expect(await refusal(putText(rig, 'new', 'two'))).toMatch(/^DamagedData .*repair/);
    await rig.engine.idle();
    await rig.engine.repair();
    expect(rig.engine.status().damage).toMatchObject([{ tree: self.book, state: 'rebuilding' }]);
    expect(await refusal(putText(rig, 'k', 'two'))).toMatch(/^DamagedData .*made anew/);
    await rig.engine.idle();
    expect(rig.engine.status().damage).toMatchObject([{ kind: 'entries', state: 'repaired' }]);
    await putText(rig, 'new', 'two');
    expect((await storedOf(rig)).entries()).toHaveLength(2);
  });
});
