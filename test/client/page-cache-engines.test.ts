/**
 * What pages keep against engines that write: two engines over one disk, each with a page whose
 * clock stands still, so that nothing but the worker's word makes a page forget.
 */
import { setImmediate as task } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { prng } from '../../src/base/prng.ts';
import { Connection } from '../../src/client/connection.ts';
import { ItemCache } from '../../src/client/page-cache.ts';
import { createMemory } from '../../src/storage/memory.ts';
import { ItemDecoder } from '../../src/value/decode.ts';
import { GivenKeys } from '../../src/wire/given-keys.ts';
import { loopback } from '../../src/wire/loopback.ts';
import { serveChannel } from '../../src/wire/serve.ts';
import { type Rig, makeTable, openRig, tableInput } from '../support/engine.ts';

interface Page {
  readonly rig: Rig;
  readonly cache: ItemCache;
  /** Calls that went to the worker. */
  sent(): number;
  put(id: string, n: number): Promise<object>;
  get(id: string, ConsistentRead?: boolean): Promise<number | undefined>;
  call(operation: string, input: object): Promise<object>;
}

function pageOf(rig: Rig): Page {
  const { engine, time } = rig;
  const given = new GivenKeys();
  engine.follow(given);
  const [ours, theirs] = loopback();
  let sent = 0;
  theirs.addEventListener('message', ({ data }) => {
    sent += (data as { calls?: readonly unknown[] }).calls?.length ?? 0;
  });
  serveChannel({ engine, clock: time.clock, given }, theirs);
  const connection = new Connection(ours);
  const cache = new ItemCache(ItemDecoder, 1_000_000, () => 0);
  connection.kept = cache;
  const call = (operation: string, input: object): Promise<object> => {
    return connection.call(operation, input);
  };
  return {
    rig,
    cache,
    sent: () => sent,
    call,
    put: (id, n) => call('PutItem', { TableName: 'Things', Item: { p: id, n } }),
    get: async (id, ConsistentRead) => {
      const strong = ConsistentRead === true ? { ConsistentRead } : {};
      const answer = await call('GetItem', { TableName: 'Things', Key: { p: id }, ...strong });
      return (answer as { Item?: { n: number } }).Item?.n;
    },
  };
}

async function twoPages(): Promise<readonly [Page, Page]> {
  const disk = createMemory();
  const rig = await openRig({ disk });
  await makeTable(rig);
  return [pageOf(rig), pageOf(await openRig({ disk, time: rig.time }))];
}

describe('what a page keeps', () => {
  test('spares the way to the worker', async () => {
    const [page] = await twoPages();
    await page.put('a', 1);
    expect([await page.get('a'), await page.get('a'), await page.get('a')]).toEqual([1, 1, 1]);
    expect(page.sent()).toBe(2);
  });

  test.each([
    ['PutItem', { TableName: 'Things', Item: { p: 'a', n: 2 } }, 2],
    ['DeleteItem', { TableName: 'Things', Key: { p: 'a' } }, undefined],
    [
      'UpdateItem',
      {
        TableName: 'Things',
        Key: { p: 'a' },
        UpdateExpression: 'SET n = :n',
        ExpressionAttributeValues: { ':n': 3 },
      },
      3,
    ],
    ['ExecuteStatement', { Statement: `UPDATE Things SET n = 4 WHERE p = 'a'` }, 4],
    [
      'TransactWriteItems',
      { TransactItems: [{ Put: { TableName: 'Things', Item: { p: 'a', n: 5 } } }] },
      5,
    ],
  ])('is forgotten before %s is answered', async (operation, input, after) => {
    const [page] = await twoPages();
    await page.put('a', 1);
    await page.get('a');
    await page.call(operation, input);
    expect(await page.get('a')).toBe(after);
  });

  test('is forgotten when another engine’s write is seen', async () => {
    const [one, two] = await twoPages();
    await one.put('a', 1);
    expect(await two.get('a', true)).toBe(1);
    expect(await two.get('a')).toBe(1);
    await one.put('a', 2);
    expect(await two.get('a')).toBe(1);
    // A strongly consistent read of anything brings the log up to date.
    await two.get('other', true);
    expect(await two.get('a')).toBe(2);
  });

  test('is forgotten with its table', async () => {
    const [page] = await twoPages();
    await page.put('a', 1);
    await page.get('a');
    await page.call('DeleteTable', { TableName: 'Things' });
    await expect(page.get('a')).rejects.toThrow('Requested resource not found');
    await page.rig.engine.idle();
    await page.call('CreateTable', tableInput);
    expect(await page.get('a')).toBeUndefined();
  });

  test('is nothing of a table whose reads are counted', async () => {
    const [page] = await twoPages();
    await page.put('a', 1);
    const insights = { TableName: 'Things', ContributorInsightsAction: 'ENABLE' };
    await page.call('UpdateContributorInsights', insights);
    await page.get('a');
    await page.get('a');
    expect(page.cache.size).toBe(0);
    const { accessed } = await page.rig.engine.contributors({ table: 'Things' });
    expect(accessed.partitionKeys.total).toBe(1);
  });

  test('is forgotten when memory is read anew', async () => {
    const [one, two] = await twoPages();
    await one.put('a', 1);
    await two.get('a', true);
    await two.get('a');
    await one.put('a', 2);
    // The log that the other would follow is gone: it starts over from the checkpoint.
    await one.rig.engine.checkpoint();
    for (let n = 0; n < 3; n += 1) {
      await one.put('b', n);
      await one.rig.engine.checkpoint();
    }
    await two.get('other', true);
    expect(await two.get('a')).toBe(2);
  });

  test.each(Array.from({ length: 20 }, (_, seed) => seed))(
    'is never older than what the page has seen or written (seed %i)',
    async (seed) => {
      const random = prng(seed);
      const [writer, reader] = await twoPages();
      const ids = ['a', 'b', 'c'];
      const written = new Map(ids.map((id) => [id, { asked: 0, acked: 0 }]));
      const seen = new Map(ids.map((id) => [id, 0]));
      const work: Promise<void>[] = [];
      for (let step = 0; step < 300; step += 1) {
        const id = ids[random.below(3)] as string;
        const state = written.get(id) as { asked: number; acked: number };
        const write = async (): Promise<void> => {
          state.asked += 1;
          const n = state.asked;
          await writer.put(id, n);
          state.acked = Math.max(state.acked, n);
        };
        const readOwn = async (): Promise<void> => {
          const { acked } = state;
          const n = (await writer.get(id)) ?? 0;
          expect(n).toBeGreaterThanOrEqual(acked);
          expect(n).toBeLessThanOrEqual(state.asked);
        };
        const readOther = async (isStrong: boolean): Promise<void> => {
          const before = isStrong ? state.acked : (seen.get(id) as number);
          const n = (await reader.get(id, isStrong)) ?? 0;
          expect(n).toBeGreaterThanOrEqual(before);
          seen.set(id, Math.max(seen.get(id) as number, n));
        };
        const doing = [write, readOwn, readOwn, () => readOther(false), () => readOther(true)];
        const job = doing[random.below(doing.length)] as () => Promise<void>;
        if (random.chance(0.4)) await job();
        else work.push(job());
        if (random.chance(0.1)) await task();
      }
      await Promise.all(work);
      expect(writer.sent() + reader.sent()).toBeLessThan(300);
    },
  );
});
