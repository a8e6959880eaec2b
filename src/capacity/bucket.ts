/**
 * A bucket of capacity units: so many flow in a second, and what is not used is kept for a while
 * (reference/streams-ttl-backup-globaltables.md, section 9).
 *
 * A request is let in while there is anything left, since what a read or an update costs is known
 * only when it is done; it may so take more than there is. The bucket owes that, and lets nobody in
 * before it is made good.
 */
import { burstSeconds } from '../base/capacity-limits.ts';

export class Bucket {
  readonly #keepSeconds: number;
  #units: number;
  #atMs: number;

  /**
   * `idleSeconds`: how long nobody has used it. It holds a second's units at the least, and those
   * of `keepSeconds` at most.
   */
  constructor(
    perSecond: number,
    idleSeconds: number,
    nowMs: number,
    keepSeconds: number = burstSeconds,
  ) {
    this.#keepSeconds = keepSeconds;
    this.#units = perSecond * Math.min(keepSeconds, Math.max(1, idleSeconds));
    this.#atMs = nowMs;
  }

  /** Whether there is anything left, at a rate that may have changed since the last time. */
  hasUnits(perSecond: number, nowMs: number): boolean {
    const seconds = Math.max(0, nowMs - this.#atMs) / 1000;
    this.#atMs = Math.max(nowMs, this.#atMs);
    this.#units = Math.min(perSecond * this.#keepSeconds, this.#units + perSecond * seconds);
    return this.#units > 0;
  }

  /** Takes units out; gives them back where `units` is negative. */
  take(units: number): void {
    this.#units -= units;
  }
}
