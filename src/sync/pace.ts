/**
 * How much one message carries: less than what a network lost on its way, twice of what came
 * through. A connection that breaks every so often never takes one large message, and takes many
 * small ones.
 */
import { pullBytesMax, pushBytesMax, tellBytesMin } from '../base/replica-limits.ts';
import type { ToHub } from '../replica/message.ts';
import type { SyncFault } from './fault.ts';

export class Pace {
  #push = pushBytesMax;
  #pull = pullBytesMax;

  /** Bytes of entries after which a push is full. */
  get bytes(): number {
    return this.#push;
  }

  /** What asks for a page or a chunk says how much is to come, where that is less than all. */
  ask<M extends ToHub>(message: M): M {
    if (!isRead(message) || this.#pull >= pullBytesMax) return message;
    return { ...message, Bytes: this.#pull };
  }

  passed(message: ToHub): void {
    if (message.kind === 'push') this.#push = Math.min(pushBytesMax, this.#push * 2);
    if (isRead(message)) this.#pull = Math.min(pullBytesMax, this.#pull * 2);
  }

  /** What a hub has answered, came through. Nobody knows how large a page is that did not. */
  failed(message: ToHub, { status }: SyncFault): void {
    if (status !== undefined) return;
    if (message.kind === 'push') {
      const bytes = message.Entries.reduce((sum, { length }) => sum + length, 0);
      this.#push = less(Math.min(this.#push, bytes) / 2);
    }
    if (isRead(message)) this.#pull = less(this.#pull / 4);
  }
}

function isRead({ kind }: ToHub): boolean {
  return kind === 'pull' || kind === 'snapshot';
}

function less(bytes: number): number {
  return Math.max(tellBytesMin, Math.floor(bytes));
}
