/**
 * How the AWS SDK v3 talks to a database: a configuration for its client, and a plugin that makes
 * the client ten times faster.
 */
import type { DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';
import type { Database } from './database.ts';
import { sdkRequestHandler } from './sdk-json.ts';
import { type SdkPlugin, sdkShortCircuit } from './sdk-short-circuit.ts';

/** What the SDK's functions need of a Database. */
export type SdkDatabase = Pick<Database, 'call' | 'region'>;

/**
 * For `new DynamoDBClient(clientConfig(db))`: all it needs, with no network and no credentials of
 * anyone. Members can be overridden: `{ ...clientConfig(db), maxAttempts: 1 }`.
 */
export function clientConfig(db: SdkDatabase): DynamoDBClientConfig {
  return {
    region: db.region,
    endpoint: 'http://tidetable.invalid',
    credentials: { accessKeyId: 'tidetable', secretAccessKey: 'tidetable' },
    requestHandler: sdkRequestHandler(db) as unknown as NonNullable<
      DynamoDBClientConfig['requestHandler']
    >,
  };
}

/**
 * For `client.middlewareStack.use(shortCircuit(db))`: calls of this client go to `db` as objects,
 * without JSON, signature and HTTP. Inputs are checked by the database alone, not by the SDK.
 */
export function shortCircuit(db: SdkDatabase): SdkPlugin {
  return sdkShortCircuit(db);
}
