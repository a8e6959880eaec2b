/**
 * The workloads of the first figures. Each answers operations a second, measured in the page around
 * the awaited calls; every contender's answers are checked on the way, so that none is fast and
 * wrong.
 */
import { type Contender, inFlight } from './contender.ts';
import { type BenchItem, cityOf, itemOf, partitionOf, perPartition, shuffled } from './items.ts';

export interface Figures {
  [workload: string]: number;
}

const items = 50_000;
const awaitedPuts = 3000;
const putters = 20_000;
const awaitedGets = 4000;
const gets = 40_000;
const coldGets = 300;
const queries = 1000;
const width = 64;
const settleMs = 3000;

export const workloadNames: readonly string[] = [
  'bulk load',
  'awaited put',
  '64 putters',
  'hot get',
  '64 gets in flight',
  'query of 100',
  'index query of 100',
  'full scan',
  'open to first get',
  'cold get',
];

/**
 * Lets what a workload left to do in the background come to its end: each is measured by itself.
 */
function settle(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, settleMs);
  });
}

/** One round on a database of its own. `only` limits what is measured, not what is prepared. */
export async function measure(
  contender: Contender,
  database: string,
  seed: number,
): Promise<Figures> {
  const figures: Figures = {};
  const order = shuffled(items, seed);
  const data = order.map((index) => itemOf(index));
  await contender.open(database);
  figures['bulk load'] = await rate(items, () => contender.bulk(data));
  await settle();
  const fresh = Array.from({ length: awaitedPuts + putters }, (_, index) => {
    return itemOf(order[index % items] as number, 1);
  });
  figures['awaited put'] = await rate(awaitedPuts, () => {
    return inFlight(awaitedPuts, 1, (index) => contender.put(fresh[index] as BenchItem));
  });
  await settle();
  figures['64 putters'] = await rate(putters, () => {
    return inFlight(putters, width, (index) =>
      contender.put(fresh[awaitedPuts + index] as BenchItem),
    );
  });
  await settle();
  await reads(contender, figures, order);
  await contender.close();
  await coldStart(contender, database, figures, order);
  return figures;
}

async function reads(
  contender: Contender,
  figures: Figures,
  order: readonly number[],
): Promise<void> {
  const get = async (at: number): Promise<void> => {
    const index = order[at % 2000] as number;
    const found = await contender.get(
      partitionOf(Math.floor(index / perPartition)),
      index % perPartition,
    );
    if (found?.sk !== index % perPartition) throw new Error(`${contender.name}: a wrong item`);
  };
  await inFlight(2000, width, get);
  figures['hot get'] = await rate(awaitedGets, () => inFlight(awaitedGets, 1, get));
  figures['64 gets in flight'] = await rate(gets, () => inFlight(gets, width, get));
  const query = async (at: number): Promise<void> => {
    const found = await contender.query(
      partitionOf((at * 7) % (items / perPartition)),
      perPartition,
    );
    if (found.length !== perPartition || found[99]?.sk !== 99) throw new Error('a wrong range');
  };
  await inFlight(items / perPartition, 4, query);
  figures['query of 100'] = await rate(queries, () => inFlight(queries, 1, query));
  const index = async (at: number): Promise<void> => {
    const city = cityOf(at * 3);
    const found = await contender.index(city, perPartition);
    if (found.length !== perPartition || found[0]?.city !== city) throw new Error('a wrong index');
  };
  await inFlight(500, 4, index);
  figures['index query of 100'] = await rate(queries, () => inFlight(queries, 1, index));
  figures['full scan'] = await rate(items, async () => {
    const count = await contender.scan();
    if (count !== items) throw new Error(`${contender.name}: ${count} items of ${items}`);
  });
}

/** A new worker over the stored database: its cache is empty, the browser's is not. */
async function coldStart(
  contender: Contender,
  database: string,
  figures: Figures,
  order: readonly number[],
): Promise<void> {
  const get = (index: number): Promise<unknown> => {
    return contender.get(partitionOf(Math.floor(index / perPartition)), index % perPartition);
  };
  figures['open to first get'] = await rate(1, async () => {
    await contender.open(database);
    await get(order[0] as number);
  });
  figures['cold get'] = await rate(coldGets, () => {
    return inFlight(coldGets, 1, (at) => get(order[at + 1] as number));
  });
  await contender.close();
}

/** `count` over the seconds that `work` took. */
async function rate(count: number, work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return (count * 1000) / (performance.now() - started);
}
