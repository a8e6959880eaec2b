import { describe, expect, test } from 'vitest';
import { PageLoader } from '../../src/engine/load.ts';
import { listPages } from '../../src/base/limits.ts';
import { PageFault } from '../../src/pager/fault.ts';
import { metaKey } from '../../src/port/store.ts';
import {
  ask,
  countOf,
  fill,
  find,
  makeTable,
  openRig,
  openTestState,
  type Rig,
} from '../support/engine.ts';

async function filled(count: number): Promise<Rig> {
  const rig = await openRig();
  await makeTable(rig);
  await fill(rig, count, 1000);
  await rig.engine.checkpoint();
  return rig;
}

describe('the page loader', () => {
  test('brings the faults of one task with one request', async () => {
    const rig = await filled(100);
    const { state, store } = await openTestState({ disk: rig.store.disk });
    const loader = new PageLoader(state);
    const { reads } = store;
    const faults = [listPages, listPages + 1, listPages].map((id) => new PageFault([id]));
    await Promise.all(faults.map((fault) => loader.load(fault, loader.begin())));
    expect(store.reads - reads).toBe(1);
    expect(state.cache.has(listPages)).toBe(true);
  });

  test('brings neighbours by one range, and waits for the nearer half of what is ahead', async () => {
    const rig = await filled(400);
    const { state, store } = await openTestState({ disk: rig.store.disk });
    state.cache.clear();
    const scans: number[] = [];
    const release: (() => void)[] = [];
    store.hooks.read = () => {
      scans.push(store.reads);
      return scans.length === 1 ? undefined : new Promise<void>((resolve) => release.push(resolve));
    };
    const loader = new PageLoader(state);
    const ahead = [1, 2, 3, 4, 5].map((at) => listPages + at);
    await loader.load(new PageFault([listPages], ahead), loader.begin());
    const there = [listPages, ...ahead].map((id) => state.cache.has(id));
    expect(there).toEqual([true, true, true, true, false, false]);
    // A run that needs one of the farther half joins the request that is under way.
    const joined = loader.load(new PageFault([listPages + 5]), loader.begin());
    expect(scans.length).toBe(2);
    for (const go of release) go();
    await joined;
    expect(state.cache.has(listPages + 5)).toBe(true);
    expect(scans.length).toBe(2);
  });

  test('adopts a newer checkpoint that it meets, and brings nothing of the old one', async () => {
    const rig = await filled(100);
    const { state } = await openTestState({ disk: rig.store.disk });
    await fill(rig, 100, 900);
    await rig.engine.checkpoint();
    const loader = new PageLoader(state);
    await loader.load(new PageFault([listPages]), loader.begin());
    expect(state.meta.checkpoint).toBe(2);
    expect(state.cache.has(listPages)).toBe(false);
  });

  test('does not ask for a page of a checkpoint that was left in the same task', async () => {
    const rig = await filled(100);
    const { state } = await openTestState({ disk: rig.store.disk });
    const loader = new PageLoader(state);
    // A page that no checkpoint has stands for one that the newer one freed.
    const load = loader.load(new PageFault([listPages + 10_000]), loader.begin());
    state.meta = { ...state.meta, checkpoint: state.meta.checkpoint + 1 };
    await load;
    expect(state.cache.has(listPages + 10_000)).toBe(false);
  });

  test('says that a page is missing to who asked for it alone', async () => {
    const rig = await filled(100);
    const { state } = await openTestState({ disk: rig.store.disk });
    const loader = new PageLoader(state);
    const missing = loader.load(new PageFault([listPages + 10_000]), loader.begin());
    const ahead = new PageFault([listPages], [listPages + 10_001]);
    const there = loader.load(ahead, loader.begin());
    await expect(missing).rejects.toThrow('is missing');
    await there;
    expect(state.cache.has(listPages)).toBe(true);
  });

  test('keeps pages until the run that asked for them is over, and no longer', async () => {
    const rig = await filled(400);
    const { state } = await openTestState({ disk: rig.store.disk, cacheBytes: 40_000 });
    const loader = new PageLoader(state);
    const [long, short] = [loader.begin(), loader.begin()];
    const last = listPages + 12;
    await loader.load(new PageFault([listPages]), long);
    for (let id = listPages + 1; id < last; id += 1) await loader.load(new PageFault([id]), short);
    expect(state.cache.has(listPages)).toBe(true);
    expect(state.cache.bytes).toBeGreaterThan(200_000);
    loader.end(short);
    expect(state.cache.has(listPages)).toBe(true);
    expect(state.cache.bytes).toBeLessThan(80_000);
    loader.end(long);
    expect(state.cache.bytes).toBeLessThanOrEqual(40_000);
  });
});

describe('a cache smaller than the data', () => {
  test('stays within its bound while cold reads overlap without end', async () => {
    const disk = (await filled(1000)).store.disk;
    const rig = await openRig({ disk, cacheBytes: 150_000 });
    let most = 0;
    let next = 0;
    const reader = async (): Promise<void> => {
      for (let count = 0; count < 100; count += 1) {
        next = (next + 379) % 1000;
        expect(await find(rig, `k${next}`)).toBeDefined();
        most = Math.max(most, rig.engine.status().cacheBytes);
      }
    };
    await Promise.all([reader(), reader(), reader()]);
    expect(most).toBeLessThan(400_000);
    expect(await countOf(rig)).toBe(1000);
    await ask(rig, 'DescribeTable', { TableName: 'Things' });
  });

  test('stands on what it stood on where the store was emptied', async () => {
    const rig = await filled(20);
    const { state, store } = await openTestState({ disk: rig.store.disk });
    const { meta } = state;
    store.disk.spaces.meta.removeRange(metaKey, metaKey);
    await new PageLoader(state).adoptNewest();
    expect(state.meta).toBe(meta);
  });
});
