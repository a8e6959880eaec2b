/**
 * The load as the page shows it: who loads, how far it is, how to stop it and go on.
 *
 * One tab loads: the one that holds the Web Lock. The others watch the item of the table Loads, and
 * one of them goes on when the loader is closed.
 */
import { type Failure, failureOf } from './failure.ts';
import { firstProgress, type LoadProgress, loadCities, readProgress } from './load.ts';
import type { RequestLog } from './requests.svelte.ts';
import type { Store } from './store.ts';

export type LoadingState =
  | 'unknown'
  | 'running'
  | 'elsewhere'
  | 'cancelled'
  | 'complete'
  | 'failed';

const lockName = 'tidetable-atlas-load';
const watchEveryMs = 500;
const showEveryMs = 100;

export class Loading {
  state: LoadingState = $state('unknown');
  progress: LoadProgress | undefined = $state.raw();
  failure: Failure | undefined = $state.raw();
  /** Rows a second of the load under way. */
  rate: number = $state(0);
  /** The load was completed by this page, not found complete. */
  isFresh: boolean = $state(false);
  readonly #log: RequestLog;
  readonly #onComplete: () => void;
  #store: Store | undefined;
  #cancel: AbortController = new AbortController();
  #shownAt = 0;

  constructor(log: RequestLog, onComplete: () => void) {
    this.#log = log;
    this.#onComplete = onComplete;
  }

  /** Looks how far the load is, and goes on with it unless it is complete or was cancelled. */
  async begin(store: Store): Promise<void> {
    this.#store = store;
    try {
      this.progress = await readProgress(store.db, this.#log);
    } catch (error) {
      this.#fail(error);
      return;
    }
    const state = this.progress?.state;
    if (state === 'complete' || state === 'cancelled') this.state = state;
    else await this.#run(false);
  }

  cancel(): void {
    this.#cancel.abort();
  }

  resume(): Promise<void> {
    return this.#run(true);
  }

  /** `isAsked`: also goes on with a load that was cancelled. */
  async #run(isAsked: boolean): Promise<void> {
    const store = this.#store;
    if (store === undefined) return;
    this.failure = undefined;
    const cancel = new AbortController();
    this.#cancel = cancel;
    this.state = 'elsewhere';
    const watch = setInterval(() => void this.#watch(store), watchEveryMs);
    try {
      await withLock(async () => {
        clearInterval(watch);
        await this.#load(store, cancel.signal, isAsked);
      });
    } catch (error) {
      this.#fail(error);
    } finally {
      clearInterval(watch);
    }
  }

  async #load(store: Store, signal: AbortSignal, isAsked: boolean): Promise<void> {
    const { db } = store;
    const log = this.#log;
    const from = (await readProgress(db, log)) ?? (await firstProgress(signal));
    this.progress = from;
    if (from.state === 'complete' || (from.state === 'cancelled' && !isAsked)) {
      this.state = from.state;
      if (from.state === 'complete') this.#onComplete();
      return;
    }
    this.state = 'running';
    this.isFresh = true;
    const started = performance.now();
    const onProgress = (progress: LoadProgress): void => {
      const now = performance.now();
      const isLast = progress.state !== 'running';
      if (!isLast && now - this.#shownAt < showEveryMs) return;
      this.#shownAt = now;
      this.progress = progress;
      this.rate = ((progress.loaded - from.loaded) * 1000) / Math.max(now - started, 1);
    };
    const { state } = await loadCities({ db, log, from, signal, onProgress });
    this.state = state;
    if (state === 'complete') this.#onComplete();
  }

  async #watch(store: Store): Promise<void> {
    // What fails here fails for the loader too, or when it is this tab's turn.
    const progress = await readProgress(store.db, this.#log).catch(() => undefined);
    if (this.state === 'elsewhere' && progress !== undefined) this.progress = progress;
  }

  #fail(error: unknown): void {
    this.failure = failureOf(error);
    this.state = 'failed';
  }
}

/** Runs `work` when no other tab runs its own; without Web Locks, at once. */
async function withLock(work: () => Promise<void>): Promise<void> {
  if (navigator.locks === undefined) await work();
  else await navigator.locks.request(lockName, work);
}
