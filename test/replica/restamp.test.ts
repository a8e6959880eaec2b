import { expect, test } from 'vitest';
import { compareStamps } from '../../src/base/hlc.ts';
import { edit, Pair, putText } from '../support/replica-pair.ts';
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
