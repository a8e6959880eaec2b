import { describe, expect, test } from 'vitest';
import type { ContributorsReport } from '../../src/engine/engine-types.ts';
import { contributorKeysMax } from '../../src/base/limits.ts';
import { gamesTable } from '../support/live.ts';
import { ask, openRig, put, refusal, type Rig, tableInput } from '../support/engine.ts';

const on = { TableName: 'Things', ContributorInsightsAction: 'ENABLE' };
const table = 'Things';

async function counting(): Promise<Rig> {
  const rig = await openRig();
  await ask(rig, 'CreateTable', tableInput);
  await ask(rig, 'UpdateContributorInsights', on);
  return rig;
}

function named({ accessed }: ContributorsReport): readonly unknown[] {
  return accessed.partitionKeys.contributors.map(({ key, sum }) => [key['p'], sum]);
}

test('contributors of a table with sort keys, and of its index, are told by both keys', async () => {
  const rig = await openRig();
  await ask(rig, 'CreateTable', gamesTable);
  const TableName = 'Games';
  const indexed = { ...on, TableName, IndexName: 'globalAll' };
  await ask(rig, 'UpdateContributorInsights', { ...on, TableName });
  expect(await refusal(rig.engine.contributors({ table: TableName, index: 'globalAll' }))).toMatch(
    /of Games, index globalAll, are not enabled/,
  );
  await ask(rig, 'UpdateContributorInsights', indexed);
  for (const s of ['1', '1', '2']) {
    const Item = { p: { S: 'a' }, s: { N: s }, g: { S: 'x' }, l: { N: s } };
    await ask(rig, 'PutItem', { TableName, Item });
  }
  const { accessed, throttled } = await rig.engine.contributors({ table: TableName });
  expect(accessed.partitionKeys.contributors.map(({ key }) => key)).toEqual([{ p: 'a' }]);
  const both = accessed.keys?.contributors.map(({ key }) => key);
  expect(both).toEqual([
    { p: 'a', s: 1 },
    { p: 'a', s: 2 },
  ]);
  expect(throttled.keys?.contributors).toEqual([]);
  const ofIndex = await rig.engine.contributors({ table: TableName, index: 'globalAll' });
  expect(ofIndex.accessed.keys?.contributors.map(({ key }) => key)).toEqual([
    { g: 'x', l: 1 },
    { g: 'x', l: 2 },
  ]);
});

