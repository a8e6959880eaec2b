/**
 * The waits between tries to reach a hub (back-off.ts), and what makes them end: a program's wish,
 * or a sign that there may be a network again. Writes of the database are none: who is offline
 * writes on, and is not to try with each.
 */
import { hintPauseMs, syncRetryMsMax } from '../base/replica-limits.ts';
import type { Clock } from '../port/clock.ts';
import type { Random } from '../port/random.ts';
import type { Scheduler } from '../port/scheduler.ts';
import { Alarm } from './alarm.ts';
import { backOffMs } from './back-off.ts';
import type { SyncFault } from './fault.ts';

export interface RetryPorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly scheduler: Scheduler;
}

export class Retries {
  readonly #ports: RetryPorts;
  readonly #alarm: Alarm;
  #failures = 0;
  #isWaiting = false;
  #hintMs = Number.NEGATIVE_INFINITY;

  constructor(ports: RetryPorts) {
    this.#ports = ports;
    this.#alarm = new Alarm(ports.scheduler);
  }

  /** Until it is to be tried again. `wentWell`: something has come through since the last try. */
  async wait({ why, retryMs = 0 }: SyncFault, wentWell: boolean): Promise<void> {
    this.#failures = wentWell ? 1 : this.#failures + 1;
    const restMs = backOffMs(this.#failures, why, this.#ports.random);
    this.#isWaiting = true;
    // What stands in between may ask for a day.
    await this.#alarm.wait(Math.min(syncRetryMsMax, Math.max(retryMs, restMs)));
    this.#isWaiting = false;
  }

  /** A wait that is under way is over. */
  end(): void {
    if (this.#isWaiting) this.#alarm.ring();
  }

  /**
   * The same, and the waits are short again. False where there was a hint a moment ago: it is
   * passed over.
   */
  hint(): boolean {
    const now = this.#ports.clock.monoMs();
    if (now - this.#hintMs < hintPauseMs) return false;
    this.#hintMs = now;
    this.#failures = 0;
    this.end();
    return true;
  }
}
