/**
 * A hub carries out what a device has asked of it in the mode `hub`: the operation of that name, on
 * the hub's own tables and with the caller's own policies, as if it had come over DynamoDB's
 * protocol (shared/SYNC.md, Semantics 3).
 *
 * Invariants
 * - What is answered is durable.
 * - One message that comes twice is carried out once and answered the same, also by a hub that was
 *   killed meanwhile: the commit of what it writes remembers it (operation/replica/hub-call.ts).
 */
import { DynamoError } from '../base/errors.ts';
import { Corruption } from '../base/corruption.ts';
import type { Engine } from '../engine/engine-types.ts';
import { type CalledOutput, calledWrites } from '../operation/replica/hub-call.ts';
import { owner } from '../operation/request.ts';
import type { CallAnswer, HubCall } from '../replica/message.ts';
import { encodeOutput } from '../replica/request.ts';
import { decodeInput } from '../replica/request-input.ts';
import { type HubVisitor, syncCaller } from './tables.ts';

/** What a device may ask of a hub: items, not tables. */
export const hubReads: ReadonlySet<string> = new Set([
  'GetItem',
  'BatchGetItem',
  'Query',
  'Scan',
  'TransactGetItems',
]);
export const hubWrites: ReadonlySet<string> = calledWrites;

/** Whose call it is, since ids are of who makes them. */
export interface Speaker {
  readonly replicaId: string;
  readonly principal: string;
}

export class HubCalls {
  readonly #engine: Engine;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** Rejects with what is the hub's own failure: then nobody knows yet. */
  async answer(call: HubCall, speaker: Speaker, visitor?: HubVisitor): Promise<CallAnswer> {
    const { number } = call;
    try {
      const { Output, IsRefused } = await this.#carryOut(call, speaker, visitor);
      const Place = IsRefused ? 0 : await this.#place();
      return { kind: 'answer', number, Place, Output, IsRefused };
    } catch (error) {
      const Output = encodeOutput(refusalOf(error));
      return { kind: 'answer', number, Place: 0, Output, IsRefused: true };
    }
  }

  async #carryOut(
    { Id, Ms, Operation, Form, Input }: HubCall,
    { replicaId: ReplicaId, principal: Principal }: Speaker,
    visitor: HubVisitor | undefined,
  ): Promise<CalledOutput> {
    const durability = 'strict';
    if (hubWrites.has(Operation)) {
      const input = { ReplicaId, Principal, Id, Ms, Operation, Form, Input };
      const asked = { operation: 'CarryOutCall', input, form: 'plain', durability } as const;
      const judge = visitor?.judge;
      const output = await this.#engine.call({ ...asked, caller: syncCaller, judge });
      return output as CalledOutput;
    }
    if (!hubReads.has(Operation)) throw new DynamoError('UnknownOperationException', '');
    const made = { operation: Operation, input: decodeInput(Input), form: Form } as const;
    const output = await this.#engine.call({ ...made, caller: owner, ...visitor, durability });
    return { Output: encodeOutput(output), IsRefused: false };
  }

  async #place(): Promise<number> {
    const request = { operation: 'DescribeReplica', input: {}, form: 'plain' } as const;
    const { Place = 0 } = (await this.#engine.call({ ...request, caller: syncCaller })) as {
      readonly Place?: number;
    };
    return Place;
  }
}

/** What DynamoDB would say; any other failure is the hub's, and is thrown. */
function refusalOf(error: unknown): object {
  if (error instanceof Corruption) {
    return { name: 'SerializationException', message: '', members: {} };
  }
  const isAnswer = error instanceof DynamoError && !failures.has(error.name);
  if (!isAnswer) throw error;
  const { name, message, members } = error;
  return { name, message, members };
}

/** What says nothing of the call: it may be sent again. */
const failures: ReadonlySet<string> = new Set(['InternalServerError', 'ServiceUnavailable']);
