import { describe, expect, test, vi } from 'vitest';
import { pinnedPagesMax, scoutPagesMax } from '../../src/base/memory-limits.ts';
import { PageCache } from '../../src/pager/cache.ts';
import { ask, find, makeTable, openRig, put, refusal, type Rig } from '../support/engine.ts';

const items = 1600;
const some = Array.from({ length: 25 }, (_, at) => `k${at * 61}`);

/** Items of 3 KB, four or five to a page, and an engine that has none of the pages. */
async function cold(more: object = {}): Promise<Rig> {
  const rig = await openRig();
  await makeTable(rig);
  const filler = { S: 'x'.repeat(3000) };
  await Promise.all(Array.from({ length: items }, (_, at) => put(rig, `k${at}`, { filler })));
  await rig.engine.checkpoint();
  const { disk } = rig.store;
  await rig.engine.close();
  return openRig({ disk, ...more });
}

/** Requests to the store that `call` takes. */
async function readsOf(rig: Rig, call: () => Promise<unknown>): Promise<number> {
  const { reads } = rig.store;
  await call();
  return rig.store.reads - reads;
}

const keys = some.map((p) => ({ p: { S: p } }));
const puts = keys.map((key) => ({ PutRequest: { Item: { ...key, n: { N: '1' } } } }));
const transacted = keys.map((Key) => ({ Get: { TableName: 'Things', Key } }));
const checked = keys.map((key) => ({
  Put: {
    TableName: 'Things',
    Item: { ...key, n: { N: '1' } },
    ConditionExpression: 'attribute_exists(filler)',
  },
}));
const statement = 'UPDATE "Things" SET n = 1 WHERE p = ?';
const statements = some.map((p) => ({ Statement: statement, Parameters: [{ S: p }] }));

describe('a call of many items', () => {
  test.each([
    ['BatchGetItem', { RequestItems: { Things: { Keys: keys } } }],
    ['BatchWriteItem', { RequestItems: { Things: puts } }],
    ['TransactGetItems', { TransactItems: transacted }],
    ['TransactWriteItems', { TransactItems: checked }],
    ['BatchExecuteStatement', { Statements: statements }],
    ['ExecuteTransaction', { TransactStatements: statements }],
  ])('%s brings the pages of all of them together', async (operation, input) => {
    const rig = await cold();
    const reads = await readsOf(rig, () => ask(rig, operation, input));
    // The head, the engine's own trees, and one request for a level of the tree.
    expect(reads).toBeLessThan(10);
    const written = await find(rig, some[7] as string);
    const isRead = operation.includes('Get');
    expect(written?.get('n')).toEqual(isRead ? undefined : { type: 'N', value: '1' });
  });

  test('is decided by what is there, not by what a run without the pages took for absent', async () => {
    const rig = await cold();
    const absent = keys.map((key, at) => ({
      Put: {
        TableName: 'Things',
        Item: key,
        ConditionExpression: at === 24 ? 'attribute_exists(p)' : 'attribute_not_exists(p)',
      },
    }));
    const told = await refusal(ask(rig, 'TransactWriteItems', { TransactItems: absent }));
    expect(told).toContain(`[${'ConditionalCheckFailed, '.repeat(24)}None]`);
    expect((await find(rig, some[3] as string))?.has('filler')).toBe(true);
  });
});

test('writes that bring many pages take turns, and all are carried out', async () => {
  const rig = await cold({ cacheBytes: 100_000 });
  let pinned = 0;
  let most = 0;
  const { pin, unpin } = PageCache.prototype;
  vi.spyOn(PageCache.prototype, 'pin').mockImplementation(function (this: PageCache, id) {
    pinned += 1;
    most = Math.max(most, pinned);
    pin.call(this, id);
  });
  vi.spyOn(PageCache.prototype, 'unpin').mockImplementation(function (this: PageCache, ids) {
    const all = [...ids];
    pinned -= all.length;
    unpin.call(this, all);
  });
  const batches = Array.from({ length: items / 25 }, (_, batch) => {
    const requests = Array.from({ length: 25 }, (_, at) => {
      return { PutRequest: { Item: { p: { S: `k${at * 64 + batch}` }, n: { N: `${batch}` } } } };
    });
    return ask(rig, 'BatchWriteItem', { RequestItems: { Things: requests } });
  });
  await Promise.all(batches);
  vi.restoreAllMocks();
  expect(pinned).toBe(0);
  expect(most).toBeGreaterThan(pinnedPagesMax / 2);
  expect(most).toBeLessThanOrEqual(pinnedPagesMax + scoutPagesMax);
  for (const batch of [0, 31, 63]) {
    expect((await find(rig, `k${64 + batch}`))?.get('n')).toEqual({ type: 'N', value: `${batch}` });
  }
});
