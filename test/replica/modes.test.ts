/** Rows of shared/SYNC-scenarios.md about writes whose request travels, each by its name. */
import { describe, expect, test } from 'vitest';
import type { Outcomes } from '../../src/replica/message.ts';
import { decodeChanges } from '../../src/replica/page.ts';
import type { ScopeOf } from '../../src/operation/request.ts';
import type { KeySpan } from '../../src/table/scope.ts';
import { ask, type Output, type Rig } from '../support/engine.ts';
import { engineCaller } from '../support/replica.ts';
import { internal, keyOf, putText, remove, textAt } from '../support/replica-pair.ts';
import {
  confirm,
  left,
  refusedAt,
  sell,
  stock,
  stocked,
  storedOf,
  waitingOf,
} from '../support/sales.ts';

describe('a confirmed write', () => {
  test('L7: is executed on what the hub has, not stored as the device had guessed', async () => {
    const { pair, a, b } = await stocked(5);
    await sell(a);
    await sell(b);
    expect([await left(a), await left(b)]).toEqual(['4', '4']);
    await pair.sync(a);
    await pair.sync(b);
    expect(await left(pair.hub)).toBe('3');
    expect(await left(b)).toBe('3');
    await pair.sync(a);
    expect(await left(a)).toBe('3');
  });

  test('L7: whose condition fails there is refused, and gives way to what is there', async () => {
    const { pair, a, b } = await stocked(1);
    await sell(a);
    await sell(b);
    await pair.sync(a);
    pair.said.splice(0);
    const ReplicaId = String((await internal(b, 'ReadLink'))['ReplicaId']);
    const push = { kind: 'push', number: 1, Entries: await pair.prepared(b) } as const;
    const { Outcomes: outcomes } = (await pair.tell(push, ReplicaId)) as Outcomes;
    expect(outcomes[0]).toMatchObject({ Kind: 'refused', Code: 'ConditionalCheckFailedException' });
    // With the answer alone, before any feed.
    await internal(b, 'TakeOutcome', { ReplicaId, ...outcomes[0] });
    expect(await left(b)).toBe('0');
    expect(await refusedAt(b)).toEqual(['ConditionalCheckFailedException']);
  });

  test('is executed once, however often it comes, and answered the same', async () => {
    const { pair, a } = await stocked(5);
    await sell(a);
    const ReplicaId = String((await internal(a, 'ReadLink'))['ReplicaId']);
    const push = { kind: 'push', number: 1, Entries: await pair.prepared(a) } as const;
    const first = await pair.tell(push, ReplicaId);
    expect(await pair.tell(push, ReplicaId)).toEqual(first);
    expect(await left(pair.hub)).toBe('4');
    await pair.sync(a);
    expect(await left(pair.hub)).toBe('4');
  });

  test('L8, U2: counts though the item has a later stamp than it', async () => {
    const { pair, a } = await stocked(5);
    await sell(a);
    pair.time.pass(3_600_000);
    await ask(pair.hub, 'PutItem', { TableName: 'Things', Item: stock(9) });
    await pair.sync(a);
    expect(await left(pair.hub)).toBe('8');
    expect(await left(a)).toBe('8');
    const [ours, theirs] = [await storedOf(a), await storedOf(pair.hub)];
    expect(ours.versions().map(({ stamp }) => stamp)).toEqual(
      theirs.versions().map(({ stamp }) => stamp),
    );
  });

  test('is shown as it was executed with the answer, edits on top of it too', async () => {
    const { pair, a, b } = await stocked(5);
    await sell(b);
    await sell(a);
    await sell(a);
    await pair.sync(b);
    const ReplicaId = String((await internal(a, 'ReadLink'))['ReplicaId']);
    const push = { kind: 'push', number: 1, Entries: await pair.prepared(a) } as const;
    const { Outcomes: outcomes } = (await pair.tell(push, ReplicaId)) as Outcomes;
    for (const one of outcomes) await internal(a, 'TakeOutcome', { ReplicaId, ...one });
    expect(await left(a)).toBe('2');
    expect((await storedOf(a)).book(4)).toEqual([]);
    expect((await storedOf(a)).entries()).toEqual([]);
  });

  test('U3: makes what is made on it wait too, whatever that asks for', async () => {
    const { pair, a } = await stocked(5);
    await sell(a);
    await sell(a, {});
    await ask(a, 'PutItem', { TableName: 'Things', Item: stock(40) });
    expect(await waitingOf(a)).toEqual(['request', 'request', 'always']);
    await pair.sync(a);
    expect(await left(pair.hub)).toBe('40');
    await sell(a, {});
    expect(await waitingOf(a)).toEqual(['local']);
  });

  test('T4: takes with it what read it, when it is refused, but not what did not', async () => {
    const { pair, a, b } = await stocked(1);
    await sell(b);
    await pair.sync(b);
    await sell(a);
    await ask(a, 'UpdateItem', {
      ...keyOf('stock'),
      UpdateExpression: 'SET note = :n',
      ExpressionAttributeValues: { ':n': { S: 'sold' } },
    });
    await ask(a, 'PutItem', { TableName: 'Things', Item: stock(7) });
    await pair.sync(a);
    expect(await refusedAt(a)).toEqual(['ConditionalCheckFailedException', 'DependsOnRefused']);
    expect(await left(pair.hub)).toBe('7');
    expect(await left(a)).toBe('7');
  });

  test('U30: that has waited too long is refused', async () => {
    const { pair, a } = await stocked(5);
    await sell(a, { ...confirm, expiresMs: 60_000 });
    await sell(a, { ...confirm, expiresMs: 600_000 });
    pair.time.pass(61_000);
    a.time.pass(61_000);
    await pair.sync(a);
    expect([...(await refusedAt(a))].sort()).toEqual(['DependsOnRefused', 'Expired']);
    expect(await left(pair.hub)).toBe('5');
    await sell(a, { ...confirm, expiresMs: 60_000 });
    await pair.sync(a);
    expect(await left(pair.hub)).toBe('4');
  });

  test('L17: refused for want of authorisation it is asked again, and not its guess', async () => {
    const { pair, a } = await stocked(5);
    pair.refusals = () => 'AccessDenied';
    await sell(a, { ...confirm, expiresMs: 3_600_000 });
    await ask(a, 'PutItem', { TableName: 'Things', Item: { p: { S: 'other' } } }, confirm);
    await pair.sync(a);
    expect(await refusedAt(a)).toEqual(['AccessDenied', 'AccessDenied']);
    pair.refusals = () => undefined;
    for (const After of [0, 1]) await internal(a, 'OfferAgain', { After, Offered: [] });
    expect(await waitingOf(a)).toEqual(['request', 'always']);
    expect((await storedOf(a)).entries()[0]?.expiresMs).toBe(3_600_000);
    await ask(pair.hub, 'PutItem', { TableName: 'Things', Item: stock(9) });
    await pair.sync(a);
    expect([await left(pair.hub), await left(a)]).toEqual(['8', '8']);
    expect(await refusedAt(a)).toEqual([]);
  });

  test('L17, U30: nor any later than it was to be', async () => {
    const { pair, a } = await stocked(5);
    pair.refusals = () => 'AccessDenied';
    await sell(a, { ...confirm, expiresMs: 60_000 });
    await sell(a, { ...confirm, expiresMs: 600_000 });
    await pair.sync(a);
    await sell(a, { ...confirm, expiresMs: 600_000 });
    await pair.sync(a);
    pair.refusals = () => undefined;
    for (const { time } of [pair, a]) time.pass(61_000);
    for (const After of [0, 2]) await internal(a, 'OfferAgain', { After, Offered: [] });
    expect((await storedOf(a)).entries().map(({ expiresMs }) => expiresMs)).toEqual([539_000]);
    await pair.sync(a);
    expect(await left(pair.hub)).toBe('4');
    expect(await refusedAt(a)).toEqual(['AccessDenied', 'DependsOnRefused']);
  });

  test('deletes what the hub has, and says so', async () => {
    const { pair, a } = await stocked(5);
    const input = { ...keyOf('other'), ConditionExpression: 'attribute_exists(p)' };
    await ask(a, 'DeleteItem', input, confirm);
    await pair.sync(a);
    expect(await textAt(pair.hub, 'other')).toBeUndefined();
    expect(await textAt(a, 'other')).toBeUndefined();
  });
});

