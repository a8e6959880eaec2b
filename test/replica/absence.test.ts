/** L1 and U25 of shared/SYNC-scenarios.md: what is not there may not have come yet. */
import { describe, expect, test } from 'vitest';
import { utf8 } from '../../src/base/bytes.ts';
import { completeState, isAbsenceKnown } from '../../src/replica/absence.ts';
import { encodeHolding, type Holding, writeHoldings } from '../../src/replica/holding.ts';
import type { ReplicatedTable } from '../../src/replica/tables.ts';
import { ask, find, type Rig, tableInput } from '../support/engine.ts';
import { MapReader } from '../support/map-reader.ts';
import { keyOf, Pair, putText, remove, text, textAt } from '../support/replica-pair.ts';
import { Stored } from '../support/replica.ts';

async function apart(): Promise<{ pair: Pair; a: Rig }> {
  const pair = await Pair.open();
  await putText(pair.hub, 'settings', 'real');
  const a = await pair.device();
  for (const { time } of [pair, a]) time.pass(5000);
  return { pair, a };
}

function create(rig: Rig, p: string): Promise<object> {
  const Item = { p: { S: p }, ...text('default') };
  const input = { TableName: 'Things', Item };
  return ask(rig, 'PutItem', { ...input, ConditionExpression: 'attribute_not_exists(p)' });
}

const one = { N: '1' };

const modesOf = async (rig: Rig): Promise<readonly unknown[]> =>
  (await Stored.of(rig.store.disk)).entries().map(({ confirm }) => confirm);

test('absence is known in complete ranges only', () => {
  const reader = new MapReader();
  const table = { tree: 300, replica: { global: 'T' } } as unknown as ReplicatedTable;
  const part = (from: string, to: string): { table: string; from: Uint8Array; to: Uint8Array } => {
    return { table: 'T', from: utf8(from), to: utf8(to) };
  };
  const held: readonly Holding[] = [
    { ...part('b', 'd'), state: 'complete' },
    { ...part('d', 'f'), state: 'following', until: 4 },
  ];
  expect(encodeHolding(held[0] as Holding)[0]).toBe(completeState);
  reader.apply(writeHoldings(reader, 200, new Map([['T', table]]), [], held));
  const isKnown = (key: string, tree = 300): boolean =>
    isAbsenceKnown(reader, 200, { tree, key: utf8(key) });
  expect(['a', 'b', 'cz', 'd', 'f'].map((key) => isKnown(key))).toEqual([
    ...[false, true, true, false, false],
  ]);
  expect(isKnown('b', 301)).toBe(false);
});

describe('L1: while a range is not complete', () => {
  test('what was made since nothing was there takes no place of what the hub has', async () => {
    const { pair, a } = await apart();
    await create(a, 'settings');
    await create(a, 'mine');
    expect(await modesOf(a)).toEqual(['request', 'request']);
    expect(await textAt(a, 'settings')).toBe('default');
    await pair.sync(a);
    expect([await textAt(pair.hub, 'settings'), await textAt(a, 'settings')]).toEqual([
      ...['real', 'real'],
    ]);
    expect([await textAt(pair.hub, 'mine'), await textAt(a, 'mine')]).toEqual([
      ...['default', 'default'],
    ]);
    expect((await Stored.of(a.store.disk)).book(8)).toHaveLength(1);
  });

  test('an update of nothing leaves no stub in the place of the item', async () => {
    const { pair, a } = await apart();
    const update = {
      UpdateExpression: 'SET own = :own',
      ExpressionAttributeValues: { ':own': one },
    };
    await ask(a, 'UpdateItem', { ...keyOf('settings'), ...update });
    await pair.sync(a);
    for (const rig of [pair.hub, a]) {
      const item = await find(rig, 'settings');
      expect([item?.get('v')?.value, item?.get('own')?.value]).toEqual(['real', '1']);
    }
  });

  test('with items of tables that the hub has not, it is refused where the hub has one', async () => {
    const { pair, a } = await apart();
    await ask(a, 'CreateTable', { ...tableInput, TableName: 'Own' });
    const Put = { TableName: 'Things', Item: { p: { S: 'settings' }, ...text('mine') } };
    const Update = {
      ...keyOf('settings'),
      UpdateExpression: 'SET v = :v',
      ExpressionAttributeValues: { ':v': { S: 'mine' } },
    };
    const Own = { TableName: 'Own', Item: Put.Item };
    await ask(a, 'TransactWriteItems', { TransactItems: [{ Update }, { Put: Own }] });
    expect(await modesOf(a)).toEqual(['unchanged']);
    await pair.sync(a);
    expect([await textAt(pair.hub, 'settings'), await textAt(a, 'settings')]).toEqual([
      ...['real', 'real'],
    ]);
  });

  test('a blind deletion is made at the hub, a blind put is as always', async () => {
    const { pair, a } = await apart();
    await putText(pair.hub, 'other', 'real');
    await remove(a, 'settings');
    await putText(a, 'other', 'blind');
    expect(await modesOf(a)).toEqual([undefined, undefined]);
    await pair.sync(a);
    expect([await textAt(pair.hub, 'settings'), await textAt(a, 'settings')]).toEqual([
      ...[undefined, undefined],
    ]);
    expect(await textAt(pair.hub, 'other')).toBe('blind');
  });

  test('deletions of requests of several items are entered too', async () => {
    const { a } = await apart();
    const { TableName, Key } = keyOf('settings') as { TableName: string; Key: object };
    const RequestItems = { [TableName]: [{ DeleteRequest: { Key } }] };
    await ask(a, 'BatchWriteItem', { RequestItems });
    await ask(a, 'TransactWriteItems', { TransactItems: [{ Delete: keyOf('other') }] });
    expect(await modesOf(a)).toHaveLength(2);
  });
});

test('U25: in a complete range what changes nothing makes no entry', async () => {
  const { pair, a } = await apart();
  await pair.sync(a);
  await remove(a, 'nothing');
  expect(await modesOf(a)).toEqual([]);
  await create(a, 'new');
  expect(await modesOf(a)).toEqual([undefined]);
});
