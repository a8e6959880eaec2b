import { describe, expect, test } from 'vitest';
import {
  replayBytesPerMs,
  replayEntriesPerMs,
  replayLoadFactor,
  replayPaceMax,
  replayPaceMs,
  replayTurnsPerMs,
} from '../../src/base/replay-limits.ts';
import { boundsOf } from '../../src/engine/bounds.ts';
import { LogLength } from '../../src/engine/log-length.ts';
import { fill, makeTable, openRig, openTestState, type Rig, TestTime } from '../support/engine.ts';

const commitOf = (mutations: number, caller = 'user') => {
  return { mutations: Array.from({ length: mutations }), caller } as never;
};

function logOf(bytes: number, ...mutations: number[]): LogLength {
  const log = new LogLength();
  const commits = mutations.map((count) => commitOf(count));
  log.add(bytes, commits);
  return log;
}

describe('how long an open is busy with a log', () => {
  test('follows from its turns, its entries and its bytes', () => {
    const log = logOf(1000, 2, 3);
    log.join(logOf(500, 1));
    expect(log.bytes).toBe(1500);
    const entries = 6 / replayEntriesPerMs;
    expect(log.ms).toBeCloseTo(2 / replayTurnsPerMs + entries + 1500 / replayBytesPerMs, 10);
  });

  test('is told in bounds, by what is nearer to its own', () => {
    const log = logOf(1000, 100);
    expect(log.share(boundsOf({ checkpointBytes: 2000 }), 1)).toBe(0.5);
    const bounds = boundsOf({ replayMs: 1 });
    expect(log.share(bounds, 1)).toBe(log.ms);
    expect(log.share(bounds, 3)).toBe(3 * log.ms);
  });

  test('counts for less where no user waits for it', () => {
    const bounds = boundsOf({ checkpointBytes: 1000 });
    const log = new LogLength();
    expect(log.isOfLoad).toBe(false);
    log.add(3000, [commitOf(1, 'sync'), commitOf(1, 'engine')]);
    expect(log.isOfLoad).toBe(true);
    expect(log.share(bounds, 1)).toBeCloseTo(3 / replayLoadFactor, 10);
    log.add(1000, [commitOf(1, 'sync'), commitOf(1)]);
    expect(log.share(bounds, 1)).toBeCloseTo(3 / replayLoadFactor + 1, 10);
    expect(log.bytes).toBe(4000);
    log.cutTo(400);
    const more = logOf(600, 1);
    more.join(log);
    expect(more.share(bounds, 1)).toBeCloseTo(0.6 + (0.1 * 3) / replayLoadFactor + 0.1, 10);
  });

  test('shrinks with its bytes', () => {
    const log = logOf(1000, 100);
    const { ms } = log;
    log.cutTo(2000);
    expect([log.bytes, log.ms]).toEqual([1000, ms]);
    log.cutTo(250);
    expect([log.bytes, log.ms]).toEqual([250, ms / 4]);
    log.cutTo(0);
    log.cutTo(0);
    expect([log.bytes, log.ms]).toEqual([0, 0]);
  });

  test('was told by the open before, unless the log was short', () => {
    const log = logOf(0, replayPaceMs * replayEntriesPerMs);
    expect(log.paceOf(log.ms / 2)).toBe(1);
    expect(log.paceOf(log.ms * 2)).toBe(2);
    expect(log.paceOf(log.ms * 100)).toBe(replayPaceMax);
    expect(logOf(0, 1).paceOf(1000)).toBe(1);
  });
});

describe('a checkpoint', () => {
  async function writtenUntil(rig: Rig): Promise<number> {
    for (let round = 0; round < 400; round += 1) {
      await fill(rig, 50, 1, round * 50);
      await rig.engine.idle();
      if (rig.engine.status().checkpoints > 0) return round;
    }
    return -1;
  }

  test('starts where small writes would make a long open of a short log', async () => {
    const rig = await openRig({ replayMs: 10 });
    await makeTable(rig);
    const rounds = await writtenUntil(rig);
    const aRound = 50 / replayEntriesPerMs + 1 / replayTurnsPerMs;
    expect(rounds * aRound).toBeGreaterThan(5);
    expect(rounds * aRound).toBeLessThan(15);
  });

  test('starts earlier on a device whose last open was slow', async () => {
    const rig = await openRig({ replayMs: 1000 });
    await makeTable(rig);
    const most = Math.ceil((replayPaceMs * replayEntriesPerMs) / 500);
    for (let round = 0; round < most; round += 1) await fill(rig, 500, 1, round * 500);
    const { disk } = rig.store;
    const { state: quick } = await openTestState({ disk });
    expect(quick.pace).toBe(1);
    expect(quick.log.ms).toBeGreaterThan(replayPaceMs);
    const time = new TestTime();
    const read = (): void => time.pass(2 * quick.log.ms);
    const { state: slow } = await openTestState({ disk, time, storeHooks: { read } });
    expect(slow.pace).toBeGreaterThan(1);
    expect(slow.logShare).toBeCloseTo(quick.logShare * slow.pace, 6);
  });
});
