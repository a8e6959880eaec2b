/**
 * Several pages over one database: each writes and reads items of its own, all at once; at the end
 * each finds what the others wrote.
 */
import { type Contender, inFlight } from './contender.ts';
import { itemOf } from './items.ts';
import { type Figures, getAndCheck, loadItems, rateOf, type Task } from './measure.ts';

const putters = 10_000;
const gets = 20_000;
const width = 64;
const checked = 100;

/** The first page fills the database; the others, which come after, find it there. */
export async function openTab(contender: Contender, task: Task): Promise<Figures> {
  await contender.open(task.database, { shared: true });
  if (task.tab === 0) await loadItems(contender, task.items);
  await getAndCheck(contender, ownIndex(task, 0));
  return {};
}

export async function tabPuts(contender: Contender, task: Task): Promise<Figures> {
  const count = Math.min(putters, ownItems(task));
  const put = (at: number): Promise<void> => contender.put(itemOf(ownIndex(task, at), 1));
  return { puts: await rateOf(task, count, width, put) };
}

export async function tabGets(contender: Contender, task: Task): Promise<Figures> {
  const own = Math.min(2000, ownItems(task));
  const get = (at: number): Promise<unknown> => getAndCheck(contender, ownIndex(task, at % own));
  await inFlight(own, width, get);
  return { gets: await rateOf(task, gets, width, get) };
}

/** What the next page wrote first. */
export async function checkTab(contender: Contender, task: Task): Promise<Figures> {
  const next = { ...task, tab: (task.tab + 1) % task.tabs };
  await inFlight(Math.min(checked, ownItems(task)), width, (at) => {
    return getAndCheck(contender, ownIndex(next, at), [1]);
  });
  await contender.close();
  return {};
}

/** Items of all tabs lie side by side, so that they meet in the same pages. */
function ownIndex({ tab, tabs }: Task, at: number): number {
  return at * tabs + tab;
}

function ownItems({ items, tabs }: Task): number {
  return Math.floor(items / tabs);
}
