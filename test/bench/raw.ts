/** The baseline's page side: one postMessage a call, one answer a message. */
import type { Contender } from './contender.ts';
import type { BenchItem } from './items.ts';
import type { RawCall } from './raw-worker.ts';

const chunkItems = 1000;

export class RawContender implements Contender {
  readonly name = 'raw IndexedDB';
  readonly #calls = new Map<number, (result: unknown) => void>();
  #worker: Worker | undefined;
  #last = 0;

  async open(database: string): Promise<void> {
    const worker = new Worker(new URL('./raw-worker.ts', import.meta.url), { type: 'module' });
    worker.onmessage = ({ data }: MessageEvent<{ id: number; result: unknown }>): void => {
      const done = this.#calls.get(data.id);
      this.#calls.delete(data.id);
      done?.(data.result);
    };
    this.#worker = worker;
    await this.#call('open', database);
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

  async get(pk: string, sk: number): Promise<BenchItem | undefined> {
    return (await this.#call('get', [pk, sk])) as BenchItem | undefined;
  }

  async query(pk: string, limit: number): Promise<readonly BenchItem[]> {
    return (await this.#call('query', pk, limit)) as readonly BenchItem[];
  }

  async index(city: string, limit: number): Promise<readonly BenchItem[]> {
    return (await this.#call('index', city, limit)) as readonly BenchItem[];
  }

  async scan(): Promise<number> {
    let count = 0;
    let items = (await this.#call('scan')) as readonly BenchItem[];
    while (items.length > 0) {
      count += items.length;
      const last = items[items.length - 1] as BenchItem;
      items = (await this.#call('scan', [last.pk, last.sk])) as readonly BenchItem[];
    }
    return count;
  }

  #call(op: RawCall['op'], ...args: readonly unknown[]): Promise<unknown> {
    this.#last += 1;
    const id = this.#last;
    return new Promise((resolve) => {
      this.#calls.set(id, resolve);
      this.#worker?.postMessage({ id, op, args } satisfies RawCall);
    });
  }
}
