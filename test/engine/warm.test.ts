import { describe, expect, test } from 'vitest';
import { warmRoots } from '../../src/engine/warm.ts';
import { decodeRoot } from '../../src/pager/meta.ts';
import { rootsTree } from '../../src/table/system.ts';
import { fill, makeTable, openRig, openTestState } from '../support/engine.ts';

async function stored() {
  const rig = await openRig();
  await makeTable(rig);
  await fill(rig, 50);
  await rig.engine.checkpoint();
  return rig.store.disk;
}

describe('an engine that opens', () => {
  test('has the roots of its trees in the cache, and nothing pinned', async () => {
    const { state } = await openTestState({ disk: await stored() });
    const roots = state.published.range(rootsTree, {});
    let count = 0;
    while (roots.next()) {
      expect(state.cache.get(decodeRoot(roots.value).page)).toBeDefined();
      count += 1;
    }
    expect(count).toBeGreaterThan(1);
  });

  test('goes on when they cannot be read', async () => {
    const { state, store } = await openTestState({ disk: await stored() });
    state.cache.clear();
    store.hooks.read = () => Promise.reject(new Error('lost'));
    await warmRoots(state);
    expect(state.cache.bytes).toBe(0);
  });

  test('reads nothing of a store without a checkpoint', async () => {
    const { state } = await openTestState();
    await warmRoots(state);
    expect(state.cache.bytes).toBe(0);
  });
});
