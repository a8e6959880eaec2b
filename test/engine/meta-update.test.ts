import { describe, expect, test } from 'vitest';
import { updateMeta } from '../../src/engine/meta-update.ts';
import { encodeMeta, type Meta } from '../../src/pager/meta.ts';
import { metaKey, StoreFailure } from '../../src/port/store.ts';
import { keysOf, metaOf, openTestState } from '../support/engine.ts';

const rise = (meta: Meta): Meta => ({ ...meta, lastNumber: meta.lastNumber + 1 });
const record = { space: 'page' as const, key: 5, value: new Uint8Array([1]) };

describe('a change of the meta record', () => {
  test('is stored with its batch, all or nothing', async () => {
    const { state, store } = await openTestState();
    expect((await updateMeta(state, rise, { put: [record] }))?.meta.lastNumber).toBe(1);
    expect([metaOf(store.disk).lastNumber, keysOf(store.disk, 'page')]).toEqual([1, [5]]);
  });

  test('that is given up writes nothing', async () => {
    const { state, store } = await openTestState();
    expect(await updateMeta(state, () => undefined, { put: [record] })).toBeUndefined();
    expect(keysOf(store.disk, 'page')).toEqual([]);
  });

  test('is not made where the place that its batch wants is taken', async () => {
    const { state, store } = await openTestState();
    store.disk.spaces.log.put(9, new Uint8Array(1));
    const add = [{ space: 'log' as const, key: 9, value: new Uint8Array(2) }];
    expect(await updateMeta(state, rise, { add })).toBeUndefined();
    expect(metaOf(store.disk).lastNumber).toBe(0);
  });

  test('is made of what another engine wrote in between', async () => {
    const { state, store } = await openTestState();
    let reads = 0;
    store.hooks.readDone = () => {
      reads += 1;
      if (reads > 1) return;
      const other = { ...metaOf(store.disk), lastNumber: 10, nextPage: 999 };
      store.disk.spaces.meta.put(metaKey, encodeMeta(other));
    };
    await updateMeta(state, rise);
    expect(metaOf(store.disk)).toMatchObject({ lastNumber: 11, nextPage: 999 });
  });

  test.each(['write', 'written'] as const)('of unknown outcome (%s) is made once', async (site) => {
    const { state, store } = await openTestState();
    let tries = 0;
    store.hooks[site] = () => {
      tries += 1;
      return tries === 1 ? { kind: 'unknown' } : undefined;
    };
    expect((await updateMeta(state, rise))?.meta.lastNumber).toBe(1);
    expect(metaOf(store.disk).lastNumber).toBe(1);
  });

  test.each(['full', 'closed'] as const)('that is refused as %s throws', async (why) => {
    const { state, store } = await openTestState();
    store.hooks.write = () => ({ kind: 'refused', why });
    await expect(updateMeta(state, rise)).rejects.toMatchObject({ name: 'StoreFailure', why });
  });

  test('whose outcome never becomes known ends', async () => {
    const { state, store } = await openTestState();
    store.hooks.write = () => ({ kind: 'unknown' });
    await expect(updateMeta(state, rise)).rejects.toThrow(StoreFailure);
  });

  test('of a store without one throws', async () => {
    const { state, store } = await openTestState();
    store.disk.spaces.meta.removeRange(metaKey, metaKey);
    await expect(updateMeta(state, rise)).rejects.toMatchObject({ why: 'gone' });
  });
});
