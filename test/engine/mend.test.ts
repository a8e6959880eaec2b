import { expect, test } from 'vitest';
import { checkpointSpan } from '../../src/base/limits.ts';
import { updateMeta } from '../../src/engine/meta-update.ts';
import { keysOf, openRig, openTestState, quiet, refusal } from '../support/engine.ts';
import { damagePage, pagesAt } from '../support/damage.ts';
import { openReplica } from '../support/replica.ts';
import { putText, textAt } from '../support/replica-pair.ts';
import { long, storedOf } from '../support/replica-damage.ts';

test('an engine without the operations of replicas reads on, and leaves it to another', async () => {
  const first = await openReplica('device');
  await putText(first, 'k', 'one');
  await first.engine.checkpoint();
  const { disk } = first.store;
  const { self } = await storedOf(first);
  for (const { id } of await pagesAt(disk, self.book, 1)) damagePage(disk, id);
  const rig = await openRig({ disk, operations: [] });
  expect(await refusal(putText(rig, 'k', 'two'))).toMatch(/^DamagedData/);
  await rig.engine.idle();
  expect(rig.engine.status().damage).toMatchObject([{ state: 'rebuilding' }]);
  expect(await refusal(putText(rig, 'k', 'two'))).toMatch(/^DamagedData .*made anew/);
  expect(await textAt(rig, 'k')).toBe('one');
  await rig.engine.repair();
  expect(await refusal(putText(rig, 'k', 'two'))).toMatch(/^DamagedData/);
  const other = await openRig({ disk });
  await other.engine.idle();
  await putText(other, 'k', 'two');
  expect((await storedOf(other)).entries()).toHaveLength(2);
});

test('where another engine died at a checkpoint it is tried until that is given up', async () => {
  const first = await openReplica('device');
  await putText(first, 'k', 'one');
  await first.engine.checkpoint();
  const { disk } = first.store;
  const { self } = await storedOf(first);
  for (const { id } of await pagesAt(disk, self.book, 1)) damagePage(disk, id);
  await first.engine.close();
  const { state } = await openTestState({ disk });
  await updateMeta(state, (meta) => {
    const number = meta.lastNumber + 1;
    const reservation = { number, engine: new Uint8Array(16).fill(7), slices: 0 };
    return { ...meta, lastNumber: number, reservation };
  });
  const rig = await openRig({ disk, background: true });
  expect(await refusal(putText(rig, 'k', 'two'))).toMatch(/^DamagedData/);
  const isMended = (): boolean =>
    rig.engine.status().damage.some(({ kind, state: how }) => {
      return kind === 'entries' && how === 'repaired';
    });
  for (let round = 0; round < 100 && !isMended(); round += 1) await quiet();
  expect(isMended()).toBe(true);
  await putText(rig, 'k', 'two');
  await rig.engine.close();
});

test('damage that a write alone has met is made anew, though nothing else is asked', async () => {
  const first = await openReplica('device');
  for (let n = 0; n < 200; n += 1) await putText(first, `${long}${n}`, 'one');
  await first.engine.checkpoint();
  const { disk } = first.store;
  const { self } = await storedOf(first);
  const [leaf, ...others] = await pagesAt(disk, self.book, 1);
  expect(others.length).toBeGreaterThan(0);
  damagePage(disk, leaf?.id ?? 0);
  const rig = await openRig({ disk, background: true });
  // What an engine sees to when it is opened is over by then, and has not met it.
  await quiet(200);
  expect(rig.engine.status().damage).toEqual([]);
  expect(await refusal(putText(rig, 'k', 'two'))).toMatch(/^DamagedData/);
  const isMended = (): boolean => rig.engine.status().damage.some(({ kind }) => kind === 'entries');
  for (let round = 0; round < 100 && !isMended(); round += 1) await quiet();
  expect(isMended()).toBe(true);
  await putText(rig, 'k', 'two');
  await rig.engine.close();
});

test.each(['unknown', 'refused'] as const)(
  'pages that are lost are removed from the store, though that is %s at first',
  async (kind) => {
    const first = await openReplica('device');
    await putText(first, 'k', 'one');
    await first.engine.checkpoint();
    const { disk } = first.store;
    const { self } = await storedOf(first);
    const leaves = await pagesAt(disk, self.book, 1);
    const isOfLeaf = (key: number): boolean => {
      return leaves.some(({ id }) => id === Math.floor(key / checkpointSpan));
    };
    for (const { id } of leaves) damagePage(disk, id);
    await first.engine.close();
    const rig = await openRig({ disk, background: true });
    let cutOff = 0;
    rig.store.hooks.write = ({ remove = [] }) => {
      const isTheirs = remove.some(({ space, from }) => space === 'page' && isOfLeaf(from));
      if (!isTheirs || cutOff > 0) return undefined;
      cutOff += 1;
      return kind === 'unknown' ? { kind, reason: 'cut' } : { kind, why: 'full' };
    };
    expect(await refusal(putText(rig, 'k', 'two'))).toMatch(/^DamagedData/);
    const isLeft = (): boolean => keysOf(disk, 'page').some(isOfLeaf);
    const isMended = (): boolean =>
      rig.engine.status().damage.some(({ kind: of }) => of === 'entries');
    for (let round = 0; round < 200 && (isLeft() || !isMended()); round += 1) await quiet();
    expect(cutOff).toBe(1);
    expect(isMended()).toBe(true);
    expect(isLeft()).toBe(false);
    await putText(rig, 'k', 'two');
    await rig.engine.close();
  },
);
