/** What a device takes for signs that its hub is there, is not, or may be again. */
import { afterEach, describe, expect, test } from 'vitest';
import { hintPauseMs, pokeSilenceMs } from '../../src/base/replica-limits.ts';
import { systemClock, systemRandom, systemScheduler } from '../../src/host/ports.ts';
import type { Scheduler } from '../../src/port/scheduler.ts';
import { decodeFrame } from '../../src/replica/wire.ts';
import type { Relay, RelayMessage } from '../../src/sync/client.ts';
import type { Fetch } from '../../src/sync/http-link.ts';
import { converged, type Device, openDevice } from '../support/sync.ts';
import { type NearHub, openNearHub, response } from '../support/hubs.ts';

const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function hub(): Promise<NearHub> {
  const near = await openNearHub();
  ends.push(() => near.engine.close());
  return near;
}

async function device(...args: Parameters<typeof openDevice>): Promise<Device> {
  const one = await openDevice(...args);
  ends.push(() => one.close());
  return one;
}

/** A stream on which nothing ever comes, and which never ends. */
const halfOpen = (signal: AbortSignal): ReadableStream<Uint8Array> =>
  new ReadableStream({
    start: (controller) => {
      signal.addEventListener('abort', () => controller.error(new Error('aborted')));
    },
  });

/** Silence is over in no time. */
const hasty: Scheduler = {
  ...systemScheduler,
  delay: (delayMs, ...more) =>
    systemScheduler.delay(delayMs === pokeSilenceMs ? 50 : delayMs, ...more),
};

describe('a device that idles', () => {
  test('is offline when nothing was heard for so long, and says so', async () => {
    const near = await hub();
    const fetch: Fetch = async (url, init) => {
      if (!url.endsWith('/pokes')) return near.fetch(url, init);
      return { status: 200, headers: { get: () => null }, body: halfOpen(init.signal) };
    };
    const a = await device('http://hub', { fetch, scheduler: hasty });
    await a.when(({ state }) => state === 'live', 'live');
    const { message, lastRoundTripAt } = await a.when(
      ({ state }) => state === 'offline',
      'offline',
    );
    expect(message).toBe(`Nothing was heard of the hub for ${pokeSilenceMs} ms`);
    expect(lastRoundTripAt).toBeGreaterThan(Date.now() - 10_000);
  });

  test('tells when it has heard the hub, and sends nothing for that', async () => {
    const near = await hub();
    let beat: () => void = () => undefined;
    let sent = 0;
    const fetch: Fetch = async (url, init) => {
      if (!url.endsWith('/pokes')) {
        sent += 1;
        return near.fetch(url, init);
      }
      const body = new ReadableStream<Uint8Array>({
        start(controller) {
          beat = () => controller.enqueue(new TextEncoder().encode(':\n\n'));
        },
      });
      return { status: 200, headers: { get: () => null }, body };
    };
    const a = await device('http://hub', { fetch });
    const { heardAt = 0, lastRoundTripAt } = await a.when(({ state }) => state === 'live', 'live');
    const before = sent;
    await new Promise((resolve) => setTimeout(resolve, 5));
    beat();
    await a.when((status) => (status.heardAt ?? 0) > heardAt, 'heard');
    expect([sent, a.client.status.lastRoundTripAt]).toEqual([before, lastRoundTripAt]);
  });
});

