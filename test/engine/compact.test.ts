import { describe, expect, test } from 'vitest';
import { compactStallsMax } from '../../src/base/limits.ts';
import { compact } from '../../src/engine/compact.ts';
import { strayPages } from '../simulation/pages.ts';
import { moveUnder } from '../support/damage.ts';
import {
  ask,
  countOf,
  fill,
  keysOf,
  makeTable,
  openRig,
  openTestState,
  type Rig,
} from '../support/engine.ts';

const count = 100_000;

async function batches(rig: Rig, ids: readonly number[], request: (id: number) => object) {
  for (let at = 0; at < ids.length; at += 5000) {
    const some = ids.slice(at, at + 5000);
    const calls: Promise<unknown>[] = [];
    for (let from = 0; from < some.length; from += 25) {
      const requests = some.slice(from, from + 25).map(request);
      calls.push(ask(rig, 'BatchWriteItem', { RequestItems: { Things: requests } }));
    }
    await Promise.all(calls);
  }
}

describe('space', () => {
  test('comes back: of 100,000 items, 90 % are deleted, and at most 25 % of the pages remain', async () => {
    const rig = await openRig({ exclusive: true });
    await makeTable(rig);
    const ids = Array.from({ length: count }, (_, id) => id);
    const v = { S: 'x'.repeat(60) };
    await batches(rig, ids, (id) => ({ PutRequest: { Item: { p: { S: `k${id}` }, v } } }));
    await rig.engine.checkpoint();
    const { disk } = rig.store;
    const before = keysOf(disk, 'page').length;
    const most = ids.filter((id) => id % 10 !== 3);
    await batches(rig, most, (id) => ({ DeleteRequest: { Key: { p: { S: `k${id}` } } } }));
    await rig.engine.checkpoint();
    const after = keysOf(disk, 'page').length;
    expect(before).toBeGreaterThan(200);
    expect(after).toBeLessThanOrEqual(before / 4);
    expect(strayPages(disk)).toEqual([]);
    const report = await rig.engine.compact();
    expect(report.recordsAfter).toBeLessThan(before / 6);
    expect(await countOf(await openRig({ disk }))).toBe(count / 10);
  }, 60_000);
});

describe('a compaction', () => {
  async function scattered(): Promise<Rig> {
    const rig = await openRig();
    await makeTable(rig);
    await fill(rig, 2000, 300);
    await rig.engine.checkpoint();
    for (let round = 0; round < 3; round += 1) {
      for (let id = round; id < 2000; id += 97) {
        await ask(rig, 'DeleteItem', { TableName: 'Things', Key: { p: { S: `k${id}` } } });
      }
      await rig.engine.checkpoint();
    }
    return rig;
  }

  test('ends when checkpoints no longer bring it further', async () => {
    const rig = await scattered();
    const { state } = await openTestState({ disk: rig.store.disk });
    let made = 0;
    const make = (): Promise<void> => {
      made += 1;
      return Promise.resolve();
    };
    const report = await compact(state, make);
    expect(made).toBe(1 + compactStallsMax);
    expect(report.bytesAfter).toBe(report.bytesBefore);
  });

  test('looks anew when another engine makes a checkpoint meanwhile', async () => {
    const rig = await scattered();
    const { disk } = rig.store;
    const there = await countOf(rig);
    await moveUnder(rig, 3);
    const report = await rig.engine.compact();
    expect(report.bytesAfter).toBeLessThan(report.bytesBefore);
    expect(await countOf(await openRig({ disk }))).toBe(there + 3);
    expect(strayPages(disk)).toEqual([]);
  });

  test('makes one full image of every leaf, and says what that gave', async () => {
    const rig = await scattered();
    const { disk } = rig.store;
    const there = await countOf(rig);
    const told: number[] = [];
    const report = await rig.engine.compact({ onProgress: ({ done }) => told.push(done) });
    expect(report.recordsAfter).toBeLessThan(report.recordsBefore);
    expect(report.bytesAfter).toBeLessThan(report.bytesBefore);
    expect(told.length).toBeGreaterThan(1);
    expect(await countOf(await openRig({ disk }))).toBe(there);
    expect(strayPages(disk)).toEqual([]);
    const again = await rig.engine.compact();
    expect(again.recordsAfter).toBe(report.recordsAfter);
    expect(again.bytesAfter).toBe(again.bytesBefore);
  });

  test('ends when it is told to, with everything in its place', async () => {
    const rig = await scattered();
    const there = await countOf(rig);
    await expect(rig.engine.compact({ signal: AbortSignal.abort() })).rejects.toThrow('aborted');
    expect(await countOf(await openRig({ disk: rig.store.disk }))).toBe(there);
  });

  test('lets calls pass, and keeps what they write', async () => {
    const rig = await scattered();
    const there = await countOf(rig);
    const [, ,] = await Promise.all([rig.engine.compact(), fill(rig, 50, 10, 5000), countOf(rig)]);
    expect(await countOf(await openRig({ disk: rig.store.disk }))).toBe(there + 50);
  });
});
