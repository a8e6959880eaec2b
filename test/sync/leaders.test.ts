/** Who of several tabs leads sync, and what becomes of one that does and is silent. */
import { afterEach, describe, expect, test } from 'vitest';
import { leadAnswerMs, leadSilenceMs } from '../../src/base/replica-limits.ts';
import { TestClock } from '../../src/client/test-clock.ts';
import { openEngine } from '../../src/engine/engine.ts';
import { webLock } from '../../src/host/lock.ts';
import { systemRandom } from '../../src/host/ports.ts';
import { replicaOperations } from '../../src/operation/replica/rows.ts';
import type { Lock } from '../../src/port/lock.ts';
import { createMemory, openMemory } from '../../src/storage/memory.ts';
import type { Relay, RelayMessage } from '../../src/sync/client.ts';
import { converged, type Device, openDevice } from '../support/sync.ts';
import { type NearHub, openNearHub } from '../support/hubs.ts';

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

interface Tab extends Device {
  readonly clock: TestClock;
  /** Nothing goes out of it or comes in, and it keeps its lock, until the function is called. */
  freeze(): () => void;
}

/** Tabs of one database: engines over one disk, that hear one another and share a lock. */
class Browser {
  readonly near: NearHub;
  readonly name: string = `leaders-${crypto.randomUUID()}`;
  readonly #disk = createMemory();
  readonly #heard: Set<(from: object, message: RelayMessage) => void> = new Set();

  constructor(near: NearHub) {
    this.near = near;
  }

