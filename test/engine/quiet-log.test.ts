import { describe, expect, test } from 'vitest';
import { replayQuietMs } from '../../src/base/replay-limits.ts';
import { TestClock } from '../../src/client/test-clock.ts';
import type { Hint } from '../../src/port/hint.ts';
import type { Lock } from '../../src/port/lock.ts';
import { createMemory, type MemoryDisk } from '../../src/storage/memory.ts';
import {
  fill,
  find,
  holdPages,
  makeTable,
  metaOf,
  openRig,
  put,
  quiet,
  type Rig,
  type RigOptions,
} from '../support/engine.ts';

/** Tabs of one browser, whose time stands still until `pass`: they share a lock and hints. */
class Tabs {
  readonly disk: MemoryDisk = createMemory();
  readonly #clock = new TestClock();
  readonly #listeners = new Map<number, (position: number) => void>();
  #held: Promise<void> = Promise.resolve();

  constructor() {
    this.#clock.freeze();
  }

  async open(more: RigOptions = {}): Promise<Rig> {
    const id = this.#listeners.size;
    this.#listeners.set(id, () => undefined);
    const hint: Hint = {
      tell: (position) => {
        for (const [other, listen] of this.#listeners) {
          if (other !== id) queueMicrotask(() => listen(position));
        }
      },
      listen: (listener) => {
        this.#listeners.set(id, listener);
      },
      close: () => undefined,
    };
    const lock: Lock = {
      hold: async (work, signal) => {
        const before = this.#held;
        const { promise, resolve } = Promise.withResolvers<void>();
        this.#held = promise;
        const given = new Promise<void>((end) => {
          signal.addEventListener('abort', () => end());
        });
        await Promise.race([before, given]);
        if (!signal.aborted) await work(signal);
        resolve();
      },
    };
    const clock = this.#clock;
    const ports = { clock, scheduler: clock, hint, lock, barrierMs: Number.POSITIVE_INFINITY };
    return openRig({
      disk: this.disk,
      background: true,
      checkpointBytes: 90_000,
      ...ports,
      ...more,
    });
  }

  async pass(ms: number): Promise<void> {
    await quiet();
    this.#clock.advance(ms);
    await quiet();
  }

  async passTenths(count: number): Promise<void> {
    for (let tenth = 0; tenth < count; tenth += 1) await this.pass(100);
  }
}

async function open(count: number): Promise<{ readonly tabs: Tabs; readonly rigs: Rig[] }> {
  const tabs = new Tabs();
  const rigs: Rig[] = [];
  for (let at = 0; at < count; at += 1) rigs.push(await tabs.open());
  await makeTable(rigs[0] as Rig);
  await tabs.passTenths(30);
  return { tabs, rigs };
}

const checkpointsOf = (rigs: readonly Rig[]): readonly number[] => {
  return rigs.map(({ engine }) => engine.status().checkpoints);
};

const close = async (rigs: readonly Rig[]): Promise<void> => {
  await Promise.all(rigs.map(({ engine }) => engine.close()));
};

