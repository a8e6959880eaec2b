import { describe, expect, test } from 'vitest';
import { Checkpointer } from '../../src/engine/checkpoint.ts';
import { PageLoader } from '../../src/engine/load.ts';
import type { Request } from '../../src/operation/request.ts';
import { encodeMeta } from '../../src/pager/meta.ts';
import { firstUserTree } from '../../src/table/system.ts';
import { pagesAt, stored } from '../support/damage.ts';
import {
  ask,
  countOf,
  damage,
  fill,
  find,
  gate,
  holdPages,
  keysOf,
  makeTable,
  metaOf,
  openRig,
  openTestState,
  put,
  quiet,
  type Rig,
  refusal,
} from '../support/engine.ts';

const page = (space: { readonly space: string }): boolean => space.space === 'page';

async function ready(count: number, bytes = 500): Promise<Rig> {
  const rig = await openRig();
  await makeTable(rig);
  await fill(rig, count, bytes);
  return rig;
}

describe('a checkpoint', () => {
  test('makes pages of the tail; what it holds is found with an empty log', async () => {
    const rig = await ready(500);
    await rig.engine.checkpoint();
    const { tailBytes, logBytes, checkpoint } = rig.engine.status();
    expect([tailBytes, logBytes, checkpoint]).toEqual([0, 0, 1]);
    expect(await countOf(rig)).toBe(500);
    expect(await countOf(await openRig({ disk: rig.store.disk }))).toBe(500);
  });

  test('of an empty tail writes nothing', async () => {
    const rig = await ready(10);
    await rig.engine.checkpoint();
    const { length } = rig.store.batches;
    await rig.engine.checkpoint();
    expect(rig.store.batches).toHaveLength(length);
  });

  test('lets reads and writes pass in between, which are in the tail after it', async () => {
    const rig = await ready(2000);
    const held = holdPages(rig);
    const making = rig.engine.checkpoint();
    await quiet();
    await put(rig, 'k5', { v: { S: 'newer' } });
    await ask(rig, 'DeleteItem', { TableName: 'Things', Key: { p: { S: 'k6' } } });
    expect(await countOf(rig)).toBe(1999);
    held.open();
    await making;
    for (const each of [rig, await openRig({ disk: rig.store.disk })]) {
      expect((await find(each, 'k5'))?.get('v')?.value).toBe('newer');
      expect(await countOf(each)).toBe(1999);
    }
  });

  test('asked for twice is made once', async () => {
    const rig = await ready(500);
    await Promise.all([rig.engine.checkpoint(), rig.engine.checkpoint()]);
    expect(metaOf(rig.store.disk).lastNumber).toBe(1);
  });

  test('asked for while one is under way has what was written since', async () => {
    const rig = await ready(500);
    const held = holdPages(rig);
    const first = rig.engine.checkpoint();
    await quiet();
    await put(rig, 'since');
    const second = rig.engine.checkpoint();
    held.open();
    await Promise.all([first, second]);
    expect(rig.engine.status()).toMatchObject({ checkpoints: 2, tailBytes: 0, logBytes: 0 });
  });

  test('reads each page once, though the cache has no room for those that come ahead', async () => {
    const { disk } = (await stored()).store;
    const leaves = (await pagesAt(disk, firstUserTree, 1)).length;
    const rig = await openRig({ disk, cacheBytes: 100_000 });
    await Promise.all(Array.from({ length: 100 }, (_, at) => put(rig, `k${at * 6}`)));
    let read = 0;
    rig.store.hooks.read = (spaces) => {
      read += spaces.filter((space) => space === 'page').length;
    };
    await rig.engine.checkpoint();
    expect(leaves).toBeGreaterThan(15);
    // With the trees of the engine's own, which are a page each.
    expect(read).toBeLessThan(leaves + 10);
    expect(metaOf(disk).checkpoint).toBe(2);
  });

  test('writes slices of bounded size', async () => {
    const rig = await ready(3000);
    await rig.engine.checkpoint();
    const slices = rig.store.batches.map(({ put: puts = [] }) => {
      return puts.filter(page).reduce((sum, { value }) => sum + value.length, 0);
    });
    expect(Math.max(...slices)).toBeLessThan(400_000);
    expect(slices.filter((bytes) => bytes > 0).length).toBeGreaterThan(4);
  });

  test('writes longer slices of what no user waits for', async () => {
    const rig = await openRig();
    await makeTable(rig);
    const filler = 'x'.repeat(500);
    const ids = Array.from({ length: 3000 }, (_, at) => `k${at}`);
    const loader: Partial<Request> = { caller: { kind: 'backfill' } as Request['caller'] };
    await Promise.all(ids.map((id) => put(rig, id, { v: { S: filler } }, loader)));
    await rig.engine.checkpoint();
    const slices = rig.store.batches.map(({ put: puts = [] }) => {
      return puts.filter(page).reduce((sum, { value }) => sum + value.length, 0);
    });
    expect(Math.max(...slices)).toBeGreaterThan(900_000);
    expect(Math.max(...slices)).toBeLessThan(1_200_000);
    expect(await countOf(await openRig({ disk: rig.store.disk }))).toBe(3000);
  });
});

