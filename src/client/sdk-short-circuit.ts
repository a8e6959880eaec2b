/**
 * The AWS SDK's client over a database, without serialization and signing: `shortCircuit`.
 *
 * The two serde middlewares are replaced by ones of the same name, because lib-dynamodb hangs its
 * own before exactly these; what only serves HTTP is removed. Retries, logging, paginators, waiters
 * and the document client stay. The names are the SDK's own and not promised by it: the test keeps
 * a list of them.
 */
import * as sdk from '@aws-sdk/client-dynamodb';
import { type ErrorName, errorTable } from '../base/errors.ts';
import type { Database } from './database.ts';
import { DynamoDBError } from './errors.ts';
import { requestId, signalOf } from './sdk-json.ts';

/** For the middleware stack of the client of DynamoDB, or of DynamoDB Streams. */
export interface SdkPlugin {
  applyToStack(stack: object): void;
}

/** The client's middlewares that only serve HTTP. */
export const httpMiddlewares: readonly string[] = [
  'contentLengthMiddleware',
  'getUserAgentMiddleware',
  'hostHeaderMiddleware',
  'recursionDetectionMiddleware',
  'httpSigningMiddleware',
  'serializerMiddleware',
  'deserializerMiddleware',
];

interface Arguments {
  readonly input: object;
}

interface Context {
  readonly commandName?: string;
  readonly __smithy_context?: { readonly abortSignal?: unknown };
}

type Next = (args: Arguments) => Promise<unknown>;

/** A middleware stack, as far as it is used here. */
interface Stack {
  remove(name: string): boolean;
  add(middleware: (next: Next, context: Context) => Next, options: object): void;
}

export function sdkShortCircuit(db: Pick<Database, 'call'>): SdkPlugin {
  return {
    applyToStack(sdkStack: object) {
      const stack = sdkStack as Stack;
      for (const name of httpMiddlewares) stack.remove(name);
      stack.add((next) => (args) => next(args), {
        name: 'serializerMiddleware',
        step: 'serialize',
      });
      stack.add((_next, context) => (args) => answer(db, args, context), {
        name: 'deserializerMiddleware',
        step: 'deserialize',
      });
    },
  };
}

async function answer(
  db: Pick<Database, 'call'>,
  { input }: Arguments,
  { commandName = '', __smithy_context: smithy }: Context,
): Promise<object> {
  const operation = commandName.replace(/Command$/, '');
  const signal = signalOf(smithy?.abortSignal);
  try {
    const output = await db.call(operation, input, { signal, attributeValues: true });
    if (operation.endsWith('Table')) timesToDates(output as Record<string, unknown>);
    const $metadata = { httpStatusCode: 200, requestId };
    return { response: {}, output: Object.assign(output, { $metadata }) };
  } catch (error) {
    throw error instanceof DynamoDBError ? sdkError(error) : error;
  }
}

/** The SDK gives Dates where DynamoDB gives seconds; the names of those members say so. */
function timesToDates(output: Record<string, unknown>): void {
  for (const [name, member] of Object.entries(output)) {
    if (typeof member === 'number' && name.endsWith('DateTime')) {
      output[name] = new Date(member * 1000);
    } else if (typeof member === 'object' && member !== null) {
      timesToDates(member as Record<string, unknown>);
    }
  }
}

function sdkError({ name, message, ...members }: DynamoDBError): Error {
  const { status } = errorTable[name as ErrorName] ?? errorTable.InternalServerError;
  const $metadata = { httpStatusCode: status, requestId };
  const known = errorClass(name);
  if (known !== undefined) return new known({ ...members, message, $metadata });
  const $fault = status >= 500 ? 'server' : 'client';
  return Object.assign(
    new sdk.DynamoDBServiceException({ name, $fault, message, $metadata }),
    members,
  );
}

type ErrorClass = new (options: {
  message: string;
  $metadata: { httpStatusCode: number };
}) => Error;

/** The class the SDK has for an error; undefined for those it has none for. */
function errorClass(name: string): ErrorClass | undefined {
  return errorClasses.get(name) as ErrorClass | undefined;
}

/** Every exception of the SDK. One that an older SDK does not have is undefined here. */
const errorClasses: ReadonlyMap<string, unknown> = /* @__PURE__ */ new Map<string, unknown>([
  ['BackupInUseException', sdk.BackupInUseException],
  ['BackupNotFoundException', sdk.BackupNotFoundException],
  ['ConditionalCheckFailedException', sdk.ConditionalCheckFailedException],
  ['ContinuousBackupsUnavailableException', sdk.ContinuousBackupsUnavailableException],
  ['DuplicateItemException', sdk.DuplicateItemException],
  ['ExportConflictException', sdk.ExportConflictException],
  ['ExportNotFoundException', sdk.ExportNotFoundException],
  ['GlobalTableAlreadyExistsException', sdk.GlobalTableAlreadyExistsException],
  ['GlobalTableNotFoundException', sdk.GlobalTableNotFoundException],
  ['IdempotentParameterMismatchException', sdk.IdempotentParameterMismatchException],
  ['ImportConflictException', sdk.ImportConflictException],
  ['ImportNotFoundException', sdk.ImportNotFoundException],
  ['IndexNotFoundException', sdk.IndexNotFoundException],
  ['InternalServerError', sdk.InternalServerError],
  ['InvalidEndpointException', sdk.InvalidEndpointException],
  ['InvalidExportTimeException', sdk.InvalidExportTimeException],
  ['InvalidRestoreTimeException', sdk.InvalidRestoreTimeException],
  ['ItemCollectionSizeLimitExceededException', sdk.ItemCollectionSizeLimitExceededException],
  ['LimitExceededException', sdk.LimitExceededException],
  ['PointInTimeRecoveryUnavailableException', sdk.PointInTimeRecoveryUnavailableException],
  ['PolicyNotFoundException', sdk.PolicyNotFoundException],
  ['ProvisionedThroughputExceededException', sdk.ProvisionedThroughputExceededException],
  ['ReplicaAlreadyExistsException', sdk.ReplicaAlreadyExistsException],
  ['ReplicaNotFoundException', sdk.ReplicaNotFoundException],
  ['ReplicatedWriteConflictException', sdk.ReplicatedWriteConflictException],
  ['RequestLimitExceeded', sdk.RequestLimitExceeded],
  ['ResourceInUseException', sdk.ResourceInUseException],
  ['ResourceNotFoundException', sdk.ResourceNotFoundException],
  ['TableAlreadyExistsException', sdk.TableAlreadyExistsException],
  ['TableInUseException', sdk.TableInUseException],
  ['TableNotFoundException', sdk.TableNotFoundException],
  ['ThrottlingException', sdk.ThrottlingException],
  ['TransactionCanceledException', sdk.TransactionCanceledException],
  ['TransactionConflictException', sdk.TransactionConflictException],
  ['TransactionInProgressException', sdk.TransactionInProgressException],
]);
