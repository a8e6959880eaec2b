/**
 * A hub carries out what a device has asked of it in the mode `hub`: the operation of that name, on
 * the hub's own tables and with the caller's own policies, as if it had come over DynamoDB's
 * protocol (shared/SYNC.md, Semantics 3).
 *
 * Invariants
 * - What is answered is durable.
 * - One message that comes twice is carried out once and answered the same, for as long as the hub
 *   remembers it: it is remembered by the process, as it may be in one network's way for seconds.
 */
import { DynamoError } from '../base/errors.ts';
import { Corruption } from '../base/corruption.ts';
import { hubCallBytesMax, hubCallsMax } from '../base/replica-limits.ts';
import type { Engine } from '../engine/engine-types.ts';
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
export const hubWrites: ReadonlySet<string> = new Set([
  'PutItem',
  'UpdateItem',
  'DeleteItem',
  'BatchWriteItem',
  'TransactWriteItems',
  'ExecuteStatement',
  'BatchExecuteStatement',
  'ExecuteTransaction',
]);

/** What is answered to a call, but for its number. */
type Said = Omit<CallAnswer, 'kind' | 'number'>;

export class HubCalls {
  readonly #engine: Engine;
  /** The oldest first; `bytes` of an answer that there is. */
  readonly #said: Map<string, { readonly said: Promise<Said>; bytes: number }> = new Map();
  #bytes = 0;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** `speaker`: whose call it is, since ids are of who makes them. */
  async answer(call: HubCall, speaker: string, visitor?: HubVisitor): Promise<CallAnswer> {
    const { Id, Operation, number } = call;
    if (hubReads.has(Operation)) return answerOf(number, await this.#carryOut(call, visitor));
    const name = `${speaker} ${Id}`;
    let said = this.#said.get(name)?.said;
    if (said === undefined) {
      said = this.#carryOut(call, visitor);
      this.#remember(name, said);
    }
    return answerOf(number, await said);
  }

  async #carryOut(call: HubCall, visitor: HubVisitor | undefined): Promise<Said> {
    const { Operation: operation, Form: form, Input } = call;
    try {
      if (!hubReads.has(operation) && !hubWrites.has(operation)) {
        throw new DynamoError('UnknownOperationException', '');
      }
      const input = decodeInput(Input);
      const made = { operation, input, form, caller: owner, ...visitor } as const;
      const output = await this.#engine.call({ ...made, durability: 'strict' });
      return { Place: await this.#place(), Output: encodeOutput(output), IsRefused: false };
    } catch (error) {
      return { Place: 0, Output: encodeOutput(refusalOf(error)), IsRefused: true };
    }
  }

  /** The answers that are remembered are bounded; one that failed is not kept. */
  #remember(name: string, said: Promise<Said>): void {
    const kept = { said, bytes: 0 };
    this.#said.set(name, kept);
    said.then(
      ({ Output }) => {
        if (this.#said.get(name) !== kept) return;
        kept.bytes = Output.length;
        this.#bytes += kept.bytes;
        for (const [oldest, { bytes }] of this.#said) {
          if (this.#said.size <= hubCallsMax && this.#bytes <= hubCallBytesMax) break;
          this.#said.delete(oldest);
          this.#bytes -= bytes;
        }
      },
      () => this.#said.delete(name),
    );
  }

  async #place(): Promise<number> {
    const request = { operation: 'DescribeReplica', input: {}, form: 'plain' } as const;
    const { Place = 0 } = (await this.#engine.call({ ...request, caller: syncCaller })) as {
      readonly Place?: number;
    };
    return Place;
  }
}

function answerOf(number: number, said: Said): CallAnswer {
  return { kind: 'answer', number, ...said };
}

/** What DynamoDB would say; any other failure is the hub's, and is thrown. */
function refusalOf(error: unknown): object {
  if (error instanceof Corruption) {
    return { name: 'SerializationException', message: '', members: {} };
  }
  if (!(error instanceof DynamoError) || error.name === 'InternalServerError') throw error;
  const { name, message, members } = error;
  return { name, message, members };
}