describe('a log of some length', () => {
  test('becomes pages when nothing was written for a second', async () => {
    const { tabs, rigs } = await open(1);
    const [rig] = rigs as [Rig];
    await fill(rig, 80, 500);
    expect(rig.engine.status().logBytes).toBeGreaterThan(30_000);
    expect(rig.engine.status().logBytes).toBeLessThan(90_000);
    await tabs.pass(replayQuietMs - 100);
    await tabs.pass(50);
    expect(checkpointsOf(rigs)).toEqual([0]);
    await tabs.passTenths(3);
    expect(checkpointsOf(rigs)).toEqual([1]);
    expect(rig.engine.status().logBytes).toBe(0);
    await close(rigs);
  });

  test('is left alone where it is shorter than a third', async () => {
    const { tabs, rigs } = await open(1);
    const [rig] = rigs as [Rig];
    await fill(rig, 40, 500);
    expect(rig.engine.status().logBytes).toBeLessThan(30_000);
    await tabs.passTenths(40);
    expect(checkpointsOf(rigs)).toEqual([0]);
    await close(rigs);
  });

  test('that an engine finds when it is opened becomes pages a second later', async () => {
    const tabs = new Tabs();
    const first = await tabs.open({ background: false });
    await makeTable(first);
    await fill(first, 80, 500);
    const rig = await tabs.open();
    await tabs.pass(replayQuietMs - 100);
    expect(checkpointsOf([rig])).toEqual([0]);
    await tabs.passTenths(4);
    expect(checkpointsOf([rig])).toEqual([1]);
    await close([first, rig]);
  });

  test.each([1, 2, 4])('does not while one of %d tabs writes on', async (count) => {
    const { tabs, rigs } = await open(count);
    for (let at = 0; at < 70; at += 1) {
      await put(rigs[0] as Rig, `k${at}`, { x: { S: 'x'.repeat(1000) } });
      await tabs.pass(20);
    }
    for (const { engine } of rigs) expect(engine.status().logBytes).toBeGreaterThan(60_000);
    expect(checkpointsOf(rigs)).toEqual(rigs.map(() => 0));
    await close(rigs);
  });

  test('becomes pages once, in one of four tabs', async () => {
    const { tabs, rigs } = await open(4);
    await fill(rigs[0] as Rig, 80, 500);
    await tabs.passTenths(100);
    expect(metaOf(tabs.disk).checkpoint).toBe(1);
    for (const { engine } of rigs) expect(engine.status().logBytes).toBe(0);
    await close(rigs);
  });

  test('is left to another engine that is at it, and not looked at all the time', async () => {
    const tabs = new Tabs();
    const busy = await tabs.open({ background: false });
    await makeTable(busy);
    await fill(busy, 80, 500);
    const held = holdPages(busy);
    const making = busy.engine.checkpoint();
    await quiet();
    const rig = await tabs.open();
    await tabs.passTenths(12);
    const { reads } = rig.store;
    for (let hundredth = 0; hundredth < 300; hundredth += 1) await tabs.pass(10);
    expect(rig.store.reads - reads).toBeGreaterThan(0);
    expect(rig.store.reads - reads).toBeLessThan(60);
    held.open();
    await making;
    await tabs.passTenths(30);
    expect(metaOf(tabs.disk).checkpoint).toBe(1);
    expect(rig.engine.status().logBytes).toBe(0);
    await close([busy, rig]);
  });
});

test('a tail at its bound takes over what others made, though the log may be longer', async () => {
  const tabs = new Tabs();
  const never = { checkpointBytes: 10_000_000 };
  const writer = await tabs.open({ ...never, background: false });
  const follower = await tabs.open({ ...never, tailBytes: 20_000 });
  await makeTable(writer);
  for (let round = 0; round < 10; round += 1) {
    await fill(writer, 30, 500, round * 30);
    // In the follower's tail: no page of it is read.
    expect(await find(follower, `k${round * 30}`)).toBeDefined();
    await writer.engine.checkpoint();
    await tabs.pass(20);
    expect(checkpointsOf([follower])).toEqual([0]);
    expect(follower.engine.status().tailBytes).toBeLessThan(60_000);
  }
  await close([writer, follower]);
});

/** As of a browser where another tab works on and on. */
const heldByAnother: Lock = {
  hold: (_, signal) => {
    return new Promise((resolve) => {
      signal.addEventListener('abort', () => resolve());
    });
  },
};

// Seed 832268.
test.each([
  ['waits for the lock', { lock: heldByAnother }],
  ['does no background work', { background: false }],
])('so it does where its engine %s', async (_, more) => {
  const tabs = new Tabs();
  const never = { checkpointBytes: 10_000_000 };
  const writer = await tabs.open({ ...never, background: false });
  const follower = await tabs.open({ ...never, ...more, tailBytes: 20_000 });
  await makeTable(writer);
  for (let round = 0; round < 10; round += 1) {
    await fill(writer, 30, 500, round * 30);
    expect(await find(follower, `k${round * 30}`)).toBeDefined();
    await writer.engine.checkpoint();
    await tabs.pass(20);
    expect(follower.engine.status().tailBytes).toBeLessThan(60_000);
  }
  await close([writer, follower]);
});
