/**
 * One tab of several over one database; the runner, another process, calls `tab`.
 *
 * Tells the runner of each write before it is made and after it ended, so that the ledger outlives
 * the tab. None is made that is not in a plan which the runner has heard (ledger.ts says why).
 * Writes of four kinds, in turn: a put of a new item; a transaction of two items and a counter of
 * this tab; an increment of the one counter that all tabs share; a claim, which the first of all
 * tabs wins.
 */
import { type CallOptions, type Database, open } from '../../src/index.ts';

const TableName = 'Ledger';
const pagesMax = 1000;
/** Writes of one plan; the next one is told when half of them are made. */
const planned = 16;

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
/** The last write of the plans told, and of those that the runner has heard. */
let lastPlanned = 0;
let lastHeard = 0;
let wakeLanes: (() => void)[] = [];
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

interface Write {
  readonly tab: string;
  readonly id: string;
  readonly kind: 'put' | 'pair' | 'add' | 'claim';
  readonly claim: number;
}

const kinds = ['put', 'pair', 'add', 'claim'] as const;

/** The nth write of this tab. */
function nth(n: number): Write {
  const kind = kinds[n % kinds.length] ?? 'put';
  return { tab: name, id: `${name}-${n}`, kind, claim: Math.floor(n / kinds.length) };
}

function callOf({ id, kind, claim }: Write, filler: string): { operation: string; input: object } {
  const add = {
    UpdateExpression: 'ADD n :one',
    ExpressionAttributeValues: { ':one': 1 },
  };
  if (kind === 'pair') {
    const halves = ['a', 'b'].map((half) => {
      return { Put: { TableName, Item: { id: `${id}-${half}`, tab: name, filler } } };
    });
    const counter = { Update: { TableName, Key: { id: `pairs ${name}` }, ...add } };
    return { operation: 'TransactWriteItems', input: { TransactItems: [...halves, counter] } };
  }
  if (kind === 'add') {
    const input = { TableName, Key: { id: 'shared' }, ...add, ReturnValues: 'ALL_NEW' };
    return { operation: 'UpdateItem', input };
  }
  if (kind === 'claim') {
    const input = {
      TableName,
      Item: { id: `claim ${claim}`, tab: name },
      ConditionExpression: 'attribute_not_exists(id)',
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    };
    return { operation: 'PutItem', input };
  }
  return { operation: 'PutItem', input: { TableName, Item: { id, tab: name, filler } } };
}

/** Resolves once the write is in a plan that the runner has heard. */
async function isPlanned(n: number): Promise<void> {
  if (n > lastPlanned - planned / 2) {
    const plan = Array.from({ length: planned }, (_, at) => nth(lastPlanned + 1 + at));
    lastPlanned += planned;
    tell(JSON.stringify({ plan, last: lastPlanned }));
  }
  while (n > lastHeard) await new Promise<void>((resolve) => wakeLanes.push(resolve));
}

async function writeLane(pauseMs: number): Promise<void> {
  while (writing) {
    count += 1;
    const n = count;
    const write = nth(n);
    const { operation, input } = callOf(write, 'x'.repeat((n * 37) % 300));
    await isPlanned(n);
    tell(JSON.stringify(write));
    const { output, error } = await call(operation, input);
    const value = (output as { Attributes?: { n: number } } | undefined)?.Attributes?.n;
    tell(JSON.stringify({ ...write, done: true, value, error }));
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
  /** The runner has heard the plans up to this write. */
  heard(last: number): void {
    lastHeard = last;
    const woken = wakeLanes;
    wakeLanes = [];
    for (const wake of woken) wake();
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
