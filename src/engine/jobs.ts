/**
 * Background work: checkpoints, sweeping, backfills, freeing dropped trees.
 *
 * It is done by whoever holds the lock, one piece after another, and only while there is some. The
 * lock saves work; the store's expectations keep a wrong holder from doing harm. A job is a request
 * from the engine to itself, in bounded slices.
 */
import {
  backgroundDelayMs,
  checkpointLoadFactor,
  checkpointQuietMs,
  jobSlicesMax,
} from '../base/limits.ts';
import type { Caller } from '../operation/operation.ts';
import type { Request } from '../operation/request.ts';
import { firstJob } from '../table/jobs.ts';
import { Checkpointer } from './checkpoint.ts';
import { catchUp } from './follow.ts';
import type { PageLoader } from './load.ts';
import type { EngineState } from './state.ts';
import { sweep } from './sweep.ts';

const engineCaller: Caller = { kind: 'engine', principal: 'engine' };

export class Background {
  readonly #state: EngineState;
  readonly #loader: PageLoader;
  readonly #ask: (request: Request) => Promise<object>;
  readonly #checkpointer: Checkpointer;
  readonly #stop = new AbortController();
  #running: Promise<void> | undefined;
  #making: Promise<void> | undefined;
  #jobsChecked = false;
  #waitsForQuiet = false;
  #publishedMs = Number.NEGATIVE_INFINITY;
  /** The last error of background work; it is tried again when there is something new. */
  lastError: unknown;

  constructor(state: EngineState, loader: PageLoader, ask: (request: Request) => Promise<object>) {
    this.#state = state;
    this.#loader = loader;
    this.#ask = ask;
    this.#checkpointer = new Checkpointer(state, loader);
  }

  /** A system tree changed, or the engine has just opened: there may be a job. */
  noteJobs(): void {
    this.#jobsChecked = false;
    this.wake();
  }

  /** A turn was published. */
  notePublished(): void {
    this.#publishedMs = this.#state.options.clock.monoMs();
    this.wake();
  }

  /** Begins background work if there is any and none is under way. */
  wake(): void {
    const state = this.#state;
    if (state.options.background === false || state.closing) return;
    if (this.#running !== undefined) return;
    if (!this.#isDue()) {
      if (state.logBytes >= state.checkpointBytes) this.#wakeWhenQuiet();
      return;
    }
    this.#running = this.#hold().finally(() => {
      this.#running = undefined;
    });
  }

  /** A checkpoint now, whoever holds the lock; sweeps after it. */
  checkpoint(): Promise<void> {
    this.#making ??= this.#make().finally(() => {
      this.#making = undefined;
    });
    return this.#making;
  }

  /** Does what there is to do, to the end; for tests and for closing. */
  async idle(): Promise<void> {
    while (this.#running !== undefined) await this.#running;
    await this.#work(this.#stop.signal);
    if (this.#making !== undefined) await this.#making;
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#running?.catch(() => undefined);
    await this.#making?.catch(() => undefined);
  }

  /** A job may be there, or the log is long: very long, or nobody is writing just now. */
  #isDue(): boolean {
    if (!this.#jobsChecked) return true;
    const { logBytes, checkpointBytes, options } = this.#state;
    if (logBytes >= checkpointBytes * checkpointLoadFactor) return true;
    const quietMs = options.clock.monoMs() - this.#publishedMs;
    return logBytes >= checkpointBytes && quietMs >= checkpointQuietMs;
  }

  #wakeWhenQuiet(): void {
    if (this.#waitsForQuiet) return;
    this.#waitsForQuiet = true;
    void this.#state.options.scheduler.delay(checkpointQuietMs, this.#stop.signal).then(() => {
      this.#waitsForQuiet = false;
      this.wake();
    });
  }

  async #hold(): Promise<void> {
    const { lock, scheduler } = this.#state.options;
    const { signal } = this.#stop;
    // What a burst of calls began should be answered before background work takes the thread.
    await scheduler.delay(backgroundDelayMs, signal);
    if (signal.aborted) return;
    try {
      if (lock === undefined) await this.#work(signal);
      else await lock.hold((inner) => this.#work(AbortSignal.any([inner, signal])), signal);
      this.lastError = undefined;
    } catch (error) {
      this.lastError = error;
    }
  }

  async #work(signal: AbortSignal): Promise<void> {
    const state = this.#state;
    for (let slice = 0; slice < jobSlicesMax && !signal.aborted; slice += 1) {
      if (state.logBytes >= state.checkpointBytes) {
        // Another engine may have made one while this one waited for the lock.
        await catchUp(state);
        await this.checkpoint();
        continue;
      }
      const job = await this.#loader.run(() => firstJob(state.published));
      if (job === undefined) {
        this.#jobsChecked = true;
        return;
      }
      await this.#request('AdvanceJob', { Job: job });
      await state.options.scheduler.breathe();
    }
  }

  async #make(): Promise<void> {
    const state = this.#state;
    await sweep(state);
    const outcome = await this.#checkpointer.make();
    if (outcome.kind === 'reserved' || outcome.kind === 'lost') {
      await state.options.scheduler.delay(backgroundDelayMs);
      await catchUp(state);
      await this.#loader.adoptNewest();
      return;
    }
    if (outcome.kind !== 'done') return;
    await sweep(state, outcome.firstNewPage);
    if (outcome.dropped.length > 0 && !state.closing) {
      await this.#request('ForgetDropped', { Trees: outcome.dropped });
    }
  }

  #request(operation: string, input: object): Promise<object> {
    return this.#ask({ operation, input, form: 'plain', caller: engineCaller });
  }
}
