/**
 * Workloads that begin in a new browser process over a profile that an earlier one filled.
 */
import type { Contender } from './contender.ts';
import { itemOf, shuffled } from './items.ts';
import { inFlight } from './contender.ts';
import {
  type Figures,
  getAndCheck,
  loadItems,
  msOf,
  rate,
  rateOf,
  scanAndCheck,
  settle,
  type Task,
} from './measure.ts';

const coldGets = 300;
const width = 64;

/** In random order, as data comes; `load` of the contender where it has one. */
export async function fill(contender: Contender, task: Task): Promise<Figures> {
  await contender.open(task.database, { cacheBytes: task.cacheBytes });
  await loadItems(contender, task.items, shuffled(task.items, task.seed));
  await settle(task);
  await getAndCheck(contender, 0, [0]);
  await contender.close();
  return {};
}

/** `performance.now` counts from the navigation: the page's own code is loaded on the way. */
export async function firstGet(contender: Contender, task: Task): Promise<Figures> {
  const called = performance.now();
  await contender.open(task.database, { cacheBytes: task.cacheBytes });
  await getAndCheck(contender, Math.floor(task.items / 2), [0]);
  const got = performance.now();
  return { 'page open to first get': got, 'open to first get, new process': got - called };
}

/** The same with the worker that the package brings along: fetched, read and run by the page. */
export async function firstGetInlined(contender: Contender, task: Task): Promise<Figures> {
  await contender.open(task.database, { cacheBytes: task.cacheBytes, inlined: true });
  await getAndCheck(contender, Math.floor(task.items / 2), [0]);
  return { 'page open to first get, worker inlined': performance.now() };
}

/** A browser that starts is busy with itself for a while: it is left to that first. */
export async function coldScan(contender: Contender, task: Task): Promise<Figures> {
  await settle(task);
  await contender.open(task.database);
  const figures = {
    'cold full scan': await rate(task.items, () => scanAndCheck(contender, task.items)),
  };
  await contender.close();
  return figures;
}

export async function coldReads(contender: Contender, task: Task): Promise<Figures> {
  const order = shuffled(task.items, task.seed + 1);
  await contender.open(task.database);
  const get = (at: number): Promise<unknown> => getAndCheck(contender, order[at] as number, [0]);
  const count = Math.min(coldGets, task.items);
  const figures = { 'cold get, new process': await rateOf(task, count, 1, get) };
  await contender.close();
  return figures;
}

/** A fresh worker each time over a large database; opened, asked once, closed. */
export async function openLarge(contender: Contender, task: Task): Promise<Figures> {
  const ms = await msOf(async () => {
    await contender.open(task.database, { cacheBytes: task.cacheBytes });
    await getAndCheck(contender, Math.floor(task.items / 3));
  });
  return { 'open of a large database': ms };
}

/** Puts until the log that an open replays is at its bound, and leaves it so to be killed. */
export async function fillLog(contender: Contender, task: Task): Promise<Figures> {
  const order = shuffled(task.items, task.seed + 2);
  // A put that changes nothing writes no log: no version may come again, not in a later process.
  const base = Math.floor(performance.timeOrigin) % 1_000_000_000;
  let at = 0;
  let log = { bytes: 0, share: 0 };
  // A checkpoint that comes in between begins it anew.
  for (let tries = 0; tries < 1000 && log.share < 0.9; tries += 1) {
    const count = Math.min(200, task.items);
    await inFlight(count, width, () => {
      at += 1;
      return contender.put(itemOf(order[at % task.items] as number, base + at));
    });
    log = (await contender.log?.()) ?? { bytes: 0, share: 1 };
  }
  return { 'log bytes at the kill': log.bytes };
}
