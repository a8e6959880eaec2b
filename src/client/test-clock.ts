/**
 * A clock for users' tests: runs with the machine's until it is set or frozen, and can be moved.
 *
 * It is also the scheduler of what waits by it, so that moving it forward ends the waits that are
 * over by then.
 */
import type { Clock } from '../port/clock.ts';
import type { Scheduler } from '../port/scheduler.ts';

interface Sleeper {
  readonly dueMs: number;
  readonly wake: () => void;
}

export class TestClock implements Clock, Scheduler {
  /** What is added to the machine's clocks, or the time itself while frozen. */
  #wallMs = 0;
  #monoMs = 0;
  #isFrozen = false;
  readonly #sleepers: Set<Sleeper> = new Set();

  wallMs(): number {
    return this.#isFrozen ? this.#wallMs : Date.now() + this.#wallMs;
  }

  monoMs(): number {
    return this.#isFrozen ? this.#monoMs : performance.now() + this.#monoMs;
  }

  /** Stops the clock where it is: from now on time passes by `set` and `advance` only. */
  freeze(): void {
    const wallMs = this.wallMs();
    this.#monoMs = this.monoMs();
    this.#wallMs = wallMs;
    this.#isFrozen = true;
  }

  /** Stops the clock at `wallMs`, milliseconds since the epoch, earlier or later than now. */
  set(wallMs: number): void {
    this.freeze();
    const forwardMs = Math.max(0, wallMs - this.#wallMs);
    this.#wallMs = wallMs;
    this.#monoMs += forwardMs;
    this.#wakeDue();
  }

  /** Lets `byMs` pass at once. */
  advance(byMs: number): void {
    if (byMs < 0) throw new RangeError('time passes forward only; set() can turn a clock back');
    this.#wallMs += byMs;
    this.#monoMs += byMs;
    this.#wakeDue();
  }

  delay(delayMs: number, signal?: AbortSignal, idle = false): Promise<void> {
    return new Promise((resolve) => {
      if (signal?.aborted === true) {
        resolve();
        return;
      }
      const wake = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', wake);
        this.#sleepers.delete(sleeper);
        resolve();
      };
      const sleeper: Sleeper = { dueMs: this.monoMs() + delayMs, wake };
      // A clock frozen in the meantime lets nobody wake by the machine's time.
      const timer = this.#isFrozen
        ? undefined
        : setTimeout(() => {
            if (!this.#isFrozen) wake();
          }, delayMs);
      // In Node a timer is an object that can let the process end.
      if (idle && typeof timer === 'object') (timer as { unref?(): void }).unref?.();
      signal?.addEventListener('abort', wake);
      this.#sleepers.add(sleeper);
    });
  }

  breathe(): Promise<void> {
    return new Promise((resolve) => {
      setTimeout(resolve, 0);
    });
  }

  #wakeDue(): void {
    const nowMs = this.monoMs();
    for (const { dueMs, wake } of [...this.#sleepers]) if (dueMs <= nowMs) wake();
  }
}
