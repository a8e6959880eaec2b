/** The status of sync before anything is known: a client's own, and a page's until it is told. */
import type { SyncStatus } from './sync-types.ts';

export const initialStatus: SyncStatus = {
  state: 'offline',
  pending: 0,
  quarantined: 0,
  conflicts: 0,
  unsafe: 0,
  tables: [],
  detached: [],
  cursor: 0,
  progress: { done: 0, total: 0, bytes: 0, totalBytes: 0 },
  ranges: [],
  bytesOut: 0,
  bytesIn: 0,
  restarts: 0,
  leads: false,
};
