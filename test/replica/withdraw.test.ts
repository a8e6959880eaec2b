import { describe, expect, test } from 'vitest';
import { edit, internal, type Pair, textAt } from '../support/replica-pair.ts';
import { lastOutcomes, left, refusedAt, sell, stocked } from '../support/sales.ts';

describe('U19: of a clone that takes a new id', () => {
  test('what may have been executed is put aside, the rest goes on', async () => {
    const { pair, a } = await stocked(5);
    await edit(a, 'other', 'mine');
    await sell(a);
    await edit(a, 'stock', 'on it');
    const ReplicaId = String((await internal(a, 'ReadLink'))['ReplicaId']);
    const Entries = await pair.prepared(a);
    await pair.tell({ kind: 'push', number: 1, Entries }, ReplicaId);
    expect(await left(pair.hub)).toBe('4');
    // Another half of the clone has gone on under the same id.
    const greeting = greetingOf(pair, ReplicaId, 3);
    expect(await internal(a, 'TakeGreeting', greeting)).toMatchObject({ IsFork: true });
    expect(await refusedAt(a)).toEqual(['OutcomeUnknown', 'OutcomeUnknown']);
    expect(await internal(a, 'TakeGreeting', greeting)).toMatchObject({ IsFork: true });
    const now = String((await internal(a, 'ReadLink'))['ReplicaId']);
    expect(now).not.toBe(ReplicaId);
    expect((await pair.sync(a)).phase).toBe('live');
    expect(await left(pair.hub)).toBe('4');
    expect(await left(a)).toBe('4');
    expect(await textAt(pair.hub, 'other')).toBe('mine');
    expect(lastOutcomes(pair).Outcomes.map(({ Kind }) => Kind)).not.toContain('refused');
  });

  test('so is what the other half may have sent, since it was copied unsent', async () => {
    const { pair, a } = await stocked(5);
    await sell(a);
    await sell(a);
    const ReplicaId = String((await internal(a, 'ReadLink'))['ReplicaId']);
    // Both were made before the copy was taken; the mark says that the first was consumed.
    const greeting = greetingOf(pair, ReplicaId, 1);
    expect(await internal(a, 'TakeGreeting', greeting)).toMatchObject({ IsFork: true });
    expect(await refusedAt(a)).toEqual(['OutcomeUnknown', 'DependsOnRefused']);
    await internal(a, 'TakeGreeting', greeting);
    await pair.sync(a);
    expect(await left(pair.hub)).toBe('5');
  });

  test('and no more: what was made since then is executed', async () => {
    const { pair, a } = await stocked(5);
    await edit(a, 'other', 'mine');
    await sell(a);
    const ReplicaId = String((await internal(a, 'ReadLink'))['ReplicaId']);
    await internal(a, 'TakeGreeting', greetingOf(pair, ReplicaId, 1));
    await pair.sync(a);
    expect(await refusedAt(a)).toEqual([]);
    expect(await left(pair.hub)).toBe('4');
  });
});

/** Of a hub whose mark of this id is another half's. */
function greetingOf(pair: Pair, ReplicaId: string, MarkSeq: number): object {
  return {
    ...{ ReplicaId, Epoch: '', IsHeld: false, HubId: 'aa'.repeat(16), Safe: 0 },
    ...{ AwayMs: 90 * 86_400_000, AskedEpoch: '', Asked: 0 },
    ...{ MarkSeq, MarkId: 'ff'.repeat(16), Now: pair.time.wallMs },
  };
}
