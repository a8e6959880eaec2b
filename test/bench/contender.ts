/** What a benchmark asks of an engine: the same work, each in its own best way. */
import type { BenchItem } from './items.ts';

export interface OpenWith {
  /** 1: by city and time. 2: by name and time too. */
  readonly indexes?: 1 | 2;
  /** Bound of the engine's own cache, where it has one that can be set. */
  readonly cacheBytes?: number | undefined;
  /** True: other pages have the same database open. */
  readonly shared?: boolean;
  /** True: with the worker that the package brings along, where an engine has one. */
  readonly inlined?: boolean;
}

export interface Contender {
  readonly name: string;
  open(database: string, options?: OpenWith): Promise<void>;
  close(): Promise<void>;
  /** All of `items`, in the engine's best chunks; resolves when every one is committed. */
  bulk(items: readonly BenchItem[]): Promise<void>;
  /** Fills a new database by the quickest way there is; `bulk` where this is absent. */
  load?(items: Iterable<BenchItem>): Promise<void>;
  /** The same from a file of JSON lines. */
  loadLines?(lines: Blob): Promise<void>;
  put(item: BenchItem): Promise<void>;
  /** Puts, and answers the item that was there, in one transaction. */
  replace(item: BenchItem): Promise<BenchItem | undefined>;
  /** Adds 1 to the score of an item, in one transaction; answers the new score. */
  increment(pk: string, sk: number): Promise<number>;
  get(pk: string, sk: number): Promise<BenchItem | undefined>;
  /** The first `limit` items of a partition, in order. */
  query(pk: string, limit: number): Promise<readonly BenchItem[]>;
  /** The first `limit` items of a city by time. */
  index(city: string, limit: number): Promise<readonly BenchItem[]>;
  /** Every item, as objects in this page, some at a time. */
  scan(take: (items: readonly BenchItem[]) => void): Promise<void>;
  /** Tells of an item, and of what becomes of it; answers a function that ends it. */
  follow?(pk: string, sk: number, hear: (item: BenchItem | undefined) => void): () => void;
  /** The log that an open would replay now, and its share of its bound, if there is a log. */
  log?(): Promise<{ readonly bytes: number; readonly share: number }>;
}

/**
 * Runs `job` for 0 to `count` - 1, `width` at a time; starts none after `limitMs`. Answers how many
 * were done.
 */
export async function inFlight(
  count: number,
  width: number,
  job: (index: number) => Promise<unknown>,
  limitMs: number = Number.POSITIVE_INFINITY,
): Promise<number> {
  const end = performance.now() + limitMs;
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < count && performance.now() < end) {
      const index = next;
      next += 1;
      await job(index);
    }
  };
  await Promise.all(Array.from({ length: width }, lane));
  return next;
}
