/**
 * Workloads of updates: two indexes, one hot item, mixed reads and writes, and data several times
 * the cache.
 */
import { type Contender, inFlight } from './contender.ts';
import { type BenchItem, itemOf, shuffled } from './items.ts';
import {
  type Figures,
  getAndCheck,
  keyOf,
  loadItems,
  rateOf,
  scanAndCheck,
  settle,
  type Task,
} from './measure.ts';

const putters = 20_000;
const awaitedIncrements = 2000;
const increments = 20_000;
const mixed = 40_000;
const randomUpdates = 40_000;
const width = 64;
const checked = 200;

/** Two indexes over all items; then one item counted up, and 95 gets to 5 puts. */
export async function updates(contender: Contender, task: Task): Promise<Figures> {
  const { items, seed } = task;
  const figures: Figures = {};
  const order = shuffled(items, seed);
  await contender.open(task.database, { indexes: 2 });
  await contender.bulk(order.map((index) => itemOf(index)));
  await settle(task);
  const fresh = Array.from({ length: Math.min(putters, items) }, (_, at) => {
    return itemOf(order[at] as number, 1);
  });
  // A third version of the first ones would have the same index entries to change.
  figures['put with two indexes'] = await rateOf(task, fresh.length, width, (at) => {
    return contender.put(fresh[at] as BenchItem);
  });
  await settle(task);
  await getAndCheck(contender, order[0] as number, [1]);
  Object.assign(figures, await hotItem(contender, task, order[0] as number));
  await settle(task);
  figures['mixed 95/5'] = await rateOf(task, mixed, width, (at) => {
    const index = order[(at * 17) % items] as number;
    // Another version each time: a put that changes nothing may cost less.
    if (at % 20 === 7) return contender.put(itemOf(index, 2 + at));
    return getAndCheck(contender, index);
  });
  await scanAndCheck(contender, items);
  await contender.close();
  return figures;
}

/** Every answer must be another number, and the last one the count of them all. */
async function hotItem(contender: Contender, task: Task, index: number): Promise<Figures> {
  const figures: Figures = {};
  const [pk, sk] = keyOf(index);
  const before = (await getAndCheck(contender, index)).score;
  const seen = new Set<number>();
  const increment = async (): Promise<void> => {
    seen.add(Math.round((await contender.increment(pk, sk)) - before));
  };
  figures['hot item'] = await rateOf(task, awaitedIncrements, 1, increment);
  figures['hot item, 64 in flight'] = await rateOf(task, increments, width, increment);
  const after = (await getAndCheck(contender, index)).score;
  if (seen.has(0) || Math.round(after - before) !== seen.size) {
    throw new Error(`${contender.name}: counted ${after - before}, told ${seen.size} numbers`);
  }
  return figures;
}

/** Random updates that read what they replace, over data several times the cache. */
export async function beyondCache(contender: Contender, task: Task): Promise<Figures> {
  const { items, seed, cacheBytes } = task;
  const order = shuffled(items, seed);
  await contender.open(task.database, { cacheBytes });
  await loadItems(contender, items);
  await settle(task);
  let done = 0;
  const update = async (at: number): Promise<void> => {
    const index = order[at % items] as number;
    const item = itemOf(index, 1 + Math.floor(at / items));
    const old = await contender.replace(item);
    if (old?.pk !== item.pk || old.sk !== item.sk) throw new Error('the wrong item was replaced');
    done += 1;
  };
  const figures: Figures = {};
  figures['random updates, 4 x cache'] = await rateOf(task, randomUpdates, width, update);
  await settle(task);
  await inFlight(Math.min(checked, items), width, (at) => {
    return getAndCheck(contender, order[at] as number, done > items ? undefined : [1]);
  });
  await scanAndCheck(contender, items);
  return figures;
}
