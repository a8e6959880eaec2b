/** What entries ask of the hub, by what wrote them and what they were made on. */
import { describe, expect, test } from 'vitest';
import { ask, type Rig, tableInput } from '../support/engine.ts';
import { edit, internal, keyOf, remove } from '../support/replica-pair.ts';
import {
  confirm,
  left,
  refusedAt,
  sell,
  sold,
  stock,
  stocked,
  waitingOf,
} from '../support/sales.ts';

const put = (rig: Rig, n: number, more: object = {}): Promise<object> =>
  ask(rig, 'PutItem', { TableName: 'Things', Item: stock(n), ...more }, confirm);

describe('a write with the hub’s word asks', () => {
  test.each([
    ['that it holds, when it looked at nothing', 'always', (rig: Rig) => put(rig, 1)],
    [
      'that it is executed, when it looked at the item',
      'request',
      (rig: Rig) => put(rig, 1, { ConditionExpression: 'attribute_exists(p)' }),
    ],
    [
      'that it is executed, when it changes what is there',
      'request',
      (rig: Rig) =>
        ask(
          rig,
          'UpdateItem',
          {
            ...keyOf('stock'),
            UpdateExpression: 'ADD n :one',
            ExpressionAttributeValues: { ':one': { N: '1' } },
          },
          confirm,
        ),
    ],
    ['nothing, when it changed nothing', undefined, (rig: Rig) => put(rig, 5)],
  ])('%s', async (_, expected, write) => {
    const { a } = await stocked(5);
    await write(a);
    expect(await waitingOf(a)).toEqual(expected === undefined ? [] : [expected]);
  });

  test('what is made on a local edit waits, and what is made below it does not', async () => {
    const { a } = await stocked(5);
    await edit(a, 'other', 'local');
    await put(a, 7, { ConditionExpression: 'attribute_exists(p)' });
    await remove(a, 'other');
    expect(await waitingOf(a)).toEqual(['local', 'request', 'local']);
    const { Entries } = await internal(a, 'PreparePush');
    expect(Entries).toHaveLength(3);
  });

  test('L7: a transaction with a table of this device alone is not made on a guess', async () => {
    const { pair, a, b } = await stocked(5);
    await ask(a, 'CreateTable', { ...tableInput, TableName: 'Own' });
    await sell(b);
    await pair.sync(b);
    await sell(a);
    const own = (p: string): object => ({ Put: { TableName: 'Own', Item: { p: { S: p } } } });
    const blind = { Put: { TableName: 'Things', Item: { p: { S: 'free' } } } };
    await ask(a, 'TransactWriteItems', { TransactItems: [blind, own('x')] });
    const sale = { Update: sold };
    const mixed = ask(a, 'TransactWriteItems', { TransactItems: [sale, own('y')] });
    await expect(mixed).rejects.toMatchObject({ name: 'ValidationException' });
    await pair.sync(a);
    expect(await left(pair.hub)).toBe('3');
    await ask(a, 'TransactWriteItems', { TransactItems: [sale, own('y')] });
    await pair.sync(a);
    expect([await left(pair.hub), await refusedAt(a)]).toEqual(['2', []]);
  });
});
