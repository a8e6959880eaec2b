/**
 * A hub executes a request that a device has sent in an entry: as the operation of that name does,
 * on the hub's own items, but for the stamp, which is the entry's outcome's, and for the commit,
 * which has the device's mark in it (shared/SYNC.md, Semantics 3).
 *
 * It runs inside TakeEntry, so the request is executed exactly when the mark says so.
 */
import { DynamoError } from '../../base/errors.ts';
import { Corruption } from '../../base/corruption.ts';
import { floorOf } from '../../replica/floor.ts';
import type { SentRequest } from '../../replica/request.ts';
import { decodeInput } from '../../replica/request-input.ts';
import { byTree } from '../../replica/tables.ts';
import { checkInput } from '../../shape/check.ts';
import { plainReader } from '../../value/plain.ts';
import { wireReader } from '../../value/wire.ts';
import type { CommitDraft, DecideContext, Operation, PlanContext } from '../operation.ts';
import { findOperation } from '../registry.ts';

/** What a device may ask for in an entry: a batch is one of each. */
const writes: ReadonlySet<string> = new Set([
  'PutItem',
  'UpdateItem',
  'DeleteItem',
  'TransactWriteItems',
  'ExecuteStatement',
  'ExecuteTransaction',
]);

export type Executed = { readonly code: string } | { readonly commits: readonly CommitDraft[] };

/** What the request writes, or the name of the error that refuses it. Throws PageFault. */
export function executeRequest(request: SentRequest, context: DecideContext): Executed {
  try {
    const { row, input, own } = readRequest(request, context);
    const { commits = [] } = row.decide(row.plan(row.check(input, own), own), own);
    const tables = byTree(context.catalog);
    const isClosed = commits.some(({ table: tree }) => {
      const table = tables.get(tree);
      return table !== undefined && floorOf(table) === 'hub';
    });
    return isClosed ? { code: 'ModeTooLow' } : { commits };
  } catch (error) {
    if (error instanceof Corruption) return { code: 'Malformed' };
    if (error instanceof DynamoError && error.name !== 'InternalServerError') {
      return { code: error.name };
    }
    throw error;
  }
}

export interface ReadRequest<C> {
  readonly row: Operation;
  /** As its shape has it. */
  readonly input: unknown;
  /** Reads values of the form that the request has. */
  readonly own: C;
}

/** Throws Corruption for what is none of `allowed`, or the DynamoError that refuses the input. */
export function readRequest<C extends PlanContext>(
  { operation, form, input: bytes }: SentRequest,
  context: C,
  allowed: ReadonlySet<string> = writes,
): ReadRequest<C> {
  const row = allowed.has(operation) ? findOperation(operation) : undefined;
  if (row === undefined) throw new Corruption(`replica: ${operation} is not asked so`);
  const input = checkInput(row.input, decodeInput(bytes), form);
  return { row, input, own: readingAs(context, form === 'plain' ? plainReader : wireReader) };
}

/** Of a context whose members may be those of a class. Nobody counts units here. */
function readingAs<C extends PlanContext>(context: C, values: PlanContext['values']): C {
  const { caller, nowMs, region, account, endpoint, collectionBytesMax, catalog, reader } = context;
  const { random, tableDurability } = context;
  const own: PlanContext = {
    caller,
    nowMs,
    region,
    account,
    endpoint,
    values,
    collectionBytesMax,
    tableDurability,
    random,
    catalog,
    reader,
  };
  return own as C;
}
