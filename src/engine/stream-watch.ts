/**
 * The upkeep of streams as time passes and tables grow: when to look, and the steps that are due.
 *
 * It is a piece of background work like others, under the lock. It looks when a step falls due, at
 * least every hour, and after a checkpoint, because only a log that grew makes a table larger. Time
 * alone wakes only an engine whose database has a stream. Nothing is wrong if nobody looks: shards
 * are longer then, and what is trimmed takes its place a little longer.
 */
import { DamagedData } from '../base/corruption.ts';
import {
  partitionBytesDefault,
  upkeepLookMs,
  upkeepPauseMs,
  upkeepStepsMax,
} from '../base/limits.ts';
import { nextUpkeep, tableToAdopt, type Upkeep } from '../stream/upkeep.ts';
import type { PageLoader } from './load.ts';
import type { Ask } from './scrub.ts';
import type { EngineState } from './state.ts';

export class StreamWatch {
  readonly #state: EngineState;
  readonly #loader: PageLoader;
  readonly #ask: Ask;
  /** Monotonic time of the next look. */
  #lookMs = Number.NEGATIVE_INFINITY;
  #streams = 0;
  /** Whether every table that was told of a stream has one has been seen to. */
  #adopted = false;
  #waits = false;

  constructor(state: EngineState, loader: PageLoader, ask: Ask) {
    this.#state = state;
    this.#loader = loader;
    this.#ask = ask;
  }

  get isDue(): boolean {
    return this.#state.options.clock.monoMs() >= this.#lookMs;
  }

  /** Tables may have grown, or time may have passed unseen. */
  lookSoon(): void {
    this.#lookMs = Number.NEGATIVE_INFINITY;
  }

  /** Calls `wake` when something falls due. A pending wait holds up no program that would end. */
  wakeWhenDue(wake: () => void, signal: AbortSignal): void {
    if (this.#waits || this.#streams === 0) return;
    this.#waits = true;
    const { clock, scheduler } = this.#state.options;
    const delayMs = Math.max(upkeepPauseMs, this.#lookMs - clock.monoMs());
    void scheduler.delay(delayMs, signal, true).then(() => {
      this.#waits = false;
      if (!signal.aborted) wake();
    });
  }

  /** Every step that is due. Rejects when one could not be taken. */
  async work(signal?: AbortSignal): Promise<void> {
    const { scheduler, partitionBytes = partitionBytesDefault } = this.#state.options;
    for (let steps = 0; steps < upkeepStepsMax && signal?.aborted !== true; steps += 1) {
      try {
        if (!(await this.#isSomethingDue(partitionBytes))) return;
        await this.#ask('AdvanceStreams', {
          PartitionBytes: partitionBytes,
          Adopt: !this.#adopted,
        });
      } catch (error) {
        // What damage is in the way of goes on when that is repaired.
        this.#waitFor(upkeepLookMs);
        if (error instanceof DamagedData) return;
        throw error;
      }
      await scheduler.breathe();
    }
  }

  async #isSomethingDue(partitionBytes: number): Promise<boolean> {
    const state = this.#state;
    const nowMs = state.options.clock.wallMs();
    if (!this.#adopted) {
      if ((await this.#loader.run(() => tableToAdopt(state.catalog()))) !== undefined) return true;
      this.#adopted = true;
    }
    const upkeep: Upkeep = await this.#loader.run(() => {
      return nextUpkeep(state.published, state.catalog(), nowMs, partitionBytes);
    });
    this.#streams = upkeep.streams;
    if (upkeep.step !== undefined) return true;
    this.#waitFor(upkeep.dueMs - nowMs);
    return false;
  }

  #waitFor(delayMs: number): void {
    const boundedMs = Math.min(upkeepLookMs, Math.max(upkeepPauseMs, delayMs));
    this.#lookMs = this.#state.options.clock.monoMs() + boundedMs;
  }
}
