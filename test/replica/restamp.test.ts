import { expect, test } from 'vitest';
import { compareStamps } from '../../src/base/hlc.ts';
import { entryKey } from '../../src/replica/book.ts';
import type { Outcomes, Page } from '../../src/replica/message.ts';
import { long, spoil, storedOf } from '../support/replica-damage.ts';
import { sell, stocked, waitingOf } from '../support/sales.ts';
import { readStream } from '../support/streams.ts';
import { ask } from '../support/engine.ts';
import type { StreamRecord } from '../../src/stream/record.ts';
import { edit, internal, Pair, putText, textAt } from '../support/replica-pair.ts';
import { Stored } from '../support/replica.ts';

const dayMs = 86_400_000;

test('entries keep their order and stay above their bases, not above the hub', async () => {
  const pair = await Pair.open();
  const a = await pair.device();
  await putText(pair.hub, 'k', 'base');
  await pair.sync(a);
  const [base] = (await Stored.of(a.store.disk)).versions();
  // Its clock falls back by years: the first edit would be older than what it was made on.
  a.time.wallMs -= 700 * dayMs;
  for (const v of ['one', 'two', 'three']) await edit(a, 'k', v);
  pair.time.pass(dayMs);
  a.time.pass(dayMs);
  const before = (await Stored.of(a.store.disk)).entries().map(({ stamp }) => stamp);
  pair.said.length = 0;
  await pair.sync(a);
  const push = pair.said.find(({ kind }) => kind === 'outcomes') as {
    readonly Outcomes: readonly { Ms: number; Counter: number; Kind: string }[];
  };
  expect(push.Outcomes.map(({ Kind }) => Kind)).toEqual(['applied', 'applied', 'applied']);
  const after = push.Outcomes.map(({ Ms, Counter }) => ({
    ms: Ms,
    counter: Counter,
    replica: before[0]?.replica ?? new Uint8Array(16),
  }));
  expect([...after].sort(compareStamps)).toEqual(after);
  for (const stamp of after) {
    expect(base && compareStamps(stamp, base.stamp)).toBeGreaterThan(0);
    expect(stamp.ms).toBeLessThanOrEqual(pair.time.wallMs);
  }
});

test('a clock that is off by less than a second is left alone', async () => {
  const pair = await Pair.open();
  const a = await pair.device();
  await pair.sync(a);
  a.time.wallMs += 900;
  await putText(a, 'k', 'one');
  const [stamp] = (await Stored.of(a.store.disk)).entries().map((entry) => entry.stamp);
  await pair.sync(a);
  const [version] = (await Stored.of(a.store.disk)).versions();
  expect(version?.stamp).toEqual(stamp);
});

// A number of which nothing is left has the stamp of what the hub sent for its item.
test('an entry of which nothing is left lifts none that is behind it', async () => {
  const pair = await Pair.open();
  const a = await pair.device();
  await putText(pair.hub, 'k', 'old');
  await pair.sync(a);
  // The book's first leaf says what was sent.
  for (let n = 0; n < 200; n += 1) await putText(a, `${long}${n}`, 'more');
  await edit(a, 'k', 'mine');
  await putText(a, 'x', 'early');
  for (const one of [pair, a]) one.time.pass(3_600_000);
  await putText(pair.hub, 'k', 'theirs');
  const { ReplicaId, Epoch, Cursor } = await internal(a, 'ReadLink');
  const at = { Epoch: String(Epoch), Cursor: Number(Cursor), Reach: 0 };
  const page = (await pair.tell({ kind: 'pull', number: 1, ...at }, String(ReplicaId))) as Page;
  const { kind: _, number: __, ...given } = page;
  await internal(a, 'TakePage', { ...given, Epoch, Asked: Cursor });
  const { rig } = await spoil(a, 'book', entryKey(201));
  const [empty, edited] = (await storedOf(rig)).entries().slice(200);
  expect([empty?.mutations, edited?.mutations.length]).toEqual([[], 1]);
  expect(empty && edited && compareStamps(empty.stamp, edited.stamp)).toBeGreaterThan(0);
  pair.time.pass(30_000);
  await putText(pair.hub, 'x', 'later');
  // The device's clock has stood still for a minute.
  pair.time.pass(30_000);
  pair.said.length = 0;
  await pair.sync(rig);
  const push = pair.said.find(({ kind }) => kind === 'outcomes') as Outcomes;
  const [, answer] = push.Outcomes.slice(200);
  const ms = (edited?.stamp.ms ?? 0) + 60_000;
  expect(answer).toMatchObject({ Seq: 202, Kind: 'superseded', Ms: ms });
  expect([await textAt(pair.hub, 'x'), await textAt(rig, 'x')]).toEqual(['later', 'later']);
});

test('an edit stays over the guess below it that is answered', async () => {
  const { pair, a } = await stocked(5);
  const StreamSpecification = { StreamEnabled: true, StreamViewType: 'NEW_IMAGE' };
  await ask(a, 'UpdateTable', { TableName: 'Things', StreamSpecification });
  await sell(a);
  await putText(a, 'stock', 'one');
  const ReplicaId = String((await internal(a, 'ReadLink'))['ReplicaId']);
  const Entries = await pair.prepared(a);
  const said = await pair.tell({ kind: 'push', number: 1, Entries }, ReplicaId);
  await putText(a, 'stock', 'two');
  for (const outcome of (said as Outcomes).Outcomes) {
    await internal(a, 'TakeOutcome', { ReplicaId, ...outcome });
  }
  expect(await waitingOf(a)).toEqual(['always']);
  // The device's clock is a minute ahead: what waits would be older than what it was made on.
  a.time.pass(60_000);
  await pair.sync(a);
  expect([await textAt(pair.hub, 'stock'), await textAt(a, 'stock')]).toEqual(['two', 'two']);
  const { Table } = await ask(a, 'DescribeTable', { TableName: 'Things' });
  const { LatestStreamArn } = Table as { readonly LatestStreamArn: string };
  const records = await readStream(
    (operation, input) => ask(a, operation, input, { form: 'plain' }),
    LatestStreamArn,
  );
  const shown = (records as readonly StreamRecord[]).map(({ dynamodb }) => {
    return dynamodb.NewImage?.item().get('v')?.value;
  });
  expect(shown).toEqual([undefined, 'one', 'two']);
});
