import { describe, expect, test } from 'vitest';
import { sweep } from '../../src/engine/sweep.ts';
import { encodeMeta } from '../../src/pager/meta.ts';
import { metaKey } from '../../src/port/store.ts';
import {
  ask,
  countOf,
  fill,
  find,
  keysOf,
  makeTable,
  metaOf,
  openRig,
  openTestState,
  put,
  quiet,
  type Rig,
  refusal,
  tableInput,
} from '../support/engine.ts';

async function filled(count: number, bytes = 500): Promise<Rig> {
  const rig = await openRig();
  await makeTable(rig);
  await fill(rig, count, bytes);
  await rig.engine.checkpoint();
  return rig;
}

describe('after a checkpoint', () => {
  test('the log is trimmed and nothing is left to sweep', async () => {
    const rig = await filled(500);
    expect(keysOf(rig.store.disk, 'log')).toEqual([]);
    expect(metaOf(rig.store.disk)).toMatchObject({ unswept: [], dead: [], reservation: undefined });
    expect(metaOf(rig.store.disk).trimmed).toBe(metaOf(rig.store.disk).position);
  });

  test('what a stale engine left below the trimmed log goes with the next trim', async () => {
    const rig = await filled(50);
    const { trimmed } = metaOf(rig.store.disk);
    const value = new Uint8Array([1]);
    // As if it had been killed between its append and taking it back.
    await rig.store.write({ add: [{ space: 'log', key: trimmed, value }] });
    await rig.store.write({ add: [{ space: 'log', key: 1, value }] });
    await fill(rig, 50, 300);
    await rig.engine.checkpoint();
    expect(keysOf(rig.store.disk, 'log')).toEqual([]);
    expect(await countOf(await openRig({ disk: rig.store.disk }))).toBe(50);
  });

  test('rounds of the same writes leave the number of page records bounded', async () => {
    const rig = await filled(500);
    const counts: number[] = [];
    for (let round = 0; round < 30; round += 1) {
      await fill(rig, 500, 400 + round);
      await rig.engine.checkpoint();
      counts.push(keysOf(rig.store.disk, 'page').length);
    }
    expect(Math.max(...counts.slice(15))).toBeLessThanOrEqual(Math.max(...counts.slice(0, 15)) + 9);
  });

  test('a deleted table has no pages any more', async () => {
    const rig = await openRig();
    await ask(rig, 'CreateTable', { ...tableInput, TableName: 'Other' });
    await rig.engine.checkpoint();
    const before = keysOf(rig.store.disk, 'page').length;
    await makeTable(rig);
    for (let from = 0; from < 3000; from += 1000) await fill(rig, 1000, 1000, from);
    await put(rig, 'large', { v: { B: new Uint8Array(300_000) } });
    await rig.engine.checkpoint();
    const most = keysOf(rig.store.disk, 'page').length;
    expect(most - before).toBeGreaterThan(90);
    await ask(rig, 'DeleteTable', { TableName: 'Things' });
    await rig.engine.checkpoint();
    await rig.engine.idle();
    await rig.engine.checkpoint();
    // What is left of it are the lists of checkpoints, which go in their time.
    expect(keysOf(rig.store.disk, 'page').length - before).toBeLessThanOrEqual(4);
  });

  test('nine tenths of 20,000 items deleted leave at most a quarter of the pages', async () => {
    const rig = await openRig();
    await makeTable(rig);
    for (let from = 0; from < 20_000; from += 4000) await fill(rig, 4000, 100, from);
    await rig.engine.checkpoint();
    const before = keysOf(rig.store.disk, 'page').length;
    const gone = [...Array(20_000).keys()].filter((id) => id % 10 !== 0);
    await Promise.all(
      gone.map((id) => {
        return ask(rig, 'DeleteItem', { TableName: 'Things', Key: { p: { S: `k${id}` } } });
      }),
    );
    await rig.engine.checkpoint();
    expect(await countOf(rig)).toBe(2000);
    expect(keysOf(rig.store.disk, 'page').length).toBeLessThanOrEqual(before / 4);
    expect(await countOf(await openRig({ disk: rig.store.disk }))).toBe(2000);
  }, 60_000);
});

