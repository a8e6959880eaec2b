/**
 * TransactionCanceledException: why a transaction was given up, one reason for each action
 * (reference/transactions-batch-partiql.md, section 1).
 *
 * All failing actions are told at once, but a fault of key or schema is told for the first only.
 */
import { DynamoError } from '../../base/errors.ts';
import type { ErrorMembers } from '../../base/errors.ts';

export interface CancellationReason extends ErrorMembers {
  readonly Code: string;
  readonly Message?: string;
}

export const noReason: CancellationReason = { Code: 'None' };

/** The reason that an action's refusal is; anything that is not an answer goes on its way. */
export function reasonOf(fault: unknown, as?: string): CancellationReason {
  if (!(fault instanceof DynamoError)) throw fault;
  const code = as ?? codes.get(fault.name);
  if (code === undefined) throw fault;
  return { Code: code, Message: fault.message, ...fault.members };
}

/** The same for a statement of a batch, which has a code of its own for two of them. */
export function statementReasonOf(fault: unknown): CancellationReason {
  const code = fault instanceof DynamoError ? ofStatements.get(fault.name) : undefined;
  return reasonOf(fault, code);
}

/** Runs `step` for each action in turn; the first refusal cancels all. */
export function eachOrCancel<T, R>(actions: readonly T[], step: (action: T) => R): readonly R[] {
  return actions.map((action, at) => {
    try {
      return step(action);
    } catch (fault) {
      const reason = reasonOf(fault);
      throw cancelled(actions.map((_, other) => (other === at ? reason : noReason)));
    }
  });
}

/** What `step` answers, or its refusal, for those who want to look at other things first. */
export function orFault<T>(step: () => T): T | DynamoError {
  try {
    return step();
  } catch (fault) {
    // Who may not do a part may do nothing of it.
    const isDenied = fault instanceof DynamoError && fault.name === 'AccessDeniedException';
    if (fault instanceof DynamoError && !isDenied) return fault;
    throw fault;
  }
}

export function thrown<T>(answer: T | DynamoError): T {
  if (answer instanceof DynamoError) throw answer;
  return answer;
}

export function cancelled(reasons: readonly CancellationReason[], sizeRead = 0): DynamoError {
  const list = reasons.map(({ Code }) => Code).join(', ');
  return new DynamoError(
    'TransactionCanceledException',
    `Transaction cancelled, please refer cancellation reasons for specific reasons [${list}]`,
    { CancellationReasons: reasons },
    sizeRead,
  );
}

const codes: ReadonlyMap<string, string> = new Map([
  ['ConditionalCheckFailedException', 'ConditionalCheckFailed'],
  ['ItemCollectionSizeLimitExceededException', 'ItemCollectionSizeLimitExceeded'],
  ['TransactionConflictException', 'TransactionConflict'],
  ['ProvisionedThroughputExceededException', 'ProvisionedThroughputExceeded'],
  ['ThrottlingException', 'ThrottlingError'],
  ['RequestLimitExceeded', 'ThrottlingError'],
  ['ValidationException', 'ValidationError'],
  ['AccessDeniedException', 'AccessDenied'],
  // Of PartiQL's INSERT (reference/transactions-batch-partiql.md, section 10).
  ['DuplicateItemException', 'DuplicateItem'],
]);

const ofStatements: ReadonlyMap<string, string> = new Map([
  ['ResourceNotFoundException', 'ResourceNotFound'],
  ['RequestLimitExceeded', 'RequestLimitExceeded'],
]);
