/**
 * How often each of many may ask: a bucket of tokens for each, that fills with time.
 *
 * The buckets are as many as their limit says; the one that was longest unused makes room, and is
 * full when it comes back, which is what it would be by then.
 */

export interface Rate {
  readonly perSecond: number;
  readonly burst: number;
}

interface Bucket {
  tokens: number;
  atMs: number;
}

export class Rates {
  readonly #rate: Rate;
  readonly #max: number;
  readonly #buckets: Map<string, Bucket> = new Map();

  constructor(rate: Rate, max: number) {
    this.#rate = rate;
    this.#max = max;
  }

  /** Takes a token; false when there is none. */
  take(name: string, nowMs: number): boolean {
    const { perSecond, burst } = this.#rate;
    const found = this.#buckets.get(name);
    const waitedMs = found === undefined ? 0 : Math.max(0, nowMs - found.atMs);
    const held = found === undefined ? burst : found.tokens + (waitedMs * perSecond) / 1000;
    const tokens = Math.min(burst, held);
    const isLet = tokens >= 1;
    // The last that was used is the last of the Map.
    this.#buckets.delete(name);
    this.#buckets.set(name, { tokens: isLet ? tokens - 1 : tokens, atMs: nowMs });
    for (const oldest of this.#buckets.keys()) {
      if (this.#buckets.size <= this.#max) break;
      this.#buckets.delete(oldest);
    }
    return isLet;
  }
}
