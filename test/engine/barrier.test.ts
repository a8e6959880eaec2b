import { setTimeout as timer } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { barrierDelayMs, barrierRetriesMax } from '../../src/base/limits.ts';
import { prng } from '../../src/base/prng.ts';
import { TestClock } from '../../src/client/test-clock.ts';
import { decodeMark } from '../../src/log/mark.ts';
import { decodeMeta } from '../../src/pager/meta.ts';
import { markKey, metaKey, type WriteBatch } from '../../src/port/store.ts';
import { createMemory, type MemoryDisk } from '../../src/storage/memory.ts';
import {
  find,
  gate,
  makeTable,
  metaOf,
  openRig,
  put,
  quiet,
  type Rig,
  type RigOptions,
} from '../support/engine.ts';
import { encodeMeta } from '../../src/pager/meta.ts';

/** A rig whose time stands still until `pass`. */
interface Timed extends Rig {
  /** `ticks`: how often the clock may breathe, before and after. */
  pass(ms: number, ticks?: number): Promise<void>;
}

async function timed(more: RigOptions = {}): Promise<Timed> {
  const clock = new TestClock();
  clock.freeze();
  const rig = await openRig({ background: true, clock, scheduler: clock, ...more });
  const settle = async (ticks: number): Promise<void> => {
    // The clock breathes by timers, so that only timers can tell that it has breathed.
    for (let tick = 0; tick < ticks; tick += 1) await timer(0);
    await quiet();
  };
  const pass = async (ms: number, ticks = 12): Promise<void> => {
    await settle(ticks);
    clock.advance(ms);
    await settle(ticks);
  };
  return { ...rig, pass };
}

/** One with a table, all of it durable. */
async function ready(more: RigOptions = {}): Promise<Timed> {
  const rig = await timed(more);
  await makeTable(rig);
  await rig.engine.barrier();
  return rig;
}

function isBarrier({ put: puts = [] }: WriteBatch): boolean {
  return puts.some(({ space, key }) => space === 'meta' && key === markKey);
}

function barriers({ store }: Rig): number {
  return store.batches.filter(isBarrier).length;
}

function isCovered({ engine }: Rig): boolean {
  const { sequence, durableSeq } = engine.status();
  return durableSeq === sequence;
}

function markOf(disk: MemoryDisk): number {
  const meta = disk.spaces.meta.get(metaKey);
  if (meta === undefined) throw new Error('no meta');
  return decodeMark(decodeMeta(meta).storeId, disk.spaces.meta.get(markKey));
}

describe('a barrier', () => {
  test('follows the first relaxed turn after a second, once for all of that second', async () => {
    const rig = await ready();
    const before = barriers(rig);
    await put(rig, 'a');
    await rig.pass(barrierDelayMs / 2);
    await put(rig, 'b');
    await rig.pass(barrierDelayMs / 2 - 1);
    expect([barriers(rig) - before, isCovered(rig)]).toEqual([0, false]);
    await rig.pass(1);
    expect([barriers(rig) - before, isCovered(rig)]).toEqual([1, true]);
    expect(rig.store.batches.at(-1)?.strict).toBe(true);
    expect(markOf(rig.store.disk)).toBe(rig.engine.status().sequence);
  });

  test('is not written again while nothing is', async () => {
    const rig = await ready();
    await put(rig, 'a');
    await rig.pass(barrierDelayMs);
    const { length } = rig.store.batches;
    for (let hour = 0; hour < 10; hour += 1) await rig.pass(3_600_000);
    expect(rig.store.batches.length).toBe(length);
  });

  test.each([
    ['a strict turn', (rig: Rig) => put(rig, 'b', {}, { durability: 'strict' })],
    ['a checkpoint', (rig: Rig) => rig.engine.checkpoint()],
  ])('is moved by %s, which covers what came before', async (_name, cover) => {
    const rig = await ready();
    const before = barriers(rig);
    await put(rig, 'a');
    await rig.pass(600);
    await cover(rig);
    expect(isCovered(rig)).toBe(true);
    await rig.pass(300);
    await put(rig, 'c');
    await rig.pass(999);
    expect(barriers(rig) - before).toBe(0);
    await rig.pass(1);
    expect([barriers(rig) - before, isCovered(rig)]).toEqual([1, true]);
  });

  test('claims nothing that was stored after it was issued', async () => {
    const rig = await ready();
    await put(rig, 'a');
    const { sequence } = rig.engine.status();
    const { opened, open } = gate();
    rig.store.hooks.write = async (batch) => {
      if (isBarrier(batch)) await opened;
      return undefined;
    };
    await rig.pass(barrierDelayMs);
    await put(rig, 'b');
    await rig.pass(400);
    open();
    await quiet();
    expect(rig.engine.status()).toMatchObject({ durableSeq: sequence, sequence: sequence + 1 });
    await rig.pass(600);
    expect(isCovered(rig)).toBe(true);
  });

  test('comes as soon, or as late, as the option says', async () => {
    const soon = await ready({ barrierMs: 50 });
    await put(soon, 'a');
    await soon.pass(50);
    expect(isCovered(soon)).toBe(true);
    const never = await ready({ barrierMs: Number.POSITIVE_INFINITY });
    await put(never, 'a');
    await never.pass(3_600_000);
    expect(isCovered(never)).toBe(false);
  });

  test('is asked for at once when a page is hidden, and takes calls under way with it', async () => {
    const rig = await ready();
    const before = rig.store.batches.length;
    const written = put(rig, 'a');
    await rig.engine.barrier();
    await written;
    expect(isCovered(rig)).toBe(true);
    await rig.engine.barrier();
    expect(rig.store.batches.length - before).toBe(2);
  });
});

