/** The page's side of a peer that runs in a worker of ours (peers/calls.ts). */
import type { Contender, OpenWith } from '../contender.ts';
import type { BenchItem } from '../items.ts';
import { WorkerCalls } from './calls.ts';

const chunkItems = 10_000;

export class WorkerContender implements Contender {
  readonly name: string;
  readonly #start: () => Worker;
  #worker: WorkerCalls | undefined;

  constructor(name: string, start: () => Worker) {
    this.name = name;
    this.#start = start;
  }

  async open(database: string, { indexes = 1, cacheBytes }: OpenWith = {}): Promise<void> {
    this.#worker = new WorkerCalls(this.#start());
    await this.#calls.call('open', database, indexes, cacheBytes);
  }

  async close(): Promise<void> {
    await this.#calls.call('close');
    this.#calls.end();
    this.#worker = undefined;
  }

  async bulk(items: readonly BenchItem[]): Promise<void> {
    const chunks: Promise<unknown>[] = [];
    for (let at = 0; at < items.length; at += chunkItems) {
      chunks.push(this.#calls.call('bulk', items.slice(at, at + chunkItems)));
      if (chunks.length >= 2) await chunks.shift();
    }
    await Promise.all(chunks);
  }

  put(item: BenchItem): Promise<void> {
    return this.#calls.call('put', item);
  }

  replace(item: BenchItem): Promise<BenchItem | undefined> {
    return this.#calls.call('replace', item);
  }

  increment(pk: string, sk: number): Promise<number> {
    return this.#calls.call('increment', pk, sk);
  }

  get(pk: string, sk: number): Promise<BenchItem | undefined> {
    return this.#calls.call('get', pk, sk);
  }

  query(pk: string, limit: number): Promise<readonly BenchItem[]> {
    return this.#calls.call('query', pk, limit);
  }

  index(city: string, limit: number): Promise<readonly BenchItem[]> {
    return this.#calls.call('index', city, limit);
  }

  async scan(take: (items: readonly BenchItem[]) => void): Promise<void> {
    let items = await this.#calls.call('scan', undefined);
    while (items.length > 0) {
      const next = this.#calls.call('scan', items[items.length - 1]);
      take(items);
      items = await next;
    }
  }

  get #calls(): WorkerCalls {
    if (this.#worker === undefined) throw new Error(`${this.name} is not open`);
    return this.#worker;
  }
}
