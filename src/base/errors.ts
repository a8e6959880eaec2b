/**
 * The answers DynamoDB gives when it refuses, as one class and one table.
 *
 * A DynamoError is an expected answer, exact to the letter. The table says for each name its
 * `__type` prefix, HTTP status and which spelling the text member has (reference/protocol.md,
 * section 3). Extra members (`Item`, `CancellationReasons`) ride in `members`.
 */

export type ErrorName =
  | 'ValidationException'
  | 'SerializationException'
  | 'UnknownOperationException'
  | 'MissingAuthenticationTokenException'
  | 'IncompleteSignatureException'
  | 'InvalidSignatureException'
  | 'UnrecognizedClientException'
  | 'ExpiredTokenException'
  | 'AccessDeniedException'
  | 'ThrottlingException'
  | 'ConditionalCheckFailedException'
  | 'DuplicateItemException'
  | 'ProvisionedThroughputExceededException'
  | 'RequestLimitExceeded'
  | 'ResourceNotFoundException'
  | 'ResourceInUseException'
  | 'LimitExceededException'
  | 'PolicyNotFoundException'
  | 'ItemCollectionSizeLimitExceededException'
  | 'TransactionConflictException'
  | 'TransactionCanceledException'
  | 'TransactionInProgressException'
  | 'GlobalTableNotFoundException'
  | 'IdempotentParameterMismatchException'
  | 'ExpiredIteratorException'
  | 'TrimmedDataAccessException'
  | 'InternalServerError'
  | 'ServiceUnavailable';

export interface ErrorRow {
  readonly prefix: string;
  readonly status: number;
  /** The member that carries the text on the wire; undefined when there is none. */
  readonly text: 'message' | 'Message' | undefined;
}

const dynamo = 'com.amazonaws.dynamodb.v20120810#';
const coral = 'com.amazon.coral.service#';
const modelled: ErrorRow = { prefix: dynamo, status: 400, text: 'message' };
const modelledCapital: ErrorRow = { prefix: dynamo, status: 400, text: 'Message' };
const service: ErrorRow = { prefix: coral, status: 400, text: 'message' };

export const errorTable: Readonly<Record<ErrorName, ErrorRow>> = {
  ValidationException: { prefix: 'com.amazon.coral.validate#', status: 400, text: 'message' },
  SerializationException: { prefix: coral, status: 400, text: 'Message' },
  UnknownOperationException: { prefix: coral, status: 400, text: undefined },
  MissingAuthenticationTokenException: service,
  IncompleteSignatureException: service,
  InvalidSignatureException: service,
  UnrecognizedClientException: service,
  ExpiredTokenException: service,
  AccessDeniedException: { prefix: coral, status: 400, text: 'Message' },
  ThrottlingException: {
    prefix: 'com.amazon.coral.availability#',
    status: 400,
    text: 'message',
  },
  ConditionalCheckFailedException: modelled,
  DuplicateItemException: modelled,
  ProvisionedThroughputExceededException: modelled,
  RequestLimitExceeded: modelled,
  ResourceNotFoundException: modelled,
  ResourceInUseException: modelled,
  LimitExceededException: modelled,
  PolicyNotFoundException: modelled,
  ItemCollectionSizeLimitExceededException: modelled,
  TransactionConflictException: modelled,
  TransactionCanceledException: modelledCapital,
  TransactionInProgressException: modelledCapital,
  GlobalTableNotFoundException: modelled,
  IdempotentParameterMismatchException: modelledCapital,
  ExpiredIteratorException: modelled,
  TrimmedDataAccessException: modelled,
  InternalServerError: { prefix: dynamo, status: 500, text: 'message' },
  ServiceUnavailable: { prefix: coral, status: 503, text: 'message' },
};

/** Extra members by name: `Item` as a value Item, `CancellationReasons` as a list, and so on. */
export type ErrorMembers = Readonly<Record<string, unknown>>;

export class DynamoError extends Error {
  override readonly name: ErrorName;
  readonly members: ErrorMembers;
  /** Bytes of items that were read before the refusal: a refused write is metered too. */
  readonly sizeRead: number;

  constructor(name: ErrorName, message: string, members: ErrorMembers = {}, sizeRead = 0) {
    super(message);
    this.name = name;
    this.members = members;
    this.sizeRead = sizeRead;
  }

  get row(): ErrorRow {
    return errorTable[this.name];
  }
}

/** The prefix that reference/types-and-limits.md writes as "P:". */
export const invalidValues = 'One or more parameter values were invalid: ';

export function validation(message: string): DynamoError {
  return new DynamoError('ValidationException', message);
}

/** A ValidationException with the prefix "One or more parameter values were invalid: ". */
export function invalid(message: string): DynamoError {
  return new DynamoError('ValidationException', invalidValues + message);
}

export function resourceNotFound(message = 'Requested resource not found'): DynamoError {
  return new DynamoError('ResourceNotFoundException', message);
}

export function resourceInUse(message: string): DynamoError {
  return new DynamoError('ResourceInUseException', message);
}

export function limitExceeded(message: string): DynamoError {
  return new DynamoError('LimitExceededException', message);
}

const throttles: ReadonlySet<string> = new Set<ErrorName>([
  'ProvisionedThroughputExceededException',
  'ThrottlingException',
  'RequestLimitExceeded',
]);

/** Whether an answer says that there were no units, so that the same may be asked for again. */
export function isThrottle({ name }: DynamoError): boolean {
  return throttles.has(name);
}

export function internalServerError(
  message = 'Internal server error',
  members: ErrorMembers = {},
): DynamoError {
  return new DynamoError('InternalServerError', message, members);
}
