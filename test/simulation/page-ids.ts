/**
 * Page ids as checkpoints give them out: every page that one wrote is below the next id that its
 * meta record names, or the next checkpoint gives it out again.
 */
import { buildPagesFrom, checkpointSpan } from '../../src/base/limits.ts';
import { metaKey, type WriteBatch } from '../../src/port/store.ts';
import { metaIn } from './sites.ts';

export class PageIds {
  /** By checkpoint number, the greatest id that it wrote. */
  readonly #greatest = new Map<number, number>();

  /** Takes a write that the store carried out; what is wrong with it. */
  written({ put = [] }: WriteBatch): string | undefined {
    let wrong: string | undefined;
    for (const { space, key, value } of put) {
      if (space === 'page') this.#note(Math.floor(key / checkpointSpan), key % checkpointSpan);
      if (space !== 'meta' || key !== metaKey) continue;
      const { checkpoint, nextPage } = metaIn(value);
      const greatest = this.#greatest.get(checkpoint) ?? 0;
      if (greatest >= nextPage) wrong = `page ${greatest} is in use, and ${nextPage} is the next`;
      for (const number of this.#greatest.keys()) {
        if (number <= checkpoint) this.#greatest.delete(number);
      }
    }
    return wrong;
  }

  /** Writes came undone: a number may be given to another checkpoint. */
  forget(): void {
    this.#greatest.clear();
  }

  #note(id: number, number: number): void {
    if (id >= buildPagesFrom) return;
    this.#greatest.set(number, Math.max(id, this.#greatest.get(number) ?? 0));
  }
}
