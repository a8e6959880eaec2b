/**
 * Whether power loss may undo a write once it is answered.
 *
 * The most specific wish counts: the call's, else that of the tables it writes to, else the
 * database's. A turn with one strict write is strict as a whole, for a store is flushed as a whole.
 */
import { internalServerError } from '../base/errors.ts';
import type { Effect } from '../operation/operation.ts';
import type { Durability, Request } from '../operation/request.ts';
import { reply } from './call.ts';
import type { EngineState } from './state.ts';
import type { Decided } from './turn-state.ts';

/** The option `tableDurability` as programs write it. Throws TypeError on another word. */
export function readTableDurability(
  given: Readonly<Record<string, Durability>> | undefined,
): ReadonlyMap<string, Durability> {
  const entries = Object.entries(given ?? {});
  for (const [name, durability] of entries) {
    if (durability === 'relaxed' || durability === 'strict') continue;
    throw new TypeError(`tableDurability of ${name} is 'relaxed' or 'strict'`);
  }
  return new Map(entries);
}

/** Also of a write that changed nothing: what it says is there must not go away again either. */
export function isStrict(
  { options }: EngineState,
  { durability }: Request,
  effect: Effect,
): boolean {
  if (effect.strict === true) return true;
  return (durability ?? effect.durability ?? options.durability) === 'strict';
}

/** Answers the strict calls of a turn that is stored, but could not be made durable. */
export function refuseStrict(decided: readonly Decided[]): readonly Decided[] {
  const error = internalServerError(
    'The write is stored, but it is not known whether it survives a loss of power',
  );
  for (const { call, strict } of decided) if (strict) reply(call, { error });
  return decided.filter(({ strict }) => !strict);
}
