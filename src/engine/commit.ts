/**
 * From drafts to Commits: the next sequence numbers, the stamps, the transaction's boundary.
 *
 * The commits of a transaction share one stamp and an id, the sequence number of the first of them.
 * Those of replicated tables take along what follows from their own stamp (src/replica/record.ts).
 */
import { type ClockReading, tick } from '../base/hlc.ts';
import type { Commit, Mutation } from '../log/commit.ts';
import type { CommitDraft, Effect } from '../operation/operation.ts';
import type { PlacedChange } from '../replica/asked.ts';
import { recordChanges } from '../replica/record.ts';
import type { ReplicatedChange } from '../table/replicated.ts';
import type { Call } from './call.ts';

/** Where the next commit of a turn stands. */
export interface Place {
  sequence: number;
  clock: ClockReading;
}

/** The commits of one effect; moves `place` past them. Throws PageFault, and moves nothing. */
export function completeCommits(
  call: Call,
  { commits = [], transaction = false }: Effect,
  replica: Uint8Array,
  place: Place,
): readonly Commit[] {
  const { context } = call;
  const first = place.sequence + 1;
  // Of a run that lost its race.
  call.request.entries?.splice(0);
  const completed: Commit[] = [];
  const besides = replicatedOf(call, commits, transaction, first);
  for (const [index, draft] of commits.entries()) {
    if (index === 0 || !transaction) place.clock = tick(place.clock, context.nowMs);
    place.sequence += 1;
    completed.push({
      sequence: place.sequence,
      stamp: { ms: place.clock.ms, counter: place.clock.counter, replica },
      transaction: transaction ? first : 0,
      transactionEnd: !transaction || index === commits.length - 1,
      caller: draft.caller ?? context.caller.kind,
      units: draft.units,
      table: draft.table,
      mutations: withBesides(draft, besides),
      attach: draft.attach,
    });
  }
  return completed;
}

type Besides = ReadonlyMap<ReplicatedChange, readonly Mutation[]>;

/** Undefined of an effect on tables that are not replicated, which pays nothing. */
function replicatedOf(
  call: Call,
  drafts: readonly CommitDraft[],
  transaction: boolean,
  first: number,
): Besides | undefined {
  if (!drafts.some(({ replicated }) => replicated !== undefined)) return undefined;
  const placed = drafts.flatMap(({ replicated: change }, index): PlacedChange[] =>
    change === undefined ? [] : [{ change, sequence: first + index }],
  );
  const trees = new Set(placed.map(({ change }) => change.tree));
  const isMixed = transaction && drafts.some(({ table }) => table !== 0 && !trees.has(table));
  const isTogether = ({ change }: PlacedChange): boolean => transaction && change.isAlone !== true;
  const together = placed.filter(isTogether);
  const alone = placed.filter((one) => !isTogether(one)).map((one) => [one]);
  const groups = together.length === 0 ? alone : [together, ...alone];
  return recordChanges(groups, call.context, { ...call, isMixed });
}

/** Right after the item, whose bytes the first of them may share, then what indexes have of it. */
function withBesides(
  { mutations, replicated }: CommitDraft,
  besides: Besides | undefined,
): readonly Mutation[] {
  const more = replicated && besides?.get(replicated);
  if (more === undefined) return mutations;
  return [...mutations.slice(0, 1), ...more, ...mutations.slice(1)];
}
