import { describe, expect, test } from 'vitest';
import { catchUp } from '../../src/engine/follow.ts';
import { UpdateNeeded } from '../../src/base/corruption.ts';
import { decodeList, encodeList } from '../../src/pager/list.ts';
import { encodeMeta, metaFormat } from '../../src/pager/meta.ts';
import { pageKey } from '../../src/pager/versions.ts';
import { metaKey } from '../../src/port/store.ts';
import { leaveDoubt, noteLost } from '../support/damage.ts';
import {
  ask,
  countOf,
  damage,
  fill,
  find,
  keysOf,
  makeTable,
  metaOf,
  openRig,
  openTestState,
  put,
  refusal,
  type Rig,
} from '../support/engine.ts';

const big = (id: number) => ({
  Put: { TableName: 'Things', Item: { p: { S: `b${id}` }, v: { B: new Uint8Array(409_000) } } },
});

/** Where they were below 0 a checkpoint has made 0 of them, which they are corrected by. */
async function correctCounters(rig: Rig): Promise<void> {
  const caller = { kind: 'engine', principal: 'engine' } as const;
  const input = { Tree: 100, Entries: 1, Bytes: 9, IsMore: true };
  await ask(rig, 'CorrectCounters', input, { form: 'plain', caller });
}

describe('following the log', () => {
  test('applies any number of small turns, at opening and later', async () => {
    const rig = await openRig();
    await makeTable(rig);
    const sleeper = await openRig({ disk: rig.store.disk });
    for (let id = 0; id < 7000; id += 1) await put(rig, `k${id}`);
    const fresh = await openRig({ disk: rig.store.disk });
    expect(fresh.engine.status().head).toBe(rig.engine.status().head);
    expect(await find(sleeper, 'k1')).toBeDefined();
  }, 30_000);

  test('reads a turn of more records than it reads at once', async () => {
    const rig = await openRig();
    await makeTable(rig);
    const sleeper = await openRig({ disk: rig.store.disk });
    const { head } = rig.engine.status();
    await ask(rig, 'TransactWriteItems', { TransactItems: [...Array(10).keys()].map(big) });
    expect(rig.engine.status().head - head).toBeGreaterThan(64);
    await put(rig, 'after');
    expect(await countOf(sleeper)).toBe(11);
    expect(await countOf(await openRig({ disk: rig.store.disk }))).toBe(11);
  });

  test('reads on while it applies what came', async () => {
    const rig = await openRig();
    await makeTable(rig);
    const sleeper = await openRig({ disk: rig.store.disk });
    for (let id = 0; id < 300; id += 1) await put(rig, `k${id}`);
    // A turn that ends in the middle of a read, and one that begins there.
    await ask(rig, 'TransactWriteItems', { TransactItems: [...Array(8).keys()].map(big) });
    for (let id = 300; id < 400; id += 1) await put(rig, `k${id}`);
    const heads: number[] = [];
    sleeper.store.hooks.read = () => {
      heads.push(sleeper.engine.status().head);
    };
    expect(await countOf(sleeper)).toBe(408);
    const logReads = heads.filter((head) => head < rig.engine.status().head);
    // Two at each head: the one that brings what follows it, and the one behind that.
    expect(logReads.slice(0, 2)).toEqual([logReads[0], logReads[0]]);
    expect(logReads.length).toBeLessThan(12);
  });

  test('starts over from a checkpoint when the log in between is trimmed', async () => {
    const rig = await openRig();
    await makeTable(rig);
    const sleeper = await openRig({ disk: rig.store.disk });
    await fill(rig, 100);
    await rig.engine.checkpoint();
    await put(rig, 'after');
    expect(keysOf(rig.store.disk, 'log')).toHaveLength(1);
    expect(await countOf(sleeper)).toBe(101);
    await put(sleeper, 'mine');
    expect(await countOf(rig)).toBe(102);
  });

  test.each([
    ['a repair', leaveDoubt],
    ['a record of damage', noteLost],
    ['a correction of counters', correctCounters],
  ])('stands on the checkpoint that %s speaks of', async (_, speak) => {
    const rig = await openRig();
    await makeTable(rig);
    await put(rig, 'a');
    const sleeper = await openRig({ disk: rig.store.disk });
    expect(await find(sleeper, 'a')).toBeDefined();
    await rig.engine.checkpoint();
    expect(await find(sleeper, 'a')).toBeDefined();
    const { checkpoint } = rig.engine.status();
    expect(sleeper.engine.status().checkpoint).toBeLessThan(checkpoint);
    await speak(rig);
    expect(await find(sleeper, 'a')).toBeDefined();
    expect(sleeper.engine.status()).toMatchObject({ checkpoint });
  });

  test('a long turn that is trimmed while it is read is no damage', async () => {
    const rig = await openRig();
    await makeTable(rig);
    const sleeper = await openRig({ disk: rig.store.disk });
    await ask(rig, 'TransactWriteItems', { TransactItems: [...Array(10).keys()].map(big) });
    let scans = 0;
    sleeper.store.hooks.read = async () => {
      scans += 1;
      if (scans !== 2) return;
      await rig.engine.checkpoint();
      await put(rig, 'after');
    };
    expect(await countOf(sleeper)).toBe(11);
  });

  test('a damaged record is an error, never a value; what is in memory still serves', async () => {
    const rig = await openRig();
    await makeTable(rig);
    await put(rig, 'a');
    const other = await openRig({ disk: rig.store.disk });
    await put(rig, 'b');
    damage(rig.store.disk, 'log', rig.engine.status().head);
    expect(await refusal(find(other, 'b'))).toMatch(/^DamagedData The log .*bad checksum/);
    expect(await refusal(find(other, 'b'))).toMatch(/^DamagedData The log .*bad checksum/);
    const session = { TableName: 'Things', Key: { p: { S: 'a' } } };
    expect(await ask(other, 'GetItem', session)).toHaveProperty('Item');
  });

  test('a store without a meta record any more is an error', async () => {
    const { state, store } = await openTestState();
    store.disk.spaces.meta.removeRange(metaKey, metaKey);
    await expect(catchUp(state)).rejects.toMatchObject({ why: 'gone' });
  });

  test('a newer format stops reads that need the store', async () => {
    const rig = await openRig();
    await makeTable(rig);
    const { meta } = rig.store.disk.spaces;
    const newer = encodeMeta({ ...metaOf(rig.store.disk), format: metaFormat + 1 });
    meta.put(metaKey, newer);
    expect(await refusal(find(rig, 'a'))).toMatch(/^UpdateNeeded/);
    await expect(openRig({ disk: rig.store.disk })).rejects.toThrow(UpdateNeeded);
    expect(await refusal(rig.engine.checkpoint())).toMatch(/^UpdateNeeded/);
    expect(meta.get(metaKey)).toEqual(newer);
  });
});

