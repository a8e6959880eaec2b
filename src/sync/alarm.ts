/** A wait that can be ended from elsewhere; a ring that nobody waits for ends the next one. */
import type { Scheduler } from '../port/scheduler.ts';

export class Alarm {
  readonly #scheduler: Scheduler;
  #waiting: AbortController | undefined;
  #hasRung = false;

  constructor(scheduler: Scheduler) {
    this.#scheduler = scheduler;
  }

  ring(): void {
    this.#hasRung = true;
    this.#waiting?.abort();
  }

  /** Resolves after `delayMs`, or at a ring. An endless wait is one of many long ones. */
  async wait(delayMs: number): Promise<void> {
    if (!this.#hasRung) {
      const waiting = new AbortController();
      this.#waiting = waiting;
      await this.#scheduler.delay(Math.min(delayMs, longestMs), waiting.signal, true);
      this.#waiting = undefined;
    }
    this.#hasRung = false;
  }
}

/** Timers of platforms hold 31 bits. */
const longestMs = 2 ** 31 - 1;
