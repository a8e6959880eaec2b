/** L1 of shared/SYNC-scenarios.md, while there is a network: what is not here is fetched first. */
import { describe, expect, test } from 'vitest';
import { encodeInput } from '../../../src/replica/request.ts';
import { ask, type Output, type Rig } from '../../support/engine.ts';
import { readHoldings } from '../../../src/replica/holding.ts';
import { Stored } from '../../support/replica.ts';
import {
  edit,
  internal,
  keyOf,
  Pair,
  putText,
  text,
  textAt,
  transact as together,
} from '../../support/replica-pair.ts';

async function met(): Promise<{ pair: Pair; a: Rig }> {
  const pair = await Pair.open();
  for (const p of ['settings', 'more']) await putText(pair.hub, p, 'real');
  const a = await pair.device();
  const link = await internal(a, 'ReadLink');
  const greeting = await internal(pair.hub, 'GreetReplica', link);
  const { Epoch: AskedEpoch, Cursor: Asked } = link;
  await internal(a, 'TakeGreeting', { ...greeting, AskedEpoch, Asked });
  return { pair, a };
}

async function statesOf({ store }: Rig): Promise<readonly string[]> {
  const stored = await Stored.of(store.disk);
  const { reader, self } = stored;
  return readHoldings(reader, self.book, stored.trees()).map(({ state }) => state);
}

interface Found extends Output {
  readonly Loads: readonly object[];
}

async function find(rig: Rig, Operation: string, input: object): Promise<Found> {
  const asked = { Operation, Form: 'json', Input: encodeInput(input) };
  return (await internal(rig, 'FindUnknown', asked)) as Found;
}

/** What src/sync/seek.ts does. */
async function fetched(pair: Pair, rig: Rig, operation: string, input: object): Promise<number> {
  const { Loads, ...said } = await find(rig, operation, input);
  for (const load of Loads) {
    const asked = { ...said, ...load };
    const chunk = await internal(pair.hub, 'ReadSnapshot', asked);
    const { IsTaken } = await internal(rig, 'TakeChunk', { ...asked, ...chunk });
    expect(IsTaken).toBe(true);
  }
  return Loads.length;
}

const isFree = { ConditionExpression: 'attribute_not_exists(p)' };
const isThere = { ConditionExpression: 'attribute_exists(p)' };
const item = (p: string): object => ({ TableName: 'Things', Item: { p: { S: p }, ...text('v') } });
const ofKey = (p: string): object => ({
  TableName: 'Things',
  KeyConditionExpression: 'p = :p',
  ExpressionAttributeValues: { ':p': { S: p } },
});
const transact = (...TransactItems: object[]): object => ({ TransactItems });

describe('L1: what a call looks for in a range that has not come', () => {
  test.each([
    ['a read', 'GetItem', keyOf('settings'), 1],
    ['a query', 'Query', ofKey('settings'), 1],
    ['a statement', 'ExecuteStatement', { Statement: "SELECT * FROM Things WHERE p = 'a'" }, 1],
    ['reads together', 'TransactGetItems', transact({ Get: keyOf('a') }, { Get: keyOf('b') }), 2],
    ['a put under a condition', 'PutItem', { ...item('settings'), ...isFree }, 1],
    ['a put that tells the old item', 'PutItem', { ...item('a'), ReturnValues: 'ALL_OLD' }, 1],
    ['a condition that fails here', 'DeleteItem', { ...keyOf('settings'), ...isThere }, 1],
    [
      'a check alone',
      'TransactWriteItems',
      transact({ ConditionCheck: { ...keyOf('settings'), ...isFree } }),
      1,
    ],
    [
      'a check beside a blind put',
      'TransactWriteItems',
      transact({ ConditionCheck: { ...keyOf('settings'), ...isFree } }, { Put: item('a') }),
      1,
    ],
    ['a blind put', 'PutItem', item('settings'), 0],
    ['a blind deletion', 'DeleteItem', keyOf('settings'), 0],
    ['a scan reads what is here', 'Scan', { TableName: 'Things' }, 0],
    ['what is no call of items', 'DescribeTable', { TableName: 'Things' }, 0],
    ['what is none', 'GetItem', { TableName: 'Things' }, 0],
  ] as const)('%s', async (_, operation, input, count) => {
    const { a } = await met();
    expect((await find(a, operation, input)).Loads).toHaveLength(count);
  });

  test('comes, and the condition is judged on it; nobody looks for it twice', async () => {
    const { pair, a } = await met();
    const input = { ...item('settings'), ...isFree };
    expect(await fetched(pair, a, 'PutItem', input)).toBe(1);
    await expect(ask(a, 'PutItem', input)).rejects.toThrow('The conditional request failed');
    expect(await fetched(pair, a, 'PutItem', input)).toBe(0);
    expect(await fetched(pair, a, 'GetItem', keyOf('free'))).toBe(1);
    expect(await fetched(pair, a, 'GetItem', keyOf('free'))).toBe(0);
    await edit(a, 'settings', 'mine');
    expect((await pair.sync(a)).phase).toBe('live');
    for (const rig of [pair.hub, a]) expect(await textAt(rig, 'settings')).toBe('mine');
  });

  test('T6: items of a transaction that come apart are whole when the feed has passed them', async () => {
    const { pair, a } = await met();
    const read = transact({ Get: keyOf('settings') }, { Get: keyOf('more') });
    const [x, y] = (await find(a, 'TransactGetItems', read)).Loads as readonly [object, object];
    const { Loads: _, ...said } = await find(a, 'TransactGetItems', read);
    const come = async (load: object): Promise<void> => {
      const asked = { ...said, ...load };
      const chunk = await internal(pair.hub, 'ReadSnapshot', asked);
      expect(await internal(a, 'TakeChunk', { ...asked, ...chunk })).toMatchObject({
        IsTaken: true,
      });
    };
    await come(x);
    await together(pair.hub, ['settings', 'more'], 'together');
    await come(y);
    const texts = async (): Promise<unknown> =>
      (await Promise.all(['settings', 'more'].map((p) => textAt(a, p)))).sort();
    // One is of before: the other is in no complete range, and nobody says that all is here.
    expect(await texts()).toEqual(['real', 'together']);
    expect(await statesOf(a)).toEqual(['complete', 'following']);
    expect((await internal(a, 'DescribeReplica'))['Ranges']).toMatchObject([{ State: 'loading' }]);
    expect((await find(a, 'TransactGetItems', read)).Loads).toEqual([]);
    expect((await pair.sync(a)).phase).toBe('live');
    expect(await texts()).toEqual(['together', 'together']);
  });

  test('a check alone, and one beside a write, are the hub’s to judge without a network', async () => {
    const { pair, a } = await met();
    const check = { ConditionCheck: { ...keyOf('settings'), ...isFree } };
    await ask(a, 'TransactWriteItems', transact(check));
    const another = { ConditionCheck: { ...keyOf('more'), ...isFree } };
    await ask(a, 'TransactWriteItems', transact(another, { Put: item('other') }));
    await pair.sync(a);
    expect(await textAt(pair.hub, 'settings')).toBe('real');
    for (const rig of [pair.hub, a]) expect(await textAt(rig, 'other')).toBe(undefined);
    expect(await textAt(a, 'settings')).toBe('real');
    const { Writes } = await internal(a, 'ListQuarantine');
    expect((Writes as readonly { readonly code: string }[]).map(({ code }) => code)).toEqual([
      ...['TransactionCanceledException', 'TransactionCanceledException'],
    ]);
  });
});
