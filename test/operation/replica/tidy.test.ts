/** What hubs and devices forget, and what that means for who was away (R1, D2, rule 7's floor). */
import { expect, test } from 'vitest';
import { decodeQuarantined } from '../../../src/replica/quarantine.ts';
import { openRig, type Rig } from '../../support/engine.ts';
import { Stored } from '../../support/replica.ts';
import { edit, internal, Pair, putText, remove, textAt } from '../../support/replica-pair.ts';

const dayMs = 24 * 3600 * 1000;
const storedOf = (rig: Rig): Promise<Stored> => Stored.of(rig.store.disk);

function pass(ms: number, ...all: readonly { readonly time: Rig['time'] }[]): void {
  for (const { time } of all) time.pass(ms);
}

async function tidy(rig: Rig, known: object = {}): Promise<void> {
  let after: unknown;
  for (let slice = 0; slice < 1000; slice += 1) {
    const more = after === undefined || after === '' ? {} : { After: after };
    const { Done, After } = await internal(rig, 'TidyReplica', { ...known, ...more });
    if (Done === true) return;
    after = After;
  }
  throw new Error('it does not end');
}

const deleted = async (rig: Rig): Promise<number> =>
  (await storedOf(rig)).versions().filter(({ isDeleted }) => isDeleted).length;

test('a database that is no replica has nothing to forget', async () => {
  expect(await internal(await openRig(), 'TidyReplica')).toEqual({ Done: true });
});

test('a hub forgets deletions after 90 days, and not before', async () => {
  const pair = await Pair.open();
  const a = await pair.device();
  await putText(a, 'k', 'there');
  await putText(a, 'stays', 'there');
  await pair.sync(a);
  await remove(a, 'k');
  await pair.sync(a);
  await tidy(pair.hub);
  pass(89 * dayMs, pair, a);
  await tidy(pair.hub);
  expect(await deleted(pair.hub)).toBe(1);
  pass(2 * dayMs, pair, a);
  await tidy(pair.hub);
  expect(await deleted(pair.hub)).toBe(0);
  expect(await textAt(pair.hub, 'stays')).toBe('there');
});

test('who was away for longer lets go of what was deleted, and keeps what is its own', async () => {
  const pair = await Pair.open();
  const [a, b] = [await pair.device(), await pair.device()];
  for (const key of ['dead', 'alive', 'edited']) await putText(a, key, 'old');
  await pair.sync(a);
  await pair.sync(b);
  for (const key of ['dead', 'edited']) await remove(a, key);
  await pair.sync(a);
  await tidy(pair.hub);
  await edit(b, 'edited', 'while away');
  await putText(b, 'new', 'while away');
  pass(91 * dayMs, pair, a, b);
  await tidy(pair.hub);
  expect((await pair.sync(b)).phase).toBe('live');
  expect(await textAt(b, 'dead')).toBeUndefined();
  expect(await textAt(b, 'alive')).toBe('old');
  expect(await textAt(b, 'new')).toBe('while away');
  // R2: an edit of what is gone without a trace is for the user.
  const kept = (await storedOf(b)).book(8).map(([, value]) => decodeQuarantined(value).code);
  expect(kept).toEqual(['StaleBase']);
  expect(await textAt(pair.hub, 'edited')).toBeUndefined();
});

test('R1: a mark outlives deletions; of a retired replica nothing is taken twice', async () => {
  const pair = await Pair.open();
  const [a, b] = [await pair.device(), await pair.device()];
  await pair.sync(a);
  await pair.sync(b);
  await putText(a, 'k', 'created');
  // It is taken, and the answer is lost.
  const { ReplicaId } = await internal(a, 'ReadLink');
  const Entries = await pair.prepared(a);
  await pair.tell({ kind: 'push', number: 1, Entries }, String(ReplicaId));
  await pair.sync(b);
  await remove(b, 'k');
  await pair.sync(b);
  await tidy(pair.hub);
  pass(100 * dayMs, pair, a, b);
  await tidy(pair.hub);
  expect(await deleted(pair.hub)).toBe(0);
  const early = await storedOf(pair.hub);
  expect(early.book(7)).toHaveLength(2);
  pass(301 * dayMs, pair, a, b);
  await tidy(pair.hub);
  expect((await storedOf(pair.hub)).book(7)).toHaveLength(0);
  await pair.sync(a);
  expect(await textAt(pair.hub, 'k')).toBeUndefined();
  const kept = (await storedOf(a)).book(8).map(([, value]) => decodeQuarantined(value).code);
  expect(kept).toEqual(['OutcomeUnknown']);
});

test('a device forgets its deletions some days after, once nothing waits', async () => {
  const pair = await Pair.open();
  const a = await pair.device();
  await putText(a, 'k', 'there');
  await pair.sync(a);
  await remove(a, 'k');
  await tidy(a, { KeptMs: 0 });
  expect(await deleted(a)).toBe(1);
  await pair.sync(a);
  await tidy(a);
  expect(await deleted(a)).toBe(1);
  pass(8 * dayMs, pair, a);
  await putText(pair.hub, 'other', 'one');
  await pair.sync(a);
  await tidy(a);
  expect(await deleted(a)).toBe(0);
  expect(await deleted(pair.hub)).toBe(1);
});
