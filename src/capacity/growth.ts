/**
 * How a table on demand grows: it takes twice its highest peak at once, and a higher peak counts
 * half an hour later (reference/streams-ttl-backup-globaltables.md, section 9).
 *
 * A peak is what was used in one second. Nothing is kept of a second that was not used up: the rate
 * is a ceiling, not an allowance.
 */
import { growthMs } from '../base/capacity-limits.ts';
import { Bucket } from './bucket.ts';

export class Growth {
  readonly #bucket: Bucket;
  #peak: number;
  #windowMs: number;
  /** The highest second of this half hour, and the one that is under way. */
  #highest = 0;
  #secondMs: number;
  #used = 0;

  /** `perSecond`: what it takes at once from the start. */
  constructor(perSecond: number, nowMs: number) {
    this.#peak = perSecond / 2;
    this.#windowMs = nowMs;
    this.#secondMs = nowMs;
    this.#bucket = new Bucket(perSecond, 1, nowMs, 1);
  }

  /** Whether there is anything left; `least` is what it is warm for, whatever its peaks were. */
  hasUnits(least: number, nowMs: number): boolean {
    this.#pass(nowMs);
    return this.#bucket.hasUnits(Math.max(least, 2 * this.#peak), nowMs);
  }

  /** Takes units out; gives them back where `units` is negative. */
  take(units: number): void {
    this.#used += units;
    this.#bucket.take(units);
  }

  #pass(nowMs: number): void {
    if (nowMs - this.#secondMs >= 1000) {
      this.#highest = Math.max(this.#highest, this.#used);
      this.#used = 0;
      this.#secondMs = nowMs;
    }
    if (nowMs - this.#windowMs < growthMs) return;
    this.#peak = Math.max(this.#peak, this.#highest);
    this.#highest = 0;
    this.#windowMs = nowMs;
  }
}
