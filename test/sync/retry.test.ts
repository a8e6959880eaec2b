import { describe, expect, test } from 'vitest';
import { owner } from '../../src/operation/request.ts';
import { retryQuarantined } from '../../src/sync/retry.ts';
import { ask } from '../support/engine.ts';
import { confirm, left, refusedAt, sell, stock, stocked, waitingOf } from '../support/sales.ts';
import { fakeEngine } from '../support/fake-engine.ts';
import { putText, textAt } from '../support/replica-pair.ts';

const writes = [
  { seq: 1, items: [{ table: 'T', item: { id: 'a' }, isDeleted: false }] },
  {
    seq: 2,
    items: [
      { table: 'T', item: { id: 'b' }, isDeleted: true },
      { table: 'U', item: { id: 'c' }, isDeleted: false },
    ],
  },
  { seq: 3, items: [] },
];

describe('what was refused', () => {
  test('is written again as the transaction it was, and only then taken out', async () => {
    const Writes = writes.slice(1);
    const engine = fakeEngine(({ operation }) =>
      operation === 'ListQuarantine' ? { Writes } : {},
    );
    await retryQuarantined(engine, owner, [2, 3, 9]);
    const TransactItems = [
      { Delete: { TableName: 'T', Key: { id: 'b' } } },
      { Put: { TableName: 'U', Item: { id: 'c' } } },
    ];
    expect(engine.requests.map(({ operation, input }) => [operation, input])).toEqual([
      ['ListQuarantine', { Seqs: [2, 3, 9] }],
      ['TransactWriteItems', { TransactItems }],
      ['DiscardQuarantine', { Seqs: [2] }],
      ['DiscardQuarantine', { Seqs: [3] }],
    ]);
  });

  test('stays where the database refuses it', async () => {
    const engine = fakeEngine(({ operation, input }) => {
      if (operation === 'ListQuarantine') return { Writes: writes };
      if (JSON.stringify(input).includes('Delete')) throw new Error('refused');
      return {};
    });
    await expect(retryQuarantined(engine, owner, [1, 2, 3])).rejects.toThrow('refused');
    expect(engine.requests.at(-1)?.operation).toBe('TransactWriteItems');
  });

  test('U20: of a request is asked again, on what is there by now, and not what was guessed', async () => {
    const { pair, a, b } = await stocked(1);
    await sell(b);
    await pair.sync(b);
    await sell(a, { ...confirm, expiresMs: 3_600_000 });
    await pair.sync(a);
    expect(await refusedAt(a)).toEqual(['ConditionalCheckFailedException']);
    // Sold out: it is refused here at once, and stays.
    await expect(retryQuarantined(a.engine, owner, [1])).rejects.toThrow('conditional request');
    expect(await refusedAt(a)).toHaveLength(1);
    await ask(pair.hub, 'PutItem', { TableName: 'Things', Item: stock(7) });
    await pair.sync(a);
    await retryQuarantined(a.engine, owner, [1]);
    expect(await refusedAt(a)).toEqual([]);
    expect(await waitingOf(a)).toEqual(['request']);
    await ask(pair.hub, 'PutItem', { TableName: 'Things', Item: stock(20) });
    await pair.sync(a);
    expect([await left(pair.hub), await left(a)]).toEqual(['19', '19']);
  });

  test('of a put that asked for the hub’s word asks for it again', async () => {
    const { pair, a } = await stocked(1);
    pair.refusals = () => 'AccessDenied';
    await ask(a, 'PutItem', { TableName: 'Things', Item: stock(3) }, confirm);
    await putText(a, 'k', 'local');
    await pair.sync(a);
    pair.refusals = () => undefined;
    await retryQuarantined(a.engine, owner, [1, 2]);
    expect(await waitingOf(a)).toEqual(['request', 'local']);
    await pair.sync(a);
    expect(await left(pair.hub)).toBe('3');
    expect(await textAt(pair.hub, 'k')).toBe('local');
  });
});