describe('requests of every kind', () => {
  const item = (p: string, v: string): object => ({ p: { S: p }, v: { S: v } });

  test('a transaction is executed whole, or not at all', async () => {
    const { pair, a, b } = await stocked(1);
    const buy = (who: string): object => ({
      TransactItems: [
        {
          Update: {
            ...keyOf('stock'),
            UpdateExpression: 'SET n = n - :one',
            ConditionExpression: 'n > :zero',
            ExpressionAttributeValues: { ':one': { N: '1' }, ':zero': { N: '0' } },
          },
        },
        { Put: { TableName: 'Things', Item: item(`order ${who}`, 'one') } },
      ],
    });
    await ask(a, 'TransactWriteItems', buy('a'), confirm);
    await ask(b, 'TransactWriteItems', buy('b'), confirm);
    for (const device of [a, b, a]) await pair.sync(device);
    expect(await left(pair.hub)).toBe('0');
    expect(await textAt(a, 'order a')).toBe('one');
    for (const rig of [pair.hub, a, b]) expect(await textAt(rig, 'order b')).toBeUndefined();
    expect(await refusedAt(b)).toEqual(['TransactionCanceledException']);
    expect((await storedOf(pair.hub)).versions().filter(({ isJoined }) => isJoined)).toHaveLength(
      2,
    );
  });

  test('a put beside a check is no put alone', async () => {
    const { pair, a } = await stocked(1);
    const ConditionExpression = 'n > :zero';
    const ExpressionAttributeValues = { ':zero': { N: '0' } };
    const check = { ...keyOf('stock'), ConditionExpression, ExpressionAttributeValues };
    const TransactItems = [
      { Put: { TableName: 'Things', Item: item('other', 'while there is stock') } },
      { ConditionCheck: check },
    ];
    await ask(a, 'TransactWriteItems', { TransactItems }, confirm);
    await ask(pair.hub, 'PutItem', { TableName: 'Things', Item: stock(0) });
    await pair.sync(a);
    expect(await textAt(pair.hub, 'other')).toBe('there');
    expect(await textAt(a, 'other')).toBe('there');
  });

  test('a statement, those of a batch and of a transaction', async () => {
    const { pair, a } = await stocked(5);
    await ask(pair.hub, 'PutItem', { TableName: 'Things', Item: stock(50) });
    const Statement = `UPDATE "Things" SET n = n - 1 WHERE p = 'stock' AND n > 0`;
    await ask(a, 'ExecuteStatement', { Statement }, confirm);
    const Statements = [
      { Statement: `INSERT INTO "Things" VALUE {'p': 'other', 'v': 'taken'}` },
      { Statement },
      { Statement: `INSERT INTO "Things" VALUE {'p': 'new', 'v': 'made'}` },
    ];
    await ask(a, 'BatchExecuteStatement', { Statements }, confirm);
    const Parameters = [{ S: 'by parameter' }];
    const TransactStatements = [
      { Statement },
      { Statement: `INSERT INTO "Things" VALUE {'p': 'third', 'v': ?}`, Parameters },
    ];
    await ask(a, 'ExecuteTransaction', { TransactStatements }, confirm);
    expect(await waitingOf(a)).toEqual(['request', 'request', 'request', 'request']);
    await pair.sync(a);
    expect(await left(pair.hub)).toBe('47');
    expect(await textAt(pair.hub, 'new')).toBe('made');
    expect(await textAt(pair.hub, 'third')).toBe('by parameter');
    expect(await textAt(a, 'third')).toBe('by parameter');
  });

  test('each write of a batch is an entry, which replaces whatever is there', async () => {
    const { pair, a } = await stocked(5);
    const input = {
      RequestItems: {
        Things: [
          { PutRequest: { Item: item('new', 'batch') } },
          { DeleteRequest: { Key: { p: { S: 'other' } } } },
        ],
      },
    };
    await ask(a, 'BatchWriteItem', input, confirm);
    expect(await waitingOf(a)).toEqual(['always', 'always']);
    pair.time.pass(60_000);
    await putText(pair.hub, 'other', 'later');
    await pair.sync(a);
    expect(await textAt(pair.hub, 'new')).toBe('batch');
    expect(await textAt(pair.hub, 'other')).toBeUndefined();
  });
});

