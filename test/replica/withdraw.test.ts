import { describe, expect, test } from 'vitest';
import { edit, internal, textAt } from '../support/replica-pair.ts';
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
    const greeting = {
      ReplicaId,
      Epoch: '',
      IsHeld: false,
      HubId: 'aa'.repeat(16),
      Safe: 0,
      AwayMs: 90 * 86_400_000,
      AskedEpoch: '',
      Asked: 0,
      MarkSeq: 3,
      MarkId: 'ff'.repeat(16),
      Now: pair.time.wallMs,
    };
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
});
