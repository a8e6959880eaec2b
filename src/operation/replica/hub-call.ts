/**
 * CarryOutCall: a hub carries out what a device has asked of it in the mode `hub`, as the operation
 * of that name does, and in the same commit remembers what it answers (shared/SYNC.md, Semantics
 * 3). So a call whose answer was lost, by the network or with the hub's process, may be sent again.
 *
 * What it writes has no caller but sync, like what a hub executes of an entry; who asked is judged
 * as if they had come to the operation itself (operation/access/questions.ts).
 */
import { Corruption } from '../../base/corruption.ts';
import { DynamoError } from '../../base/errors.ts';
import { fromHex } from '../../base/bytes.ts';
import {
  callKey,
  decodeCallRecord,
  encodeCallRecord,
  forgetCalls,
  isOutOfTime,
} from '../../replica/call-record.ts';
import { put } from '../../replica/book.ts';
import { claimReplica } from '../../replica/principal.ts';
import type { HubCall } from '../../replica/message.ts';
import { encodeOutput, type SentRequest } from '../../replica/request.ts';
import { bytes, long, oneOf, string, struct } from '../../shape/constructors.ts';
import {
  type CommitDraft,
  type DecideContext,
  type Effect,
  type Operation,
  operation,
} from '../operation.ts';
import { type ReadRequest, readRequest } from './execute.ts';
import { hubOf } from './hub.ts';

/** What a device may ask a hub to write: items, not tables. */
export const calledWrites: ReadonlySet<string> = new Set([
  'PutItem',
  'UpdateItem',
  'DeleteItem',
  'BatchWriteItem',
  'TransactWriteItems',
  'ExecuteStatement',
  'BatchExecuteStatement',
  'ExecuteTransaction',
]);

export interface CalledOutput {
  /** As replica/request.ts writes it. */
  readonly Output: Uint8Array;
  readonly IsRefused: boolean;
}

export const CarryOutCall: Operation = operation({
  name: 'CarryOutCall',
  kind: 'write',
  internal: true,
  touchesMany: true,
  input: struct({
    ReplicaId: string().required,
    Principal: string().required,
    Id: string().required,
    /** Epoch milliseconds of the hub at which it was made, as far as its device knows. */
    Ms: long({ min: 0 }).required,
    Operation: string().required,
    Form: oneOf('json', 'wire', 'plain').required,
    Input: bytes.required,
  }),
  check: (input) => input,
  plan: (input) => input,
  decide(input, context): Effect {
    const { reader, nowMs } = context;
    const { book } = hubOf(reader);
    const { ReplicaId, Principal: principal, Id, Ms: ms } = input;
    if (isOutOfTime(ms, nowMs)) {
      throw new DynamoError('ServiceUnavailable', 'The call is too old, or of a wrong clock');
    }
    const replica = fromHex(ReplicaId);
    // Under another account it might be carried out once more.
    const claimed = claimReplica(reader, book, replica, principal);
    if (claimed.length > 0) {
      throw new DynamoError('ServiceUnavailable', 'The replica has not said hello to this hub');
    }
    const key = callKey({ ms, replica, id: fromHex(Id), principal });
    const known = reader.get(book, key);
    if (known !== undefined) {
      const { output, isRefused } = decodeCallRecord(known);
      return { output: { Output: output, IsRefused: isRefused }, strict: true };
    }
    const { isRead, output, isRefused, effect } = carryOut(requestOf(input), context);
    const said = { output: { Output: output, IsRefused: isRefused }, strict: true };
    if (isRead) return said;
    const record = put(book, key, undefined, encodeCallRecord({ output, isRefused }));
    const mutations = [record, ...forgetCalls(reader, book, nowMs)];
    const remembered: CommitDraft = { table: 0, mutations, units: 0 };
    const { transaction } = effect;
    // Who calls a hub writes there.
    const commits = (effect.commits ?? []).map((one): CommitDraft => ({ ...one, caller: 'user' }));
    return { ...said, commits: [...commits, remembered], ...(transaction && { transaction }) };
  },
});

interface Carried {
  readonly isRead: boolean;
  readonly output: Uint8Array;
  readonly isRefused: boolean;
  readonly effect: Pick<Effect, 'commits' | 'transaction'>;
}

/** Throws PageFault. */
function carryOut(request: SentRequest, context: DecideContext): Carried {
  try {
    const { row, input, own } = readCall(request, context);
    const access: DecideContext['access'] = (one) => context.access?.(one);
    const reading: DecideContext = { ...own, meter: context.meter, access };
    const checked = row.check(input, reading);
    const effect = row.decide(row.plan(checked, reading), reading);
    const isRead = row.onlyReads?.(checked) === true;
    return { isRead, output: encodeOutput(effect.output), isRefused: false, effect };
  } catch (error) {
    if (!(error instanceof DynamoError) || error.name === 'InternalServerError') throw error;
    return refused(error);
  }
}

/** Throws the DynamoError that refuses it. */
function readCall(request: SentRequest, context: DecideContext): ReadRequest<DecideContext> {
  try {
    return readRequest(request, context, calledWrites);
  } catch (error) {
    // These bytes came from a device: nothing that is stored here is damaged.
    if (error instanceof Corruption) throw new DynamoError('SerializationException', '');
    throw error;
  }
}

function refused({ name, message, members }: DynamoError): Carried {
  const output = encodeOutput({ name, message, members });
  return { isRead: false, output, isRefused: true, effect: {} };
}

/** Of the input of CarryOutCall. */
export function requestOf({
  Operation: name,
  Form: form,
  Input,
}: Pick<HubCall, 'Operation' | 'Form' | 'Input'>): SentRequest {
  return { operation: name, form, input: Input };
}
