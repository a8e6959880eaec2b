import { describe, expect, test } from 'vitest';
import { scrubDayMs, scrubIdleMs, scrubLookMs } from '../../src/base/limits.ts';
import { TestClock } from '../../src/client/test-clock.ts';
import type { ScrubStatus } from '../../src/engine/engine-types.ts';
import { scrubDone, scrubGoesOn, scrubKey } from '../../src/engine/scrub-watch.ts';
import { StoreFailure } from '../../src/port/store.ts';
import { isDoubted, leaveDoubt } from '../support/damage.ts';
import {
  ask,
  fill,
  find,
  indexInput,
  keysOf,
  makeTable,
  openRig,
  put,
  quiet,
  type Rig,
  type RigOptions,
} from '../support/engine.ts';

interface Watched extends Rig {
  readonly clock: TestClock;
  /** Requests for pages. */
  pageReads(): number;
  /** Lets time pass in steps, each followed by what is due then. */
  pass(totalMs: number, stepMs?: number): Promise<void>;
  scrub(): ScrubStatus | undefined;
}

/** A rig over a store with a table, an index and a checkpoint; its clock stands still. */
async function watched(more: RigOptions = {}): Promise<Watched> {
  const first = await openRig(more.disk === undefined ? {} : { disk: more.disk });
  if (more.disk === undefined) {
    await makeTable(first);
    await ask(first, 'UpdateTable', indexInput);
    await first.engine.idle();
    await fill(first, 1500, 400);
    await first.engine.checkpoint();
  }
  const clock = new TestClock();
  clock.freeze();
  const ports = { clock, scheduler: clock, barrierMs: Number.POSITIVE_INFINITY };
  const { disk } = first.store;
  const rig = await openRig({ background: true, scrub: {}, ...ports, ...more, disk });
  let reads = 0;
  rig.store.hooks.read = (spaces) => {
    if (spaces.includes('page')) reads += 1;
  };
  const pass = async (totalMs: number, stepMs = totalMs): Promise<void> => {
    for (let ms = 0; ms < totalMs; ms += stepMs) {
      clock.advance(Math.min(stepMs, totalMs - ms));
      await settle();
    }
  };
  await settle();
  await pass(200, 20);
  return { ...rig, clock, pass, pageReads: () => reads, scrub: () => rig.engine.status().scrub };
}

