import { expect, test } from 'vitest';
import type { Rig } from '../../support/engine.ts';
import { internal, Pair, putText, remove, textAt } from '../../support/replica-pair.ts';

const dayMs = 24 * 3600 * 1000;
const letters = ['a', 'b', 'c', 'd', 'e', 'f'];

async function loadOne(pair: Pair, device: Rig): Promise<void> {
  const { ReplicaId, Epoch, Reach, Load } = await internal(device, 'PreparePush');
  const asked = { ReplicaId, Epoch, Reach, ...(Load as object) };
  const chunk = await internal(pair.hub, 'ReadSnapshot', { ...asked, Bytes: 1 });
  expect(await internal(device, 'TakeChunk', { ...asked, ...chunk })).toMatchObject({
    IsTaken: true,
  });
}

async function tidy(rig: Rig): Promise<void> {
  let After = {};
  for (let round = 0; round < 50; round += 1) {
    const output = await internal(rig, 'TidyReplica', After);
    if (output['Done'] === true) return;
    After = output['After'] === undefined ? {} : { After: output['After'] };
  }
  throw new Error('tidied without end');
}

test('what was deleted behind a range that loads, and forgotten since, goes', async () => {
  const pair = await Pair.open();
  for (const p of letters) await putText(pair.hub, p, 'one');
  const a = await pair.device();
  const link = await internal(a, 'ReadLink');
  expect(link).toMatchObject({ Cursor: 0, Known: 0 });
  const greeting = await internal(pair.hub, 'GreetReplica', link);
  await internal(a, 'TakeGreeting', { ...greeting, AskedEpoch: '', Asked: 0 });
  await loadOne(pair, a);
  const here = await Promise.all(letters.map((p) => textAt(a, p)));
  const gone = letters[here.indexOf('one')] ?? '';
  await remove(pair.hub, gone);
  await tidy(pair.hub);
  for (const { time } of [pair, a]) time.pass(85 * dayMs);
  await putText(pair.hub, 'later', 'one');
  // It is in touch again, for one chunk: what that was read at is above the floor that is to come.
  await loadOne(pair, a);
  for (const { time } of [pair, a]) time.pass(15 * dayMs);
  await tidy(pair.hub);
  const { Known, Cursor } = await internal(a, 'ReadLink');
  expect(Number(Known)).toBeLessThan(Number(Cursor));
  expect((await pair.sync(a)).phase).toBe('live');
  expect(await textAt(a, gone)).toBeUndefined();
  for (const p of letters) expect(await textAt(a, p)).toBe(await textAt(pair.hub, p));
});
