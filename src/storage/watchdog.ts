/**
 * A time limit on everything that is asked of IndexedDB, for one timer in all.
 *
 * A request can stay without an answer for ever: another tab spins inside a transaction over the
 * same stores, or the browser's storage process is gone and its `close` event with it.
 */
import { Patience } from '../base/patience.ts';

/** Something under way: called when it has taken too long. */
type Bite = () => void;

export class Watchdog {
  readonly #patience: Patience<Bite>;
  readonly #tickMs: number;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(limitMs: number, tickMs: number) {
    this.#patience = new Patience(limitMs, tickMs);
    this.#tickMs = tickMs;
  }

  /** Calls `bite` after the limit, unless what this answers is called before. */
  watch(bite: Bite): () => void {
    // Each its own, so that one function may be watched twice.
    const own: Bite = () => bite();
    if (this.#timer === undefined) this.#tick();
    this.#patience.begin(own);
    return () => this.#patience.end(own);
  }

  /** Ends the waiting for everything that is watched now. */
  biteAll(): void {
    for (const bite of this.#patience.endAll()) bite();
  }

  /** What `work` comes to, or a rejection with what `late` makes. */
  race<T>(work: Promise<T>, late: () => Error): Promise<T> {
    return new Promise((resolve, reject) => {
      const release = this.watch(() => reject(late()));
      work.finally(release).then(resolve, reject);
    });
  }

  /** Ticks while anything is watched; the timer that finds nothing is the last. */
  #tick(): void {
    for (const bite of this.#patience.tick(performance.now())) bite();
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      if (this.#patience.size > 0) this.#tick();
    }, this.#tickMs);
  }
}
