import { expect, test } from 'vitest';
import type { Outcomes } from '../../src/replica/message.ts';
import { ask, type Rig } from '../support/engine.ts';
import { Stored } from '../support/replica.ts';
import { internal, Pair, putText, remove, textAt } from '../support/replica-pair.ts';
import { left, sell, stock, stocked, waitingOf } from '../support/sales.ts';

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

test('D2: a page that was read before a deletion does not undo it once that is answered', async () => {
  const pair = await Pair.open();
  const a = await pair.device();
  await putText(pair.hub, 'k', 'one');
  await pair.sync(a);
  await putText(pair.hub, 'k', 'two');
  for (const { time } of [pair, a]) time.pass(5000);
  const { Epoch, Cursor: Asked, Reach, ReplicaId } = await internal(a, 'PreparePush');
  const page = await internal(pair.hub, 'ReadFeed', { Epoch, Cursor: Asked, Reach });
  await remove(a, 'k');
  const push = { kind: 'push', number: 1, Entries: await pair.prepared(a) } as const;
  const { Outcomes: answers } = (await pair.tell(push, String(ReplicaId))) as Outcomes;
  expect(answers).toMatchObject([{ Kind: 'applied' }]);
  await internal(a, 'TakeOutcome', { ReplicaId, ...answers[0] });
  expect(await internal(a, 'TakePage', { ...page, Epoch, Asked })).toMatchObject({ Count: 1 });
  expect(await textAt(a, 'k')).toBeUndefined();
});

test('an answer shows the newer of two guesses over what others wrote before the hub took them', async () => {
  const { pair, a } = await stocked(5);
  await sell(a);
  await putStock(a, 7);
  await putStock(a, 8);
  expect(await waitingOf(a)).toEqual(['request', 'always', 'always']);
  pair.time.pass(5000);
  await putStock(pair.hub, 1);
  const { Epoch, Cursor: Asked, Reach, ReplicaId } = await internal(a, 'PreparePush');
  const page = await internal(pair.hub, 'ReadFeed', { Epoch, Cursor: Asked, Reach });
  await internal(a, 'TakePage', { ...page, Epoch, Asked });
  expect(await left(a)).toBe('1');
  pair.time.pass(5000);
  const push = { kind: 'push', number: 1, Entries: await pair.prepared(a) } as const;
  const { Outcomes: answers } = (await pair.tell(push, String(ReplicaId))) as Outcomes;
  for (const one of answers) await internal(a, 'TakeOutcome', { ReplicaId, ...one });
  expect([await left(a), await left(pair.hub)]).toEqual(['8', '8']);
});

function putStock(rig: Rig, count: number): Promise<object> {
  return ask(rig, 'PutItem', { TableName: 'Things', Item: stock(count) });
}
