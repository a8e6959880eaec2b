/**
 * What DynamoDB guarantees of concurrent transactions, on one engine and on two over one store:
 * all of them happen one after another. Where the service would answer with a conflict, a call
 * waits its turn here (reference/transactions-batch-partiql.md, sections 3 and 4).
 */
import { describe, expect, test } from 'vitest';
import { createMemory } from '../../src/storage/memory.ts';
import { wireOf } from '../support/item-world.ts';
import { ask, makeTable, openRig, type Output, refusal, type Rig } from '../support/engine.ts';

const TableName = 'Things';
const key = (p: string) => ({ p: { S: p } });
const N = (n: number) => ({ N: String(n) });

const add = (p: string, n: number) => ({
  TableName,
  Key: key(p),
  UpdateExpression: 'ADD n :n',
  ExpressionAttributeValues: { ':n': N(n) },
});
const transfer = (from: string, to: string, n: number) => ({
  TransactItems: [{ Update: add(from, -n) }, { Update: add(to, n) }],
});
const both = {
  TransactItems: ['a', 'b'].map((p) => ({ Get: { TableName, Key: key(p) } })),
};

/** The numbers of items, in the order asked for; 0 of what is not there. */
function numbersOf({ Responses }: Output): readonly number[] {
  const items = wireOf(Responses) as { Item?: { n?: { N: string } } }[];
  return items.map(({ Item }) => Number(Item?.n?.N ?? 0));
}

async function numbers(rig: Rig): Promise<readonly number[]> {
  return numbersOf(await ask(rig, 'TransactGetItems', both));
}

/** Two engines over one store, as two tabs have them. */
async function pair(): Promise<readonly [Rig, Rig]> {
  const disk = createMemory();
  const first = await openRig({ disk });
  await makeTable(first);
  return [first, await openRig({ disk })];
}

/** Holds what is appended, until it is let go. */
function held(rig: Rig): () => void {
  let letGo: () => void = () => undefined;
  const gate = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  rig.store.hooks.write = async () => {
    await gate;
    return undefined;
  };
  return () => {
    rig.store.hooks.write = () => undefined;
    letGo();
  };
}

describe('transactions on the same items', () => {
  test('all succeed, in some order, and none is lost', async () => {
    const rigs = await pair();
    const calls: Promise<Output>[] = [];
    for (let round = 0; round < 40; round += 1) {
      for (const rig of rigs) {
        calls.push(ask(rig, 'TransactWriteItems', transfer('a', 'b', 1)));
        calls.push(ask(rig, 'UpdateItem', add('a', 3)));
        calls.push(ask(rig, 'TransactWriteItems', transfer('b', 'a', 2)));
      }
    }
    await Promise.all(calls);
    // 80 of each: -1 + 3 + 2 of a, 1 - 2 of b.
    for (const rig of rigs) expect(await numbers(rig)).toEqual([320, -80]);
  });

  test('whose conditions exclude each other are done once', async () => {
    const rigs = await pair();
    const claim = (who: string) => ({
      TransactItems: [
        {
          Put: {
            TableName,
            Item: { ...key('a'), who: { S: who } },
            ConditionExpression: 'attribute_not_exists(p)',
          },
        },
        { Update: add('b', 1) },
      ],
    });
    const calls = rigs.flatMap((rig, at) =>
      Array.from({ length: 10 }, (_, n) =>
        refusal(ask(rig, 'TransactWriteItems', claim(`${at} ${n}`))),
      ),
    );
    const answers = await Promise.all(calls);
    expect(answers.filter((answer) => answer === undefined)).toHaveLength(1);
    const told = 'reasons [ConditionalCheckFailed, None]';
    expect(answers.filter((answer) => answer?.includes(told))).toHaveLength(19);
    expect(await numbers(rigs[0])).toEqual([0, 1]);
  });

  test('are never seen by halves, by either engine', async () => {
    const [writer, reader] = await pair();
    await ask(writer, 'TransactWriteItems', transfer('a', 'b', 0));
    const seen: Promise<readonly number[]>[] = [];
    const writes: Promise<Output>[] = [];
    for (let round = 0; round < 60; round += 1) {
      writes.push(ask(writer, 'TransactWriteItems', transfer('a', 'b', round)));
      seen.push(numbers(writer), numbers(reader));
      if (round % 7 === 0) await Promise.all(seen.slice(-2));
    }
    await Promise.all(writes);
    for (const [a, b] of await Promise.all(seen)) expect((a ?? 0) + (b ?? 0)).toBe(0);
    expect(await numbers(reader)).toEqual([-1770, 1770]);
  });
});

describe('while a transaction is being stored', () => {
  test('a read is not held up, and sees what was there before', async () => {
    const rig = await openRig();
    await makeTable(rig);
    await ask(rig, 'UpdateItem', add('a', 1));
    const letGo = held(rig);
    const write = ask(rig, 'TransactWriteItems', transfer('a', 'b', 5));
    const read = { TableName, Key: key('a') };
    expect(wireOf(await ask(rig, 'GetItem', read))).toEqual({ Item: { ...key('a'), n: N(1) } });
    letGo();
    await write;
    expect(await numbers(rig)).toEqual([-4, 5]);
  });

  test('a write of one of its items, and another transaction, come after it', async () => {
    const rig = await openRig();
    await makeTable(rig);
    const letGo = held(rig);
    const order: string[] = [];
    const noted = (name: string, call: Promise<Output>): Promise<void> =>
      call.then(() => void order.push(name));
    const calls = [noted('first', ask(rig, 'TransactWriteItems', transfer('a', 'b', 5)))];
    // The first is on its way to the store.
    await new Promise(setImmediate);
    calls.push(
      noted('single', ask(rig, 'UpdateItem', { ...add('a', 7), ReturnValues: 'ALL_NEW' })),
      noted('second', ask(rig, 'TransactWriteItems', transfer('b', 'a', 1))),
    );
    await new Promise(setImmediate);
    expect(order).toEqual([]);
    letGo();
    await Promise.all(calls);
    expect(order).toEqual(['first', 'single', 'second']);
    expect(await numbers(rig)).toEqual([3, 4]);
  });

  const once = { ...transfer('a', 'b', 5), ClientRequestToken: 'once' };

  test('one with its token waits for it, and changes nothing', async () => {
    const rig = await openRig();
    await makeTable(rig);
    const letGo = held(rig);
    const first = ask(rig, 'TransactWriteItems', once);
    await new Promise(setImmediate);
    const again = [1, 2].map(() =>
      ask(rig, 'TransactWriteItems', { ...once, ReturnConsumedCapacity: 'TOTAL' }),
    );
    const other = { ...transfer('a', 'b', 6), ClientRequestToken: 'once' };
    const mismatch = refusal(ask(rig, 'TransactWriteItems', other));
    letGo();
    expect(await first).toEqual({});
    for (const answer of await Promise.all(again)) {
      expect(answer).toEqual({
        ConsumedCapacity: [{ TableName, CapacityUnits: 4, ReadCapacityUnits: 4 }],
      });
    }
    expect(await mismatch).toMatch(/^IdempotentParameterMismatchException /);
    expect(await numbers(rig)).toEqual([-5, 5]);
  });

  test('one with its token in another engine is done once by the two', async () => {
    const rigs = await pair();
    await Promise.all(
      rigs.flatMap((rig) => [1, 2].map(() => ask(rig, 'TransactWriteItems', once))),
    );
    for (const rig of rigs) expect(await numbers(rig)).toEqual([-5, 5]);
  });
});
