import { describe, expect, test } from 'vitest';
import { doubtKey, noteDoubt, readDoubt, settleDoubt } from '../../src/engine/doubt.ts';
import { pageKey } from '../../src/pager/versions.ts';
import { metaKey } from '../../src/port/store.ts';
import { damage, keysOf, openTestState, refusal } from '../support/engine.ts';

const none: ReadonlySet<number> = new Set();

// What an interrupted repair leaves, and who scrubs then: repair.test.ts, scrub-watch.test.ts.
describe('a note that counters are in doubt', () => {
  test('stands until a scrub settles it that began with it', async () => {
    const { state } = await openTestState();
    expect(await readDoubt(state)).toBeUndefined();
    await noteDoubt(state);
    const first = (await readDoubt(state)) as Uint8Array;
    expect(first).toHaveLength(8);
    await noteDoubt(state);
    const second = (await readDoubt(state)) as Uint8Array;
    expect(second).not.toEqual(first);
    await settleDoubt(state, first, none);
    expect(await readDoubt(state)).toEqual(second);
    await settleDoubt(state, second, none);
    expect(await readDoubt(state)).toBeUndefined();
    await settleDoubt(state, second, none);
  });

  test.each([
    ['goes with the pages that it names, but for damaged ones', false, [301, 500]],
    ['that is damaged itself takes no page along', true, [300, 301, 302, 500]],
  ])('%s', async (_name, isBad, left) => {
    const { state, store } = await openTestState();
    const { page } = store.disk.spaces;
    for (const id of [300, 301, 302, 500]) page.put(pageKey(id, 7), new Uint8Array(3));
    for (const id of [300, 301, 302]) await noteDoubt(state, id);
    if (isBad) damage(store.disk, 'meta', doubtKey, -1);
    const note = (await readDoubt(state)) as Uint8Array;
    await settleDoubt(state, note, new Set([301]));
    expect(keysOf(store.disk, 'page').map((key) => Math.floor(key / 2 ** 24))).toEqual(left);
    expect(await readDoubt(state)).toBeUndefined();
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
    const told = await refusal(noteDoubt(state));
    if (refused === undefined) expect(told).toBeUndefined();
    else expect(told).toMatch(refused);
    expect(store.disk.spaces.meta.get(doubtKey)).toHaveLength(8);
  });

  test('is not written into a store that was emptied', async () => {
    const { state, store } = await openTestState();
    store.disk.spaces.meta.removeRange(metaKey, Number.MAX_SAFE_INTEGER);
    expect(await refusal(noteDoubt(state))).toMatch(/^StoreFailure/);
    expect(store.disk.spaces.meta.get(doubtKey)).toBeUndefined();
  });
});
