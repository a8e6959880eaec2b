/**
 * A seeded scheduler: everything that waits, waits here, and one of those that are due goes on.
 *
 * Time jumps to the next event when nothing is due. Microtasks are drained between two steps, so a
 * run is decided by its seed alone; `trace` hashes every step and shows it.
 */
import { hash32 } from '../../src/base/hash.ts';
import { utf8 } from '../../src/base/bytes.ts';
import { type Prng, prng } from '../../src/base/prng.ts';

interface Waiter {
  readonly at: number;
  readonly site: string;
  readonly go: () => void;
}

export class SeededScheduler {
  readonly random: Prng;
  nowMs = 1_000_000;
  steps = 0;
  trace = 0;
  #waiters: Waiter[] = [];

  constructor(seed: number) {
    this.random = prng(seed);
  }

  /** Resolves when the scheduler picks this waiter, at least `delayMs` later. */
  wait(site: string, delayMs = 0): Promise<void> {
    return new Promise((resolve) => {
      this.#waiters.push({ at: this.nowMs + delayMs, site, go: resolve });
    });
  }

  /** Steps until `over` says so; throws after `stepsMax`, or when nobody waits any more. */
  async run(over: () => boolean, stepsMax: number): Promise<void> {
    for (let step = 0; step < stepsMax; step += 1) {
      await drain();
      if (over()) return;
      const waiter = this.#next();
      if (waiter === undefined) throw new Error('nobody waits, and it is not over: a lost wake-up');
      this.steps += 1;
      this.trace = hash32(utf8(`${this.nowMs} ${waiter.site}`), this.trace);
      waiter.go();
    }
    throw new Error(`not over after ${stepsMax} steps`);
  }

  #next(): Waiter | undefined {
    if (this.#waiters.length === 0) return undefined;
    let due = this.#waiters.filter(({ at }) => at <= this.nowMs);
    if (due.length === 0) {
      this.nowMs = Math.min(...this.#waiters.map(({ at }) => at));
      due = this.#waiters.filter(({ at }) => at <= this.nowMs);
    } else if (this.random.chance(0.05)) {
      this.nowMs += 1 + this.random.below(this.random.chance(0.1) ? 3000 : 30);
    }
    const chosen = due[this.random.below(due.length)] as Waiter;
    this.#waiters = this.#waiters.filter((waiter) => waiter !== chosen);
    return chosen;
  }
}

/** Lets all microtasks run, those they make included. */
function drain(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
