/** Entries that are made anew, or cannot be: requests, and transactions of which a part is lost. */
import { describe, expect, test } from 'vitest';
import type { Outcomes } from '../../src/replica/message.ts';
import { ask, type Rig } from '../support/engine.ts';
import { begun, long, lose, same, spoil, storedOf } from '../support/replica-damage.ts';
import { internal, Pair, putText, textAt, transact } from '../support/replica-pair.ts';
import { left, refusedAt, sell, stocked, waitingOf } from '../support/sales.ts';

/** The hub has all that waits, and its answer is lost. */
async function sentUnheard(pair: Pair, rig: Rig): Promise<Outcomes> {
  const ReplicaId = String((await internal(rig, 'ReadLink'))['ReplicaId']);
  const push = { kind: 'push', number: 1, Entries: await pair.prepared(rig) } as const;
  return (await pair.tell(push, ReplicaId)) as Outcomes;
}

describe('a request whose entry is lost', () => {
  test('U19: is for the user, with what it had guessed, and nobody executes it', async () => {
    const { pair, a } = await stocked(5);
    await sell(a);
    const rig = await lose(a, 'book');
    expect(await left(rig)).toBe('4');
    await pair.sync(rig);
    expect([await left(pair.hub), await left(rig)]).toEqual(['5', '5']);
    expect(await refusedAt(rig)).toEqual(['OutcomeUnknown']);
    await same(pair, [rig]);
  });

  test('is not executed again where the hub had it, and its outcome shows', async () => {
    const { pair, a } = await stocked(5);
    await sell(a);
    await sell(a);
    const { Outcomes: outcomes } = await sentUnheard(pair, a);
    expect(outcomes).toHaveLength(2);
    const rig = await lose(a, 'book');
    await same(pair, [rig]);
    expect([await left(pair.hub), await left(rig)]).toEqual(['3', '3']);
  });

  test('takes with it what was made on it since', async () => {
    const { pair, a } = await stocked(5);
    await sell(a);
    const rig = await lose(a, 'book');
    await sell(rig, {});
    expect(await waitingOf(rig)).toEqual(['unknown', 'request']);
    await same(pair, [rig]);
    expect([await left(pair.hub), await left(rig)]).toEqual(['5', '5']);
    expect(await refusedAt(rig)).toEqual(['OutcomeUnknown', 'DependsOnRefused']);
  });

  // Another device sold meanwhile: what the hub made of the request is not what it had guessed.
  test('L7: what is sold on its guess since is sold of what the hub has', async () => {
    const { pair, a, b } = await stocked(5);
    await sell(b);
    await pair.sync(b);
    await sell(a);
    // The hub's mark is of an entry that is not lost, so that this is no fork.
    for (let n = 0; n < 200; n += 1) await putText(a, `${long}${n}`, 'more');
    await sentUnheard(pair, a);
    expect(await left(pair.hub)).toBe('3');
    const { rig } = await spoil(a, 'book', 'first');
    await sell(rig);
    expect(await left(rig)).toBe('3');
    await same(pair, [rig, b]);
    expect(await left(pair.hub)).toBe('2');
    expect((await storedOf(rig)).book(8)).toEqual([]);
  });

  test('is taken where its key is free, if no hub was ever asked', async () => {
    const pair = await Pair.open();
    const a = await pair.device();
    await ask(a, 'PutItem', {
      TableName: 'Things',
      Item: { p: { S: 'new' }, v: { S: 'mine' } },
      ConditionExpression: 'attribute_not_exists(p)',
    });
    expect(await waitingOf(a)).toEqual(['request']);
    const rig = await lose(a, 'book');
    await same(pair, [rig]);
    expect(await textAt(pair.hub, 'new')).toBe('mine');
  });
});

describe('a transaction whose entry is lost', () => {
  test('T2: is not sent in part, where one of its items was written again', async () => {
    const { pair, a } = await begun();
    await transact(a, ['x', 'y'], 'together');
    await putText(a, 'x', 'later');
    const rig = await lose(a, 'book');
    await same(pair, [rig]);
    expect([await textAt(pair.hub, 'x'), await textAt(pair.hub, 'y')]).toEqual([
      'later',
      undefined,
    ]);
    expect(await refusedAt(rig)).toEqual(['OutcomeUnknown']);
  });

  test('is sent whole, where all of it still shows', async () => {
    const { pair, a } = await begun();
    await transact(a, ['x', 'y', 'z'], 'together');
    const rig = await lose(a, 'book');
    expect(await waitingOf(rig)).toEqual(['local']);
    expect((await storedOf(rig)).entries()[0]?.mutations).toHaveLength(3);
    await same(pair, [rig]);
    expect(await refusedAt(rig)).toEqual([]);
  });
});