describe('a checkpoint that fails', () => {
  // Which write of it is refused: reserving, a slice, the commit.
  test.each([1, 2, 3, 4, 5, 6])('at its write %i leaves all as it was', async (nth) => {
    const rig = await ready(2000);
    const before = rig.engine.status();
    let writes = 0;
    rig.store.hooks.write = () => {
      writes += 1;
      return writes >= nth ? { kind: 'refused', why: 'full' } : undefined;
    };
    expect(await refusal(rig.engine.checkpoint())).toMatch(/^StoreFailure/);
    expect(rig.engine.status()).toEqual(before);
    expect(await countOf(rig)).toBe(2000);
    expect(await countOf(await openRig({ disk: rig.store.disk }))).toBe(2000);
    delete rig.store.hooks.write;
    await ask(rig, 'DeleteItem', { TableName: 'Things', Key: { p: { S: 'k1' } } });
    await rig.engine.checkpoint();
    expect(await countOf(await openRig({ disk: rig.store.disk }))).toBe(1999);
    // Nothing of the failed attempt is left behind.
    await put(rig, 'k2');
    await rig.engine.checkpoint();
    expect(metaOf(rig.store.disk).dead).toEqual([]);
    const fresh = await ready(2000);
    await ask(fresh, 'DeleteItem', { TableName: 'Things', Key: { p: { S: 'k1' } } });
    await fresh.engine.checkpoint();
    await put(fresh, 'k2');
    await fresh.engine.checkpoint();
    const records = keysOf(rig.store.disk, 'page').length;
    expect(records - keysOf(fresh.store.disk, 'page').length).toBeLessThanOrEqual(2);
  });

  test('with an unknown outcome, done or not, is sound', async () => {
    for (let nth = 1; nth <= 6; nth += 1) {
      for (const carriedOut of [false, true]) {
        const rig = await ready(1000);
        let writes = 0;
        const hook = (): { kind: 'unknown' } | undefined => {
          writes += 1;
          return writes === nth ? { kind: 'unknown' } : undefined;
        };
        if (carriedOut) rig.store.hooks.written = hook;
        else rig.store.hooks.write = hook;
        await refusal(rig.engine.checkpoint());
        await rig.engine.checkpoint();
        expect(await countOf(rig), `write ${nth}`).toBe(1000);
        expect(await countOf(await openRig({ disk: rig.store.disk })), `write ${nth}`).toBe(1000);
        expect(rig.engine.status().tailBytes, `write ${nth}`).toBe(0);
      }
    }
  }, 20_000);

  test('on damaged pages is made around them; nothing loaded for it stays', async () => {
    const first = await ready(600, 1000);
    await first.engine.checkpoint();
    const { disk } = first.store;
    const leaves = keysOf(disk, 'page').filter((key) => {
      return (disk.spaces.page.get(key)?.length ?? 0) > 15_000;
    });
    const rig = await openRig({ disk, cacheBytes: 10_000 });
    const ids = [...Array(600).keys()];
    await Promise.all(ids.map((id) => put(rig, `k${id}`, { v: { S: 'y'.repeat(900) } })));
    for (const key of leaves) damage(disk, 'page', key);
    await rig.engine.checkpoint();
    expect(rig.engine.status()).toMatchObject({ tailBytes: 0, checkpoints: 1 });
    expect(rig.engine.status().damage).toHaveLength(leaves.length);
    expect(rig.engine.status().cacheBytes).toBeLessThanOrEqual(10_000);
    // What was written in between is there, though all that was below it is lost.
    for (const [n, each] of [rig, await openRig({ disk })].entries()) {
      expect((await find(each, `k${n}`))?.get('v')?.value).toBe('y'.repeat(900));
      expect(await refusal(find(each, 'absent'))).toMatch(/^DamagedData A part of table Things/);
      await put(each, 'k5', { v: { S: 'z' } });
    }
  });
});