describe('what an answer shows', () => {
  test('K1: nothing of a table that the caller may not read', async () => {
    const { pair, a } = await stocked(0);
    await ask(a, 'PutItem', { TableName: 'Things', Item: stock(1) });
    await sell(a);
    const [entry] = (await pair.prepared(a)).slice(1);
    const ReplicaId = String((await internal(a, 'ReadLink'))['ReplicaId']);
    const first = (await pair.prepared(a))[0];
    await internal(pair.hub, 'TakeEntry', { ReplicaId, Entry: first });
    const whole = [{ from: new Uint8Array(), to: undefined }];
    const take = (read: readonly KeySpan[] | undefined): Promise<Output> => {
      const spans = { read, put: whole, remove: undefined };
      const scope: ScopeOf = () => ({ user: 'ada', tables: new Map([[pair.global, spans]]) });
      const input = { ReplicaId, Entry: entry };
      return ask(pair.hub, 'TakeEntry', input, { caller: engineCaller, scope });
    };
    expect(await take(undefined)).not.toHaveProperty('Changes');
    const shown = await take(whole);
    expect(decodeChanges(shown['Changes'] as Uint8Array)).toHaveLength(1);
  });

  test('T1: comes with the other items of a transaction that wrote it', async () => {
    const { pair, a, b } = await stocked(1);
    await sell(a);
    const TransactItems = [
      { Put: { TableName: 'Things', Item: stock(0) } },
      { Put: { TableName: 'Things', Item: { p: { S: 'beside' }, v: { S: 'of the same' } } } },
    ];
    await ask(b, 'TransactWriteItems', { TransactItems });
    await pair.sync(b);
    const ReplicaId = String((await internal(a, 'ReadLink'))['ReplicaId']);
    const push = { kind: 'push', number: 1, Entries: await pair.prepared(a) } as const;
    const { Outcomes: outcomes } = (await pair.tell(push, ReplicaId)) as Outcomes;
    await internal(a, 'TakeOutcome', { ReplicaId, ...outcomes[0] });
    expect(await left(a)).toBe('0');
    expect(await textAt(a, 'beside')).toBe('of the same');
  });
});

