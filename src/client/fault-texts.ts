/**
 * What DynamoDB says in the refusals that a test asks for by name alone (reference/protocol.md,
 * sections 7 and 8; transactions-batch-partiql.md, sections 1 to 4).
 */
import type { ErrorName } from '../base/errors.ts';

const throughput =
  'Throughput exceeds the current capacity of your table or index. DynamoDB is automatically ' +
  'scaling your table or index so please try again shortly. If exceptions persist, check if you ' +
  'have a hot key: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/' +
  'bp-partition-key-design.html';

export const faultTexts: ReadonlyMap<ErrorName, string> = new Map([
  ['ConditionalCheckFailedException', 'The conditional request failed'],
  ['ExpiredTokenException', 'The security token included in the request is expired'],
  ['InternalServerError', 'Internal server error'],
  ['ItemCollectionSizeLimitExceededException', 'Collection size exceeded.'],
  ['MissingAuthenticationTokenException', 'Request is missing Authentication Token'],
  [
    'ProvisionedThroughputExceededException',
    'The level of configured provisioned throughput for the table was exceeded. Consider ' +
      'increasing your provisioning level with the UpdateTable API.',
  ],
  [
    'RequestLimitExceeded',
    'Throughput exceeds the current throughput limit for your account. Please contact AWS ' +
      'Support at https://aws.amazon.com/support request a limit increase',
  ],
  ['ResourceNotFoundException', 'Requested resource not found'],
  ['ThrottlingException', throughput],
  ['TransactionConflictException', 'Transaction is ongoing for the item'],
  [
    'TransactionInProgressException',
    'The transaction with the given request token is already in progress.',
  ],
  ['UnrecognizedClientException', 'The security token included in the request is invalid.'],
]);

/** Codes of reasons to cancel a transaction, and the refusals that have their texts. */
const reasons: ReadonlyMap<string, ErrorName> = new Map([
  ['ConditionalCheckFailed', 'ConditionalCheckFailedException'],
  ['ItemCollectionSizeLimitExceeded', 'ItemCollectionSizeLimitExceededException'],
  ['ProvisionedThroughputExceeded', 'ProvisionedThroughputExceededException'],
  ['ThrottlingError', 'ThrottlingException'],
  ['TransactionConflict', 'TransactionConflictException'],
]);

/** The text of a reason; undefined for `None`, and where a test must say it. */
export function reasonText(code: string): string | undefined {
  const name = reasons.get(code);
  return name && faultTexts.get(name);
}
