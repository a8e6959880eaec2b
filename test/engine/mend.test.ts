import { expect, test } from 'vitest';
import { openRig, refusal } from '../support/engine.ts';
import { damagePage, pagesAt } from '../support/damage.ts';
import { openReplica } from '../support/replica.ts';
import { putText, textAt } from '../support/replica-pair.ts';
import { storedOf } from '../support/replica-damage.ts';

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
