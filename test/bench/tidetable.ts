/** This engine, in its worker, through the page-side calls. */
import { type Database, open } from '../../src/index.ts';
import type { Contender } from './contender.ts';
import { inFlight } from './contender.ts';
import type { BenchItem } from './items.ts';

const TableName = 'Bench';
const batchItems = 25;
const batchesInFlight = 8;

const table = {
  TableName,
  BillingMode: 'PAY_PER_REQUEST',
  AttributeDefinitions: [
    { AttributeName: 'pk', AttributeType: 'S' },
    { AttributeName: 'sk', AttributeType: 'N' },
    { AttributeName: 'city', AttributeType: 'S' },
    { AttributeName: 'at', AttributeType: 'N' },
  ],
  KeySchema: [
    { AttributeName: 'pk', KeyType: 'HASH' },
    { AttributeName: 'sk', KeyType: 'RANGE' },
  ],
  GlobalSecondaryIndexes: [
    {
      IndexName: 'byCity',
      KeySchema: [
        { AttributeName: 'city', KeyType: 'HASH' },
        { AttributeName: 'at', KeyType: 'RANGE' },
      ],
      Projection: { ProjectionType: 'ALL' },
    },
  ],
} as const;

export class TidetableContender implements Contender {
  readonly name = 'tidetable';
  #db: Database | undefined;

  async open(database: string): Promise<void> {
    this.#db = await open(database, { tables: [table] });
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

  async put(item: BenchItem): Promise<void> {
    await this.#database.putItem({ TableName, Item: item } as never);
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

  async scan(): Promise<number> {
    let count = 0;
    let ExclusiveStartKey: unknown;
    do {
      const page = (await this.#database.scan({
        TableName,
        ...(ExclusiveStartKey === undefined ? {} : { ExclusiveStartKey }),
      } as never)) as { Items?: readonly unknown[]; LastEvaluatedKey?: unknown };
      count += page.Items?.length ?? 0;
      ExclusiveStartKey = page.LastEvaluatedKey;
    } while (ExclusiveStartKey !== undefined);
    return count;
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
