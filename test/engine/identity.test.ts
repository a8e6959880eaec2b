import { describe, expect, test } from 'vitest';
import { UpdateNeeded } from '../../src/base/corruption.ts';
import { freePages } from '../../src/engine/builds.ts';
import { noteGiven, settleDoubt } from '../../src/engine/doubt.ts';
import { ourMeta } from '../../src/engine/identity.ts';
import { PageLoader } from '../../src/engine/load.ts';
import type { EngineState } from '../../src/engine/state.ts';
import { removeAll } from '../../src/engine/sweep.ts';
import { pageKey } from '../../src/pager/versions.ts';
import { encodeMeta, metaFormat } from '../../src/pager/meta.ts';
import type { Notice } from '../../src/port/notice.ts';
import { metaKey } from '../../src/port/store.ts';
import { createMemory } from '../../src/storage/memory.ts';
import {
  find,
  keysOf,
  makeTable,
  metaOf,
  openRig,
  openTestState,
  put,
  refusal,
} from '../support/engine.ts';

function settleGiven(state: EngineState): Promise<void> {
  return settleDoubt(state, new PageLoader(state), { mark: undefined, pages: [300] }, true);
}

const other = new Uint8Array(16).fill(9);

describe('a meta record', () => {
  test('that has changed, of the same store, is ours', async () => {
    const { state } = await openTestState();
    const changed = encodeMeta({ ...state.meta, trimmed: 3 });
    expect(ourMeta(state, changed)).toBe(changed);
    expect(ourMeta(state, state.metaBytes)).toBe(state.metaBytes);
  });

  test('that is absent, or of another store, is data loss, told once', async () => {
    const notices: Notice[] = [];
    const { state } = await openTestState({ notify: (notice) => notices.push(notice) });
    const foreign = encodeMeta({ ...state.meta, storeId: other });
    for (const stored of [undefined, foreign, undefined]) {
      expect(() => ourMeta(state, stored)).toThrow(expect.objectContaining({ why: 'gone' }));
    }
    expect(notices.map(({ type }) => type)).toEqual(['data-loss']);
  });

  test('of a newer format stops the engine, told once', async () => {
    const notices: Notice[] = [];
    const { state } = await openTestState({ notify: (notice) => notices.push(notice) });
    const newer = encodeMeta({ ...state.meta, format: metaFormat + 1 });
    for (const stored of [newer, newer]) {
      try {
        ourMeta(state, stored);
      } catch (error) {
        expect(error).toBeInstanceOf(UpdateNeeded);
        state.stopIfNewer(error);
      }
    }
    expect(notices.map(({ type }) => type)).toEqual(['update-needed']);
  });
});

describe('an engine whose store was replaced by another', () => {
  const range = { space: 'page', from: 0, to: Number.MAX_SAFE_INTEGER } as const;

  test.each<[string, (state: EngineState) => Promise<void>]>([
    ['what it swept', (state) => removeAll(state, [range])],
    ['what a build left', (state) => freePages(state, [{ first: 1, pages: 1000 }])],
    ['what a repair gave up', (state) => settleGiven(state)],
  ])('removes none of its pages, but %s was being removed', async (_, remove) => {
    const disk = createMemory();
    const { state, store } = await openTestState({ disk });
    await noteGiven(state, 300);
    store.hooks.write = async () => {
      const fresh = encodeMeta({ ...state.meta, storeId: other });
      disk.spaces.meta.put(metaKey, fresh);
      disk.spaces.page.put(pageKey(300, 1), other);
      return undefined;
    };
    await expect(remove(state)).rejects.toMatchObject({ why: 'gone' });
    expect(keysOf(disk, 'page')).toEqual([pageKey(300, 1)]);
  });

  test('succeeds in nothing, and leaves nothing in it', async () => {
    const notices: Notice[] = [];
    const disk = createMemory();
    const rig = await openRig({ disk, notify: (notice) => notices.push(notice) });
    await makeTable(rig);
    await put(rig, 'a');
    // Somebody clears the storage, and another tab begins anew.
    for (const space of ['log', 'page', 'meta'] as const) {
      disk.spaces[space].removeRange(0, Number.MAX_SAFE_INTEGER);
    }
    const fresh = await openRig({ disk });
    expect(fresh.engine.status().storeId).not.toBe(rig.engine.status().storeId);
    for (const told of [await refusal(put(rig, 'b')), await refusal(find(rig, 'a'))]) {
      expect(told).toMatch(/^InternalServerError The data is gone/);
    }
    expect(keysOf(disk, 'log')).toEqual([]);
    await makeTable(fresh);
    await put(fresh, 'c');
    expect(await find(fresh, 'c')).toBeDefined();
    expect(notices.map(({ type }) => type)).toEqual(['data-loss']);
    const checkpoint = rig.engine.checkpoint();
    await expect(checkpoint).rejects.toMatchObject({ why: 'gone' });
    expect(metaOf(disk).storeId).toEqual(metaOf(fresh.store.disk).storeId);
    expect(disk.spaces.meta.get(metaKey)).toBeDefined();
  });
});
