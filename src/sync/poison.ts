/**
 * Entries that no hub takes: a push that the hub calls malformed or too long, or fails at, each
 * time. After three such ends of a push its entries go alone, one after another; the one that ends
 * three more goes to quarantine, and the next goes on (shared/SYNC.md, Protocol; P2).
 *
 * A network that fails says nothing of what was sent: only what a hub itself has answered counts.
 */
import { pushDeathsMax } from '../base/replica-limits.ts';
import { decodeEntry } from '../replica/entry.ts';
import type { SyncFault } from './fault.ts';

/** Sequence numbers of the first and the last entry of a push. */
export interface Pushed {
  readonly first: number;
  readonly last: number;
}

/** What a hub has to say of bytes; others are of who sends, or of the hub as a whole. */
const deadly: ReadonlySet<number | undefined> = new Set([400, 413, 500]);

export class Poison {
  #first = 0;
  #deaths = 0;
  /** The last of those that go alone; 0 while none do. */
  #until = 0;

  /** Whether the next push has one entry. */
  get isAlone(): boolean {
    return this.#until > 0;
  }

  /** Whether this one, which is the first that waits, is given up. */
  isOver(first: number): boolean {
    return this.isAlone && first === this.#first && this.#deaths >= pushDeathsMax;
  }

  failed({ status }: SyncFault, { first, last }: Pushed): void {
    if (!deadly.has(status)) return;
    this.#deaths = first === this.#first ? this.#deaths + 1 : 1;
    this.#first = first;
    if (this.isAlone || this.#deaths < pushDeathsMax) return;
    this.#until = last;
    this.#deaths = 0;
  }

  /** Answered, or given up. */
  passed({ last }: Pushed): void {
    this.#first = 0;
    this.#deaths = 0;
    if (last >= this.#until) this.#until = 0;
  }
}

export function pushedOf(entries: readonly Uint8Array[]): Pushed {
  const [first = 0, last = 0] = [entries[0], entries.at(-1)].map((one) =>
    one === undefined ? 0 : decodeEntry(one).seq,
  );
  return { first, last };
}
