/**
 * What a tab that waits for the lock of sync watches: whether the tab that holds it is awake. One
 * that hangs, or is frozen, holds it for ever and says nothing, to a question neither.
 *
 * Who leads says nothing either while all is well, so it is asked. A timer of its own would be of
 * no use: browsers hold back those of tabs in the background, but not their messages.
 */
import { leadAnswerMs, leadSilenceMs } from '../base/replica-limits.ts';
import type { Clock } from '../port/clock.ts';
import type { Random } from '../port/random.ts';
import type { Scheduler } from '../port/scheduler.ts';

export interface LeaderWatchPorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly scheduler: Scheduler;
  /** Has who leads say how it goes; undefined where tabs do not hear one another. */
  readonly ask: (() => void) | undefined;
}

export class LeaderWatch {
  readonly #ports: LeaderWatchPorts;
  /** Monotonic time at which who leads was heard last. */
  #heardMs = Number.NEGATIVE_INFINITY;
  /** Ends the wait until the next question. */
  #doubt = new AbortController();

  constructor(ports: LeaderWatchPorts) {
    this.#ports = ports;
  }

  heard(): void {
    this.#heardMs = this.#ports.clock.monoMs();
  }

  /** Something is wished of who leads: it is asked at once. */
  doubt(): void {
    this.#heardMs = Number.NEGATIVE_INFINITY;
    this.#doubt.abort();
    this.#doubt = new AbortController();
  }

  /** Resolves to true when who leads does not answer, to false when `over`. */
  async isSilent(over: AbortSignal): Promise<boolean> {
    const { ask, clock, random, scheduler } = this.#ports;
    while (ask !== undefined && !over.aborted) {
      const restMs = this.#heardMs + leadSilenceMs - clock.monoMs();
      if (restMs > 0) {
        await scheduler.delay(restMs, AbortSignal.any([over, this.#doubt.signal]), true);
        continue;
      }
      const askedMs = clock.monoMs();
      ask();
      // Of several that wait one is the first, and the others hear it.
      const [chance = 0] = random.bytes(1);
      await scheduler.delay((leadAnswerMs * (255 + chance)) / 510, over, true);
      if (!over.aborted && this.#heardMs < askedMs) return true;
    }
    return false;
  }
}
