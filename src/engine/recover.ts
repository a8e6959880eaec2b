/**
 * Opening a store, which is always a recovery: meta, then the log above its position into the tail.
 *
 * Cost: one get, one range read for each 64 records of log, two more for the roots of the trees. A
 * store without a meta record is new: the first engine to write one wins, the others find it.
 */
import { equalBytes } from '../base/bytes.ts';
import { appendRetriesMax, catchUpRoundsMax, listPages } from '../base/limits.ts';
import { clockZero } from '../base/hlc.ts';
import { Corruption } from '../base/corruption.ts';
import { readTurns } from '../log/record.ts';
import { decodeMeta, encodeMeta, type Meta, metaFormat } from '../pager/meta.ts';
import { metaKey, StoreFailure } from '../port/store.ts';
import type { EngineOptions } from './engine-types.ts';
import { applyRecords, catchUp } from './follow.ts';
import { EngineState } from './state.ts';
import { warmRoots } from './warm.ts';

/** An engine's state at the head of the log in `options.store`. */
export async function openState(options: EngineOptions): Promise<EngineState> {
  const stored = await readOrMakeMeta(options);
  const state = new EngineState(options, decodeMeta(stored), stored);
  state.startOver(state.meta, stored);
  await Promise.all([catchUp(state), warmRoots(state)]);
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
    const stored = await store.get('meta', metaKey);
    if (stored === undefined) throw new Corruption('the store has no meta record any more');
    const meta = decodeMeta(stored);
    const [records = [], metas = []] = await store.scan([
      { space: 'log', from: meta.position + 1, to: Number.MAX_SAFE_INTEGER },
      { space: 'meta', from: metaKey, to: metaKey },
    ]);
    const now = metas[0]?.value;
    // A catch-up came between, or a checkpoint: what was read is not the newest.
    if (state.head !== head || now === undefined || !equalBytes(now, stored)) continue;
    const { next } = readTurns(records);
    if (next !== 0 && next !== (records.at(-1)?.key ?? 0) + 1) {
      throw new Corruption(`the turn at log position ${next} is not whole`);
    }
    state.startOver(meta, stored);
    applyRecords(state, records);
    return;
  }
  throw new Error('the log moves faster than this engine can recover');
}

async function readOrMakeMeta({ store, random, scheduler }: EngineOptions): Promise<Uint8Array> {
  for (let attempt = 0; attempt < appendRetriesMax; attempt += 1) {
    const stored = await store.get('meta', metaKey);
    if (stored !== undefined) return stored;
    const result = await store.write({
      expectMeta: (now) => now === undefined,
      put: [{ space: 'meta', key: metaKey, value: encodeMeta(newMeta(random.bytes(16))) }],
      strict: true,
    });
    if (result.kind === 'refused' && (result.why === 'full' || result.why === 'closed')) {
      throw new StoreFailure(result.why, 'a new database could not be made', result.cause);
    }
    if (result.kind === 'unknown') await scheduler.delay(1);
  }
  throw new StoreFailure('lost', 'the database could not be opened');
}

function newMeta(storeId: Uint8Array): Meta {
  return {
    format: metaFormat,
    storeId,
    checkpoint: 0,
    position: 0,
    sequence: 0,
    trimmed: 0,
    clock: clockZero,
    reservation: undefined,
    lastNumber: 0,
    dead: [],
    unswept: [],
    turnstile: undefined,
    roots: undefined,
    nextPage: listPages,
    cipherKey: '',
  };
}
