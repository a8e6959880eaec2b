/**
 * What becomes of a batch that a trigger has handed to its handler: Lambda's rules for streams.
 *
 * A batch is worked off in pieces, first to last. A piece that fails is tried again, or halved
 * first (`bisect`, which costs no try), or from the record on that the handler named; when its
 * tries are used up, or its records are too old, it goes to the dead letters. (Lambda's guide:
 * "Configuring partial batch response", "Retaining discarded batches".)
 */
import { streamRetentionMs } from '../base/limits.ts';
import { triggerBackoffMaxMs, triggerBackoffMs } from '../base/trigger-limits.ts';

/** As Lambda has them, but for units: milliseconds here. */
export interface TriggerRules {
  /** 1 to 10,000; 100 unless given. */
  readonly batchSize: number;
  /** How long a batch is gathered from its first record on; 0 to 300,000. */
  readonly windowMs: number;
  /** Tries after the first; -1: until the records expire. */
  readonly retries: number;
  readonly bisect: boolean;
  /** Records that are older go to the dead letters; -1: as long as a stream keeps records. */
  readonly maximumAgeMs: number;
  /** Batches of one shard at once, 1 to 10: all records of a partition key are in one of them. */
  readonly parallel: number;
  /** A handler that takes longer has failed. */
  readonly timeoutMs: number;
}

/** Whose changes a trigger runs for, among replicas. */
export const triggerPlaces = ['origin', 'hub', 'every'] as const;
export type TriggerPlace = (typeof triggerPlaces)[number];

/** Records of a batch, from `from` to before `to`. */
export interface Piece {
  readonly from: number;
  readonly to: number;
  /** Tries that counted and failed. */
  readonly used: number;
}

export interface Verdict {
  /** Records before it are done with. */
  readonly done: number;
  /** What is to be tried next, first to last. */
  readonly rest: readonly Piece[];
  /** What is given up: it begins at `done`, and goes before `rest`. */
  readonly dead: Piece | undefined;
}

/**
 * The first record that failed, by what a handler answered for the records of these sequence
 * numbers: all of them when it names one that is none of these; `numbers.length`: none.
 */
export function firstFailure(answer: unknown, numbers: readonly string[]): number {
  if (typeof answer !== 'object' || answer === null) return numbers.length;
  const failures = (answer as { readonly batchItemFailures?: unknown }).batchItemFailures;
  if (failures === undefined || failures === null) return numbers.length;
  if (!Array.isArray(failures)) return 0;
  let first = numbers.length;
  for (const failure of failures as readonly unknown[]) {
    const id = (failure as { readonly itemIdentifier?: unknown } | null)?.itemIdentifier;
    const at = typeof id === 'string' ? numbers.indexOf(id) : -1;
    if (at < 0) return 0;
    first = Math.min(first, at);
  }
  return first;
}

/** What follows when of `piece` the record `failed` was the first to fail; `piece.to`: none was. */
export function judgePiece(piece: Piece, failed: number, rules: TriggerRules): Verdict {
  const { to, used } = piece;
  if (failed >= to) return { done: to, rest: [], dead: undefined };
  if (rules.bisect && failed > piece.from) {
    return { done: failed, rest: [{ from: failed, to, used }], dead: undefined };
  }
  if (rules.bisect && to - failed > 1) {
    const middle = Math.floor((failed + to) / 2);
    const halves = [
      { from: failed, to: middle, used },
      { from: middle, to, used },
    ];
    return { done: failed, rest: halves, dead: undefined };
  }
  const again = { from: failed, to, used: used + 1 };
  if (rules.retries < 0 || used < rules.retries)
    return { done: failed, rest: [again], dead: undefined };
  return { done: failed, rest: [], dead: again };
}

/**
 * How many of the first records of a piece are too old to be tried (again). What a stream keeps no
 * longer is given up only after it has failed.
 */
export function countExpired(
  timesMs: readonly number[],
  { from, to, used }: Piece,
  hasFailed: boolean,
  { maximumAgeMs }: TriggerRules,
  nowMs: number,
): number {
  const limitMs = maximumAgeMs >= 0 ? maximumAgeMs : streamRetentionMs;
  if (maximumAgeMs < 0 && used === 0 && !hasFailed) return 0;
  let at = from;
  while (at < to && nowMs - (timesMs[at] as number) > limitMs) at += 1;
  return at - from;
}

/** How long to wait after so many failures in a row; `chance` is from 0 to below 1. */
export function backoffMs(failures: number, chance: number): number {
  const mostMs = Math.min(triggerBackoffMaxMs, triggerBackoffMs * 2 ** Math.min(failures - 1, 30));
  return mostMs / 2 + (chance * mostMs) / 2;
}
