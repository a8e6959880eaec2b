/** What a program sees of sync: options, status, events (docs/sync.md). */
import type { StorageStatus } from '../port/storage-status.ts';

/**
 * - `offline`: the hub is out of reach, or nobody has looked yet; it is tried again.
 * - `connecting`, then `catching-up` until all is sent and taken, then `live`.
 * - `needs-auth`: a token that the hub takes is wanted; nothing is touched meanwhile.
 * - `update-needed`: this release and the hub's do not understand one another.
 * - `blocked`: it will not go on by itself; `message` says why.
 * - `paused`, `closed`: as the program wished.
 */
export type SyncState =
  | 'offline'
  | 'connecting'
  | 'catching-up'
  | 'live'
  | 'needs-auth'
  | 'update-needed'
  | 'blocked'
  | 'paused'
  | 'closed';

export interface SyncStatus {
  readonly state: SyncState;
  /** Why it is not `live`, in words. */
  readonly message?: string | undefined;
  /** Writes of this database that the hub has not answered, and the age of the oldest. */
  readonly pending: number;
  readonly oldestPendingMs?: number | undefined;
  /** Writes that the hub has refused, kept for the user; at most 1000 are counted. */
  readonly quarantined: number;
  /** Writes that the hub has answered, and that end with its process: it keeps all in memory. */
  readonly unsafe: number;
  /** Versions in the log of conflicts, as far as this database may read it. */
  readonly conflicts: number;
  /** Tables that take part; and those of this database that do not, with the reason. */
  readonly tables: readonly string[];
  readonly detached: readonly DetachedTable[];
  /** How far the hub's changes have been taken. */
  readonly cursor: number;
  /**
   * Items and changes taken since it last caught up, of how many as far as that is known, and their
   * bytes, of about how many.
   */
  readonly progress: {
    readonly done: number;
    readonly total: number;
    readonly bytes: number;
    readonly totalBytes: number;
  };
  /** Of each table, whether all of it is here. */
  readonly ranges: readonly TableRange[];
  /** What keeps this database, and how full that is; undefined until its host has said so. */
  readonly storage?: StorageStatus | undefined;
  /** What this clock lacks of the hub's. */
  readonly clockOffsetMs?: number | undefined;
  /** Epoch milliseconds of the hub's last answer, and of the last sign of life of it at all. */
  readonly lastRoundTripAt?: number | undefined;
  readonly heardAt?: number | undefined;
  /** Bytes of messages since sync began here, without their heads. */
  readonly bytesOut: number;
  readonly bytesIn: number;
  /** How often it was begun anew because nothing moved. */
  readonly restarts: number;
  /** Whether this tab is the one that talks to the hub. */
  readonly leads: boolean;
}

/** How far a write is to count before its call is answered (docs/sync.md). */
export interface WriteOptions {
  /**
   * `local`: as the tables ask. `confirm`: decided here, and executed by the hub on its own items,
   * once: what that says stands. `hub`: all that waits is sent, then the hub carries it out and
   * answers, reads too; without it the call rejects at once, with an error named HubError. A mode
   * may only ask for more than the tables do.
   */
  readonly mode?: 'local' | 'confirm' | 'hub' | undefined;
  /** Of a confirmed write: the hub refuses it when it comes later, milliseconds after the call. */
  readonly expiresMs?: number | undefined;
}

/**
 * What became of a write: it is of no table that takes part; the hub has it; a later one of
 * another stands; the hub has refused it, or what it was made on.
 */
export type SettledAs = 'local' | 'hub' | 'superseded' | 'rejected';

/**
 * - `absent`: nothing of the table has come yet.
 * - `loading`: some of it is here. What is, can be read.
 * - `complete`: all that the hub had when it was looked at last.
 */
export interface TableRange {
  readonly table: string;
  readonly state: 'absent' | 'loading' | 'complete';
}

/** What is to be loaded before all else: a table, or the items of one partition key. */
export interface FirstRange {
  readonly table: string;
  /** The partition key with its value, as in GetItem's Key. */
  readonly key?: Readonly<Record<string, unknown>> | undefined;
}

export interface DetachedTable {
  readonly table: string;
  readonly why: string;
}

/** A write that the hub refused, or one that was made on it. */
export interface QuarantinedWrite {
  /** Names it among those of this database. */
  readonly seq: number;
  readonly code: string;
  /** Epoch milliseconds at which it was made, by the hub's clock. */
  readonly madeAt: number;
  /** Of one that asked for the hub's word: what it was; the items are what was guessed of it. */
  readonly operation?: string | undefined;
  readonly items: readonly QuarantinedItem[];
}

export interface QuarantinedItem {
  readonly table: string;
  /** Plain values; what was put, or the key of what was deleted as far as it is known. */
  readonly item?: Readonly<Record<string, unknown>> | undefined;
  readonly isDeleted: boolean;
}

/** A version of an item that a write replaced which had not seen it; kept for 30 days. */
export interface Conflict {
  /** Names it among those of this principal. */
  readonly id: string;
  readonly table: string;
  /** Plain values. */
  readonly key: Readonly<Record<string, unknown>>;
  /** The item that lost; absent where it was a deletion that did. */
  readonly lost?: Readonly<Record<string, unknown>> | undefined;
  /** Stamps of what lost and of what stood: epoch milliseconds by the hub's clock, and replicas. */
  readonly lostAt: number;
  readonly lostBy: string;
  readonly wonAt: number;
  readonly wonBy: string;
}

export type SyncEvent =
  | { readonly type: 'status'; readonly status: SyncStatus }
  | { readonly type: 'rejected'; readonly seq: number; readonly code: string }
  | { readonly type: 'superseded'; readonly seq: number }
  | { readonly type: 'detached'; readonly table: string; readonly why: string }
  /**
   * The first contact of this database, and the hub knows of so many others of the same principal,
   * at most 16: another device's, or one that the browser has cleared here.
   */
  | { readonly type: 'others'; readonly others: number }
  | { readonly type: 'restarted'; readonly message: string };