describe('a sweep', () => {
  test('that was cut off is done again before the next checkpoint', async () => {
    const rig = await filled(300);
    await fill(rig, 300, 501);
    rig.store.hooks.write = ({ remove = [], add = [], put: puts = [] }) => {
      const sweeps = remove.length > 0 && add.length === 0 && puts.length === 0;
      return sweeps ? { kind: 'refused', why: 'full' } : undefined;
    };
    expect(await refusal(rig.engine.checkpoint())).toMatch(/^StoreFailure a sweep was cut off/);
    expect(metaOf(rig.store.disk).unswept).toHaveLength(1);
    delete rig.store.hooks.write;
    const before = keysOf(rig.store.disk, 'page').length;
    await rig.engine.checkpoint();
    expect(metaOf(rig.store.disk).unswept).toEqual([]);
    expect(keysOf(rig.store.disk, 'page').length).toBeLessThan(before);
    expect(await countOf(rig)).toBe(300);
  });

  test('may be done twice, by two engines at once', async () => {
    const rig = await filled(300);
    await fill(rig, 300, 501);
    rig.store.hooks.write = ({ remove = [] }) => {
      return remove.length > 0 ? { kind: 'refused', why: 'full' } : undefined;
    };
    await refusal(rig.engine.checkpoint());
    const states = [rig, rig].map(() => openTestState({ disk: rig.store.disk }));
    await Promise.all(states.map(async (opened) => sweep((await opened).state)));
    expect(metaOf(rig.store.disk).unswept).toEqual([]);
    expect(await countOf(await openRig({ disk: rig.store.disk }))).toBe(300);
  });

  test('keeps the lists of the last checkpoints only, failed ones among them or not', async () => {
    const rig = await filled(50);
    for (let round = 0; round < 25; round += 1) {
      await put(rig, `round ${round}`);
      if (round % 5 === 1) {
        // The commit is refused: the number is dead.
        rig.store.hooks.write = ({ strict }) => {
          return strict === true ? { kind: 'refused', why: 'full' } : undefined;
        };
        await refusal(rig.engine.checkpoint());
        delete rig.store.hooks.write;
      }
      await rig.engine.checkpoint();
    }
    const lists = keysOf(rig.store.disk, 'page').filter((key) => key < 2 ** 24);
    expect(lists.length).toBeLessThanOrEqual(8);
  });

  test('removes what a checkpoint that failed has written', async () => {
    const rig = await filled(300);
    const { disk } = rig.store;
    const before = new Set(keysOf(disk, 'page'));
    const lost = await openRig({ disk, time: rig.time });
    await fill(lost, 2000, 800);
    let slices = 0;
    const never = new Promise<undefined>(() => undefined);
    lost.store.hooks.write = ({ put: puts = [] }) => {
      slices += puts.some(({ space }) => space === 'page') ? 1 : 0;
      return slices > 2 ? never : undefined;
    };
    void lost.engine.checkpoint();
    await quiet(200);
    expect(keysOf(disk, 'page').length).toBeGreaterThan(before.size + 8);
    const dead = metaOf(disk).reservation?.number;
    // The first look notes the count, the next one finds it unmoved.
    await countOf(rig);
    await rig.engine.checkpoint();
    rig.time.pass(6000);
    await rig.engine.checkpoint();
    expect(metaOf(disk).checkpoint).toBeGreaterThan(Number(dead));
    await put(rig, 'one');
    await rig.engine.checkpoint();
    const numbers = keysOf(disk, 'page').map((key) => key % 2 ** 24);
    expect(numbers).not.toContain(dead);
    expect(metaOf(disk).dead).toEqual([]);
    expect(await countOf(await openRig({ disk }))).toBe(2001);
  });

  test('that is still due keeps nobody from reading past the versions that do not count', async () => {
    const rig = await filled(300);
    const { disk } = rig.store;
    await put(rig, 'k1', { v: { S: 'failed' } });
    rig.store.hooks.write = ({ strict }) => {
      return strict === true ? { kind: 'refused', why: 'full' } : undefined;
    };
    await refusal(rig.engine.checkpoint());
    await put(rig, 'k1', { v: { S: 'newer' } });
    rig.store.hooks.write = ({ remove = [] }) => {
      return remove.length > 0 ? { kind: 'refused', why: 'full' } : undefined;
    };
    await refusal(rig.engine.checkpoint());
    expect(metaOf(disk)).toMatchObject({ checkpoint: 3, dead: [2] });
    expect(keysOf(disk, 'page').some((key) => key % 2 ** 24 === 2)).toBe(true);
    const fresh = await openRig({ disk });
    expect(await countOf(fresh)).toBe(300);
    expect((await find(fresh, 'k1'))?.get('v')?.value).toBe('newer');
  });

  test('of a store that a newer version took over removes nothing', async () => {
    const rig = await filled(300);
    const { disk } = rig.store;
    await fill(rig, 300, 501);
    let records = 0;
    rig.store.hooks.write = ({ remove = [], put: puts = [] }) => {
      if (remove.length === 0 || puts.length > 0 || records > 0) return undefined;
      disk.spaces.meta.put(metaKey, encodeMeta({ ...metaOf(disk), format: 7 }));
      records = keysOf(disk, 'page').length;
      return undefined;
    };
    expect(await refusal(rig.engine.checkpoint())).toMatch(/^UpdateNeeded/);
    expect(keysOf(disk, 'page').length).toBe(records);
  });
});
