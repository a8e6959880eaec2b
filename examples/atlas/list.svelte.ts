/**
 * A list that is read page by page: a Query, the start keys of the pages so far, the page on show.
 *
 * Going back needs no other order of reading: the start key of every page that was shown is kept.
 */
import type { ListedCity } from './city.ts';
import { type Failure, failureOf, isAbort } from './failure.ts';
import type { PageQuery, StartKey } from './queries.ts';

export class PagedList {
  items: readonly ListedCity[] = $state.raw([]);
  page: number = $state(0);
  hasNext: boolean = $state(false);
  /** False until the first answer to the present query. */
  isAnswered: boolean = $state(false);
  failure: Failure | undefined = $state.raw();
  readonly #onFatal: (failure: Failure) => void;
  #query: PageQuery | undefined;
  #starts: StartKey[] = [undefined];
  #reading: AbortController = new AbortController();

  constructor(onFatal: (failure: Failure) => void) {
    this.#onFatal = onFatal;
  }

  /** Shows the first page of another query, or nothing. The old items stay until it is there. */
  async show(query: PageQuery | undefined): Promise<void> {
    this.#query = query;
    this.#starts = [undefined];
    this.isAnswered = false;
    if (query !== undefined) {
      await this.#read(0);
      return;
    }
    this.#reading.abort();
    this.items = [];
    this.page = 0;
    this.hasNext = false;
    this.failure = undefined;
  }

  async next(): Promise<void> {
    if (this.hasNext) await this.#read(this.page + 1);
  }

  async previous(): Promise<void> {
    if (this.page > 0) await this.#read(this.page - 1);
  }

  /** Reads the page on show anew. */
  async refresh(): Promise<void> {
    await this.#read(this.page);
    // Its last item may have been deleted.
    if (this.items.length === 0 && this.page > 0) await this.#read(this.page - 1);
  }

  async #read(page: number): Promise<void> {
    const query = this.#query;
    if (query === undefined) return;
    this.#reading.abort();
    const reading = new AbortController();
    this.#reading = reading;
    try {
      const { items, next } = await query(this.#starts[page], reading.signal);
      if (reading.signal.aborted) return;
      this.#starts = [...this.#starts.slice(0, page + 1), next];
      this.items = items;
      this.page = page;
      this.hasNext = next !== undefined;
      this.isAnswered = true;
      this.failure = undefined;
    } catch (error) {
      if (reading.signal.aborted || isAbort(error)) return;
      this.failure = failureOf(error);
      if (this.failure.isFatal) this.#onFatal(this.failure);
    }
  }
}
