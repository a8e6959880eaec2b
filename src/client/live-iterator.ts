/**
 * Iterates over the results of a live query: the newest when asked, else the next there is.
 *
 * Results that come while nobody asks are passed over for the newest, so nothing queues up.
 */
import type { LiveQuery } from './live-types.ts';

export class FollowedIterator<R> implements AsyncIterableIterator<R> {
  readonly #query: Pick<LiveQuery<R>, 'subscribe' | 'getSnapshot'>;
  readonly #signal: AbortSignal | undefined;
  readonly #aborted: (signal: AbortSignal) => Error;
  /** Undefined before the first `next`. */
  #leave: (() => void) | undefined;
  #given: R | undefined;
  #isOver = false;
  /** Those who wait for a result, in the order they asked. */
  #waiting: {
    readonly resolve: (result: IteratorResult<R, undefined>) => void;
    readonly reject: (error: Error) => void;
  }[] = [];
  readonly #hear = (): void => this.#offer();

  /** `aborted` makes the error of an aborted signal. */
  constructor(
    query: Pick<LiveQuery<R>, 'subscribe' | 'getSnapshot'>,
    signal: AbortSignal | undefined,
    aborted: (signal: AbortSignal) => Error,
  ) {
    this.#query = query;
    this.#signal = signal;
    this.#aborted = aborted;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<R, undefined>> {
    if (this.#isOver) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      if (this.#leave === undefined) {
        this.#signal?.addEventListener('abort', this.#hear);
        this.#leave = this.#query.subscribe(this.#hear);
      }
      this.#offer();
    });
  }

  /** Ends it: who waits is told that it is over. */
  return(): Promise<IteratorResult<R, undefined>> {
    this.#end();
    return Promise.resolve({ done: true, value: undefined });
  }

  #offer(): void {
    const [first] = this.#waiting;
    if (first === undefined || this.#isOver) return;
    const snapshot = this.#query.getSnapshot();
    if (this.#signal?.aborted === true) {
      this.#fail(this.#aborted(this.#signal));
    } else if (snapshot.status === 'error') {
      this.#fail(snapshot.error);
    } else if (snapshot.status === 'ended') {
      this.#end();
    } else if (snapshot.status === 'ready' && snapshot.result !== this.#given) {
      this.#given = snapshot.result;
      this.#waiting.shift();
      first.resolve({ done: false, value: snapshot.result });
    }
  }

  #fail(error: Error): void {
    this.#waiting.shift()?.reject(error);
    this.#end();
  }

  #end(): void {
    this.#isOver = true;
    this.#signal?.removeEventListener('abort', this.#hear);
    this.#leave?.();
    for (const { resolve } of this.#waiting.splice(0)) resolve({ done: true, value: undefined });
  }
}
