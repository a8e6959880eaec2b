import { describe, expect, test } from 'vitest';
import {
  buildFreePages,
  buildMarkedPages,
  buildPagesFrom,
  buildPatienceMs,
} from '../../src/base/limits.ts';
import { addBuild } from '../../src/engine/build-writer.ts';
import { BuildWatch, freePages } from '../../src/engine/builds.ts';
import { PageLoader } from '../../src/engine/load.ts';
import { checkPageRecord } from '../../src/pager/page.ts';
import { pageKey } from '../../src/pager/versions.ts';
import { metaOf, openTestState } from '../support/engine.ts';

// What becomes of a dead build's table is told in import.test.ts.
describe('a build', () => {
  test.each([false, true])(
    'is dead when it has not counted for long (one owner: %s)',
    async (exclusive) => {
      const { state, store, time } = await openTestState({ exclusive });
      const watch = new BuildWatch(state, new PageLoader(state), async () => ({}));
      await addBuild(state, 5);
      const isDead = async (): Promise<boolean> => watch.isDead(await metaOf(store.disk), 5);
      expect(await isDead()).toBe(exclusive);
      time.pass(buildPatienceMs - 1);
      expect(await isDead()).toBe(exclusive);
      await addBuild(state, 6);
      time.pass(1);
      expect(await isDead()).toBe(true);
      expect(watch.isDead(await metaOf(store.disk), 7)).toBe(true);
    },
  );

  test('is named once, also when nobody knows whether it was named before', async () => {
    const { state, store } = await openTestState();
    for (let times = 0; times < 2; times += 1) await addBuild(state, 5);
    expect((await metaOf(store.disk)).builds).toEqual([{ number: 5, slices: 0 }]);
  });

  test('that is not there needs no look into the store', async () => {
    const { state, store } = await openTestState();
    const watch = new BuildWatch(state, new PageLoader(state), async () => ({}));
    const { reads } = store;
    expect(await watch.look()).toBe(false);
    expect(store.reads).toBe(reads);
  });
});

describe('freeing pages', () => {
  test('takes every version of these and no other, a bounded number at once', async () => {
    const { state, store } = await openTestState();
    const pages = buildFreePages + 2;
    const keys = [-1, 0, 1, pages - 1, pages].flatMap((at) => {
      return [pageKey(buildPagesFrom + at, 0), pageKey(buildPagesFrom + at, 3)];
    });
    const put = keys.map((key) => ({ space: 'page' as const, key, value: Uint8Array.of(1) }));
    await store.write({ put });
    const writes = store.batches.length;
    await freePages(state, [{ first: buildPagesFrom, pages }]);
    const left = [...store.disk.spaces.page.keys(0, Number.MAX_SAFE_INTEGER)];
    expect(left).toEqual([...keys.slice(0, 2), ...keys.slice(-2)]);
    expect(store.batches.length - writes).toBe(2);
  });

  test('leaves marks in front of the ranges where they are many', async () => {
    const { state, store } = await openTestState();
    const piece = buildMarkedPages / 2;
    const at = (pages: number): number => buildPagesFrom + pages;
    const put = [at(0), at(piece), at(4 * piece)].map((page) => {
      return { space: 'page' as const, key: pageKey(page, 0), value: Uint8Array.of(1) };
    });
    await store.write({ put });
    await freePages(state, [
      { first: at(3 * piece), pages: 2 * piece },
      { first: at(piece), pages: piece },
      { first: at(0), pages: piece },
    ]);
    const left = [...store.disk.spaces.page.keys(0, Number.MAX_SAFE_INTEGER)];
    expect(left).toEqual([pageKey(at(0), 0), pageKey(at(3 * piece), 0)]);
    expect(checkPageRecord((await store.get('page', pageKey(at(0), 0))) as Uint8Array)).toEqual(
      expect.objectContaining({ kind: 'overflow', id: at(0) }),
    );
  });

  test('is tried again when its outcome is unknown, and tells of a failure', async () => {
    const { state, store } = await openTestState();
    let answers = 0;
    store.hooks.write = () => {
      answers += 1;
      return answers === 1 ? { kind: 'unknown' } : undefined;
    };
    await freePages(state, [{ first: buildPagesFrom, pages: 1 }]);
    expect(answers).toBe(2);
    store.hooks.write = () => ({ kind: 'refused', why: 'closed' });
    await expect(freePages(state, [{ first: buildPagesFrom, pages: 1 }])).rejects.toThrow(
      'cut off',
    );
  });
});
