/**
 * The page's end of notices: who listens for what.
 *
 * What nobody has listened for yet is kept for the first who does, so that a program that opens a
 * database and then listens misses nothing of the opening.
 */
import { noticesKeptMax } from '../base/limits.ts';
import type { Notice, NoticeType, Notify } from '../port/notice.ts';

export class Notices {
  readonly #listeners: Set<readonly [NoticeType, Notify]> = new Set();
  #unheard: readonly Notice[] = [];

  /** Answers a function that ends the listening. */
  on(type: NoticeType, listener: Notify): () => void {
    const entry = [type, listener] as const;
    this.#listeners.add(entry);
    const unheard = this.#unheard;
    this.#unheard = [];
    for (const notice of unheard) this.tell(notice);
    return () => void this.#listeners.delete(entry);
  }

  tell(notice: Notice): void {
    let isHeard = false;
    for (const [type, listener] of this.#listeners) {
      if (type !== notice.type) continue;
      isHeard = true;
      // One that throws harms no other, and is reported as an error that nobody caught.
      queueMicrotask(() => listener(notice));
    }
    if (!isHeard) this.#unheard = [...this.#unheard, notice].slice(-noticesKeptMax);
  }
}
