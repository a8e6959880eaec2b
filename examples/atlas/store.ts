/**
 * The atlas's database: opened once a page, asked through the AWS SDK, every request measured.
 *
 * The SDK's document client is what a DynamoDB user has; `shortCircuit` spares it JSON and signing.
 * Loading takes the database's own `batchWriteItem`, which needs no SDK at all.
 */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, type NativeAttributeValue } from '@aws-sdk/lib-dynamodb';
import { type Database, open } from 'tidetable';
import { clientConfig, shortCircuit } from 'tidetable/aws';
import type { NewRequest, RequestLog } from './requests.svelte.ts';
import { tables } from './tables.ts';

const databaseName = 'atlas';

/** What the log says of a request: where it goes, and what it asks, as its expressions say it. */
export type RequestLabel = Pick<NewRequest, 'operation' | 'on' | 'detail'>;

/** What answers have in common, as far as the log is concerned. */
interface AnyAnswer {
  readonly Items?: readonly unknown[] | undefined;
  readonly Item?: unknown;
  readonly Attributes?: unknown;
  readonly LastEvaluatedKey?: Readonly<Record<string, NativeAttributeValue>> | undefined;
  readonly ConsumedCapacity?: Units | readonly Units[] | undefined;
}

interface Units {
  readonly CapacityUnits?: number | undefined;
}

export interface Store {
  readonly db: Database;
  readonly client: DynamoDBDocumentClient;
  /** Runs a request and logs it. */
  measured<T extends AnyAnswer>(label: RequestLabel, work: () => Promise<T>): Promise<T>;
}

/** Opens the database and makes the tables when they are missing. Rejects with a DatabaseError. */
export async function openStore(log: RequestLog): Promise<Store> {
  const db = await open(databaseName, { tables });
  const plain = new DynamoDBClient(clientConfig(db));
  plain.middlewareStack.use(shortCircuit(db));
  const client = DynamoDBDocumentClient.from(plain, {
    marshallOptions: { removeUndefinedValues: true },
  });
  return { db, client, measured: (label, work) => measured(log, label, work) };
}

async function measured<T extends AnyAnswer>(
  log: RequestLog,
  label: RequestLabel,
  work: () => Promise<T>,
): Promise<T> {
  const started = performance.now();
  try {
    const answer = await work();
    const ms = performance.now() - started;
    const { LastEvaluatedKey } = answer;
    const more = LastEvaluatedKey !== undefined;
    log.add({ ...label, items: itemsOf(answer), units: unitsOf(answer), ms, more });
    return answer;
  } catch (error) {
    const ms = performance.now() - started;
    const failed = error instanceof Error ? error.name : String(error);
    if (failed !== 'AbortError') log.add({ ...label, items: 0, units: 0, ms, more: false, failed });
    throw error;
  }
}

function itemsOf({ Items, Item, Attributes }: AnyAnswer): number {
  return Items?.length ?? (Item === undefined && Attributes === undefined ? 0 : 1);
}

export function unitsOf({ ConsumedCapacity }: Pick<AnyAnswer, 'ConsumedCapacity'>): number {
  const all = [ConsumedCapacity ?? []].flat() as readonly Units[];
  return all.reduce((sum, { CapacityUnits }) => sum + (CapacityUnits ?? 0), 0);
}
