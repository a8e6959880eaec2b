/** The baseline's page side: the calls of one microtask as one message, or each as its own. */
import type { Contender, OpenWith } from './contender.ts';
import type { BenchItem } from './items.ts';
import type { RawAnswer, RawCall } from './raw-worker.ts';

const chunkItems = 1000;

export class RawContender implements Contender {
  readonly name: string;
  readonly #coalesce: boolean;
  readonly #calls = new Map<number, (result: unknown) => void>();
  #gathered: RawCall[] = [];
  #worker: Worker | undefined;
  #last = 0;

  constructor(coalesce: boolean) {
    this.#coalesce = coalesce;
    this.name = coalesce ? 'raw IndexedDB' : 'raw IndexedDB, a message a call';
  }

  async open(database: string, { indexes = 1 }: OpenWith = {}): Promise<void> {
    const worker = new Worker(new URL('./raw-worker.ts', import.meta.url), { type: 'module' });
    worker.onmessage = ({ data }: MessageEvent<readonly RawAnswer[]>): void => {
      for (const { id, result } of data) {
        const done = this.#calls.get(id);
        this.#calls.delete(id);
        done?.(result);
      }
    };
    this.#worker = worker;
    await this.#call('open', database, indexes, this.#coalesce);
  }

  async close(): Promise<void> {
    await this.#call('close');
    this.#worker?.terminate();
    this.#worker = undefined;
  }

  async bulk(items: readonly BenchItem[]): Promise<void> {
    const chunks: Promise<unknown>[] = [];
    for (let at = 0; at < items.length; at += chunkItems) {
      chunks.push(this.#call('bulk', items.slice(at, at + chunkItems)));
      // Two chunks in flight keep the worker busy while the page prepares the next.
      if (chunks.length >= 2) await chunks.shift();
    }
    await Promise.all(chunks);
  }

  async put(item: BenchItem): Promise<void> {
    await this.#call('put', item);
  }

  async replace(item: BenchItem): Promise<BenchItem | undefined> {
    return (await this.#call('replace', item)) as BenchItem | undefined;
  }

  async increment(pk: string, sk: number): Promise<number> {
    return (await this.#call('increment', pk, sk)) as number;
  }

  async get(pk: string, sk: number): Promise<BenchItem | undefined> {
    return (await this.#call('get', pk, sk)) as BenchItem | undefined;
  }

  async query(pk: string, limit: number): Promise<readonly BenchItem[]> {
    return (await this.#call('query', pk, limit)) as readonly BenchItem[];
  }

  async index(city: string, limit: number): Promise<readonly BenchItem[]> {
    return (await this.#call('index', city, limit)) as readonly BenchItem[];
  }

  async scan(take: (items: readonly BenchItem[]) => void): Promise<void> {
    let items = (await this.#call('scan')) as readonly BenchItem[];
    while (items.length > 0) {
      const { pk, sk } = items[items.length - 1] as BenchItem;
      const next = this.#call('scan', [pk, sk]);
      take(items);
      items = (await next) as readonly BenchItem[];
    }
  }

  #call(op: RawCall['op'], ...args: readonly unknown[]): Promise<unknown> {
    this.#last += 1;
    const id = this.#last;
    return new Promise((resolve) => {
      this.#calls.set(id, resolve);
      const call: RawCall = { id, op, args };
      if (!this.#coalesce) return this.#worker?.postMessage(call);
      if (this.#gathered.length === 0) queueMicrotask(() => this.#send());
      this.#gathered.push(call);
    });
  }

  #send(): void {
    const calls = this.#gathered;
    this.#gathered = [];
    this.#worker?.postMessage(calls);
  }
}
