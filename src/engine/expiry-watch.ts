/**
 * Items whose time is over: when the next one's is, and their deletion in batches.
 *
 * Who looks reads the first entry of each table's tree of expiry times, which costs no store
 * request while its page is in memory. Looks come when the next time is over (at least every hour,
 * because clocks are set and machines sleep), and within a second of a write by anybody. A database
 * in which nothing expires has no timer. Deleting is background work under the lock, a request of a
 * batch at a time: another engine that does the same only loses races.
 */
import { DamagedData } from '../base/corruption.ts';
import { expiryBatchesMax, expiryLookMs, expiryWaitMs, tablesMax } from '../base/limits.ts';
import type { ExpireItemsOutput } from '../operation/internal/expire-items.ts';
import type { Catalog } from '../table/catalog.ts';
import { expiryIndex, nextExpiryMs } from '../table/expiry.ts';
import { catchUp } from './follow.ts';
import type { PageLoader } from './load.ts';
import type { Ask } from './scrub.ts';
import type { EngineState } from './state.ts';

export class ExpiryWatch {
  readonly #state: EngineState;
  readonly #loader: PageLoader;
  /** Asks as the service that a stream's records name. */
  readonly #ask: Ask;
  /** The catalog that was looked at last, and its tables in which items expire. */
  #catalog: Catalog | undefined;
  #tables: readonly string[] = [];
  /** Wall time at which something is over, as of the last look. */
  #dueMs = Number.NEGATIVE_INFINITY;
  /** Monotonic time of the last look. */
  #lookedMs = Number.NEGATIVE_INFINITY;
  /** The log's head that all looks and work took in. */
  #head = -1;
  /** Wall time up to which all was deleted that could be: what is left of it is behind damage. */
  #sweptMs: number | undefined;
  /** The pending wait: monotonic time of its end, and what ends it before. */
  #wait: { readonly atMs: number; readonly cancel: AbortController } | undefined;

  constructor(state: EngineState, loader: PageLoader, ask: Ask) {
    this.#state = state;
    this.#loader = loader;
    this.#ask = ask;
  }

  /** Whether there is something to delete, or that is not known. */
  get isDue(): boolean {
    return this.#state.options.clock.wallMs() >= this.#dueMs;
  }

  /** What is due is looked for by the next work, whatever is known. */
  lookSoon(): void {
    this.#head = -1;
    this.#dueMs = Number.NEGATIVE_INFINITY;
  }

  /** Calls `wake` when something falls due. A pending wait holds up no program that would end. */
  wakeWhenDue(wake: () => void, signal: AbortSignal): void {
    const { clock, scheduler } = this.#state.options;
    const delayMs = this.#delayMs();
    if (delayMs === undefined) return;
    const atMs = clock.monoMs() + delayMs;
    if (this.#wait !== undefined) {
      if (this.#wait.atMs <= atMs) return;
      this.#wait.cancel.abort();
    }
    const wait = { atMs, cancel: new AbortController() };
    this.#wait = wait;
    const over = AbortSignal.any([signal, wait.cancel.signal]);
    void scheduler
      .delay(delayMs, over, true)
      .then(async () => {
        if (this.#wait === wait) this.#wait = undefined;
        if (over.aborted) return;
        await this.#look(this.#isBehind ? undefined : this.#sweptMs);
        wake();
      })
      // What is in the way of a look is in the way of the work too, which tells of it.
      .catch(wake);
  }

  /** Deletes all that is over. Rejects when it could not. */
  async work(signal?: AbortSignal): Promise<void> {
    const { store } = this.#state.options;
    try {
      // Another engine may have deleted it while this one waited for the lock.
      if (!store.exclusive && this.#tables.length > 0) await catchUp(this.#state);
      await this.#look();
      if (!this.isDue) return;
      const { head } = this.#state;
      const nowMs = this.#state.options.clock.wallMs();
      for (const table of this.#tables) await this.#sweep(table, signal);
      if (signal?.aborted === true) return;
      this.#sweptMs = nowMs;
      await this.#look(nowMs);
      // What was written meanwhile may have been over already.
      this.#head = head;
    } catch (error) {
      // What damage is in the way of goes on when that is repaired.
      if (!(error instanceof DamagedData)) throw error;
      this.#dueMs = this.#state.options.clock.wallMs() + expiryWaitMs;
    }
  }

  /** How long until the next look; undefined when there is nothing to wait for. */
  #delayMs(): number | undefined {
    const { clock } = this.#state.options;
    if (this.#tables.length === 0 && this.#state.catalog() === this.#catalog) return undefined;
    const waits: number[] = [];
    if (this.#isBehind) waits.push(this.#lookedMs + expiryLookMs - clock.monoMs());
    if (this.#dueMs !== Number.POSITIVE_INFINITY) waits.push(this.#dueMs - clock.wallMs());
    if (waits.length === 0) return undefined;
    return Math.max(0, Math.min(expiryWaitMs, ...waits));
  }

  get #isBehind(): boolean {
    return this.#state.head !== this.#head;
  }

  async #look(sinceMs?: number): Promise<void> {
    const state = this.#state;
    const nowMs = state.options.clock.wallMs();
    this.#head = state.head;
    this.#lookedMs = state.options.clock.monoMs();
    this.#dueMs = await this.#loader.run(() => {
      const catalog = state.catalog();
      if (catalog !== this.#catalog) {
        this.#tables = catalog.names(undefined, tablesMax).filter((name) => {
          const table = catalog.find(name);
          return table !== undefined && expiryIndex(table) !== undefined;
        });
        this.#catalog = catalog;
      }
      const dues = this.#tables.map((name) => {
        const table = catalog.find(name);
        return table && nextExpiryMs(state.published, table, nowMs, sinceMs);
      });
      return Math.min(...dues.map((dueMs) => dueMs ?? Number.POSITIVE_INFINITY));
    });
  }

  async #sweep(Table: string, signal: AbortSignal | undefined): Promise<void> {
    let after: string | undefined;
    for (let batch = 0; batch < expiryBatchesMax && signal?.aborted !== true; batch += 1) {
      if (this.#state.closing) return;
      const input = after === undefined ? { Table } : { Table, After: after };
      const { Next } = (await this.#ask('ExpireItems', input)) as ExpireItemsOutput;
      if (Next === undefined) return;
      after = Next;
      await this.#state.options.scheduler.breathe();
    }
  }
}
