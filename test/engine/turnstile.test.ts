import { setImmediate as task } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { Turnstile } from '../../src/engine/turnstile.ts';
import { lossesBeforeTurnstile, turnstileStandBackMs } from '../../src/base/limits.ts';
import { createMemory, type MemoryDisk } from '../../src/storage/memory.ts';
import {
  makeTable,
  metaOf,
  openRig,
  openTestState,
  put,
  quiet,
  type Rig,
} from '../support/engine.ts';

async function two(): Promise<{
  readonly mine: Turnstile;
  readonly theirs: Turnstile;
  readonly disk: ReturnType<typeof createMemory>;
  readonly other: Awaited<ReturnType<typeof openTestState>>;
  readonly me: Awaited<ReturnType<typeof openTestState>>;
}> {
  const disk = createMemory();
  const me = await openTestState({ disk });
  const other = await openTestState({ disk });
  return { mine: new Turnstile(me.state), theirs: new Turnstile(other.state), disk, other, me };
}

describe('the turnstile', () => {
  test('that is signed is closed to the others, and not to its signer', async () => {
    const { mine, theirs, disk } = await two();
    await mine.sign();
    expect([mine.closedBy(metaOf(disk)), theirs.closedBy(metaOf(disk))]).toEqual([false, true]);
  });

  test('lets through who stood back once for a signature, for at most 50 ms', async () => {
    const { mine, theirs, disk, other } = await two();
    await mine.sign();
    const fromMs = other.time.monoMs;
    await theirs.standBack(metaOf(disk));
    expect(other.time.monoMs - fromMs).toBe(turnstileStandBackMs);
    expect(theirs.closedBy(metaOf(disk))).toBe(false);
    await mine.leave();
    await mine.sign();
    await theirs.sign();
    await theirs.leave();
    await mine.leave();
    await mine.sign();
    expect(mine.closedBy(metaOf(disk))).toBe(false);
  });

  test('is open again when its signer has left', async () => {
    const { mine, theirs, disk } = await two();
    await mine.sign();
    await mine.leave();
    expect(metaOf(disk).turnstile).toBeUndefined();
    expect(theirs.closedBy(metaOf(disk))).toBe(false);
  });

  test('keeps the signature of another when one leaves', async () => {
    const { mine, theirs, disk } = await two();
    await mine.sign();
    await theirs.sign();
    await mine.leave();
    expect(mine.closedBy(metaOf(disk))).toBe(true);
  });

  test('owes a pause when a signature is noted, once', async () => {
    const { mine, theirs, disk, other } = await two();
    await mine.sign();
    theirs.note(metaOf(disk));
    expect(theirs.owes).toBe(true);
    const fromMs = other.time.monoMs;
    await theirs.pay();
    theirs.note(metaOf(disk));
    expect([theirs.owes, other.time.monoMs - fromMs]).toEqual([false, turnstileStandBackMs]);
  });

  test('that cannot be signed changes nothing', async () => {
    const { mine, disk, me } = await two();
    me.store.hooks.write = () => ({ kind: 'refused', why: 'full' });
    await mine.sign();
    await mine.leave();
    expect(metaOf(disk).turnstile).toBeUndefined();
  });
});

describe('a turn that lost three times', () => {
  /** Time that passes in tasks, ten milliseconds in each. */
  const scheduler = {
    delay: async (delayMs: number) => {
      for (let passed = 0; passed < delayMs; passed += 10) await task();
    },
    breathe: () => task(),
  };

  /** An engine each of whose store requests takes `tasks` of time. */
  async function slow(disk: MemoryDisk, tasks: () => number): Promise<Rig> {
    const rig = await openRig({ disk, scheduler });
    const pass = async (): Promise<undefined> => {
      for (let passed = tasks(); passed > 0; passed -= 1) await task();
    };
    rig.store.hooks.write = pass;
    rig.store.hooks.read = pass;
    return rig;
  }

  test.each([
    ['among three that write without pause', () => 3, 12],
    ['though it was too slow for the first times that it was let through', tooSlow(4), 40],
  ])(
    'gets its turn: %s',
    async (_name, tasks, lossesMax) => {
      const disk = createMemory();
      const others = [];
      for (let tab = 0; tab < 3; tab += 1) others.push(await slow(disk, () => 1));
      await makeTable(others[0] as Rig);
      const loser = await slow(disk, tasks);
      let over = false;
      const writes = others.map(async (rig, tab) => {
        let count = 0;
        for (; !over && count < 2000; count += 1) await put(rig, `${tab} ${count}`);
        return count;
      });
      await put(loser, 'mine');
      over = true;
      const counts = await Promise.all(writes);
      const { lostRaces } = loser.engine.status();
      expect(lostRaces).toBeGreaterThanOrEqual(lossesBeforeTurnstile);
      expect(lostRaces).toBeLessThanOrEqual(lossesMax);
      expect(Math.max(...counts)).toBeLessThan(2000);
      await quiet();
      expect(metaOf(disk).turnstile).toBeUndefined();
    },
    30_000,
  );
});

/** Slower than others stand back for, until it was let through so often. */
function tooSlow(times: number): () => number {
  let requests = 0;
  return () => {
    requests += 1;
    return requests < times * 8 ? 8 : 3;
  };
}
