/**
 * The Store port: numbered records in three spaces, read in snapshots, written all or nothing.
 *
 * `log` is keyed by position, `page` by page id x 2^24 + checkpoint number, `meta` holds two small
 * records. An adapter is one file in storage/ and one line in test/suite/store.ts.
 *
 * Invariants of every adapter
 * - `scan` sees one state of the store in all its ranges.
 * - A write is there whole or not at all, and what it expects is judged in the same transaction.
 * - `done` is answered only when the transaction is complete (reported committed), never before.
 */

export type Space = 'log' | 'page' | 'meta';

/** Where the one meta record is; the keys above it hold what is kept in case of damage. */
export const metaKey = 0;
/** Where a barrier leaves its mark (log/mark.ts). */
export const markKey = 1;

export interface StoreRecord {
  readonly key: number;
  readonly value: Uint8Array;
}

/** Keys from `from` to `to`, both included, in ascending order, at most `limit`. */
export interface ScanRange {
  readonly space: Space;
  readonly from: number;
  readonly to: number;
  readonly limit?: number;
  /** The last records instead of the first; still answered in ascending order. */
  readonly last?: boolean;
}

export interface SpaceRecord extends StoreRecord {
  readonly space: Space;
}

export interface SpaceKeys {
  readonly space: Space;
  readonly from: number;
  readonly to: number;
}

export interface WriteBatch {
  /**
   * Judged on the meta record inside the transaction; false refuses the whole batch. It may be run
   * after the batch's requests were issued, so it must be pure but for noting what it saw.
   */
  readonly expectMeta?: (meta: Uint8Array | undefined) => boolean;
  /**
   * `done` answers the meta record as it is in the same transaction. It can refuse nothing, so an
   * adapter need not hold its commit back for it, as it must for `expectMeta`.
   */
  readonly readMeta?: boolean;
  /** Records whose keys must be absent; a key that is taken refuses the whole batch. */
  readonly add?: readonly SpaceRecord[];
  /** Records that replace what is there. */
  readonly put?: readonly SpaceRecord[];
  /** Key ranges to delete, before `add` and `put` are carried out. */
  readonly remove?: readonly SpaceKeys[];
  /** Power loss must not undo it, nor anything written before it. */
  readonly strict?: boolean;
}

/**
 * - `done`: committed. `durable` says that power loss cannot undo it.
 * - `refused`: nothing was written. `meta`: the expectation failed; `taken`: a key was there;
 *   `full`: the disk or the quota is; `closed`: the store was closed or deleted; `gone`: it was
 *   cleared behind our back.
 * - `unknown`: the connection was lost; it may have been written or not.
 */
export type WriteResult =
  | {
      readonly kind: 'done';
      readonly durable: boolean;
      /** With `readMeta`, if there is one. */
      readonly meta?: Uint8Array | undefined;
    }
  | {
      readonly kind: 'refused';
      readonly why: 'meta' | 'taken' | 'full' | 'closed' | 'gone';
      readonly cause?: unknown;
    }
  | { readonly kind: 'unknown'; readonly cause?: unknown };

export interface Store {
  /** True when no other engine can write to it: heads need not be asked for. */
  readonly exclusive: boolean;
  get(space: Space, key: number): Promise<Uint8Array | undefined>;
  /** The records of each range, all from one snapshot. */
  scan(ranges: readonly ScanRange[]): Promise<readonly (readonly StoreRecord[])[]>;
  write(batch: WriteBatch): Promise<WriteResult>;
  close(): Promise<void>;
}

/**
 * A store that could not be read or opened. `lost`: the next try may do better; `closed`: it was
 * closed, or deleted on purpose; `gone`: what was in it has been cleared, or another store is in
 * its place; `full`: there is no room; `denied`: this host will not let us have one.
 */
export class StoreFailure extends Error {
  override readonly name = 'StoreFailure';
  readonly why: 'lost' | 'closed' | 'gone' | 'full' | 'denied';

  constructor(why: StoreFailure['why'], message: string, cause?: unknown) {
    super(message, { cause });
    this.why = why;
  }
}
