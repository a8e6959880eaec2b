import { describe, expect, test } from 'vitest';
import { doubtKey, noteDoubt, readDoubt, settleDoubt } from '../../src/engine/doubt.ts';
import { metaKey } from '../../src/port/store.ts';
import { openTestState, refusal } from '../support/engine.ts';

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
    await settleDoubt(state, first);
    expect(await readDoubt(state)).toEqual(second);
    await settleDoubt(state, second);
    expect(await readDoubt(state)).toBeUndefined();
    await settleDoubt(state, second);
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
