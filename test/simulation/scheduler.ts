/**
 * A seeded scheduler: everything that waits, waits here, and one of those that are due goes on.
 *
 * Time jumps to the next event when nothing is due. Microtasks are drained between two steps, so a
 * run is decided by its seed alone; `trace` hashes time and site of every step and shows it.
 */
import { utf8 } from '../../src/base/bytes.ts';
import { hash32 } from '../../src/base/hash.ts';
import { type Prng, prng } from '../../src/base/prng.ts';

/** Steps that are taken in one round of Node's loop. */
const stepsPerRound = 32;

interface Waiter {
  readonly at: number;
  readonly site: number;
  readonly go: () => void;
}

export class SeededScheduler {
  readonly random: Prng;
  nowMs = 1_000_000;
  steps = 0;
  trace = 0;
  readonly #waiters: Waiter[] = [];

  constructor(seed: number) {
    this.random = prng(seed);
  }

  /** Resolves when the scheduler picks this waiter, at least `delayMs` later. */
  wait(site: number, delayMs = 0): Promise<void> {
    return new Promise((resolve) => {
      this.at(site, delayMs, resolve);
    });
  }

  /** Calls `go` then. Clocks tell whole milliseconds, whatever somebody waits for. */
  at(site: number, delayMs: number, go: () => void): void {
    this.#waiters.push({ at: this.nowMs + Math.ceil(delayMs), site, go });
  }

  /** Mixes something that happened into the trace. */
  note(what: number): void {
    this.trace = mix(this.trace, what);
  }

  /** Steps until `over` says so; rejects after `stepsMax`, or when nobody waits any more. */
  run(over: () => boolean, stepsMax: number): Promise<void> {
    return new Promise((resolve, reject) => {
      let isOver = false;
      const last = this.steps + stepsMax;
      const step = (): void => {
        if (isOver) return;
        try {
          isOver = over();
          if (isOver) resolve();
          else this.#step(last);
        } catch (error) {
          isOver = true;
          reject(error);
        }
      };
      // Node lets all microtasks run between two immediates of one round of its loop, and a round
      // costs more than a step.
      const round = (): void => {
        for (let index = 0; index < stepsPerRound; index += 1) setImmediate(step);
        if (!isOver) setImmediate(round);
      };
      round();
    });
  }

  #step(last: number): void {
    if (this.steps === last) throw new Error(`not over after ${last} steps`);
    const waiter = this.#next();
    if (waiter === undefined) throw new Error('nobody waits, and it is not over: a lost wake-up');
    this.steps += 1;
    this.trace = mix(mix(this.trace, this.nowMs), waiter.site);
    waiter.go();
  }

  #next(): Waiter | undefined {
    const waiters = this.#waiters;
    let due = 0;
    let earliest = Number.POSITIVE_INFINITY;
    for (const { at } of waiters) {
      if (at <= this.nowMs) due += 1;
      if (at < earliest) earliest = at;
    }
    if (due === 0) {
      if (waiters.length === 0) return undefined;
      this.nowMs = earliest;
      for (const { at } of waiters) if (at <= earliest) due += 1;
    }
    const limit = this.nowMs;
    if (this.random.chance(0.05)) {
      this.nowMs += 1 + this.random.below(this.random.chance(0.1) ? 3000 : 30);
    }
    let left = this.random.below(due);
    const index = waiters.findIndex(({ at }) => at <= limit && left-- === 0);
    const chosen = waiters[index] as Waiter;
    const last = waiters.pop() as Waiter;
    if (index < waiters.length) waiters[index] = last;
    return chosen;
  }
}

/** A number for the name of a site, to be made once. */
export function siteOf(name: string): number {
  return hash32(utf8(name));
}

function mix(trace: number, value: number): number {
  const mixed = Math.imul((trace ^ value) + value / 0x100000000, 0x9e3779b1);
  return (mixed ^ (mixed >>> 15)) >>> 0;
}
