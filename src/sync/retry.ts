/**
 * Writes that the hub has refused are made again: each is a new write of this device, with a new
 * stamp and on what is there by now (SYNC-scenarios.md, U20).
 *
 * One that asked for the hub's word is asked again, as it was: what the device had guessed of it is
 * no write of anybody's.
 */
import type { Engine } from '../engine/engine-types.ts';
import type { Caller } from '../operation/operation.ts';
import type { Request } from '../operation/request.ts';
import type { SentRequest } from '../replica/request.ts';
import { decodeInput } from '../replica/request-input.ts';
import { discardQuarantined, type KeptCalls } from './handle.ts';
import type { QuarantinedWrite } from './sync-types.ts';
import { syncCaller } from './tables.ts';

interface Whole extends QuarantinedWrite {
  readonly asked?: {
    readonly expiresMs?: number | undefined;
    readonly request?: SentRequest | undefined;
  };
}

/** Each is written, then taken out; rejects at the first that is refused here. */
export async function retryQuarantined(
  engine: Pick<Engine, 'call'>,
  caller: Caller,
  Seqs: readonly number[],
): Promise<void> {
  const ask: KeptCalls['ask'] = async (operation, input) =>
    engine.call({ operation, input, form: 'plain', caller: syncCaller });
  const { Writes } = (await ask('ListQuarantine', { Seqs })) as {
    readonly Writes: readonly Whole[];
  };
  for (const write of Writes) {
    const again = requestOf(write);
    if (again !== undefined) await engine.call({ ...again, caller });
    await discardQuarantined({ ask }, [write.seq]);
  }
}

/** Undefined of a write of nothing. */
function requestOf({ items, asked }: Whole): Omit<Request, 'caller'> | undefined {
  const word = asked && ({ mode: 'confirm', expiresMs: asked.expiresMs } as const);
  if (asked?.request !== undefined) {
    const { operation, form, input } = asked.request;
    return { operation, form, input: decodeInput(input), ...word };
  }
  const TransactItems = items.map(({ table: TableName, item, isDeleted }) =>
    isDeleted ? { Delete: { TableName, Key: item } } : { Put: { TableName, Item: item } },
  );
  if (TransactItems.length === 0) return undefined;
  return { operation: 'TransactWriteItems', form: 'plain', input: { TransactItems }, ...word };
}
