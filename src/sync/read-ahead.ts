/**
 * Chunks of a snapshot that are asked for before the database has taken the last one: so the hub
 * reads, the network carries and the database stores at once.
 *
 * Each is asked for when the one before it has come, since that says where it begins. What was
 * asked for and is not wanted any more is forgotten: the database takes a chunk only where it fits.
 */
import { equalBytes } from '../base/bytes.ts';
import { chunksAheadMax } from '../base/replica-limits.ts';
import type { Framed, Snapshot } from '../replica/message.ts';

interface Asked {
  readonly wish: Snapshot;
  readonly answer: Promise<Framed>;
}

export class ReadAhead {
  readonly #tell: (message: Snapshot) => Promise<Framed>;
  /** In the order of keys: each goes on where the one before it ends. */
  #asked: Asked[] = [];
  /** What goes on behind the last of them, once there is room. */
  #next: Snapshot | undefined;

  constructor(tell: (message: Snapshot) => Promise<Framed>) {
    this.#tell = tell;
  }

  /** The hub's answer, under the number of `wish`. */
  async answer(wish: Snapshot): Promise<Framed> {
    const at = this.#asked.findIndex((one) => isSame(one.wish, wish));
    if (at < 0) {
      this.forget();
      this.#ask(wish);
    }
    const [found] = this.#asked.splice(0, Math.max(at, 0) + 1);
    if (found === undefined) throw new Error('a chunk that nobody asked for');
    if (this.#next !== undefined) this.#ask(this.#next);
    return { ...(await found.answer), number: wish.number };
  }

  /** What is on its way was read before something that has happened since. */
  forget(): void {
    this.#asked = [];
    this.#next = undefined;
  }

  #ask(wish: Snapshot): void {
    this.#next = undefined;
    const answer = this.#tell(wish);
    const asked = { wish, answer };
    this.#asked.push(asked);
    answer.then(
      (chunk) => this.#came(asked, chunk),
      () => undefined,
    );
  }

  #came(asked: Asked, chunk: Framed): void {
    const isLast = this.#asked.length === 0 || this.#asked.at(-1) === asked;
    const isMore = chunk.kind === 'chunk' && chunk.IsHeld && chunk.To.length > 0;
    if (!isLast || !isMore) return;
    const next = { ...asked.wish, After: chunk.To };
    if (this.#asked.length < chunksAheadMax) this.#ask(next);
    else this.#next = next;
  }
}

function isSame(a: Snapshot, b: Snapshot): boolean {
  return (
    a.Epoch === b.Epoch &&
    a.WithDeleted === b.WithDeleted &&
    equalBytes(a.Range, b.Range) &&
    equalBytes(a.After, b.After)
  );
}
