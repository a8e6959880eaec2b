/** What a benchmark asks of an engine: the same work, each in its own best way. */
import type { BenchItem } from './items.ts';

export interface Contender {
  readonly name: string;
  open(database: string): Promise<void>;
  close(): Promise<void>;
  /** All of `items`, in the engine's best chunks; resolves when every one is committed. */
  bulk(items: readonly BenchItem[]): Promise<void>;
  put(item: BenchItem): Promise<void>;
  get(pk: string, sk: number): Promise<BenchItem | undefined>;
  /** The first `limit` items of a partition, in order. */
  query(pk: string, limit: number): Promise<readonly BenchItem[]>;
  /** The first `limit` items of a city by time. */
  index(city: string, limit: number): Promise<readonly BenchItem[]>;
  /** Every item; answers how many. */
  scan(): Promise<number>;
}

/** Runs `job` for 0 to `count` - 1, `width` at a time. */
export async function inFlight(
  count: number,
  width: number,
  job: (index: number) => Promise<unknown>,
): Promise<void> {
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < count) {
      const index = next;
      next += 1;
      await job(index);
    }
  };
  await Promise.all(Array.from({ length: width }, lane));
}