describe('a reservation', () => {
  test('of a living engine is respected, of a dead one is taken over', async () => {
    const dead = await ready(500);
    const never = new Promise<undefined>(() => undefined);
    dead.store.hooks.write = ({ put: puts = [] }) => (puts.some(page) ? never : undefined);
    void dead.engine.checkpoint();
    await quiet();
    const rig = await openRig({ disk: dead.store.disk, time: dead.time });
    await rig.engine.checkpoint();
    expect(rig.engine.status().checkpoints).toBe(0);
    // It counts: it is alive.
    rig.time.pass(6000);
    const meta = metaOf(dead.store.disk);
    const { reservation } = meta;
    if (reservation === undefined) throw new Error('no reservation');
    const counted = { ...meta, reservation: { ...reservation, slices: 7 } };
    dead.store.disk.spaces.meta.put(0, encodeMeta(counted));
    await rig.engine.checkpoint();
    expect(rig.engine.status().checkpoints).toBe(0);
    rig.time.pass(6000);
    await rig.engine.checkpoint();
    expect(rig.engine.status().checkpoints).toBe(1);
    expect(metaOf(dead.store.disk).checkpoint).toBe(2);
    expect(await countOf(rig)).toBe(500);
  });

  test.each(['slice', 'commit'])(
    'that was taken over ends the checkpoint at its next %s',
    async (site) => {
      const slow = await ready(500);
      const held = gate();
      slow.store.hooks.write = ({ put: puts = [], strict = false }) => {
        const due = site === 'slice' ? puts.some(page) : strict;
        return due ? held.opened.then(() => undefined) : undefined;
      };
      const making = slow.engine.checkpoint();
      await quiet();
      const rig = await openRig({ disk: slow.store.disk, time: slow.time });
      await rig.engine.checkpoint();
      rig.time.pass(6000);
      await rig.engine.checkpoint();
      const records = keysOf(slow.store.disk, 'page');
      held.open();
      await making;
      expect(keysOf(slow.store.disk, 'page')).toEqual(records);
      expect(metaOf(slow.store.disk).checkpoint).toBe(2);
      expect(slow.engine.status()).toMatchObject({ checkpoint: 2, checkpoints: 0, tailBytes: 0 });
      expect(await countOf(slow)).toBe(500);
    },
  );
});

describe('a read that meets the checkpoint of another engine', () => {
  test('while this one makes its own adopts it, and loses nothing', async () => {
    const rig = await ready(800, 1000);
    await rig.engine.checkpoint();
    const slow = await openRig({ disk: rig.store.disk, time: rig.time, cacheBytes: 30_000 });
    await put(slow, 'k3', { v: { S: 'mine' } });
    await find(rig, 'k3');
    const held = gate();
    slow.store.hooks.write = ({ put: puts = [] }) => {
      return puts.some(page) ? held.opened.then(() => undefined) : undefined;
    };
    const making = slow.engine.checkpoint();
    await quiet();
    rig.time.pass(1);
    await rig.engine.checkpoint();
    rig.time.pass(6000);
    await rig.engine.checkpoint();
    expect(metaOf(rig.store.disk).checkpoint).toBe(3);
    expect(await countOf(slow)).toBe(800);
    expect(slow.engine.status().checkpoint).toBe(3);
    await put(slow, 'new');
    held.open();
    await making;
    expect((await find(slow, 'k3'))?.get('v')?.value).toBe('mine');
    expect(await countOf(slow)).toBe(801);
    expect(await countOf(rig)).toBe(801);
  });
});

test('a checkpoint that is begun is told from one that is waited for', async () => {
  const { state } = await openTestState();
  const checkpointer = new Checkpointer(state, new PageLoader(state));
  expect(await checkpointer.make()).toEqual({ kind: 'nothing' });
  expect(checkpointer.moves).toBe(0);
  const rig = await ready(1);
  const held = await openTestState({ disk: rig.store.disk });
  const other = new Checkpointer(held.state, new PageLoader(held.state));
  expect(await other.make()).toMatchObject({ kind: 'done' });
  expect(other.moves).toBe(1);
});
