/** This engine, in its worker, through the page-side calls. */
import { checkpointLogBytes } from '../../src/base/limits.ts';
import { replayMsDefault } from '../../src/base/replay-limits.ts';
import { type Database, open } from '../../src/index.ts';
import { type Contender, inFlight, type OpenWith } from './contender.ts';
import type { BenchItem } from './items.ts';

const TableName = 'Bench';
const batchItems = 25;
/** As many items as raw has in flight, nearly. */
const batchesInFlight = 32;

function indexBy(IndexName: string, attribute: string) {
  return {
    IndexName,
    KeySchema: [
      { AttributeName: attribute, KeyType: 'HASH' },
      { AttributeName: 'at', KeyType: 'RANGE' },
    ],
    Projection: { ProjectionType: 'ALL' },
  } as const;
}

export function tableOf(indexes: 1 | 2) {
  const byName = indexes === 2;
  return {
    TableName,
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: [
      { AttributeName: 'pk', AttributeType: 'S' },
      { AttributeName: 'sk', AttributeType: 'N' },
      { AttributeName: 'city', AttributeType: 'S' },
      { AttributeName: 'at', AttributeType: 'N' },
      ...(byName ? [{ AttributeName: 'name', AttributeType: 'S' } as const] : []),
    ],
    KeySchema: [
      { AttributeName: 'pk', KeyType: 'HASH' },
      { AttributeName: 'sk', KeyType: 'RANGE' },
    ],
    GlobalSecondaryIndexes: [
      indexBy('byCity', 'city'),
      ...(byName ? [indexBy('byName', 'name')] : []),
    ],
  } as const;
}

/** As a page gives the worker that wants the shortest start: a file of its own, as raw's is. */
function createWorker(): Worker {
  return new Worker(new URL('../../worker/web-worker.ts', import.meta.url), { type: 'module' });
}

interface ScanPage {
  readonly Items?: readonly BenchItem[];
  readonly LastEvaluatedKey?: unknown;
}

export class TidetableContender implements Contender {
  readonly name = 'tidetable';
  readonly #pageCacheBytes: number | undefined;
  #db: Database | undefined;

  /** As it comes, or with so many bytes for items kept in the page. */
  constructor(pageCacheBytes?: number) {
    this.#pageCacheBytes = pageCacheBytes;
  }

  async open(database: string, options: OpenWith = {}): Promise<void> {
    const { indexes = 1, cacheBytes, inlined = false } = options;
    const worker = inlined ? undefined : createWorker;
    const tables = [tableOf(indexes)];
    const pageCacheBytes = this.#pageCacheBytes;
    this.#db = await open(database, { tables, cacheBytes, worker, pageCacheBytes });
  }

  async close(): Promise<void> {
    await this.#database.close();
  }

  async bulk(items: readonly BenchItem[]): Promise<void> {
    await inFlight(Math.ceil(items.length / batchItems), batchesInFlight, (batch) => {
      const slice = items.slice(batch * batchItems, (batch + 1) * batchItems);
      const requests = slice.map((Item) => ({ PutRequest: { Item } }));
      return this.#database.batchWriteItem({ RequestItems: { [TableName]: requests } } as never);
    });
  }

  async load(items: Iterable<BenchItem>): Promise<void> {
    await this.#import(items);
  }

  async loadLines(lines: Blob): Promise<void> {
    await this.#import(lines);
  }

  async #import(source: Iterable<BenchItem> | Blob): Promise<void> {
    const { errorCount, way } = await this.#database.import(TableName, source);
    if (errorCount > 0 || way !== 'build') throw new Error('not all was imported in bulk');
  }

  async put(item: BenchItem): Promise<void> {
    await this.#database.putItem({ TableName, Item: item } as never);
  }

  async replace(item: BenchItem): Promise<BenchItem | undefined> {
    const input = { TableName, Item: item, ReturnValues: 'ALL_OLD' };
    const { Attributes } = await this.#database.putItem(input as never);
    return Attributes as BenchItem | undefined;
  }

  async increment(pk: string, sk: number): Promise<number> {
    const { Attributes } = await this.#database.updateItem({
      TableName,
      Key: { pk, sk },
      UpdateExpression: 'ADD score :one',
      ExpressionAttributeValues: { ':one': 1 },
      ReturnValues: 'UPDATED_NEW',
    } as never);
    return (Attributes as unknown as { score: number }).score;
  }

  async get(pk: string, sk: number): Promise<BenchItem | undefined> {
    const { Item } = await this.#database.getItem({ TableName, Key: { pk, sk } } as never);
    return Item as BenchItem | undefined;
  }

  query(pk: string, limit: number): Promise<readonly BenchItem[]> {
    return this.#query({
      TableName,
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': pk },
      Limit: limit,
    });
  }

  index(city: string, limit: number): Promise<readonly BenchItem[]> {
    return this.#query({
      TableName,
      IndexName: 'byCity',
      KeyConditionExpression: 'city = :city',
      ExpressionAttributeValues: { ':city': city },
      Limit: limit,
    });
  }

  /** The next page is asked for before this one is taken in. */
  async scan(take: (items: readonly BenchItem[]) => void): Promise<void> {
    let next: Promise<ScanPage> | undefined = this.#page(undefined);
    while (next !== undefined) {
      const { Items = [], LastEvaluatedKey }: ScanPage = await next;
      next = LastEvaluatedKey === undefined ? undefined : this.#page(LastEvaluatedKey);
      take(Items);
    }
  }

  follow(pk: string, sk: number, hear: (item: BenchItem | undefined) => void): () => void {
    const query = this.#database.live<BenchItem>({ TableName, Key: { pk, sk } });
    return query.subscribe(() => {
      const { status, result, error } = query.getSnapshot();
      if (error !== undefined) throw error;
      if (status === 'ready') hear(result?.Item);
    });
  }

  async log(): Promise<{ readonly bytes: number; readonly share: number }> {
    const { logBytes, replayMs } = await this.#database.status();
    const share = Math.max(logBytes / checkpointLogBytes, replayMs / replayMsDefault);
    return { bytes: logBytes, share };
  }

  #page(ExclusiveStartKey: unknown): Promise<ScanPage> {
    const from = ExclusiveStartKey === undefined ? {} : { ExclusiveStartKey };
    return this.#database.scan({ TableName, ...from } as never) as Promise<ScanPage>;
  }

  async #query(input: object): Promise<readonly BenchItem[]> {
    const { Items } = (await this.#database.query(input as never)) as { Items?: unknown };
    return Items as readonly BenchItem[];
  }

  get #database(): Database {
    if (this.#db === undefined) throw new Error('the contender is not open');
    return this.#db;
  }
}