describe('contributors', () => {
  test('are the keys that calls consumed most of', async () => {
    const rig = await counting();
    for (let times = 0; times < 3; times += 1) await put(rig, 'hot', { n: { N: String(times) } });
    await put(rig, 'cold');
    await ask(rig, 'GetItem', { TableName: table, Key: { p: { S: 'cold' } } });
    const report = await rig.engine.contributors({ table });
    expect(report).toEqual({
      sinceMs: expect.any(Number),
      accessed: {
        partitionKeys: {
          contributors: [
            { key: { p: 'hot' }, sum: 3, atLeast: 3 },
            { key: { p: 'cold' }, sum: 1.5, atLeast: 1.5 },
          ],
          total: 4.5,
          keys: 2,
          leftOut: 0,
          isExact: true,
        },
      },
      throttled: {
        partitionKeys: { contributors: [], total: 0, keys: 0, leftOut: 0, isExact: true },
      },
    });
    expect(named(await rig.engine.contributors({ table, top: 1 }))).toEqual([['hot', 3]]);
  });

  test.each([
    [{ windowMs: Number.NaN }, 'windowMs must be a number above 0'],
    [{ windowMs: -1 }, 'windowMs must be a number above 0'],
    [{ top: 0 }, 'top must be a number above 0'],
  ])('are of a window and a number of keys: %j', async (options, message) => {
    const rig = await counting();
    const asked = rig.engine.contributors({ table, ...options });
    await expect(asked).rejects.toThrow(new RangeError(message));
  });

  test('together are what ConsumedCapacity said', async () => {
    const rig = await counting();
    let consumed = 0;
    const metered = async (operation: string, input: object): Promise<void> => {
      const answer = await ask(rig, operation, { ...input, ReturnConsumedCapacity: 'TOTAL' });
      const one = answer['ConsumedCapacity'];
      for (const { CapacityUnits } of (Array.isArray(one) ? one : [one]) as {
        CapacityUnits: number;
      }[]) {
        consumed += CapacityUnits;
      }
    };
    const TableName = table;
    for (let id = 0; id < 20; id += 1) {
      const Item = { p: { S: `k${id}` }, v: { S: 'x'.repeat(id * 400) } };
      await metered('PutItem', { TableName, Item });
    }
    await metered('Scan', { TableName });
    await metered('Scan', { TableName, Limit: 3, ConsistentRead: true });
    const Keys = ['k1', 'k19', 'none'].map((p) => ({ p: { S: p } }));
    await metered('BatchGetItem', { RequestItems: { Things: { Keys } } });
    const TransactItems = Keys.map((Key) => ({ Delete: { TableName, Key } }));
    await metered('TransactWriteItems', { TransactItems });
    await metered('ExecuteStatement', { Statement: 'SELECT * FROM Things' });
    const { accessed } = await rig.engine.contributors({ table, top: 100 });
    expect(accessed.partitionKeys.total).toBeCloseTo(consumed, 9);
  });

  test('count a call once, however often it is run', async () => {
    const rig = await counting();
    await put(rig, 'a', { v: { S: 'x'.repeat(5000) } });
    await rig.engine.checkpoint();
    await rig.engine.close();
    // Pages are absent, so that calls are run again; and races are lost.
    const one = await openRig({ disk: rig.store.disk, time: rig.time });
    const two = await openRig({ disk: rig.store.disk, time: rig.time });
    const writes = ['a', 'b', 'c'].flatMap((p) => [put(one, p), put(two, p)]);
    await Promise.all(writes);
    expect(one.engine.status().lostRaces + two.engine.status().lostRaces).toBeGreaterThan(0);
    let total = 0;
    for (const { engine } of [one, two]) {
      const { accessed } = await engine.contributors({ table });
      total += accessed.partitionKeys.total;
    }
    // One of the two that write `a` meets the five units that are there.
    expect(total).toBe(5 + 5);
  });

  test('are of the window, and begin with the engine', async () => {
    const rig = await counting();
    await put(rig, 'old');
    rig.time.pass(30 * 60_000);
    await put(rig, 'new');
    expect(named(await rig.engine.contributors({ table }))).toEqual([['new', 1]]);
    const whole = await rig.engine.contributors({ table, windowMs: 3_600_000 });
    expect(named(whole)).toHaveLength(2);
    expect(rig.time.wallMs - whole.sinceMs).toBeLessThanOrEqual(31 * 60_000);
    const later = await openRig({ disk: rig.store.disk, time: rig.time });
    expect(named(await later.engine.contributors({ table }))).toEqual([]);
  });

  test.each([
    ['later', 120_000],
    ['in the same minute', 1000],
  ])('begin when they are turned on, and anew when they are turned on again %s', async (_, ms) => {
    const rig = await openRig();
    await ask(rig, 'CreateTable', tableInput);
    rig.time.pass(120_000);
    const firstMs = rig.time.wallMs;
    await ask(rig, 'UpdateContributorInsights', on);
    await put(rig, 'old');
    expect((await rig.engine.contributors({ table })).sinceMs).toBe(firstMs);
    await ask(rig, 'UpdateContributorInsights', { ...on, ContributorInsightsAction: 'DISABLE' });
    await put(rig, 'dark');
    rig.time.pass(ms);
    const secondMs = rig.time.wallMs;
    await ask(rig, 'UpdateContributorInsights', on);
    await put(rig, 'new');
    rig.time.pass(1000);
    const report = await rig.engine.contributors({ table });
    expect(named(report)).toEqual([['new', 1]]);
    expect(report.sinceMs).toBe(secondMs);
  });

  test('say when a minute had more keys than are told apart', async () => {
    const rig = await counting();
    const puts = Array.from({ length: contributorKeysMax + 50 }, (_, id) => put(rig, `k${id}`));
    await Promise.all(puts);
    const { accessed } = await rig.engine.contributors({ table });
    expect(accessed.partitionKeys).toMatchObject({
      isExact: false,
      keys: contributorKeysMax,
      leftOut: 50,
      total: contributorKeysMax + 50,
    });
  });

  test.each([
    [{ table: 'Nobody' }, 'Requested resource not found: Table: Nobody not found'],
    [{ table, index: 'none' }, 'Table: Things Index: none not found'],
    [{ table: 'Off' }, 'Contributor insights of Off are not enabled'],
  ])('are refused of %j', async (options, message) => {
    const rig = await counting();
    await ask(rig, 'CreateTable', { ...tableInput, TableName: 'Off' });
    expect(await refusal(rig.engine.contributors(options))).toContain(message);
  });

  test('of a table that was made anew are its own', async () => {
    const rig = await counting();
    await put(rig, 'a');
    await ask(rig, 'DeleteTable', { TableName: table });
    await ask(rig, 'CreateTable', tableInput);
    await ask(rig, 'UpdateContributorInsights', on);
    expect(named(await rig.engine.contributors({ table }))).toEqual([]);
  });
});
