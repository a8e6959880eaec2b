import { describe, expect, test } from 'vitest';
import { walkPagesAtOnce } from '../../src/base/limits.ts';
import { walkRoots } from '../../src/engine/damage.ts';
import { type Visit, WalkMoved, type WalkOptions, walkTree } from '../../src/engine/page-walk.ts';
import { buildOverflow } from '../../src/pager/node.ts';
import { pageRange } from '../../src/pager/versions.ts';
import { damagePage } from '../support/damage.ts';
import {
  fill,
  keysOf,
  makeTable,
  openRig,
  openTestState,
  put,
  type Rig,
} from '../support/engine.ts';

async function stored(): Promise<Rig> {
  const rig = await openRig();
  await makeTable(rig);
  await fill(rig, 900, 1000);
  await put(rig, 'large', { v: { S: 'y'.repeat(100_000) } });
  await rig.engine.checkpoint();
  return rig;
}

async function walk(rig: Rig, options: WalkOptions = {}, between = async () => {}) {
  const { state, store } = await openTestState({ disk: rig.store.disk });
  const { meta } = state;
  const visits: Visit[] = [];
  for await (const { tree, root } of walkRoots(state)) {
    if (tree !== 100) continue;
    for await (const visit of walkTree(state, meta, root, options)) {
      visits.push(visit);
      await between();
    }
  }
  return { visits, reads: store.reads };
}

describe('a walk', () => {
  test('visits every page with its range of keys, with few requests', async () => {
    const { visits, reads } = await walk(await stored());
    const leaves = visits.filter(({ height }) => height === 1);
    expect(leaves.length).toBeGreaterThan(20);
    expect(leaves.reduce((sum, { page }) => sum + (page?.count ?? 0), 0)).toBe(901);
    for (const [index, leaf] of leaves.entries()) {
      expect(leaf.to).toEqual(leaves[index + 1]?.from);
    }
    expect(visits.filter(({ height }) => height === 0)).toHaveLength(2);
    expect(visits.every(({ records, bytes }) => records >= 1 && bytes > 0)).toBe(true);
    expect(reads).toBeLessThan(10 + visits.length / (walkPagesAtOnce / 2));
  });

  test('over inner pages names the leaves and does not read them', async () => {
    const { visits } = await walk(await stored(), { least: 2 });
    const leaves = visits.filter(({ height }) => height === 1);
    expect(leaves.length).toBeGreaterThan(20);
    expect(leaves.every(({ page, bytes }) => page === undefined && bytes === 0)).toBe(true);
  });

  test('reports damage and goes on', async () => {
    const rig = await stored();
    const [, leaf] = (await walk(rig)).visits.filter(({ height }) => height === 1);
    damagePage(rig.store.disk, leaf?.id ?? 0);
    const { visits } = await walk(rig);
    const bad = visits.filter(({ damage }) => damage !== undefined);
    expect(bad).toMatchObject([{ id: leaf?.id, from: leaf?.from, to: leaf?.to, page: undefined }]);
  });

  test('ends when a checkpoint comes between, or its signal says so', async () => {
    const rig = await stored();
    await put(rig, 'another');
    await expect(walk(rig, {}, () => rig.engine.checkpoint())).rejects.toThrow(WalkMoved);
    const signal = AbortSignal.abort();
    await expect(walk(rig, { signal })).rejects.toThrow('aborted');
  });

  test('tells a page that is missing, and one that is not what its parent says', async () => {
    const rig = await stored();
    const { disk } = rig.store;
    const leaves = (await walk(rig)).visits.filter(({ height }) => height === 1);
    const [missing = 0, wrong = 0] = leaves.slice(2).map(({ id }) => id);
    const { from, to } = pageRange(missing, 2 ** 24 - 1);
    disk.spaces.page.removeRange(from, to);
    const [key = 0] = keysOf(disk, 'page').filter((at) => Math.floor(at / 2 ** 24) === wrong);
    disk.spaces.page.put(key, buildOverflow(wrong, key % 2 ** 24, new Uint8Array(9)));
    const bad = (await walk(rig)).visits.filter(({ damage }) => damage !== undefined);
    expect(bad.map(({ id, damage }) => [id, damage?.message])).toEqual([
      [missing, `page ${missing} is missing`],
      [wrong, `page ${wrong}: overflow, not leaf`],
    ]);
  });

  test('over a store that no checkpoint was made of visits nothing', async () => {
    const rig = await openRig();
    await makeTable(rig);
    expect((await walk(rig)).visits).toEqual([]);
  });
});
