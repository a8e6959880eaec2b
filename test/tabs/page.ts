/**
 * One tab of several over one database; the runner, another process, calls `tab`.
 *
 * Tells the runner of each write before it is made and after it ended, so that the ledger outlives
 * the tab. Writes of four kinds, in turn: a put of a new item; a transaction of two items and a
 * counter of this tab; an increment of the one counter that all tabs share; a claim, which the
 * first of all tabs wins.
 */
import { type CallOptions, type Database, open } from '../../src/index.ts';

const TableName = 'Ledger';
const pagesMax = 1000;

const table = {
  TableName,
  BillingMode: 'PAY_PER_REQUEST',
  AttributeDefinitions: [
    { AttributeName: 'id', AttributeType: 'S' },
    { AttributeName: 'tab', AttributeType: 'S' },
  ],
  KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
  GlobalSecondaryIndexes: [
    {
      IndexName: 'byTab',
      KeySchema: [{ AttributeName: 'tab', KeyType: 'HASH' }],
      Projection: { ProjectionType: 'ALL' },
    },
  ],
} as const;

/** What a call ended in, as the runner can have it. */
interface Ended {
  readonly output?: object;
  readonly error?: {
    readonly name: string;
    readonly message: string;
    readonly why?: string | undefined;
    readonly reason?: string | undefined;
    readonly mayHaveBeenApplied?: boolean | undefined;
    readonly owner?: string | undefined;
  };
  readonly ms: number;
}

declare global {
  /** The runner's ear. */
  function tell(message: string): void;
}

const name = new URLSearchParams(location.search).get('tab') ?? '';
let db: Database;
let worker: Worker | undefined;
let writing = false;
let lanesUnderWay: Promise<void>[] = [];
let count = 0;
let slowestMs = 0;
const underWay = new Set<number>();

function ended(error: unknown, ms: number): Ended {
  const { name, message, why, reason, mayHaveBeenApplied, Item } = error as Error & {
    why?: string;
    reason?: string;
    mayHaveBeenApplied?: boolean;
    Item?: { tab?: string };
  };
  return { error: { name, message, why, reason, mayHaveBeenApplied, owner: Item?.tab }, ms };
}

async function call(operation: string, input: object, options?: CallOptions): Promise<Ended> {
  const started = performance.now();
  underWay.add(started);
  try {
    const output = await db.call(operation, input, options);
    return { output, ms: performance.now() - started };
  } catch (error) {
    return ended(error, performance.now() - started);
  } finally {
    underWay.delete(started);
    slowestMs = Math.max(slowestMs, performance.now() - started);
  }
}

function writeOf(id: string, filler: string): { kind: string; operation: string; input: object } {
  const add = {
    UpdateExpression: 'ADD n :one',
    ExpressionAttributeValues: { ':one': 1 },
  };
  if (count % 4 === 1) {
    const halves = ['a', 'b'].map((half) => {
      return { Put: { TableName, Item: { id: `${id}-${half}`, tab: name, filler } } };
    });
    const counter = { Update: { TableName, Key: { id: `pairs ${name}` }, ...add } };
    const input = { TransactItems: [...halves, counter] };
    return { kind: 'pair', operation: 'TransactWriteItems', input };
  }
  if (count % 4 === 2) {
    const input = { TableName, Key: { id: 'shared' }, ...add, ReturnValues: 'ALL_NEW' };
    return { kind: 'add', operation: 'UpdateItem', input };
  }
  if (count % 4 === 3) {
    const input = {
      TableName,
      Item: { id: `claim ${Math.floor(count / 4)}`, tab: name },
      ConditionExpression: 'attribute_not_exists(id)',
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    };
    return { kind: 'claim', operation: 'PutItem', input };
  }
  const input = { TableName, Item: { id, tab: name, filler } };
  return { kind: 'put', operation: 'PutItem', input };
}

async function writeLane(pauseMs: number): Promise<void> {
  while (writing) {
    count += 1;
    const id = `${name}-${count}`;
    const { kind, operation, input } = writeOf(id, 'x'.repeat((count * 37) % 300));
    tell(JSON.stringify({ tab: name, id, kind, claim: Math.floor(count / 4) }));
    const { output, error } = await call(operation, input);
    const value = (output as { Attributes?: { n: number } } | undefined)?.Attributes?.n;
    tell(JSON.stringify({ tab: name, id, kind, done: true, value, error }));
    // A tab whose database is gone has nothing left to try.
    if (error !== undefined && error.name !== 'ConditionalCheckFailedException') return;
    if (pauseMs > 0) await delay(pauseMs);
  }
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}

const tab = {
  async open(database: string, settings: object = {}): Promise<Ended> {
    const started = performance.now();
    try {
      db = await open(database, {
        tables: [table],
        checkpointBytes: 20_000,
        worker: () => {
          const made = new Worker(new URL('../../worker/web-worker.ts', import.meta.url), {
            type: 'module',
          });
          worker = made;
          return made;
        },
        ...settings,
      } as never);
      return { ms: performance.now() - started };
    } catch (error) {
      return ended(error, performance.now() - started);
    }
  },
  write(lanes: number, pauseMs = 0): void {
    writing = true;
    lanesUnderWay = Array.from({ length: lanes }, () => writeLane(pauseMs));
  },
  async stop(): Promise<number> {
    writing = false;
    await Promise.all(lanesUnderWay);
    return count;
  },
  call,
  /** The longest that a call took since the last time this was asked, one under way included. */
  slowest(): number {
    const now = performance.now();
    const longest = Math.max(slowestMs, ...[...underWay].map((started) => now - started));
    slowestMs = 0;
    return longest;
  },
  /** How long it took until an eventually consistent read saw the item. */
  async seenAfter(id: string, limitMs: number): Promise<number | undefined> {
    const started = performance.now();
    while (performance.now() - started < limitMs) {
      const { output } = await call('GetItem', { TableName, Key: { id } });
      if ((output as { Item?: object } | undefined)?.Item) return performance.now() - started;
      await delay(5);
    }
    return undefined;
  },
  async readAll(IndexName?: string): Promise<readonly object[]> {
    const items: object[] = [];
    let ExclusiveStartKey: unknown;
    const wanted = IndexName === undefined ? { ConsistentRead: true } : { IndexName };
    for (let page = 0; page < pagesMax; page += 1) {
      const input = { TableName, ...wanted, ExclusiveStartKey } as never;
      const answer = (await db.call('Scan', input, { consistency: 'strong' })) as {
        Items: { id: string; tab?: string; n?: number }[];
        LastEvaluatedKey?: unknown;
      };
      for (const { id, tab: owner, n } of answer.Items) items.push({ id, tab: owner, n });
      ExclusiveStartKey = answer.LastEvaluatedKey;
      if (ExclusiveStartKey === undefined) return items;
    }
    throw new Error('a scan without end');
  },
  status: () => db.status(),
  checkpoint: () => db.checkpoint(),
  close: () => db.close(),
  terminate: () => worker?.terminate(),
};

Object.assign(globalThis, { tab });
document.title = 'ready';
