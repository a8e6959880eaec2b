/**
 * Things that wait, and which of them have waited too long.
 *
 * Waiting is counted in ticks, and a tick counts for two at most: a tab that was frozen, or a
 * machine that slept, has not waited meanwhile, and what is answered on waking up is not given up
 * just before. So a thing is found between its limit and two ticks later, of time awake.
 */

export class Patience<T> {
  readonly #limitMs: number;
  readonly #tickMs: number;
  /** Since when each waits, on the clock of time awake. */
  readonly #since: Map<T, number> = new Map();
  #awakeMs = 0;
  #lastMs: number | undefined;

  constructor(limitMs: number, tickMs: number) {
    this.#limitMs = limitMs;
    this.#tickMs = tickMs;
  }

  get size(): number {
    return this.#since.size;
  }

  begin(thing: T): void {
    this.#since.set(thing, this.#awakeMs);
  }

  end(thing: T): void {
    this.#since.delete(thing);
  }

  /** Forgets, and answers, everything that waits. */
  endAll(): readonly T[] {
    const things = [...this.#since.keys()];
    this.#since.clear();
    return things;
  }

  /** Counts the time since the tick before; answers, and forgets, what has waited too long. */
  tick(nowMs: number): readonly T[] {
    const passedMs = nowMs - (this.#lastMs ?? nowMs);
    this.#lastMs = nowMs;
    this.#awakeMs += Math.min(Math.max(0, passedMs), 2 * this.#tickMs);
    const late: T[] = [];
    for (const [thing, sinceMs] of this.#since) {
      if (this.#awakeMs - sinceMs >= this.#limitMs) late.push(thing);
    }
    for (const thing of late) this.#since.delete(thing);
    return late;
  }
}
