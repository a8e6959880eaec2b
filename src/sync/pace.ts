/**
 * How much one push carries: half of what a network lost on its way, twice of what came through. A
 * connection that breaks every so often never takes one large message, and takes many small ones.
 */
import { pushBytesMax, pushBytesMin } from '../base/replica-limits.ts';
import type { SyncFault } from './fault.ts';

export class Pace {
  #bytes = pushBytesMax;

  /** Bytes of entries after which a push is full. */
  get bytes(): number {
    return this.#bytes;
  }

  passed(): void {
    this.#bytes = Math.min(pushBytesMax, this.#bytes * 2);
  }

  /** What a hub has answered, came through. */
  failed({ status }: SyncFault, entries: readonly Uint8Array[]): void {
    if (status !== undefined) return;
    const bytes = entries.reduce((sum, { length }) => sum + length, 0);
    this.#bytes = Math.max(pushBytesMin, Math.floor(Math.min(this.#bytes, bytes) / 2));
  }
}
