/** Entry `tidetable/sync`: a database as a replica of what a hub has. */
export { type Sync, type SyncDatabase, type SyncOptions, sync } from './client/sync.ts';
export type { SyncCalls } from './client/sync-calls.ts';
export type * from './sync/sync-types.ts';