  async open(take: (lock: Lock) => Lock = (lock) => lock): Promise<Tab> {
    const clock = new TestClock();
    const engine = await openEngine({
      store: openMemory(this.#disk),
      ...{ clock, random: systemRandom, scheduler: clock },
      ...{ operations: replicaOperations, scrub: false },
    });
    let frozen: Promise<void> | undefined;
    const device = await openDevice('http://hub', {
      ...{ engine, clock, scheduler: clock },
      fetch: async (url, init) => {
        await frozen;
        const answer = await this.near.fetch(url, init);
        await frozen;
        return answer;
      },
      lock: take(this.#lock(() => frozen)),
      relay: this.#relay(() => frozen),
    });
    ends.push(() => device.close());
    const freeze = (): (() => void) => {
      let thaw = (): void => undefined;
      frozen = new Promise((resolve) => {
        thaw = () => {
          frozen = undefined;
          resolve();
        };
      });
      ends.push(() => thaw());
      return thaw;
    };
    return { ...device, clock, freeze };
  }

  #lock(frozen: () => Promise<void> | undefined): Lock {
    const lock = webLock(this.name, 'sync') as Required<Lock>;
    /** What is frozen hears of nothing. */
    const late =
      (work: (signal: AbortSignal) => Promise<void>) =>
      (signal: AbortSignal): Promise<void> => {
        const own = new AbortController();
        signal.addEventListener('abort', () => {
          void (frozen() ?? Promise.resolve()).then(() => own.abort());
        });
        return work(own.signal);
      };
    return {
      hold: (work, signal) => lock.hold(late(work), signal),
      seize: (work, signal) => lock.seize(late(work), signal),
    };
  }

  #relay(frozen: () => Promise<void> | undefined): Relay {
    const own = {};
    let hear: (from: object, message: RelayMessage) => void = () => undefined;
    return {
      tell: (message) => {
        const sent = structuredClone(message);
        void (frozen() ?? Promise.resolve()).then(() => {
          for (const one of this.#heard) one(own, sent);
        });
      },
      listen: (heard) => {
        hear = (from, message) => {
          if (from !== own) void (frozen() ?? Promise.resolve()).then(() => heard(message));
        };
        this.#heard.add(hear);
      },
      close: () => void this.#heard.delete(hear),
    };
  }
}

async function browser(): Promise<Browser> {
  const near = await openNearHub();
  ends.push(() => near.engine.close());
  return new Browser(near);
}

/** It has heard who leads. */
async function following(tab: Tab, state = 'live'): Promise<void> {
  await tab.when((status) => !status.leads && status.state === state, `following, ${state}`);
}

/** As long as it takes to notice: a question, and no answer. */
async function silence({ clock }: Tab): Promise<void> {
  for (const delayMs of [leadSilenceMs, leadAnswerMs]) {
    clock.advance(delayMs);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** What it said from now on. */
function statesOf({ client }: Tab): string[] {
  const states: string[] = [];
  client.on((event) => {
    if (event.type !== 'status') return;
    states.push(`${event.status.state}${event.status.leads ? ', leads' : ''}`);
  });
  return states;
}

describe('a tab that leads and is frozen', () => {
  test('is overtaken, and stands down when it wakes', async () => {
    const tabs = await browser();
    const a = await tabs.open();
    await a.settled();
    const b = await tabs.open();
    await following(b);
    const thaw = a.freeze();
    await b.put('x', 'while it is frozen');
    await b.when(({ pending }) => pending === 1, 'counted');
    const states = statesOf(b);
    await silence(b);
    await b.when(({ leads, state }) => leads && state === 'live', 'leading');
    expect(states.find((one) => one !== 'live')).toBe('connecting, leads');
    await b.settled();
    await converged(b.engine, tabs.near.engine);
    expect(a.client.status.leads).toBe(true);
    const woken = statesOf(a);
    thaw();
    await following(a);
    expect(woken).toContain('connecting');
    expect(b.client.status.leads).toBe(true);
    await a.put('y', 'of who follows now');
    await b.when(({ pending, state }) => pending === 0 && state === 'live', 'sent');
    await converged(a.engine, b.engine, tabs.near.engine);
  });

  test('is noticed soon when something is wished of it', async () => {
    const tabs = await browser();
    const a = await tabs.open();
    await a.settled();
    const b = await tabs.open();
    await following(b);
    a.freeze();
    b.client.hint();
    await new Promise((resolve) => setTimeout(resolve, 5));
    b.clock.advance(leadAnswerMs);
    await b.when(({ leads, state }) => leads && state === 'live', 'leading');
  });

  test('leaves to the others that sync is paused', async () => {
    const tabs = await browser();
    const a = await tabs.open();
    await a.settled();
    a.client.pause();
    await a.when(({ state }) => state === 'paused', 'paused');
    // It was opened when that had been wished.
    const b = await tabs.open();
    await following(b, 'paused');
    a.freeze();
    const states = statesOf(b);
    await silence(b);
    await b.when(({ leads, state }) => leads && state === 'paused', 'leading');
    expect([...new Set(states)]).toEqual(['paused, leads']);
    b.client.resume();
    await b.settled();
  });

  test('is overtaken by one of several', async () => {
    const tabs = await browser();
    const a = await tabs.open();
    await a.settled();
    const others = [await tabs.open(), await tabs.open(), await tabs.open()];
    for (const one of others) await following(one);
    a.freeze();
    await Promise.all(others.map((one) => silence(one)));
    const leads = (): number => others.filter(({ client }) => client.status.leads).length;
    await expect.poll(leads).toBe(1);
    for (const one of others) await one.put(`of ${others.indexOf(one)}`, 'sent');
    const live = ({ state, pending }: Device['client']['status']): boolean =>
      state === 'live' && pending === 0;
    for (const one of others) await one.when(live, 'live');
    await converged(...others.map(({ engine }) => engine), tabs.near.engine);
    expect(leads()).toBe(1);
  });
});

test('a lock whose holder never says a word keeps no tab from syncing', async () => {
  const tabs = await browser();
  let begun = (): void => undefined;
  const holds = new Promise<void>((resolve) => {
    begun = resolve;
  });
  void webLock(tabs.name, 'sync')?.hold(() => {
    begun();
    return new Promise(() => undefined);
  }, new AbortController().signal);
  await holds;
  const a = await tabs.open();
  expect(a.client.status).toMatchObject({ leads: false, state: 'offline' });
  await silence(a);
  await a.settled();
  expect(a.client.status.leads).toBe(true);
});

test('a tab that leads and answers is left alone', async () => {
  const tabs = await browser();
  const a = await tabs.open();
  await a.settled();
  const b = await tabs.open();
  await following(b);
  const [ofA, ofB] = [statesOf(a), statesOf(b)];
  for (let round = 0; round < 5; round += 1) await silence(b);
  expect([a.client.status.leads, b.client.status.leads]).toEqual([true, false]);
  // `live` all the time, whatever else may be told anew.
  expect([...new Set([...ofA, ...ofB, 'live'])].filter((one) => !one.startsWith('live'))).toEqual(
    [],
  );
});

test('where a lock cannot be seized, a tab leads beside until the other one is heard', async () => {
  const tabs = await browser();
  const held = ({ hold }: Lock): Lock => ({ hold });
  const a = await tabs.open(held);
  await a.settled();
  const b = await tabs.open(held);
  await following(b);
  const thaw = a.freeze();
  await b.put('x', 'while it is frozen');
  await silence(b);
  await b.settled();
  expect(b.client.status.leads).toBe(true);
  await converged(b.engine, tabs.near.engine);
  thaw();
  await a.put('y', 'of who leads again');
  await following(b);
  await a.settled();
  expect(a.client.status.leads).toBe(true);
  await converged(a.engine, b.engine, tabs.near.engine);
});
