import { describe, expect, test } from 'vitest';
import { internal, Pair, putText } from '../../support/replica-pair.ts';
import { openReplica } from '../../support/replica.ts';

describe("a device's own operations", () => {
  test('are none of a hub', async () => {
    const hub = await openReplica('hub');
    await expect(internal(hub, 'ReadLink')).rejects.toThrow('no device');
    await expect(internal(hub, 'PreparePush')).rejects.toThrow('no device');
  });

  test('ReadLink tells what a hello says', async () => {
    const pair = await Pair.open();
    const a = await pair.device();
    expect(await internal(a, 'ReadLink')).toMatchObject({
      First: 1,
      Settled: 0,
      Epoch: '',
      Cursor: 0,
    });
    await putText(a, 'k', 'one');
    expect(await internal(a, 'ReadLink')).toMatchObject({ First: 1, Settled: 0 });
    await pair.sync(a);
    expect(await internal(a, 'ReadLink')).toMatchObject({ First: 2, Settled: 1 });
  });

  test('PreparePush gives out the oldest first, so many at a time', async () => {
    const pair = await Pair.open();
    const a = await pair.device();
    await Promise.all(Array.from({ length: 510 }, (_, n) => putText(a, `k${n}`, 'v')));
    expect(await pair.prepared(a)).toHaveLength(500);
    await pair.sync(a);
    expect(await pair.prepared(a)).toEqual([]);
    const pushes = pair.said.filter(({ kind }) => kind === 'push');
    expect(pushes).toHaveLength(2);
  }, 60_000);

  test.each([
    [undefined, -5000],
    [2000, -3000],
  ])('TakeGreeting that is %s ms old sets the clock by %i ms', async (AgeMs, offsetMs) => {
    const pair = await Pair.open();
    const a = await pair.device();
    const { ReplicaId, First, Settled, Epoch, Cursor } = await internal(a, 'ReadLink');
    const ask = { ReplicaId, First, Settled, Epoch, Cursor };
    const greeting = await internal(pair.hub, 'GreetReplica', ask);
    const more = { AskedEpoch: Epoch, Asked: Cursor, ...(AgeMs === undefined ? {} : { AgeMs }) };
    const Now = a.time.wallMs - 5000;
    await internal(a, 'TakeGreeting', { ...greeting, ...more, Now });
    expect(await internal(a, 'DescribeReplica')).toMatchObject({ OffsetMs: offsetMs });
  });

  test('TakeGreeting of another tab that has gone on leaves the cursor where it is', async () => {
    const pair = await Pair.open();
    const a = await pair.device();
    await putText(pair.hub, 'k', 'one');
    const hello = await internal(a, 'ReadLink');
    const { ReplicaId, First, Settled, Epoch, Cursor } = hello;
    const ask = { ReplicaId, First, Settled, Epoch, Cursor };
    const greeting = await internal(pair.hub, 'GreetReplica', ask);
    await pair.sync(a);
    const there = await internal(a, 'ReadLink');
    await internal(a, 'TakeGreeting', { ...greeting, AskedEpoch: Epoch, Asked: Cursor });
    expect(await internal(a, 'ReadLink')).toEqual(there);
  });
});
