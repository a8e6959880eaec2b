import { afterEach, expect, test } from 'vitest';
import { pushDeathsMax } from '../../src/base/replica-limits.ts';
import { decodeEntry } from '../../src/replica/entry.ts';
import { decodeFrame } from '../../src/replica/wire.ts';
import { SyncFault } from '../../src/sync/fault.ts';
import { Poison } from '../../src/sync/poison.ts';
import { openDevice } from '../support/sync.ts';
import { openNearHub, response } from '../support/hubs.ts';

const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

const hostile = new SyncFault('blocked', 'malformed', undefined, 400);
const times = (count: number, work: () => void): void => {
  for (let n = 0; n < count; n += 1) work();
};

test('entries go alone after three pushes that a hub fails at, and one is given up after three', () => {
  const poison = new Poison();
  times(pushDeathsMax, () => {
    expect(poison.isAlone).toBe(false);
    poison.failed(hostile, { first: 4, last: 7 });
  });
  expect([poison.isAlone, poison.isOver(4)]).toEqual([true, false]);
  poison.passed({ first: 4, last: 4 });
  times(pushDeathsMax, () => {
    expect(poison.isOver(5)).toBe(false);
    poison.failed(hostile, { first: 5, last: 5 });
  });
  expect([poison.isOver(5), poison.isOver(6)]).toEqual([true, false]);
  poison.passed({ first: 5, last: 5 });
  expect([poison.isAlone, poison.isOver(5)]).toEqual([true, false]);
  poison.passed({ first: 7, last: 7 });
  expect(poison.isAlone).toBe(false);
});

test.each([undefined, 401, 404, 426, 429, 503])(
  'what ends with %s says nothing of it',
  (status) => {
    const poison = new Poison();
    const fault = new SyncFault('offline', 'gone', undefined, status);
    times(3 * pushDeathsMax, () => poison.failed(fault, { first: 1, last: 9 }));
    expect([poison.isAlone, poison.isOver(1)]).toEqual([false, false]);
  },
);

test('P2: an entry on which three connections died goes alone, then to quarantine', async () => {
  const near = await openNearHub();
  ends.push(() => near.engine.close());
  const pushes: number[][] = [];
  let isHostile = false;
  const a = await openDevice('http://hub', {
    fetch: async (url, init) => {
      const message = url.endsWith('/pokes') ? undefined : decodeFrame(init.body).message;
      if (message?.kind !== 'push') return near.fetch(url, init);
      const seqs = message.Entries.map((one) => decodeEntry(one).seq);
      pushes.push(seqs);
      const isPoison = isHostile && message.Entries.some((one) => `${one}`.includes(`${poison}`));
      return isPoison ? response(500, '{"message":"The hub failed"}') : near.fetch(url, init);
    },
  });
  ends.push(() => a.close());
  await a.settled();
  a.client.pause();
  await a.when(({ state }) => state === 'paused', 'paused');
  isHostile = true;
  for (const id of ['before', 'poison', 'after']) await a.put(id, 'v');
  a.client.resume();
  // As often as there is a reason to, and no more: else this would never end where it fails.
  const leave = a.client.on(() => {
    const isDue = a.client.status.state === 'offline' && pushes.length < 10 * pushDeathsMax;
    if (isDue) queueMicrotask(() => a.client.resume());
  });
  await a.settled();
  leave();
  expect(pushes.map((seqs) => seqs.map((seq) => seq - (pushes[0]?.[0] ?? 0)))).toEqual([
    ...Array(pushDeathsMax).fill([0, 1, 2]),
    [0],
    ...Array(pushDeathsMax).fill([1]),
    [2],
  ]);
  expect(a.events.filter(({ type }) => type === 'rejected')).toMatchObject([
    { code: 'Undeliverable' },
  ]);
  await a.when(({ quarantined, pending }) => quarantined === 1 && pending === 0, 'quarantined');
  expect([await a.note('before'), await a.note('poison'), await a.note('after')]).toEqual([
    ...['v', undefined, 'v'],
  ]);
});

const poison = new TextEncoder().encode('poison');
