/**
 * What the workloads share: the task that the runner gives to a page, rates, and the checks that
 * keep every contender from being fast and wrong.
 */
import { type Contender, inFlight } from './contender.ts';
import { type BenchItem, itemOf, partitionOf, perPartition } from './items.ts';

/** One step of a part, done by one page. */
export interface Task {
  readonly contender: string;
  readonly step: string;
  readonly database: string;
  readonly items: number;
  readonly seed: number;
  /** Of the tabs, which this page is. */
  readonly tab: number;
  readonly tabs: number;
  readonly cacheBytes?: number | undefined;
  /** Of sync: where the hub is. */
  readonly hub?: string | undefined;
  /** How long a workload may go on, and how long the rest between two is. */
  readonly limitMs: number;
  readonly settleMs: number;
}

export interface Figures {
  [workload: string]: number;
}

/** Lets what a workload left to do come to its end: each is measured by itself. */
export function settle({ settleMs }: Task): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, settleMs);
  });
}

/** `count` over the seconds that `work` took. */
export async function rate(count: number, work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return (count * 1000) / (performance.now() - started);
}

/** Operations a second of at most `count`, `width` at a time, within the task's time. */
export async function rateOf(
  { limitMs }: Task,
  count: number,
  width: number,
  job: (index: number) => Promise<unknown>,
): Promise<number> {
  const started = performance.now();
  const done = await inFlight(count, width, job, limitMs);
  return (done * 1000) / (performance.now() - started);
}

export async function msOf(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

/** Gets item `index` and looks at it: it must be as it was written, in one of `versions`. */
export async function getAndCheck(
  contender: Contender,
  index: number,
  versions?: readonly number[],
): Promise<BenchItem> {
  const [pk, sk] = keyOf(index);
  const found = await contender.get(pk, sk);
  if (found?.pk !== pk || found.sk !== sk) throw new Error(`${contender.name}: a wrong item`);
  if (versions?.every((version) => itemOf(index, version).note !== found.note) === true) {
    throw new Error(`${contender.name}: item ${index} is in none of the versions it was put in`);
  }
  return found;
}

/** Scans and counts: every item must come once, as an object with its attributes. */
export async function scanAndCheck(contender: Contender, items: number): Promise<void> {
  let count = 0;
  let sum = 0;
  await contender.scan((some) => {
    count += some.length;
    for (const { at } of some) sum += at - 1_700_000_000;
  });
  if (count !== items || sum !== (items * (items - 1)) / 2) {
    throw new Error(`${contender.name}: scanned ${count} items of ${items}, sum ${sum}`);
  }
}

export function keyOf(index: number): readonly [pk: string, sk: number] {
  return [partitionOf(Math.floor(index / perPartition)), index % perPartition];
}

/**
 * Loads items 0 to `count` - 1 in the order given, or in their own; by the engine's quickest way,
 * or some at a time.
 */
export async function loadItems(
  contender: Contender,
  count: number,
  order?: readonly number[],
): Promise<void> {
  const chunk = 50_000;
  const number = (at: number): number => order?.[at] ?? at;
  if (contender.load !== undefined) return contender.load(itemsOf(count, number));
  for (let from = 0; from < count; from += chunk) {
    const length = Math.min(chunk, count - from);
    await contender.bulk(Array.from({ length }, (_, at) => itemOf(number(from + at))));
  }
}

/** A few at a time are in memory. */
function* itemsOf(count: number, number: (at: number) => number): Generator<BenchItem, void, void> {
  for (let at = 0; at < count; at += 1) yield itemOf(number(at));
}
