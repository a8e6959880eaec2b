import { expect, test } from 'vitest';
import { Stored } from '../support/replica.ts';
import { internal, Pair, putText, textAt } from '../support/replica-pair.ts';

const outcome = { Ms: 1, Counter: 0, Kind: 'refused', Code: 'AccessDenied' };

test('an answer is taken once, and only by who asked', async () => {
  const pair = await Pair.open();
  const a = await pair.device();
  await putText(a, 'k', 'one');
  const { ReplicaId } = await internal(a, 'ReadLink');
  const take = (id: string, Seq: number): Promise<object> =>
    internal(a, 'TakeOutcome', { ...outcome, ReplicaId: id, Seq });
  expect(await take('00'.repeat(16), 1)).toEqual({ IsTaken: false });
  expect(await take(String(ReplicaId), 2)).toEqual({ IsTaken: false });
  expect(await textAt(a, 'k')).toBe('one');
  expect(await take(String(ReplicaId), 1)).toEqual({ IsTaken: true });
  expect(await take(String(ReplicaId), 1)).toEqual({ IsTaken: false });
  expect(await textAt(a, 'k')).toBeUndefined();
  const stored = await Stored.of(a.store.disk);
  expect([stored.versions(), stored.book(3), stored.book(4)]).toEqual([[], [], []]);
});

test('U5: below a later edit of its own, what was taken is the base', async () => {
  const pair = await Pair.open();
  const a = await pair.device();
  await putText(a, 'k', 'first');
  const first = await pair.prepared(a);
  await putText(a, 'k', 'second');
  const { ReplicaId } = await internal(a, 'ReadLink');
  await pair.tell({ kind: 'push', number: 1, Entries: first }, String(ReplicaId));
  const [entry] = (await Stored.of(a.store.disk)).entries();
  const { ms: Ms = 0, counter: Counter = 0 } = entry?.stamp ?? {};
  const applied = { ReplicaId, Seq: 1, Kind: 'applied', Ms, Counter, Code: '' };
  await internal(a, 'TakeOutcome', applied);
  expect((await Stored.of(a.store.disk)).book(4)).toHaveLength(1);
  pair.refusals = () => 'AccessDenied';
  await pair.sync(a);
  expect(await textAt(a, 'k')).toBe('first');
});
