/**
 * The methods of a database, through sync: `remote.with({ mode: 'confirm' }).updateItem(...)`.
 *
 * They are the handle's and not the database's, whose page entry has no room for what few pages
 * need (docs/adr/0014).
 */
import type { Call } from '../sync/call-book.ts';
import type { CallOptions } from './connection.ts';
import type { OperationMethods } from './operation-methods.ts';

const names = [
  'getItem',
  'batchGetItem',
  'query',
  'scan',
  'transactGetItems',
  'putItem',
  'updateItem',
  'deleteItem',
  'batchWriteItem',
  'transactWriteItems',
  'executeStatement',
  'batchExecuteStatement',
  'executeTransaction',
] as const;

/** Its own `call` and `region` are what the AWS SDK's `clientConfig` needs of a database. */
export interface SyncCalls extends Pick<OperationMethods, (typeof names)[number]> {
  readonly region: string;
  call(operation: string, input: object, options?: CallOptions): Promise<object>;
}

export function syncCalls(region: string, call: Call<CallOptions>): SyncCalls {
  const methods = names.map((name) => {
    const operation = name.charAt(0).toUpperCase() + name.slice(1);
    return [name, (input: object, options?: CallOptions) => call(operation, input, options)];
  });
  return { region, call, ...Object.fromEntries(methods) } as unknown as SyncCalls;
}
