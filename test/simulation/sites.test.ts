import { expect, test } from 'vitest';
import { addBuild, removeBuild } from '../../src/engine/build-writer.ts';
import { freePages } from '../../src/engine/builds.ts';
import { removeAll } from '../../src/engine/sweep.ts';
import { pageRange } from '../../src/pager/versions.ts';
import { checkpointSpan } from '../../src/base/limits.ts';
import { openTestState, type TestStore } from '../support/engine.ts';
import { type Site, siteOfWrite } from './sites.ts';

/** The sites of what is written from now on. */
function watch(store: TestStore): readonly Site[] {
  const seen: Site[] = [];
  store.hooks.write = async (batch) => {
    seen.push(siteOfWrite(batch, store.disk));
    return undefined;
  };
  return seen;
}

test('pages of a build that is over have another site than those that a replica has lost', async () => {
  const { state, store } = await openTestState();
  const seen = watch(store);
  const lost = [300, 301].map((page) => {
    return { space: 'page' as const, ...pageRange(page, checkpointSpan - 1) };
  });
  await freePages(state, [{ first: 300, pages: 3 }]);
  await removeAll(state, lost);
  expect(seen).toEqual(['store.write build-free', 'store.write mend']);
});

test('a build that is begun again, since nobody knows of the first try, has the same site', async () => {
  const { state, store } = await openTestState();
  const seen = watch(store);
  // The second one stands last, whose first try may not have been stored.
  for (const number of [1, 2, 1]) await addBuild(state, number);
  await removeBuild(state, 2);
  const [begin, end] = ['store.write build-begin', 'store.write build-end'];
  expect(seen).toEqual([begin, begin, begin, end]);
});
