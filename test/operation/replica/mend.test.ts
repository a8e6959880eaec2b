import { expect, test } from 'vitest';
import { equalBytes, hexOf } from '../../../src/base/bytes.ts';
import type { Page } from '../../../src/pager/page.ts';
import { pagesAt } from '../../support/damage.ts';
import { ask, openRig } from '../../support/engine.ts';
import { engineCaller, entriesOf, openReplica } from '../../support/replica.ts';
import { storedOf } from '../../support/replica-damage.ts';
import { putText } from '../../support/replica-pair.ts';

test('has nothing to do in a database that has lost nothing, or is no replica', async () => {
  for (const rig of [await openRig(), await openReplica('device'), await openReplica('hub')]) {
    const output = await ask(rig, 'MendReplica', {}, { caller: engineCaller });
    expect(output).toEqual({ Done: true });
  }
});

test.each([
  ['is damaged goes: nobody knows its size', 100_000],
  ['was damaged stays: it was written since', 10],
])('the entry whose value %s', async (_, length) => {
  const rig = await openReplica('device');
  await putText(rig, 'k', 'x'.repeat(length));
  await rig.engine.checkpoint();
  const { disk } = rig.store;
  const { self } = await storedOf(rig);
  const leaf = (await pagesAt(disk, self.book, 1))[0]?.page as Page;
  const cells = Array.from({ length: leaf.count }, (_each, at) => at);
  // Its image is large: that has pages of its own, or has none any more.
  const piece = (await pagesAt(disk, self.book, 0))[0];
  expect(piece !== undefined).toBe(length > 1000);
  const at = cells.findLast((cell) => piece === undefined || leaf.isOverflow(cell)) ?? -1;
  const key = leaf.key(at).slice();
  const isThere = async (): Promise<boolean> => {
    return entriesOf((await storedOf(rig)).reader, self.book).some(([one]) => equalBytes(one, key));
  };
  expect(await isThere()).toBe(true);
  const place = { Tree: self.book, Page: piece?.id ?? 999, Height: 0, From: hexOf(key) };
  await ask(rig, 'NoteDamage', place, { caller: engineCaller });
  await ask(rig, 'MendReplica', {}, { caller: engineCaller });
  expect(await isThere()).toBe(length < 1000);
});
