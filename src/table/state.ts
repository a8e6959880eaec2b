/**
 * A table as the engine knows it at one position of the log: decoded from its item in the catalog
 * (system.ts), never changed in place.
 */
import type { KeyType } from '../value/value.ts';
import type { TableScope } from './scope.ts';

export interface KeyPart {
  readonly name: string;
  readonly type: KeyType;
}

/** One hash and at most one range part for tables and LSIs; 1 to 4 and 0 to 4 for GSIs. */
export interface KeySchema {
  readonly hash: readonly KeyPart[];
  readonly range: readonly KeyPart[];
}

export interface Projection {
  readonly type: 'ALL' | 'KEYS_ONLY' | 'INCLUDE';
  /** NonKeyAttributes; empty unless INCLUDE. */
  readonly names: readonly string[];
}

export interface Throughput {
  readonly read: number;
  readonly write: number;
  /** Epoch seconds. */
  readonly lastIncrease?: number | undefined;
  readonly lastDecrease?: number | undefined;
}

export interface IndexState {
  readonly name: string;
  /** `system` trees (expiry, feed) are the engine's own and never shown. */
  readonly kind: 'local' | 'global' | 'system';
  readonly tree: number;
  readonly keys: KeySchema;
  readonly projection: Projection;
  readonly status: 'CREATING' | 'ACTIVE' | 'UPDATING' | 'DELETING';
  /** Entries of older items may still be missing. Never read from, but written. */
  readonly backfilling: boolean;
  readonly throughput?: Throughput | undefined;
}

/** The counters of item collections (collections.ts). */
export interface CollectionsState {
  readonly tree: number;
  /** A job is still counting what was there before they began. */
  readonly counting: boolean;
}

export type StreamView = 'KEYS_ONLY' | 'NEW_IMAGE' | 'OLD_IMAGE' | 'NEW_AND_OLD_IMAGES';

/** A shard that takes records: those of the hashes from `from` to the next shard's. */
export interface LiveShard {
  /** 0 to 2^32 - 1; the first shard's is 0. */
  readonly from: number;
  readonly tree: number;
}

/** The stream of a table, while it is on (src/stream has what else is known of it). */
export interface TableStream {
  /** Names it among the streams that the table has had. */
  readonly label: string;
  readonly view: StreamView;
  /** Ascending; at least one. */
  readonly shards: readonly LiveShard[];
  /** Records keep both images, for a Kinesis destination; the Streams API shows its view. */
  readonly keepsAll?: boolean | undefined;
  /** Nobody asked for it: it is there for a Kinesis destination alone. */
  readonly hidden?: boolean | undefined;
}

/** Of a table that is replicated (src/replica). */
export interface TableReplica {
  /** A `device` sends its writes to a hub; a `hub` has the order that all follow. */
  readonly role: 'device' | 'hub';
  /** Tree of the versions of its items, deleted ones too. */
  readonly versions: number;
  /** The hub's TableId: the table's name among replicas. */
  readonly global: string;
  /** Type of its partition key, where it has a sort key: its feed has an order of partitions. */
  readonly lead?: KeyType | undefined;
  /** On a device whose principal may not do everything with all of it. */
  readonly scope?: TableScope | undefined;
  /** What writes of it ask for at least (docs/sync.md); undefined: nothing. */
  readonly mode?: 'confirm' | 'hub' | undefined;
}

/**
 * Whether what only one database may do to a table is done here: of a replicated one by the hub
 * that gave it its name among replicas, or where all hubs have the same by definition.
 */
export function isHome({
  id,
  name,
  replica,
}: Pick<TableState, 'id' | 'name' | 'replica'>): boolean {
  if (replica === undefined) return true;
  return replica.role === 'hub' && (replica.global === id || replica.global === name);
}

export interface TableState {
  readonly name: string;
  /** UUID. */
  readonly id: string;
  readonly arn: string;
  readonly tree: number;
  /** `building`: a bulk build fills it; nobody can reach it. */
  readonly status: 'CREATING' | 'ACTIVE' | 'UPDATING' | 'DELETING' | 'building';
  readonly keys: KeySchema;
  readonly indexes: readonly IndexState[];
  /** Undefined until the first write to a table with local indexes. */
  readonly collections?: CollectionsState | undefined;
  /** Epoch seconds. */
  readonly createdAt: number;
  readonly billing: 'PROVISIONED' | 'PAY_PER_REQUEST';
  readonly throughput: Throughput;
  /** Epoch seconds; set once the table is or was on demand. */
  readonly payPerRequestSince?: number | undefined;
  readonly deletionProtection: boolean;
  readonly tableClass?: 'STANDARD' | 'STANDARD_INFREQUENT_ACCESS' | undefined;
  readonly tags: ReadonlyMap<string, string>;
  /** What is stored and echoed, and means nothing to the engine (SSE, warm throughput). */
  readonly settings: Readonly<Record<string, unknown>>;
  /** `relaxed` or `strict` of every write to it; undefined takes the database's. */
  readonly durability?: 'relaxed' | 'strict' | undefined;
  /** Undefined while no stream is on. */
  readonly stream?: TableStream | undefined;
  /** Undefined of a table that is not replicated. */
  readonly replica?: TableReplica | undefined;
}
