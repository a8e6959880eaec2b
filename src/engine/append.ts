/**
 * The second of the engine's two doors: a turn is appended to the log, expecting the head.
 *
 * Cost: one readwrite transaction over `log` and `meta`: one get, one add for each 60 KB. It ends
 * as stored, as not stored (lost to another engine, or the disk is full), or as unknown: then the
 * very same turn is offered again, and when its key is taken the log is asked whose it is.
 */
import { equalBytes } from '../base/bytes.ts';
import type { ClockReading } from '../base/hlc.ts';
import { appendPatienceMs, appendRetriesMax } from '../base/limits.ts';
import type { Commit } from '../log/commit.ts';
import { encodeTurn } from '../log/record.ts';
import { decodeMeta, type Meta } from '../pager/meta.ts';
import { type SpaceRecord, StoreFailure, type WriteResult } from '../port/store.ts';
import { catchUp } from './follow.ts';
import type { EngineState } from './state.ts';
import type { Turnstile } from './turnstile.ts';

export type AppendResult =
  | {
      readonly kind: 'stored';
      readonly durable: boolean;
      /** Position of the turn's last record. */
      readonly head: number;
      readonly bytes: number;
    }
  /** Another engine was first, or this one is stale: decide again. */
  | { readonly kind: 'lost' }
  | { readonly kind: 'failed'; readonly why: 'full' | 'closed' | 'gone' | 'unknown' };

/** A turn as records, ready to be offered above the head. */
export interface Attempt {
  readonly turn: number;
  readonly first: number;
  readonly stored: AppendResult & { kind: 'stored' };
  readonly records: readonly SpaceRecord[];
}

export async function append(
  state: EngineState,
  attempt: Attempt,
  strict: boolean,
  turnstile: Turnstile,
): Promise<AppendResult> {
  let unsettled = false;
  const { clock, scheduler } = state.options;
  const untilMs = clock.monoMs() + appendPatienceMs;
  for (let tries = 0; tries < appendRetriesMax && clock.monoMs() < untilMs; tries += 1) {
    const { result, seen } = await offer(state, attempt, strict, turnstile);
    if (result.kind === 'done') return { ...attempt.stored, durable: result.durable };
    if (result.kind === 'unknown') {
      unsettled = true;
      await scheduler.delay(1);
      continue;
    }
    if (result.why !== 'meta' && result.why !== 'taken') {
      // In a store that is gone nothing stands, whatever became of it.
      const isOpen = unsettled && result.why !== 'gone';
      return { kind: 'failed', why: isOpen ? 'unknown' : result.why };
    }
    if (!unsettled && seen !== undefined && turnstile.closedBy(seen)) {
      await turnstile.standBack(seen);
    }
    try {
      await catchUp(state);
    } catch (error) {
      const isOpen = unsettled && error instanceof StoreFailure && error.why !== 'gone';
      if (isOpen) return { kind: 'failed', why: 'unknown' };
      throw error;
    }
    if (state.ownTurnSeen >= attempt.turn) return attempt.stored;
    // Trimmed before it could be looked for: nobody can tell any more.
    if (unsettled && state.startedAt >= attempt.first) {
      return { kind: 'failed', why: 'unknown' };
    }
    // A refusal without a turn of ours in the log: the attempt of unknown outcome did not happen.
    return { kind: 'lost' };
  }
  return { kind: 'failed', why: 'unknown' };
}

/** Encodes a turn for the place above the head. */
export function prepare(
  state: EngineState,
  commits: readonly Commit[],
  clock: ClockReading,
): Attempt {
  state.turns += 1;
  const first = state.head + 1;
  const header = { position: first, engine: state.id, turn: state.turns, clock };
  const values = encodeTurn(header, commits);
  return {
    turn: state.turns,
    first,
    records: values.map((value, index) => ({ space: 'log', key: first + index, value })),
    stored: {
      kind: 'stored',
      durable: false,
      head: first + values.length - 1,
      bytes: values.reduce((sum, value) => sum + value.length, 0),
    },
  };
}

/**
 * Offers the turn for its place. A turn of one record goes without conditions on meta, which would
 * cost a round trip, and is judged afterwards: where the log had been trimmed above its place, its
 * record lies where nobody reads, and the turn is lost. A longer one could reach above that, so it
 * is refused in its transaction.
 */
async function offer(
  state: EngineState,
  { records, first }: Attempt,
  strict: boolean,
  turnstile: Turnstile,
): Promise<{ readonly result: WriteResult; readonly seen: Meta | undefined }> {
  const { store, clock } = state.options;
  const issuedMs = clock.monoMs();
  if (records.length > 1) {
    let seen: Meta | undefined;
    const result = await store.write({
      add: records,
      strict,
      expectMeta: (stored) => {
        seen = stored === undefined ? undefined : readMeta(state, stored);
        if (seen === undefined) return false;
        return seen.trimmed < first && !turnstile.closedBy(seen);
      },
    });
    if (result.kind === 'done') state.headSeenMs = issuedMs;
    return { result, seen };
  }
  const result = await store.write({ add: records, strict, readMeta: true });
  if (result.kind !== 'done') return { result, seen: undefined };
  // A record in a store that is not ours lies where its engines must not find it.
  const { meta } = result;
  const seen = meta === undefined ? undefined : readMeta(state, meta);
  if (seen === undefined || seen.trimmed >= first) {
    await store.write({ remove: [{ space: 'log', from: first, to: first }] });
    return { result: { kind: 'refused', why: 'meta' }, seen };
  }
  turnstile.note(seen);
  state.headSeenMs = issuedMs;
  return { result, seen };
}

/** Undefined of another store. Meta changes rarely: the bytes tell, without decoding. */
function readMeta(state: EngineState, stored: Uint8Array): Meta | undefined {
  if (equalBytes(stored, state.metaBytes)) return state.meta;
  const meta = decodeMeta(stored);
  return equalBytes(meta.storeId, state.meta.storeId) ? meta : undefined;
}
