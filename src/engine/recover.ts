/**
 * Opening a store, which is always a recovery: meta (of an older format: its conversion), then the
 * log above its position into the tail.
 *
 * Cost: one get, one range read for each 64 records of log, two more for the roots of the trees.
 * What is damaged is set aside, never written over (log-damage.ts, open-meta.ts).
 */
import { equalBytes } from '../base/bytes.ts';
import { Corruption, DamagedLog } from '../base/corruption.ts';
import { catchUpRoundsMax } from '../base/limits.ts';
import { readTurns } from '../log/record.ts';
import { decodeMeta } from '../pager/meta.ts';
import { metaKey, type StoreRecord } from '../port/store.ts';
import { openMeta } from './convert.ts';
import type { EngineOptions } from './engine-types.ts';
import { applyRecords, catchUp } from './follow.ts';
import { ourMeta } from './identity.ts';
import { openPastDamage, readLogNote } from './log-damage.ts';
import { mendedMeta } from './open-meta.ts';
import { EngineState } from './state.ts';
import { warmRoots } from './warm.ts';

/** An engine's state at the head of the log in `options.store`. */
export async function openState(options: EngineOptions): Promise<EngineState> {
  const { stored, mended, logNote, converted } = await openMeta(options);
  const state = new EngineState(options, decodeMeta(stored), stored);
  state.startOver(state.meta, stored);
  state.converted = converted;
  if (converted !== undefined) {
    const { from, to, records } = converted;
    const message = `Format ${from} became format ${to}; ${records} records were converted`;
    options.notify?.({ type: 'converted', message });
  }
  if (mended) state.metaDamage = mendedMeta;
  if (logNote !== undefined) state.logDamage = readLogNote(logNote);
  const beganMs = options.clock.monoMs();
  const [caughtUp] = await Promise.allSettled([catchUp(state), warmRoots(state)]);
  state.pace = state.log.paceOf(options.clock.monoMs() - beganMs);
  if (caughtUp.status === 'rejected') {
    if (!(caughtUp.reason instanceof DamagedLog)) throw caughtUp.reason;
    await openPastDamage(state);
  }
  return state;
}

/**
 * Forgets everything in memory and reads it from the store again; in one step, so that nobody reads
 * from what is half there. When the store cannot be read, memory stays as it was.
 */
export async function recover(state: EngineState): Promise<void> {
  const { store } = state.options;
  for (let round = 0; round < catchUpRoundsMax; round += 1) {
    const { head } = state;
    const stored = ourMeta(state, await store.get('meta', metaKey));
    const meta = decodeMeta(stored);
    const [records = [], metas = []] = await store.scan([
      { space: 'log', from: meta.position + 1, to: Number.MAX_SAFE_INTEGER },
      { space: 'meta', from: metaKey, to: metaKey },
    ]);
    const now = metas[0]?.value;
    // A catch-up came between, or a checkpoint: what was read is not the newest.
    if (state.head !== head || now === undefined || !equalBytes(now, stored)) continue;
    const { next } = readTurns(records);
    if (next !== 0 && next !== (records.at(-1) as StoreRecord).key + 1) {
      throw new Corruption(`the turn at log position ${next} is not whole`);
    }
    state.startOver(meta, stored);
    applyRecords(state, records);
    return;
  }
  throw new Error('the log moves faster than this engine can recover');
}
