/**
 * Failures of the world as a caller is told of them: InternalServerError, which every DynamoDB
 * client takes for one that may be retried, with two members that say more (docs/failures.md).
 */
import { DynamoError } from '../base/errors.ts';
import type { StoreFailure } from '../port/store.ts';

/**
 * What failed. A StoreFailure's own word, or `hangs`: no answer in time; `unknown`: the connection
 * was lost while the write was under way.
 */
export type FailureReason = StoreFailure['why'] | 'hangs' | 'unknown';

/** `message` says what to do, but for the outcome of the write, which is added. */
export function failure(
  reason: FailureReason,
  message: string,
  mayHaveBeenApplied: boolean = false,
): DynamoError {
  const outcome = mayHaveBeenApplied
    ? '. It is not known whether the write was stored'
    : '; nothing was written';
  return new DynamoError('InternalServerError', message + outcome, { reason, mayHaveBeenApplied });
}
