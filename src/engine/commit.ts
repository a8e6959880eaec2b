/**
 * From drafts to Commits: the next sequence numbers, the stamps, the transaction's boundary.
 *
 * The commits of a transaction share one stamp and an id, the sequence number of the first of them.
 */
import { type ClockReading, tick } from '../base/hlc.ts';
import type { Commit } from '../log/commit.ts';
import type { Effect } from '../operation/operation.ts';
import type { Call } from './call.ts';

/** Where the next commit of a turn stands. */
export interface Place {
  sequence: number;
  clock: ClockReading;
}

/** The commits of one effect; moves `place` past them. */
export function completeCommits(
  { context }: Call,
  { commits = [], transaction = false }: Effect,
  replica: Uint8Array,
  place: Place,
): readonly Commit[] {
  const first = place.sequence + 1;
  const completed: Commit[] = [];
  for (const [index, draft] of commits.entries()) {
    if (index === 0 || !transaction) place.clock = tick(place.clock, context.nowMs);
    place.sequence += 1;
    completed.push({
      sequence: place.sequence,
      stamp: { ms: place.clock.ms, counter: place.clock.counter, replica },
      transaction: transaction ? first : 0,
      transactionEnd: !transaction || index === commits.length - 1,
      caller: context.caller.kind,
      units: draft.units,
      table: draft.table,
      mutations: draft.mutations,
      attach: draft.attach,
    });
  }
  return completed;
}
