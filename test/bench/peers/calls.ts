/**
 * How page and worker speak for the peers that run in a worker of ours: the calls of one microtask
 * are one message, and so are the answers of what was done together.
 */
import type { BenchItem } from '../items.ts';

export interface Operations {
  open(database: string, indexes: 1 | 2, cacheBytes: number | undefined): undefined;
  close(): undefined;
  bulk(items: readonly BenchItem[]): undefined;
  put(item: BenchItem): undefined;
  replace(item: BenchItem): BenchItem | undefined;
  increment(pk: string, sk: number): number;
  get(pk: string, sk: number): BenchItem | undefined;
  query(pk: string, limit: number): readonly BenchItem[];
  index(city: string, limit: number): readonly BenchItem[];
  scan(after: BenchItem | undefined): readonly BenchItem[];
}

export type OperationName = keyof Operations;

export interface Call<Name extends OperationName = OperationName> {
  readonly id: number;
  readonly op: Name;
  readonly args: Parameters<Operations[Name]>;
}

export interface Answer {
  readonly id: number;
  readonly result?: unknown;
  readonly error?: string;
}

interface Pending {
  readonly resolve: (result: never) => void;
  readonly reject: (error: Error) => void;
}

/** The page's end. */
export class WorkerCalls {
  readonly #worker: Worker;
  readonly #pending = new Map<number, Pending>();
  #gathered: Call[] = [];
  #last = 0;

  constructor(worker: Worker) {
    this.#worker = worker;
    worker.onmessage = ({ data }: MessageEvent<readonly Answer[]>): void => {
      for (const answer of data) this.#settle(answer);
    };
    worker.onerror = (event): void => this.#fail(new Error(event.message || 'the worker died'));
  }

  call<Name extends OperationName>(
    op: Name,
    ...args: Parameters<Operations[Name]>
  ): Promise<ReturnType<Operations[Name]>> {
    this.#last += 1;
    const id = this.#last;
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve, reject });
      if (this.#gathered.length === 0) queueMicrotask(() => this.#send());
      this.#gathered.push({ id, op, args });
    });
  }

  end(): void {
    this.#worker.terminate();
  }

  #send(): void {
    const calls = this.#gathered;
    this.#gathered = [];
    this.#worker.postMessage(calls);
  }

  #settle({ id, result, error }: Answer): void {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    if (error === undefined) pending?.resolve(result as never);
    else pending?.reject(new Error(error));
  }

  #fail(error: Error): void {
    for (const { reject } of this.#pending.values()) reject(error);
    this.#pending.clear();
  }
}
