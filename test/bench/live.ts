/**
 * Live queries: what a thousand of them that a write does not touch cost it, and how soon a page is
 * told of what another page wrote.
 */
import type { Contender } from './contender.ts';
import { itemOf } from './items.ts';
import { type Figures, loadItems, rateOf, settle, type Task } from './measure.ts';

const queries = 1000;
const width = 64;
/** Times with and without them in turn, because a machine gets slower and faster by itself. */
const turns = 4;
const changes = 200;
const gapMs = 20;

/** Beside nobody, and beside live queries of items that nobody writes: as parts of one. */
export async function besideLive(contender: Contender, task: Task): Promise<Figures> {
  await contender.open(task.database);
  await loadItems(contender, task.items);
  await settle(task);
  const alone = { one: 0, many: 0 };
  const beside = { one: 0, many: 0 };
  for (let turn = 0; turn < turns; turn += 1) {
    // The first of a pair has the smaller log: who that is changes.
    const order = turn % 2 === 0 ? [alone, beside] : [beside, alone];
    for (const sums of order) {
      const leave = sums === beside ? await followNobody(contender, task) : undefined;
      sums.one += await putRate(contender, task, 1, turn);
      sums.many += await putRate(contender, task, width, turn);
      await leave?.();
    }
  }
  return {
    'awaited put, 1,000 live': beside.one / alone.one,
    '64 putters, 1,000 live': beside.many / alone.many,
  };
}

function putRate(contender: Contender, task: Task, at: number, turn: number): Promise<number> {
  const part = { ...task, limitMs: task.limitMs / turns };
  return rateOf(part, Number.POSITIVE_INFINITY, at, (index) => {
    return contender.put(itemOf(index % task.items, turn + 1));
  });
}

/** Follows items that are not there; answers a function that leaves them all. */
async function followNobody(contender: Contender, task: Task): Promise<() => Promise<void>> {
  let told = 0;
  const leaves: (() => void)[] = [];
  await new Promise<void>((resolve) => {
    for (let at = 0; at < queries; at += 1) {
      const { pk, sk } = itemOf(task.items + at);
      const hear = (): void => {
        told += 1;
        if (told === queries) resolve();
      };
      leaves.push(following(contender)(pk, sk, hear));
    }
  });
  return async () => {
    for (const leave of leaves) leave();
    await settle({ ...task, settleMs: 100 });
    if (told > queries) throw new Error('a live query was told of what it does not follow');
  };
}

/** The page that listens: its item, from now on. */
export async function listen(contender: Contender, task: Task): Promise<Figures> {
  await contender.open(task.database, { shared: true });
  const { pk, sk } = itemOf(0);
  delays.length = 0;
  await new Promise<void>((resolve) => {
    following(contender)(pk, sk, (item) => {
      if (item !== undefined) delays.push(wallMs() - Number(item.note));
      resolve();
    });
  });
  return {};
}

/** When a change was put is in it, by the clock that all pages share. */
const delays: number[] = [];

/** The page that writes: one change after the other, with time between for a page to rest. */
export async function speak(contender: Contender, task: Task): Promise<Figures> {
  await contender.open(task.database, { shared: true });
  for (let at = 0; at < changes; at += 1) {
    await new Promise((resolve) => {
      setTimeout(resolve, gapMs + (at % 10) * 3);
    });
    await contender.put({ ...itemOf(0), note: String(wallMs()) });
  }
  return {};
}

/** What the listener was told, and when. */
export async function heard(_contender: Contender, task: Task): Promise<Figures> {
  await settle({ ...task, settleMs: 500 });
  const sorted = delays.sort((a, b) => a - b);
  if (sorted.length < changes * 0.9) throw new Error(`only ${sorted.length} changes were heard of`);
  const at = (part: number): number => sorted[Math.floor(sorted.length * part)] as number;
  return { 'change to a tab, p50': at(0.5), 'change to a tab, p95': at(0.95) };
}

function following(contender: Contender): NonNullable<Contender['follow']> {
  if (contender.follow === undefined) throw new Error(`${contender.name} has no live queries`);
  return contender.follow.bind(contender);
}

function wallMs(): number {
  return performance.timeOrigin + performance.now();
}
