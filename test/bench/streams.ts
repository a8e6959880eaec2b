/**
 * What a stream costs a write: the same writes into two tables of one database, one of which has a
 * stream of both images.
 */
import { type Database, open } from '../../src/index.ts';
import type { Contender } from './contender.ts';
import { type BenchItem, itemOf } from './items.ts';
import { type Figures, rateOf, settle, type Task } from './measure.ts';
import { tableOf } from './tidetable.ts';

const width = 64;
const batchItems = 25;
const batchesInFlight = 8;
/** Times with and without it in turn, because a machine gets slower and faster by itself. */
const turns = 4;

type Rates = Record<'one' | 'many' | 'batches', number>;

/** Rates with a stream as parts of those without. */
export async function besideStream(_: Contender, task: Task): Promise<Figures> {
  const StreamSpecification = {
    StreamEnabled: true,
    StreamViewType: 'NEW_AND_OLD_IMAGES',
  } as const;
  const db = await open(`${task.database}-streams`, {
    tables: [
      { ...tableOf(1), TableName: 'Plain' },
      { ...tableOf(1), TableName: 'Streamed', StreamSpecification },
    ],
    worker: () =>
      new Worker(new URL('../../worker/web-worker.ts', import.meta.url), { type: 'module' }),
  });
  const plain: Rates = { one: 0, many: 0, batches: 0 };
  const streamed: Rates = { one: 0, many: 0, batches: 0 };
  for (let turn = 0; turn < turns; turn += 1) {
    // The first of a pair has the smaller log: who that is changes.
    const order = turn % 2 === 0 ? [plain, streamed] : [streamed, plain];
    for (const rates of order) {
      const TableName = rates === plain ? 'Plain' : 'Streamed';
      rates.one += await putRate(db, TableName, task, 1, turn);
      rates.many += await putRate(db, TableName, task, width, turn);
      rates.batches += await batchRate(db, TableName, task, turn);
    }
    await settle(task);
  }
  await db.close();
  return {
    'awaited put, stream': streamed.one / plain.one,
    '64 putters, stream': streamed.many / plain.many,
    'batch writes, stream': streamed.batches / plain.batches,
  };
}

/** Items are made and then replaced, so that records have both images. */
function putRate(
  db: Database,
  TableName: string,
  task: Task,
  at: number,
  turn: number,
): Promise<number> {
  return rateOf(part(task), Number.POSITIVE_INFINITY, at, (index) => {
    return db.putItem({ TableName, Item: { ...itemOf(index % task.items, turn + 1) } });
  });
}

function batchRate(db: Database, TableName: string, task: Task, turn: number): Promise<number> {
  return rateOf(part(task), Number.POSITIVE_INFINITY, batchesInFlight, (batch) => {
    const items = Array.from({ length: batchItems }, (_, at): BenchItem => {
      return itemOf((batch * batchItems + at) % task.items, turn + 1);
    });
    const requests = items.map((Item) => ({ PutRequest: { Item: { ...Item } } }));
    return db.batchWriteItem({ RequestItems: { [TableName]: requests } });
  });
}

function part(task: Task): Task {
  return { ...task, limitMs: task.limitMs / turns };
}