describe('adopting a checkpoint', () => {
  test('keeps the cached pages that it did not write, and the tail above it', async () => {
    const rig = await openRig();
    await makeTable(rig);
    await fill(rig, 400, 1000);
    await rig.engine.checkpoint();
    const other = await openRig({ disk: rig.store.disk });
    await countOf(other);
    const cached = other.engine.status().cacheBytes;
    await put(rig, 'k7', { v: { S: 'new' } });
    await find(other, 'k7');
    await rig.engine.checkpoint();
    await put(rig, 'above');
    expect((await find(other, 'k7'))?.get('v')?.value).toBe('new');
    await put(other, 'k399', { v: { S: 'mine' } });
    await other.engine.checkpoint();
    expect(other.engine.status().checkpoint).toBeGreaterThan(rig.engine.status().checkpoint);
    expect(other.engine.status().cacheBytes).toBeGreaterThan(cached / 2);
    expect((await find(other, 'k7'))?.get('v')?.value).toBe('new');
    expect((await find(rig, 'k399'))?.get('v')?.value).toBe('mine');
    expect(await countOf(rig)).toBe(401);
    expect(await countOf(other)).toBe(401);
  });

  test('drops the whole cache when its list goes while its parts are read', async () => {
    const rig = await openRig();
    await makeTable(rig);
    await fill(rig, 200, 1000);
    await rig.engine.checkpoint();
    const { disk } = rig.store;
    const other = await openRig({ disk });
    expect(await countOf(other)).toBe(200);
    await put(rig, 'k7', { v: { S: 'new' } });
    await find(other, 'k7');
    await rig.engine.checkpoint();
    const { checkpoint: number } = metaOf(disk);
    const { page } = disk.spaces;
    const [first, second] = [pageKey(0, number), pageKey(1, number)];
    const entries = decodeList(page.get(first) as Uint8Array, number, 0);
    page.put(first, encodeList(number, 0, []));
    page.put(second, encodeList(number, 1, entries));
    const get = other.store.get.bind(other.store);
    other.store.get = async (space, key) => {
      const value = await get(space, key);
      if (key === first) for (const one of [first, second]) page.removeRange(one, one);
      return value;
    };
    await put(other, 'mine');
    await other.engine.checkpoint();
    expect((await find(other, 'k7'))?.get('v')?.value).toBe('new');
  });

  test('over many checkpoints, whose lists are gone, drops the whole cache', async () => {
    const rig = await openRig();
    await makeTable(rig);
    await fill(rig, 200, 1000);
    await rig.engine.checkpoint();
    const other = await openRig({ disk: rig.store.disk });
    expect(await countOf(other)).toBe(200);
    for (let round = 0; round < 12; round += 1) {
      await put(rig, `k${round}`, { v: { S: `round ${round}` } });
      await rig.engine.checkpoint();
    }
    for (let round = 0; round < 12; round += 1) {
      expect((await find(other, `k${round}`))?.get('v')?.value).toBe(`round ${round}`);
    }
  });
});
