/**
 * The workloads of the first figures, in three steps: writes, reads, and a new worker over what is
 * stored. Each answers operations a second, measured in the page around the awaited calls.
 */
import { type Contender, inFlight } from './contender.ts';
import {
  type BenchItem,
  cities,
  cityOf,
  itemOf,
  partitionOf,
  perPartition,
  shuffled,
} from './items.ts';
import {
  type Figures,
  getAndCheck,
  msOf,
  rate,
  rateOf,
  scanAndCheck,
  settle,
  type Task,
} from './measure.ts';

const awaitedPuts = 3000;
const putters = 20_000;
const awaitedGets = 4000;
const gets = 40_000;
const hotItems = 2000;
const coldGets = 300;
const queries = 1000;
const width = 64;

export async function writes(contender: Contender, task: Task): Promise<Figures> {
  const { items, seed } = task;
  const figures: Figures = {};
  const order = shuffled(items, seed);
  const data = order.map((index) => itemOf(index));
  await contender.open(task.database);
  figures['bulk load'] = await rate(items, () => contender.bulk(data));
  await settle(task);
  // A put that changes nothing may cost less: each is of another version.
  const fresh = Array.from({ length: awaitedPuts + putters }, (_, index) => {
    return itemOf(order[index % items] as number, 1 + Math.floor(index / items));
  });
  const put = (index: number): Promise<void> => contender.put(fresh[index] as BenchItem);
  figures['awaited put'] = await rateOf(task, awaitedPuts, 1, put);
  await settle(task);
  figures['64 putters'] = await rateOf(task, putters, width, (index) => put(awaitedPuts + index));
  await settle(task);
  const versions = Array.from({ length: Math.ceil(fresh.length / items) }, (_, at) => 1 + at);
  await getAndCheck(contender, order[0] as number, versions);
  return figures;
}

export async function reads(contender: Contender, task: Task): Promise<Figures> {
  const { items, seed } = task;
  const figures: Figures = {};
  const order = shuffled(items, seed);
  const hot = Math.min(hotItems, items);
  const get = (at: number): Promise<unknown> => getAndCheck(contender, order[at % hot] as number);
  await inFlight(hot, width, get);
  figures['hot get'] = await rateOf(task, awaitedGets, 1, get);
  figures['64 gets in flight'] = await rateOf(task, gets, width, get);
  const query = async (at: number): Promise<void> => {
    const pk = partitionOf((at * 7) % (items / perPartition));
    const found = await contender.query(pk, perPartition);
    if (found.length !== perPartition || found[99]?.sk !== 99 || found[99].pk !== pk) {
      throw new Error(`${contender.name}: a wrong range`);
    }
  };
  await inFlight(items / perPartition, 4, query, task.limitMs);
  figures['query of 100'] = await rateOf(task, queries, 1, query);
  const ofCity = Math.min(perPartition, Math.floor(items / cities));
  const index = async (at: number): Promise<void> => {
    const city = cityOf(at * 3);
    const found = await contender.index(city, ofCity);
    const isWrong = found.some((item, place) => {
      return item.city !== city || item.at <= (found[place - 1]?.at ?? 0);
    });
    if (found.length !== ofCity || isWrong) throw new Error(`${contender.name}: a wrong index`);
  };
  await inFlight(cities, 4, index, task.limitMs);
  figures['index query of 100'] = await rateOf(task, queries, 1, index);
  figures['full scan'] = await rate(items, () => scanAndCheck(contender, items));
  return figures;
}

/** A new worker over the stored database: its cache is empty, the browser's is not. */
export async function reopened(contender: Contender, task: Task): Promise<Figures> {
  const order = shuffled(task.items, task.seed);
  const figures: Figures = {};
  figures['open to first get'] = await msOf(async () => {
    await contender.open(task.database);
    await getAndCheck(contender, order[0] as number);
  });
  figures['cold get'] = await rateOf(task, Math.min(coldGets, task.items - 1), 1, (at) => {
    return getAndCheck(contender, order[at + 1] as number);
  });
  await contender.close();
  return figures;
}
