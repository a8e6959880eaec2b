/**
 * The barrier: one strict write that makes everything before it durable.
 *
 * A relaxed turn is answered when it is stored, which power loss may undo. So a barrier follows at
 * most `barrierMs` after the first turn that nothing has covered since: a strict turn or a
 * checkpoint covers as well, and then none is due. It puts the mark (log/mark.ts), one record in a
 * transaction that is committed at once: an engine that is frozen in its barrier holds up nobody.
 * That the store is still ours is judged afterwards; the mark says to which store it belongs.
 * Invariants
 * - What a barrier claims was stored before the barrier was issued.
 * - When everything applied is durable nothing is written, and nobody waits on a timer.
 * - Commits of other engines are theirs to cover; this one looks for their mark after twice the
 *   time, and covers them itself when there is none, for their engine may be gone.
 */
import { equalBytes } from '../base/bytes.ts';
import { barrierDelayMs, barrierPatience, barrierRetriesMax } from '../base/limits.ts';
import { decodeMark, encodeMark } from '../log/mark.ts';
import { decodeMeta } from '../pager/meta.ts';
import { markKey } from '../port/store.ts';
import type { EngineState } from './state.ts';

/** `never`: the store is closed, replaced, newer than this engine, or cannot flush. */
type Outcome = 'durable' | 'failed' | 'never';

export class Barrier {
  readonly #state: EngineState;
  readonly #barrierMs: number;
  readonly #stop = new AbortController();
  /** Monotonic time at which the next barrier is due; undefined when nothing is to be covered. */
  #dueMs: number | undefined;
  /** The sequence number whose cover it is for: the first that nothing covered. */
  #dueFor = 0;
  /** Sequence number of the last turn of this engine's own. */
  #own = 0;
  #failures = 0;
  #running = false;
  #writing: { readonly sequence: number; readonly outcome: Promise<Outcome> } | undefined;

  constructor(state: EngineState) {
    this.#state = state;
    this.#barrierMs = state.options.barrierMs ?? barrierDelayMs;
  }

  /** A turn of this engine was published. */
  notePublished(): void {
    this.#own = this.#state.sequence;
    this.#note(this.#barrierMs);
  }

  /** The log was followed: there may be commits of other engines, or of an earlier life. */
  noteFollowed(): void {
    this.#note(this.#barrierMs * barrierPatience);
  }

  /** Makes everything applied until now durable. False when that could not be done. */
  async cover(): Promise<boolean> {
    const { sequence, durable } = this.#state;
    if (sequence > durable.value) await this.#write();
    return durable.value >= sequence;
  }

  /** Covers what this engine wrote, then ends. */
  async close(): Promise<void> {
    this.#stop.abort();
    if (this.#own > this.#state.durable.value) await this.cover();
    this.#state.durable.end(new Error('The database is closed'));
  }

  #note(delayMs: number): void {
    const { sequence, durable, options } = this.#state;
    if (this.#dueFor <= durable.value) this.#dueMs = undefined;
    if (sequence <= durable.value) return;
    if (options.background === false || !Number.isFinite(delayMs)) return;
    const dueMs = options.clock.monoMs() + delayMs;
    if (this.#dueMs === undefined) this.#dueFor = sequence;
    this.#dueMs = Math.min(this.#dueMs ?? dueMs, dueMs);
    if (!this.#running) void this.#run();
  }

  async #run(): Promise<void> {
    const { clock, scheduler } = this.#state.options;
    const { signal } = this.#stop;
    this.#running = true;
    while (this.#dueMs !== undefined && !signal.aborted) {
      const waitMs = this.#dueMs - clock.monoMs();
      // Not longer than barrierMs at once: a turn in between may bring the time nearer.
      if (waitMs > 0) await scheduler.delay(Math.min(waitMs, this.#barrierMs), signal);
      else await this.#fall();
    }
    this.#running = false;
  }

  /** The time has come: writes a barrier, unless everything was covered in the meantime. */
  async #fall(): Promise<void> {
    const { sequence, durable, options } = this.#state;
    this.#dueMs = undefined;
    if (sequence > durable.value && this.#own <= durable.value) await this.#readMark();
    if (sequence <= durable.value) return;
    const outcome = await this.#write();
    if (outcome !== 'failed') return;
    this.#failures += 1;
    // What cannot be covered now waits for better times; the next turn tries again anyway.
    if (this.#failures > barrierRetriesMax) return;
    const retryMs = options.clock.monoMs() + this.#barrierMs * 2 ** this.#failures;
    this.#dueMs = Math.min(this.#dueMs ?? Number.POSITIVE_INFINITY, retryMs);
  }

  /** Another engine may have covered everything. */
  async #readMark(): Promise<void> {
    const { durable, options, meta } = this.#state;
    const bytes = await options.store.get('meta', markKey).catch(() => undefined);
    durable.raise(decodeMark(meta.storeId, bytes));
  }

  #write(): Promise<Outcome> {
    const { sequence } = this.#state;
    if (this.#writing !== undefined && this.#writing.sequence >= sequence) {
      return this.#writing.outcome;
    }
    const outcome = this.#issue(sequence).finally(() => {
      if (this.#writing === writing) this.#writing = undefined;
    });
    const writing = { sequence, outcome };
    this.#writing = writing;
    return outcome;
  }

  async #issue(sequence: number): Promise<Outcome> {
    const state = this.#state;
    if (state.stopped !== undefined) return 'never';
    try {
      const result = await state.options.store.write({
        readMeta: true,
        put: [{ space: 'meta', key: markKey, value: encodeMark(state.meta.storeId, sequence) }],
        strict: true,
      });
      if (result.kind === 'unknown') return 'failed';
      if (result.kind === 'refused') return result.why === 'full' ? 'failed' : 'never';
      if (!result.durable || !this.#isOurStore(result.meta)) return 'never';
    } catch (error) {
      state.stopIfNewer(error);
      return 'never';
    }
    this.#failures = 0;
    state.durable.raise(sequence);
    return 'durable';
  }

  /** Throws UpdateNeeded when a newer version has taken the store over. */
  #isOurStore(stored: Uint8Array | undefined): boolean {
    const { meta, metaBytes } = this.#state;
    if (stored === undefined) return false;
    return equalBytes(stored, metaBytes) || equalBytes(decodeMeta(stored).storeId, meta.storeId);
  }
}
