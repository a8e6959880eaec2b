/** What a host loads once a page syncs (late-sync.ts). */
export { globalOperations } from '../operation/global/rows.ts';
export { replicaOperations } from '../operation/replica/rows.ts';
export { SyncServer } from '../sync/serve-sync.ts';