describe('a barrier that fails', () => {
  test('is tried again, each time after twice as long, and in the end left alone', async () => {
    const rig = await ready();
    let refused = 0;
    rig.store.hooks.write = (batch) => {
      if (!isBarrier(batch)) return undefined;
      refused += 1;
      return refused % 2 === 0 ? { kind: 'unknown' } : { kind: 'refused', why: 'full' };
    };
    await put(rig, 'a');
    await rig.pass(barrierDelayMs);
    for (let retry = 1; retry <= barrierRetriesMax; retry += 1) {
      expect(refused).toBe(retry);
      const waitMs = barrierDelayMs * 2 ** retry;
      // In steps of its own timer, which is never set for longer than a second.
      for (let ms = 0; ms < waitMs; ms += barrierDelayMs) await rig.pass(barrierDelayMs, 1);
      await rig.pass(0);
    }
    await rig.pass(3_600_000);
    expect([refused, isCovered(rig)]).toEqual([barrierRetriesMax + 1, false]);
    await expect(rig.engine.barrier()).rejects.toThrow('could not be made durable');
    delete rig.store.hooks.write;
    await put(rig, 'b');
    await rig.pass(barrierDelayMs);
    expect(isCovered(rig)).toBe(true);
  }, 120_000);

  test('on a store that took the place of ours claims nothing, here or there', async () => {
    const rig = await ready();
    await put(rig, 'a');
    const { disk } = rig.store;
    const other = encodeMeta({ ...metaOf(disk), storeId: new Uint8Array(16).fill(7) });
    disk.spaces.meta.put(metaKey, other);
    await rig.pass(barrierDelayMs);
    expect([isCovered(rig), markOf(disk)]).toEqual([false, 0]);
    disk.spaces.meta.removeRange(metaKey, metaKey);
    await expect(rig.engine.barrier()).rejects.toThrow('could not be made durable');
  });

  test('waits for nothing: its transaction can be committed as soon as it is issued', async () => {
    const rig = await ready();
    await put(rig, 'a');
    await rig.pass(barrierDelayMs);
    const batch = rig.store.batches.findLast(isBarrier);
    expect(batch?.expectMeta).toBeUndefined();
    expect([batch?.put?.length, batch?.add, batch?.remove]).toEqual([1, undefined, undefined]);
  });
});

describe('commits of another engine', () => {
  test('are left to it; its mark is enough', async () => {
    const one = await ready();
    const two = await timed({ disk: one.store.disk });
    await put(one, 'a');
    await find(two, 'a');
    expect(isCovered(two)).toBe(false);
    await one.pass(barrierDelayMs);
    await two.pass(barrierDelayMs);
    await two.pass(barrierDelayMs);
    expect(isCovered(two)).toBe(true);
    expect(two.store.batches).toEqual([]);
  });

  test('are covered by who saw them when it is gone', async () => {
    const one = await ready();
    const two = await timed({ disk: one.store.disk });
    await put(one, 'a');
    await find(two, 'a');
    await two.pass(barrierDelayMs);
    expect(barriers(two)).toBe(0);
    await two.pass(barrierDelayMs);
    expect([barriers(two), isCovered(two)]).toEqual([1, true]);
  });

  test('that were there at opening are not written for, when they were covered', async () => {
    const one = await ready();
    await put(one, 'a');
    await one.engine.close();
    const two = await timed({ disk: one.store.disk });
    for (let second = 0; second < 5; second += 1) await two.pass(1000);
    expect(isCovered(two)).toBe(true);
    await two.engine.close();
    expect(two.store.batches).toEqual([]);
  });
});

describe('closing', () => {
  test('covers what the engine wrote, and no more', async () => {
    const one = await ready();
    await put(one, 'a');
    const two = await timed({ disk: one.store.disk });
    await find(two, 'a');
    await two.engine.close();
    expect(two.store.batches).toEqual([]);
    const before = barriers(one);
    await one.engine.close();
    expect([barriers(one) - before, isCovered(one)]).toEqual([1, true]);
  });

  test('ends the wait for what nobody made durable', async () => {
    const rig = await ready();
    await put(rig, 'a');
    const { sequence } = rig.engine.status();
    const waits = [rig.engine.whenDurable(sequence), rig.engine.whenDurable(sequence + 1)];
    await rig.engine.close();
    await expect(waits[0]).resolves.toBeUndefined();
    await expect(waits[1]).rejects.toThrow('closed');
  });
});

describe('after a loss of power', () => {
  test('nothing is gone that was said to be durable, whatever came before', async () => {
    let undone = 0;
    for (let seed = 1; seed <= 60; seed += 1) {
      const random = prng(seed);
      const disk = createMemory({ undo: true });
      const rig = await ready({ disk });
      const at = new Map<string, number>();
      for (let step = 0; step < 30; step += 1) {
        const strict = random.chance(0.05) ? 'strict' : 'relaxed';
        await put(rig, `k${step}`, {}, { durability: strict });
        at.set(`k${step}`, rig.engine.status().sequence);
        if (random.chance(0.3)) await rig.pass(random.below(900), 4);
        if (random.chance(0.05)) await rig.engine.checkpoint();
      }
      const { durableSeq } = rig.engine.status();
      disk.powerLoss(random.below(disk.volatileWrites + 1));
      const fresh = await openRig({ disk });
      const { sequence } = fresh.engine.status();
      expect(sequence).toBeGreaterThanOrEqual(durableSeq);
      expect(fresh.engine.status().durableSeq).toBeLessThanOrEqual(sequence);
      for (const [p, written] of at) {
        expect((await find(fresh, p)) !== undefined, `seed ${seed} ${p}`).toBe(written <= sequence);
      }
      if (sequence < rig.engine.status().sequence) undone += 1;
    }
    expect(undone).toBeGreaterThan(20);
  }, 120_000);
});
