/**
 * Bulk load by an import, of objects and of JSON lines in a Blob: page to worker and one index
 * included. Who has no import loads in its best chunks.
 */
import type { Contender } from './contender.ts';
import { itemOf, shuffled } from './items.ts';
import { type Figures, getAndCheck, rate, settle, type Task } from './measure.ts';

/** Each way into a new database of its own. */
export async function imports(contender: Contender, task: Task): Promise<Figures> {
  const { items, seed, database } = task;
  const order = shuffled(items, seed);
  const data = order.map((index) => itemOf(index));
  const lines = new Blob(data.map((item) => `${JSON.stringify(item)}\n`));
  const ways = {
    'import of objects': () => contender.load?.(data) ?? contender.bulk(data),
    'import of a Blob': () => contender.loadLines?.(lines) ?? contender.bulk(data),
  };
  const figures: Figures = {};
  for (const [name, load] of Object.entries(ways)) {
    await contender.open(`${database}-${name}`);
    figures[name] = await rate(items, load);
    await getAndCheck(contender, order[0] as number, [0]);
    await settle(task);
    await contender.close();
  }
  return figures;
}