describe('U4: what a table asks for', () => {
  const tag = async (rig: Rig, Value: string): Promise<void> => {
    const { table } = await storedOf(rig);
    const Tags = [{ Key: 'tidetable:mode', Value }];
    await ask(rig, 'TagResource', { ResourceArn: table.arn, Tags });
  };

  test('is enforced by the hub, though the device was not told', async () => {
    const { pair, a } = await stocked(5);
    await tag(pair.hub, 'confirm');
    await putText(a, 'other', 'local');
    await ask(a, 'PutItem', { TableName: 'Things', Item: stock(6) }, confirm);
    await pair.sync(a);
    expect(await refusedAt(a)).toEqual(['ModeTooLow']);
    expect(await textAt(a, 'other')).toBe('there');
    expect(await left(pair.hub)).toBe('6');
    await tag(pair.hub, 'hub');
    await sell(a);
    await pair.sync(a);
    expect(await refusedAt(a)).toEqual(['ModeTooLow', 'ModeTooLow']);
  });

  test('is what writes of a device that was told do, and none asks for less', async () => {
    const { pair, a } = await stocked(5);
    const input = { TableName: 'Things', Global: pair.global };
    await internal(a, 'ReplicateTable', { ...input, Mode: 'confirm' });
    await sell(a, { mode: 'local' });
    await remove(a, 'other');
    expect(await waitingOf(a)).toEqual(['request', 'always']);
    await internal(a, 'ReplicateTable', { ...input, Mode: 'hub' });
    await expect(putText(a, 'k', 'v')).rejects.toThrow('by its hub alone');
    await internal(a, 'ReplicateTable', input);
    await putText(a, 'k', 'v');
    expect(await waitingOf(a)).toEqual(['request', 'always', 'local']);
  });

  test('T5: a transaction with a table of this device alone is none that is confirmed', async () => {
    const { pair, a } = await stocked(5);
    await ask(a, 'CreateTable', {
      TableName: 'Mine',
      KeySchema: [{ AttributeName: 'p', KeyType: 'HASH' }],
      AttributeDefinitions: [{ AttributeName: 'p', AttributeType: 'S' }],
      BillingMode: 'PAY_PER_REQUEST',
    });
    a.time.pass(10_000);
    await a.engine.idle();
    const TransactItems = ['Things', 'Mine'].map((TableName) => ({
      Put: { TableName, Item: { p: { S: 'mixed' } } },
    }));
    await expect(ask(a, 'TransactWriteItems', { TransactItems }, confirm)).rejects.toMatchObject({
      name: 'ValidationException',
    });
    await ask(a, 'TransactWriteItems', { TransactItems });
    await pair.sync(a);
    expect(await textAt(pair.hub, 'mixed')).toBe('');
  });
});
