import { expect, test } from 'vitest';
import { addBuild, removeBuild } from '../../src/engine/build-writer.ts';
import { openTestState } from '../support/engine.ts';
import { type Site, siteOfWrite } from './sites.ts';

test('a build that is begun again, since nobody knows of the first try, has the same site', async () => {
  const { state, store } = await openTestState();
  const seen: Site[] = [];
  store.hooks.write = async (batch) => {
    seen.push(siteOfWrite(batch, store.disk));
    return undefined;
  };
  // The second one stands last, whose first try may not have been stored.
  for (const number of [1, 2, 1]) await addBuild(state, number);
  await removeBuild(state, 2);
  const [begin, end] = ['store.write build-begin', 'store.write build-end'];
  expect(seen).toEqual([begin, begin, begin, end]);
});
