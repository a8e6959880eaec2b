import { describe, expect, test } from 'vitest';
import { expiryBatchItems, expiryLookMs, expiryWaitMs } from '../../src/base/limits.ts';
import type { Hint } from '../../src/port/hint.ts';
import { damagePage, pagesAt } from '../support/damage.ts';
import {
  ask,
  find,
  keysOf,
  openRig,
  put,
  quiet,
  refusal,
  type Rig,
  type RigOptions,
  tableInput,
  TestTime,
} from '../support/engine.ts';
import { readStream, told } from '../support/streams.ts';

const both = { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' };
const on = {
  TableName: 'Things',
  TimeToLiveSpecification: { Enabled: true, AttributeName: 'until' },
};

async function expiring(more: RigOptions = {}): Promise<Rig> {
  const rig = await openRig(more);
  await ask(rig, 'CreateTable', { ...tableInput, StreamSpecification: both });
  await ask(rig, 'UpdateTimeToLive', on);
  return rig;
}

/** An item whose time is over so many seconds from now. */
async function putUntil(rig: Rig, p: string, seconds: number): Promise<void> {
  const until = Math.floor(rig.time.wallMs / 1000) + seconds;
  await put(rig, p, { until: { N: String(until) } });
}

async function isThere(rig: Rig, p: string): Promise<boolean> {
  return (await find(rig, p)) !== undefined;
}

async function removals(rig: Rig): Promise<readonly unknown[]> {
  const { Table } = await ask(rig, 'DescribeTable', { TableName: 'Things' });
  const arn = (Table as { readonly LatestStreamArn: string }).LatestStreamArn;
  const records = await readStream((operation, input) => ask(rig, operation, input), arn);
  const removed = records.filter((record) => told(record)[0] === 'REMOVE');
  return removed.map(({ dynamodb, userIdentity }) => [dynamodb.Keys.get('p')?.value, userIdentity]);
}

/** After those of the table and its stream's shard. */
const expiryTree = 102;
const service = { PrincipalId: 'dynamodb.amazonaws.com', Type: 'Service' };

/**
 * Time in which a wait ends only when a test lets it: what the engine does by itself is told by
 * when it waits, and for how long.
 */
class HeldTime extends TestTime {
  readonly waits: { readonly atMs: number; readonly go: () => void }[] = [];
  readonly idleMs: number[] = [];

  override readonly scheduler = {
    delay: (delayMs: number, signal?: AbortSignal, idle = false): Promise<void> =>
      new Promise((resolve) => {
        if (signal?.aborted === true) return resolve();
        if (idle) this.idleMs.push(delayMs);
        this.waits.push({ atMs: this.monoMs + delayMs, go: resolve });
        signal?.addEventListener('abort', () => resolve());
      }),
    breathe: async (): Promise<void> => {
      await quiet(1);
    },
  };

  /** Passes in steps, as timers see it. */
  async go(ms: number): Promise<void> {
    const endMs = this.monoMs + ms;
    for (let step = 0; step < 10_000; step += 1) {
      await quiet();
      const next = Math.min(endMs, ...this.waits.map(({ atMs }) => atMs));
      this.pass(Math.max(0, next - this.monoMs));
      const due = this.waits.filter(({ atMs }) => atMs <= this.monoMs);
      if (due.length === 0 && this.monoMs >= endMs) return;
      for (const wait of due) {
        this.waits.splice(this.waits.indexOf(wait), 1);
        wait.go();
      }
    }
    throw new Error('time without end');
  }
}

describe('an item whose time is over', () => {
  test('is readable until it is deleted, and told of once', async () => {
    const rig = await expiring();
    await putUntil(rig, 'a', 10);
    await putUntil(rig, 'b', 20);
    await put(rig, 'c');
    rig.time.pass(10_000);
    await rig.engine.idle();
    expect(await isThere(rig, 'a')).toBe(true);
    rig.time.pass(1000);
    expect(await isThere(rig, 'a')).toBe(true);
    await rig.engine.idle();
    expect(await isThere(rig, 'a')).toBe(false);
    expect(await isThere(rig, 'b')).toBe(true);
    rig.time.pass(60_000);
    await rig.engine.idle();
    await rig.engine.idle();
    expect(await isThere(rig, 'b')).toBe(false);
    expect(await isThere(rig, 'c')).toBe(true);
    expect(await removals(rig)).toEqual([
      ['a', service],
      ['b', service],
    ]);
  });

  test('is kept when its time is moved before it is deleted', async () => {
    const rig = await expiring();
    await putUntil(rig, 'a', 1);
    rig.time.pass(5000);
    await putUntil(rig, 'a', 100);
    await rig.engine.idle();
    expect(await isThere(rig, 'a')).toBe(true);
  });

  test('goes when it was there before time to live was turned on', async () => {
    const rig = await openRig();
    await ask(rig, 'CreateTable', tableInput);
    for (let id = 0; id < expiryBatchItems * 2 + 5; id += 1) await putUntil(rig, `k${id}`, -5);
    await putUntil(rig, 'later', 500);
    await ask(rig, 'UpdateTimeToLive', on);
    await rig.engine.idle();
    await rig.engine.idle();
    const { Count } = await ask(rig, 'Scan', { TableName: 'Things', ConsistentRead: true });
    expect(Count).toBe(1);
    expect(await ask(rig, 'DescribeTimeToLive', { TableName: 'Things' })).toMatchObject({
      TimeToLiveDescription: { TimeToLiveStatus: 'ENABLED' },
    });
  });

  test('goes when another engine opens the store later', async () => {
    const rig = await expiring();
    await putUntil(rig, 'a', 10);
    await rig.engine.checkpoint();
    await rig.engine.close();
    rig.time.pass(20_000);
    const time = new TestTime();
    time.wallMs = rig.time.wallMs;
    const later = await openRig({ disk: rig.store.disk, time, background: true });
    await later.engine.idle();
    expect(await isThere(later, 'a')).toBe(false);
    await later.engine.close();
  });

  test('stays when time to live was turned off', async () => {
    const rig = await expiring();
    await putUntil(rig, 'a', 4000);
    rig.time.pass(3_700_000);
    const TimeToLiveSpecification = { Enabled: false, AttributeName: 'until' };
    await ask(rig, 'UpdateTimeToLive', { TableName: 'Things', TimeToLiveSpecification });
    rig.time.pass(1_000_000);
    await rig.engine.idle();
    expect(await isThere(rig, 'a')).toBe(true);
  });

  test('is deleted once by two engines that try it at the same time', async () => {
    const rig = await expiring();
    for (let id = 0; id < 40; id += 1) await putUntil(rig, `k${id}`, 1);
    const other = await openRig({ disk: rig.store.disk, time: rig.time });
    rig.time.pass(5000);
    await Promise.all([rig.engine.idle(), other.engine.idle()]);
    const all = await removals(rig);
    expect(all).toHaveLength(40);
    expect(await removals(other)).toEqual(all);
  });

  test('of which the tree is damaged goes when that is made anew', async () => {
    const rig = await expiring();
    for (let id = 0; id < 10; id += 1) await putUntil(rig, `k${id}`, 10);
    await rig.engine.checkpoint();
    await rig.engine.close();
    const again = await openRig({ disk: rig.store.disk, time: rig.time });
    const { tables } = await again.engine.sizes();
    expect(tables[0]?.indexes).toMatchObject([{ name: '(time to live)', items: 10 }]);
    await again.engine.close();
    const leaves = await pagesAt(rig.store.disk, expiryTree, 1);
    expect(leaves.length).toBeGreaterThan(0);
    for (const { id } of leaves) damagePage(rig.store.disk, id);
    rig.time.pass(20_000);
    const last = await openRig({ disk: rig.store.disk, time: rig.time });
    await last.engine.scrub().catch(() => undefined);
    await last.engine.repair();
    for (let round = 0; round < 5; round += 1) await last.engine.idle();
    const { Count } = await ask(last, 'Scan', { TableName: 'Things', ConsistentRead: true });
    expect(Count).toBe(0);
  });
});

describe('an engine that runs', () => {
  test('deletes by itself, and has no timer where nothing expires', async () => {
    const time = new HeldTime();
    const rig = await openRig({ time, background: true, barrierMs: Number.POSITIVE_INFINITY });
    await ask(rig, 'CreateTable', tableInput);
    await put(rig, 'x');
    await time.go(5000);
    expect(time.idleMs).toEqual([]);
    await ask(rig, 'UpdateTimeToLive', on);
    await putUntil(rig, 'a', 30);
    await time.go(29_000);
    expect(await isThere(rig, 'a')).toBe(true);
    const waits = time.idleMs.length;
    expect(waits).toBeLessThan(4);
    await time.go(4000);
    expect(await isThere(rig, 'a')).toBe(false);
    // Nothing is left to wait for.
    await time.go(2 * expiryLookMs);
    const before = keysOf(rig.store.disk, 'log');
    const { length } = time.idleMs;
    await time.go(5 * expiryWaitMs);
    expect(time.idleMs).toHaveLength(length);
    expect(keysOf(rig.store.disk, 'log')).toEqual(before);
    await rig.engine.close();
  });

  test('looks once an hour at most while the next time is far', async () => {
    const time = new HeldTime();
    const rig = await expiring({ time, background: true, barrierMs: Number.POSITIVE_INFINITY });
    // A stream has times of its own.
    const StreamSpecification = { StreamEnabled: false };
    await ask(rig, 'UpdateTable', { TableName: 'Things', StreamSpecification });
    await putUntil(rig, 'a', 1_000_000);
    await time.go(10_000);
    const reads = rig.store.reads;
    const { length } = time.idleMs;
    await time.go(10 * expiryWaitMs);
    const ours = time.idleMs.slice(length).filter((delayMs) => delayMs === expiryWaitMs);
    expect(ours.length).toBeGreaterThanOrEqual(9);
    expect(time.idleMs.length - length).toBeLessThan(25);
    expect(rig.store.reads - reads).toBeLessThan(40);
    await rig.engine.close();
  });

  test('sees at the next look what was written with a time that is over', async () => {
    const time = new HeldTime();
    const rig = await expiring({ time, background: true, barrierMs: Number.POSITIVE_INFINITY });
    await putUntil(rig, 'far', 100_000);
    await time.go(5000);
    await putUntil(rig, 'past', -100);
    await time.go(expiryLookMs + 100);
    expect(await isThere(rig, 'past')).toBe(false);
    expect(await isThere(rig, 'far')).toBe(true);
    await rig.engine.close();
  });

  test('deletes what another engine wrote, once it heard of it', async () => {
    const time = new HeldTime();
    const listeners: ((position: number) => void)[] = [];
    const hint = (): Hint => ({
      tell: (position) => {
        for (const listener of listeners) listener(position);
      },
      listen: (listener) => void listeners.push(listener),
      close: () => undefined,
    });
    const barrierMs = Number.POSITIVE_INFINITY;
    const rig = await expiring({ time, background: true, hint: hint(), barrierMs });
    const writer = await openRig({ disk: rig.store.disk, time, hint: hint(), barrierMs });
    await putUntil(writer, 'a', 5);
    await time.go(8000);
    expect(await isThere(writer, 'a')).toBe(false);
    const closing = Promise.all([rig.engine.close(), writer.engine.close()]);
    await time.go(10_000);
    await closing;
  });

  test('ends while items are deleted without a word of it', async () => {
    const notices: unknown[] = [];
    const rig = await expiring({ notify: (notice) => void notices.push(notice) });
    for (let id = 0; id < expiryBatchItems * 3; id += 1) await putUntil(rig, `k${id}`, 1);
    rig.time.pass(5000);
    const work = rig.engine.idle();
    await quiet(2);
    await rig.engine.close();
    expect(await refusal(work)).toBeUndefined();
    expect(notices).toEqual([]);
  });
});

describe('reads that hide what is over', () => {
  test('leave it out and meter it all the same', async () => {
    const rig = await expiring();
    await putUntil(rig, 'over', -10);
    await putUntil(rig, 'there', 10);
    const hide = { hideExpired: true };
    const TableName = 'Things';
    const Key = { p: { S: 'over' } };
    const get = { TableName, Key, ReturnConsumedCapacity: 'TOTAL', ConsistentRead: true };
    const ConsumedCapacity = { TableName, CapacityUnits: 1 };
    expect(await ask(rig, 'GetItem', get, hide)).toEqual({ ConsumedCapacity });
    expect(await ask(rig, 'GetItem', get)).toHaveProperty('Item');
    expect(await ask(rig, 'Scan', { TableName }, hide)).toMatchObject({
      Count: 1,
      ScannedCount: 2,
    });
    // After paging, as a filter does.
    const first = await ask(rig, 'Scan', { TableName, Limit: 1 }, hide);
    const second = await ask(rig, 'Scan', { TableName, Limit: 2 }, hide);
    expect(first).toMatchObject({ ScannedCount: 1, LastEvaluatedKey: expect.any(Map) });
    expect(second).toMatchObject({ ScannedCount: 2, Count: 1 });
    const query = {
      TableName,
      KeyConditionExpression: 'p = :p',
      ExpressionAttributeValues: { ':p': { S: 'over' } },
    };
    expect(await ask(rig, 'Query', query, hide)).toMatchObject({ Count: 0, ScannedCount: 1 });
    const Keys = [Key, { p: { S: 'there' } }];
    const batch = await ask(rig, 'BatchGetItem', { RequestItems: { Things: { Keys } } }, hide);
    expect((batch['Responses'] as { Things: unknown[] }).Things).toHaveLength(1);
    const TransactItems = [{ Get: { TableName, Key } }];
    expect(await ask(rig, 'TransactGetItems', { TransactItems }, hide)).toEqual({
      Responses: [{}],
    });
  });

  test('in PartiQL too', async () => {
    const rig = await expiring();
    await putUntil(rig, 'over', -10);
    const Statement = `SELECT * FROM "Things" WHERE p = 'over'`;
    const hide = { hideExpired: true };
    expect(await ask(rig, 'ExecuteStatement', { Statement }, hide)).toEqual({ Items: [] });
    const plain = await ask(rig, 'ExecuteStatement', { Statement });
    expect(plain['Items']).toHaveLength(1);
    const Statements = [{ Statement }];
    expect(await ask(rig, 'BatchExecuteStatement', { Statements }, hide)).toEqual({
      Responses: [{ TableName: 'Things' }],
    });
    const TransactStatements = [{ Statement }];
    expect(await ask(rig, 'ExecuteTransaction', { TransactStatements }, hide)).toEqual({
      Responses: [{}],
    });
  });

  test('writes and their conditions see the item', async () => {
    const rig = await expiring();
    await putUntil(rig, 'over', -10);
    const input = {
      TableName: 'Things',
      Item: { p: { S: 'over' } },
      ConditionExpression: 'attribute_not_exists(p)',
    };
    const refused = refusal(ask(rig, 'PutItem', input, { hideExpired: true }));
    expect(await refused).toContain('ConditionalCheckFailedException');
  });
});

describe('the tree of expiry times', () => {
  test('is built by an import, and a scrub finds it right', async () => {
    const rig = await openRig();
    await ask(rig, 'CreateTable', tableInput);
    await ask(rig, 'UpdateTimeToLive', on);
    const session = await rig.engine.import({ table: 'Things', form: 'plain' });
    const now = Math.floor(rig.time.wallMs / 1000);
    const items = Array.from({ length: 50 }, (_, id) => {
      return { p: `k${id}`, ...(id % 2 === 0 && { until: id < 20 ? now - 5 : now + 500 }) };
    });
    await session.write({ items });
    expect((await session.finish()).way).toBe('build');
    const { tables } = await rig.engine.sizes();
    expect(tables[0]?.indexes).toMatchObject([{ name: '(time to live)', items: 25 }]);
    expect(await rig.engine.scrub()).toMatchObject({ mended: 0, counters: 0, entries: 25 });
    await rig.engine.idle();
    const { Count } = await ask(rig, 'Scan', { TableName: 'Things', ConsistentRead: true });
    expect(Count).toBe(40);
    expect(await rig.engine.scrub()).toMatchObject({ mended: 0, counters: 0, entries: 15 });
  });
});
