/**
 * A Commit: one change, whole, with everything that follows from it in every tree.
 *
 * Applying one is blind: it needs no page, no catalog and no old item. The stored form is
 * docs/formats/log.md.
 */
import type { Stamp } from '../base/hlc.ts';

/**
 * Who asked. `ttl`, `sync`, `backfill` and `engine` are services, as in a stream's userIdentity. Of
 * a change of an item `sync` says that the write was made at another replica.
 */
export type CallerKind = 'user' | 'ttl' | 'sync' | 'backfill' | 'engine';

/** That a change is a record of a stream: of which shard's tree, with which images. */
export interface Recorded {
  readonly tree: number;
  /** `keepsAfter` and `keepsBefore` of log/change.ts, or neither. */
  readonly images: number;
}

export interface Mutation {
  readonly tree: number;
  readonly key: Uint8Array;
  /** The new value; undefined removes the key. */
  readonly value: Uint8Array | undefined;
  /** DynamoDB's size of what was there before; undefined when nothing was. */
  readonly sizeBefore: number | undefined;
  /** DynamoDB's size of the new value; undefined when the key is removed. */
  readonly sizeAfter: number | undefined;
  /** The value that was there, where a reader of the log asks for it. */
  readonly before?: Uint8Array | undefined;
  /** Of a change of an item whose table has a stream: log/change.ts makes the record of it. */
  readonly recorded?: Recorded | undefined;
  /** It is the version (replica/version.ts) of the item that the commit changes. */
  readonly isVersion?: boolean | undefined;
}

/** A tree of a bulk build that this commit puts within reach: its root, as pager/root.ts has it. */
export interface Attach {
  readonly tree: number;
  readonly page: number;
  readonly height: number;
  readonly entries: number;
  /** Sum of the entries' DynamoDB sizes. */
  readonly bytes: number;
}

export interface Commit {
  /** Dense, from 1. */
  readonly sequence: number;
  readonly stamp: Stamp;
  /** The replica that made the change, when it is not the stamp's. */
  readonly origin?: Uint8Array | undefined;
  /** Commits of one transaction share its id; 0 when there is none. */
  readonly transaction: number;
  /** The last commit of its transaction (true also without one). */
  readonly transactionEnd: boolean;
  readonly caller: CallerKind;
  /** Write units consumed, times 2 (halves are units of reads only, but kept exact). */
  readonly units: number;
  /** Tree id of the table whose item this is; 0 for the engine's own state. */
  readonly table: number;
  readonly mutations: readonly Mutation[];
  readonly attach?: readonly Attach[] | undefined;
}
