/** Entry `tidetable`: the page's side. */
export type { CallOptions } from './client/connection.ts';
export type { Database } from './client/database.ts';
export { deleteDatabase, listDatabases } from './client/databases.ts';
export type { ImportOptions, ImportSource } from './client/import.ts';
export {
  CallError,
  type CancellationReason,
  DatabaseError,
  DynamoDBError,
} from './client/errors.ts';
export type * from './client/item-types.ts';
export type * from './client/statement-types.ts';
export type * from './client/stream-types.ts';
export type * from './client/insight-types.ts';
export { type OpenOptions, open } from './client/open.ts';
export type { DestinationContext, Destinations, DestinationSink } from './engine/destinations.ts';
export type * from './engine/trigger-types.ts';
export type {
  ContributorKey,
  ContributorsOptions,
  ContributorsReport,
  ContributorSums,
} from './engine/engine-types.ts';
export type {
  ImportCounts,
  ImportResult,
  ImportState,
  RefusedItem,
} from './engine/import-types.ts';
export type * from './client/live-types.ts';
export type { OperationMethods } from './client/operation-methods.ts';
export type * from './client/table-types.ts';
export type * from './client/value-types.ts';
export type { Notice, NoticeType, Notify } from './port/notice.ts';
export type { DestinationRecord } from './stream/destination.ts';
export { NumberValue } from './value/number-value.ts';
export type { DatabaseStatus } from './wire/control.ts';
