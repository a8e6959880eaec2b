import { describe, expect, test } from 'vitest';
import {
  beginDoubt,
  countedKey,
  type Doubt,
  givenKey,
  noteGiven,
  readDoubt,
  recordsOf,
  settleDoubt,
} from '../../src/engine/doubt.ts';
import { PageLoader } from '../../src/engine/load.ts';
import type { EngineState } from '../../src/engine/state.ts';
import { pageKey } from '../../src/pager/versions.ts';
import { metaKey } from '../../src/port/store.ts';
import type { MemoryDisk } from '../../src/storage/memory.ts';
import { isDoubted, leaveDoubt, noteLost } from '../support/damage.ts';
import { damage, keysOf, openRig, openTestState, refusal, type Rig } from '../support/engine.ts';

function begin(state: EngineState): Promise<Doubt | undefined> {
  return beginDoubt(state, new PageLoader(state), async () => undefined);
}

function settle(state: EngineState, doubt: Doubt | undefined, isSure = true): Promise<void> {
  return settleDoubt(state, new PageLoader(state), doubt as Doubt, isSure);
}

/** An engine whose log ends with what a repair gave up, and a bare state over the same disk. */
async function doubted(): Promise<{ rig: Rig; disk: MemoryDisk; state: EngineState }> {
  const rig = await openRig();
  await leaveDoubt(rig);
  const { disk } = rig.store;
  await rig.engine.checkpoint();
  return { rig, disk, state: (await openTestState({ disk })).state };
}

// What an interrupted repair leaves, and who scrubs then: repair.test.ts, scrub-watch.test.ts.
describe('counters', () => {
  test('are in doubt until a scrub has ended that began with all that a repair did', async () => {
    const { rig, disk, state } = await doubted();
    const first = await begin(state);
    expect(first?.mark).toBeDefined();
    await leaveDoubt(rig);
    await settle(state, first);
    expect(await isDoubted(disk)).toBe(true);
    await rig.engine.checkpoint();
    const { state: next } = await openTestState({ disk });
    await settle(next, await begin(next));
    expect(await isDoubted(disk)).toBe(false);
    expect(await begin(next)).toBeUndefined();
  });

  test('are still in doubt where a scrub could not count all of them', async () => {
    const { disk, state } = await doubted();
    await settle(state, await begin(state), false);
    expect(await isDoubted(disk)).toBe(true);
  });

  test('are still in doubt where pages did not have what a repair did', async () => {
    const { rig, disk } = await doubted();
    await leaveDoubt(rig);
    const { state } = await openTestState({ disk });
    const doubt = await begin(state);
    expect(doubt?.mark).toBeUndefined();
    await settle(state, doubt);
    expect(await isDoubted(disk)).toBe(true);
  });

  test('are in doubt once more where scrubs end in another order than they began', async () => {
    const { rig, disk, state } = await doubted();
    const first = await begin(state);
    await leaveDoubt(rig);
    await rig.engine.scrub();
    expect(await isDoubted(disk)).toBe(false);
    await settle(state, first);
    expect(await isDoubted(disk)).toBe(true);
  });

  test('are in doubt where the record of the last scrub is damaged', async () => {
    const { rig, disk } = await doubted();
    await rig.engine.scrub();
    damage(disk, 'meta', countedKey, -1);
    expect(await isDoubted(disk)).toBe(true);
  });

  test('are in doubt where the log was cut behind a repair: corrections may be lost', async () => {
    const { rig, disk } = await doubted();
    await leaveDoubt(rig);
    await rig.engine.scrub();
    await noteLost(rig);
    expect(await isDoubted(disk)).toBe(false);
    damage(disk, 'log', rig.engine.status().head);
    await openRig({ disk });
    expect(await isDoubted(disk)).toBe(true);
  });

  test('of a store that was never repaired are not in doubt', async () => {
    const { state } = await openTestState();
    expect(await readDoubt(state, new PageLoader(state))).toBeUndefined();
    expect(await begin(state)).toBeUndefined();
  });
});

describe('a note of a page that is given up', () => {
  test('goes with that page, unless it is on record as damaged', async () => {
    const rig = await openRig();
    const lost = await noteLost(rig);
    const { disk } = rig.store;
    const { state } = await openTestState({ disk });
    const { page } = disk.spaces;
    for (const id of [300, 301, lost]) page.put(pageKey(id, 7), new Uint8Array(3));
    await noteGiven(state, 300);
    await noteGiven(state, lost);
    await settle(state, await begin(state));
    const left = keysOf(disk, 'page').map((key) => Math.floor(key / 2 ** 24));
    expect(left).toContain(lost);
    expect(left).toContain(301);
    expect(left).not.toContain(300);
    expect(keysOf(disk, 'meta')).toContain(givenKey + lost);
    expect(keysOf(disk, 'meta')).not.toContain(givenKey + 300);
  });

  test('stands where another one is written at the same time', async () => {
    const { state, store } = await openTestState();
    const { state: other } = await openTestState({ disk: store.disk });
    const { page } = store.disk.spaces;
    for (const id of [300, 301]) page.put(pageKey(id, 7), new Uint8Array(3));
    await Promise.all([noteGiven(state, 300), noteGiven(other, 301)]);
    await settle(state, await begin(state));
    expect(keysOf(store.disk, 'page')).toEqual([]);
  });

  test('stands where it is written while others are settled', async () => {
    const { state, store } = await openTestState();
    await noteGiven(state, 300);
    const doubt = await begin(state);
    await Promise.all([settle(state, doubt), noteGiven(state, 301)]);
    expect((await begin(state))?.pages).toEqual([301]);
    expect(keysOf(store.disk, 'meta')).not.toContain(givenKey + 300);
  });

  test.each([
    ['an outcome that is not known once', 1, undefined],
    ['one that stays so', 2, /^StoreFailure a note was not written/],
  ])('is written in spite of %s', async (_name, times, refused) => {
    const { state, store } = await openTestState();
    let unknown = 0;
    store.hooks.written = () => {
      unknown += 1;
      return unknown <= times ? { kind: 'unknown' } : undefined;
    };
    const told = await refusal(noteGiven(state, 300));
    if (refused === undefined) expect(told).toBeUndefined();
    else expect(told).toMatch(refused);
    expect(keysOf(store.disk, 'meta')).toContain(givenKey + 300);
  });

  test('is not written into a store that was emptied', async () => {
    const { state, store } = await openTestState();
    store.disk.spaces.meta.removeRange(metaKey, Number.MAX_SAFE_INTEGER);
    expect(await refusal(noteGiven(state, 300))).toMatch(/^StoreFailure/);
    expect(keysOf(store.disk, 'meta')).toEqual([]);
  });
});

test('records of a page are all its versions, and those of pages that follow it', () => {
  const { from, to } = recordsOf(300, 2);
  expect([from, to]).toEqual([pageKey(300, 0), pageKey(302, 0) - 1]);
});