async function settle(): Promise<void> {
  for (let round = 0; round < 2; round += 1) {
    await quiet(6);
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
}

/** Time enough for a whole scrub in small steps. */
const wholeMs = 800;

describe('a scrub that begins by itself', () => {
  test('waits for a minute without a write, and reads everything then', async () => {
    const rig = await watched();
    await put(rig, 'a');
    await rig.pass(scrubIdleMs - 1000, 10_000);
    expect(rig.scrub()).toMatchObject({ running: false, endedMs: undefined });
    await rig.pass(1000);
    await rig.pass(40, 20);
    expect(rig.scrub()).toMatchObject({ running: true });
    await rig.pass(wholeMs, 20);
    expect(rig.scrub()).toMatchObject({
      running: false,
      error: undefined,
      report: { items: 1501, damagedPages: 0, mended: 0, counters: 0 },
    });
    expect(rig.scrub()?.endedMs).toBeGreaterThan(rig.clock.wallMs() - wholeMs);
  });

  test('writes nothing; the next checkpoint stores when it was, and others go by that', async () => {
    const rig = await watched();
    const writes = rig.store.batches.length;
    await rig.pass(scrubIdleMs);
    await rig.pass(wholeMs, 20);
    const endedMs = rig.scrub()?.endedMs;
    expect(endedMs).toBeDefined();
    expect(rig.store.batches).toHaveLength(writes);
    const { disk } = rig.store;
    expect(keysOf(disk, 'meta')).not.toContain(scrubKey);
    await put(rig, 'a');
    await rig.engine.checkpoint();
    expect(keysOf(disk, 'meta')).toContain(scrubKey);
    const other = await watched({ disk });
    await other.pass(scrubIdleMs);
    await other.pass(wholeMs, 20);
    expect(other.scrub()).toEqual({
      running: false,
      endedMs,
      report: undefined,
      error: undefined,
    });
    await other.pass(scrubDayMs, scrubDayMs / 24);
    await other.pass(wholeMs, 20);
    expect(other.scrub()?.report).toMatchObject({ items: 1501 });
  });

  test('is made once a day', async () => {
    const rig = await watched();
    await rig.pass(scrubIdleMs);
    await rig.pass(wholeMs, 20);
    const first = rig.scrub()?.endedMs;
    const reads = rig.pageReads();
    await rig.pass(scrubDayMs - 2 * wholeMs, scrubDayMs / 24);
    expect(rig.pageReads()).toBe(reads);
    await rig.pass(2 * wholeMs);
    await rig.pass(wholeMs, 20);
    expect(rig.scrub()?.endedMs).toBeGreaterThan((first ?? 0) + scrubDayMs);
    expect(rig.pageReads()).toBeGreaterThan(reads);
  });

  test('stops for a write, and goes on where it was', async () => {
    const whole = await watched();
    await whole.pass(scrubIdleMs);
    await whole.pass(wholeMs, 20);
    const rig = await watched();
    await rig.pass(scrubIdleMs);
    await rig.pass(60, 20);
    expect(rig.scrub()).toMatchObject({ running: true });
    await put(rig, 'a');
    await rig.pass(40, 20);
    const reads = rig.pageReads();
    await rig.pass(scrubIdleMs - 1000, 1000);
    expect(rig.pageReads()).toBe(reads);
    await rig.pass(1000);
    await rig.pass(wholeMs, 20);
    expect(rig.scrub()?.report).toMatchObject({ mended: 0, counters: 0 });
    expect(rig.pageReads() - whole.pageReads()).toBeLessThan(5);
  });

  test('makes way for reads, but is not kept from its end by them', async () => {
    const rig = await watched();
    await rig.pass(scrubIdleMs);
    await rig.pass(20);
    let rounds = 0;
    for (; rounds < 1000 && rig.scrub()?.report === undefined; rounds += 1) {
      await find(rig, `k${rounds}`);
      await rig.pass(20);
    }
    // One slice each 250 ms instead of each 20.
    expect(rounds).toBeGreaterThan(60);
    expect(rounds).toBeLessThan(1000);
  });

  test('mends what differs, and says so', async () => {
    const first = await watched();
    const caller = { kind: 'engine', principal: 'engine' } as const;
    const input = { Tree: 100, Entries: 5, Bytes: 70, IsMore: true };
    await ask(first, 'CorrectCounters', input, { form: 'plain', caller });
    await first.engine.checkpoint();
    const rig = await watched({ disk: first.store.disk });
    await rig.pass(scrubIdleMs);
    await rig.pass(wholeMs, 20);
    expect(rig.scrub()?.report).toMatchObject({ counters: 1, mended: 0 });
    expect((await rig.engine.sizes()).tables[0]?.items).toBe(1500);
  });

  test('begins where counters are in doubt, however late the last one was', async () => {
    const first = await watched();
    const { disk } = first.store;
    await first.pass(scrubIdleMs);
    await first.pass(wholeMs, 20);
    await put(first, 'a');
    await first.engine.checkpoint();
    expect(keysOf(disk, 'meta')).toContain(scrubKey);
    await leaveDoubt(first);
    const rig = await watched({ disk });
    const lose = (spaces: readonly string[]): void => {
      if (spaces.includes('page')) throw new StoreFailure('lost', 'no disk');
    };
    const { read } = rig.store.hooks;
    rig.store.hooks.read = lose;
    await rig.pass(scrubIdleMs);
    await rig.pass(wholeMs, 20);
    expect(rig.scrub()).toMatchObject({ running: false, error: 'no disk' });
    // What is in its way is likely to stay for a while: this engine looks again in an hour.
    Object.assign(rig.store.hooks, { read });
    await rig.pass(scrubIdleMs);
    await rig.pass(wholeMs, 20);
    expect(rig.scrub()).toMatchObject({ running: false, report: undefined });
    expect(await isDoubted(disk)).toBe(true);
    await rig.pass(scrubLookMs);
    await rig.pass(wholeMs, 20);
    expect(rig.scrub()).toMatchObject({ report: { items: 1501, counters: 0 }, error: undefined });
    expect(await isDoubted(disk)).toBe(false);
    await leaveDoubt(rig);
    const other = await watched({ disk });
    await other.pass(scrubIdleMs);
    await other.pass(wholeMs, 20);
    expect(other.scrub()?.report).toMatchObject({ items: 1501, counters: 0 });
    expect(await isDoubted(disk)).toBe(false);
  });

  test('does not begin when it is turned off, or without background work', async () => {
    for (const more of [{ scrub: false }, { background: false }] as const) {
      const rig = await watched(more);
      await rig.pass(scrubIdleMs);
      await rig.pass(wholeMs, 20);
      expect(rig.scrub()).toMatchObject({ running: false, endedMs: undefined });
    }
  });

  test('has times that can be set', async () => {
    const rig = await watched({ scrub: { idleMs: 500, everyMs: 10_000 } });
    await rig.pass(500);
    await rig.pass(wholeMs, 20);
    const first = rig.scrub()?.endedMs ?? Number.POSITIVE_INFINITY;
    await rig.pass(10_000);
    await rig.pass(wholeMs, 20);
    expect(rig.scrub()?.endedMs).toBeGreaterThan(first);
  });

  test('that a store breaks off is told of, and left until the next day', async () => {
    const rig = await watched();
    rig.store.hooks.read = (spaces) => {
      if (spaces.includes('page')) throw new StoreFailure('lost', 'no disk');
    };
    await rig.pass(scrubIdleMs);
    await rig.pass(wholeMs, 20);
    expect(rig.scrub()).toMatchObject({ running: false, error: 'no disk', report: undefined });
  });

  test('is left to the engine that is at it, or has done it', async () => {
    let tell = (_hint: number): void => undefined;
    const told: number[] = [];
    const hint = {
      tell: (position: number) => void told.push(position),
      listen: (heard: (position: number) => void) => {
        tell = heard;
      },
      close: () => undefined,
    };
    const rig = await watched({ hint });
    await rig.pass(scrubIdleMs - 1000);
    tell(scrubGoesOn);
    await rig.pass(2000, 20);
    expect(rig.scrub()).toMatchObject({ running: false });
    tell(scrubDone);
    await rig.pass(scrubDayMs - 1000, scrubDayMs / 24);
    expect(rig.pageReads()).toBe(0);
    await rig.pass(2000);
    await rig.pass(wholeMs, 20);
    expect(rig.scrub()?.report).toMatchObject({ items: 1500 });
    expect(told[0]).toBe(scrubGoesOn);
    expect(told.at(-1)).toBe(scrubDone);
  });
});
