/**
 * The page that is killed, or whose worker is. `?mode=write` writes without pause and reports each
 * write that was acknowledged to the runner, another process; `?mode=check` reports everything that
 * is there.
 *
 * Writes of three kinds: a put of a new item, a transaction of two items that must be there both or
 * not at all, and an increment of a counter.
 */
import { type Database, open } from '../../src/index.ts';

const TableName = 'Ledger';
const lanes = 8;
const pageItems = 1000;

const table = {
  TableName,
  BillingMode: 'PAY_PER_REQUEST',
  AttributeDefinitions: [
    { AttributeName: 'id', AttributeType: 'S' },
    { AttributeName: 'round', AttributeType: 'N' },
  ],
  KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
  GlobalSecondaryIndexes: [
    {
      IndexName: 'byRound',
      KeySchema: [{ AttributeName: 'round', KeyType: 'HASH' }],
      Projection: { ProjectionType: 'ALL' },
    },
  ],
} as const;

let worker: Worker | undefined;
const query = new URLSearchParams(location.search);
const round = Number(query.get('round'));
const strict = query.get('durability') === 'strict';

async function main(): Promise<void> {
  const visits = await witness();
  const db = await open('crash', {
    tables: [table],
    durability: strict ? 'strict' : 'relaxed',
    checkpointBytes: 20_000,
    worker: () => {
      const made = new Worker(new URL('../../worker/web-worker.ts', import.meta.url), {
        type: 'module',
      });
      worker = made;
      return made;
    },
  } as never);
  if (query.get('mode') === 'check') await check(db, visits);
  else await Promise.all(Array.from({ length: lanes }, (_, lane) => write(db, lane)));
}

async function write(db: Database, lane: number): Promise<void> {
  const counter = `counter-${round}-${lane}`;
  // The page is killed long before; a bound all the same.
  for (let count = 1; count < 1_000_000; count += 1) {
    const id = `${round}-${lane}-${count}`;
    const filler = 'x'.repeat((count * 37) % 900);
    if (count % 5 === 0) {
      const halves = ['a', 'b'].map((half) => {
        return { Put: { TableName, Item: { id: `${id}-${half}`, round, filler } } };
      });
      await db.transactWriteItems({ TransactItems: halves } as never);
      await report({ ids: [`${id}-a`, `${id}-b`] });
    } else if (count % 7 === 0) {
      const { Attributes } = (await db.updateItem({
        TableName,
        Key: { id: counter },
        UpdateExpression: 'ADD n :one',
        ExpressionAttributeValues: { ':one': 1 },
        ReturnValues: 'ALL_NEW',
      } as never)) as { Attributes: { n: number } };
      await report({ counter, value: Attributes.n });
    } else {
      await db.putItem({ TableName, Item: { id, round, filler } } as never);
      await report({ ids: [id] });
    }
  }
}

async function check(db: Database, visits: object): Promise<void> {
  // A session that was told of no write of its own is promised nothing yet (docs/adr/0008).
  await db.putItem({ TableName, Item: { id: `check-${round}`, round } } as never);
  const items = await readAll((start) => db.scan({ TableName, ...start } as never));
  const indexed = await readAll((start) => {
    return db.scan({ TableName, IndexName: 'byRound', ...start } as never);
  });
  await post('/found', {
    ids: items.filter(({ n }) => n === undefined).map(({ id }) => id),
    counters: items.filter(({ n }) => n !== undefined).map(({ id, n }) => [id, n]),
    indexed: indexed.map(({ id }) => id),
    status: await db.status(),
    visits,
  });
}

/**
 * How often this origin was visited, as a plain IndexedDB database beside the engine's and as
 * localStorage have it: a browser that starts over with empty storage shows itself here.
 */
async function witness(): Promise<{ readonly plain: number; readonly local: number }> {
  const local = Number(localStorage.getItem('visits') ?? 0);
  localStorage.setItem('visits', String(local + 1));
  const opened = indexedDB.open('witness', 1);
  opened.onupgradeneeded = (): void => {
    opened.result.createObjectStore('visits');
  };
  const db = await done(opened);
  const visits = db.transaction('visits', 'readwrite').objectStore('visits');
  const plain = Number((await done(visits.get(1))) ?? 0);
  await done(visits.put(plain + 1, 1));
  db.close();
  return { plain, local };
}

function done<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = (): void => resolve(request.result);
    request.onerror = (): void => reject(request.error);
  });
}

interface Found {
  readonly id: string;
  readonly n?: number;
}

async function readAll(read: (start: object) => Promise<unknown>): Promise<readonly Found[]> {
  const items: Found[] = [];
  let start: object = {};
  for (let page = 0; page < pageItems; page += 1) {
    const answer = (await read(start)) as { Items: Found[]; LastEvaluatedKey?: unknown };
    items.push(...answer.Items);
    if (answer.LastEvaluatedKey === undefined) return items;
    start = { ExclusiveStartKey: answer.LastEvaluatedKey };
  }
  throw new Error('a scan without end');
}

function report(acknowledged: object): Promise<void> {
  return post('/acknowledged', acknowledged);
}

async function post(path: string, body: object): Promise<void> {
  const { status } = await fetch(path, { method: 'POST', body: JSON.stringify(body) });
  // The runner's word for: terminate the worker, now.
  if (status === 205) worker?.terminate();
}

main().catch((error: unknown) => {
  return post('/failed', { message: String((error as Error).stack), mode: query.get('mode') });
});