describe('a device without a network', () => {
  test('does not try with each write, but at once when there may be one again', async () => {
    const near = await hub();
    let tries = 0;
    let isCut = false;
    const a = await device('http://hub', {
      fetch: (url, init) => {
        if (isCut && !url.endsWith('/pokes')) tries += 1;
        return isCut ? Promise.reject(new TypeError('no network')) : near.fetch(url, init);
      },
      // The longest waits there are: nothing but a sign ends them while the test runs.
      random: { bytes: (count: number) => systemRandom.bytes(count).fill(255, 0, 2) },
    });
    await a.settled();
    isCut = true;
    a.client.hint();
    for (let failures = 1; failures <= 4; failures += 1) {
      await expect.poll(() => tries).toBe(failures);
      await a.when(({ state }) => state === 'offline', 'offline');
      if (failures < 4) a.client.resume();
    }
    for (let n = 0; n < 20; n += 1) await a.put(`n${n}`, 'offline');
    await a.when(({ pending }) => pending === 20, 'counted');
    expect(tries).toBe(4);
    isCut = false;
    await new Promise((resolve) => setTimeout(resolve, hintPauseMs));
    a.client.hint();
    await a.settled();
  });

  test('a hint that another tab has comes to the one that leads', async () => {
    const near = await hub();
    const [ours, theirs] = relays();
    let isCut = true;
    const fetch: Fetch = (url, init) =>
      isCut ? Promise.reject(new TypeError('no network')) : near.fetch(url, init);
    const leading = await device('http://hub', { fetch, relay: ours });
    await leading.when(({ state, leads }) => leads && state === 'offline', 'offline');
    const never = { hold: () => new Promise<never>(() => undefined) };
    const more = { fetch, relay: theirs, lock: never, engine: leading.engine };
    const other = await openDevice('http://hub', more);
    isCut = false;
    other.client.hint();
    await leading.when(({ state }) => state === 'live', 'live');
  });

  test('what seems to be live is asked at a hint whether it is', async () => {
    const near = await hub();
    let isCut = false;
    const fetch: Fetch = (url, init) =>
      isCut ? Promise.reject(new TypeError('no network')) : near.fetch(url, init);
    const a = await device('http://hub', { fetch });
    await a.settled();
    isCut = true;
    a.client.hint();
    await a.when(({ state }) => state === 'offline', 'offline');
  });
});

test('P4: what waits is sent while nothing can be taken', async () => {
  const near = await hub();
  let isBroken = false;
  const a = await device('http://hub', {
    fetch: async (url, init) => {
      const isPull = !url.endsWith('/pokes') && decodeFrame(init.body).message.kind === 'pull';
      return isBroken && isPull ? response(500, '{}') : near.fetch(url, init);
    },
  });
  await a.settled();
  isBroken = true;
  await near.put('theirs', 'never comes');
  await a.when(({ state }) => state === 'offline', 'offline');
  for (const id of ['one', 'two']) await a.put(id, 'mine');
  await a.when(({ pending }) => pending === 0, 'sent');
  expect(await a.note('theirs')).toBeUndefined();
  isBroken = false;
  a.client.resume();
  await a.settled();
  await converged(a.engine, near.engine);
});

test('U28: a clock that was set is measured again before anything is sent', async () => {
  const near = await hub();
  const said: string[] = [];
  let aheadMs = 0;
  const { monoMs } = systemClock;
  const a = await device('http://hub', {
    fetch: (url, init) => {
      if (!url.endsWith('/pokes')) said.push(decodeFrame(init.body).message.kind);
      return near.fetch(url, init);
    },
    clock: { wallMs: () => Date.now() + aheadMs, monoMs },
  });
  await a.settled();
  said.length = 0;
  await a.put('a', 'of now');
  await a.settled();
  expect(said[0]).toBe('push');
  said.length = 0;
  aheadMs = 365 * 24 * 3600 * 1000;
  await a.put('a', 'of next year');
  await a.settled();
  expect(said.slice(0, 2)).toEqual(['hello', 'push']);
});

function relays(): readonly [Relay, Relay] {
  const heard: ((message: RelayMessage) => void)[][] = [[], []];
  const relay = (own: number): Relay => ({
    tell: (message) => {
      for (const hear of heard[1 - own] ?? []) queueMicrotask(() => hear(message));
    },
    listen: (hear) => void heard[own]?.push(hear),
    close: () => undefined,
  });
  return [relay(0), relay(1)];
}
