/**
 * Counters in doubt: a repair has begun to put items back, or to give some up, and no whole scrub
 * that began later has ended.
 *
 * A repair ends with such a scrub. Where it was interrupted the note stays in the store, with the
 * commits that it is about or without them, and the next engine that finds it scrubs as soon as
 * nobody writes (docs/formats/meta.md).
 */
import { equalBytes } from '../base/bytes.ts';
import { StoreFailure, type WriteBatch } from '../port/store.ts';
import type { EngineState } from './state.ts';

/** Where in space meta the note is. */
export const doubtKey = 5;

/** Before each change that may put counters off: a scrub that began earlier does not settle it. */
export async function noteDoubt(state: EngineState): Promise<void> {
  const value = state.options.random.bytes(8);
  await writeOurs(state, { put: [{ space: 'meta', key: doubtKey, value }] });
}

/** What is in doubt just now; undefined: nothing. */
export function readDoubt({ options }: EngineState): Promise<Uint8Array | undefined> {
  return options.store.get('meta', doubtKey);
}

/** A whole scrub has ended that began when `doubt` stood. */
export async function settleDoubt(state: EngineState, doubt: Uint8Array): Promise<void> {
  const now = await readDoubt(state);
  if (now === undefined || !equalBytes(now, doubt)) return;
  await writeOurs(state, { remove: [{ space: 'meta', from: doubtKey, to: doubtKey }] });
}

async function writeOurs({ options }: EngineState, batch: WriteBatch): Promise<void> {
  const whole = { ...batch, expectMeta: (meta: Uint8Array | undefined) => meta !== undefined };
  // Doing it twice is doing it once: an unknown outcome is simply tried again.
  let result = await options.store.write(whole);
  if (result.kind === 'unknown') result = await options.store.write(whole);
  if (result.kind !== 'done') throw new StoreFailure('lost', 'a note was not written', result);
}
