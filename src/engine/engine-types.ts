/**
 * What hosts give an engine and what they get: the ports below, and the Engine above them.
 */
import type { BoundOptions } from './bounds.ts';
import type { Converter } from './converter.ts';
import type { ImportSession, ImportSettings } from './import-types.ts';
import type { LiveReader } from './live-types.ts';
import type { EnforcedCapacity } from '../operation/capacity/meter.ts';
import type { Commit } from '../log/commit.ts';
import type { Operation } from '../operation/operation.ts';
import type { Answer, Durability, Request } from '../operation/request.ts';
import type { Clock } from '../port/clock.ts';
import type { Hint } from '../port/hint.ts';
import type { Lock } from '../port/lock.ts';
import type { Notify } from '../port/notice.ts';
import type { Random } from '../port/random.ts';
import type { Scheduler } from '../port/scheduler.ts';
import type { Store } from '../port/store.ts';

export interface EngineOptions extends BoundOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly scheduler: Scheduler;
  /** Who does background work; without one this engine does it whenever there is some. */
  readonly lock?: Lock | undefined;
  readonly hint?: Hint | undefined;
  /** Told of what nobody asked about: see port/notice.ts. */
  readonly notify?: Notify | undefined;
  /** Of writes that do not say; `relaxed` unless given. */
  readonly durability?: Durability | undefined;
  /** Of the tables of these names: kept with them, for every engine, until it is given anew. */
  readonly tableDurability?: ReadonlyMap<string, Durability> | undefined;
  /**
   * How long after a relaxed write a barrier makes it durable; 1000 unless given, Infinity for
   * never.
   */
  readonly barrierMs?: number | undefined;
  /** Default `local`, `000000000000` and `localhost:8000`: what ARNs and DescribeEndpoints say. */
  readonly region?: string | undefined;
  readonly account?: string | undefined;
  readonly endpoint?: string | undefined;
  /** What an item collection may have at most, bytes; DynamoDB's 10 GB unless given (tests). */
  readonly collectionBytesMax?: number | undefined;
  /** Throttles callers by the capacity of tables and indexes (operation/capacity/enforced.ts). */
  readonly capacity?: EnforcedCapacity | undefined;
  /**
   * What to do at open when the log is damaged before its last turn: `cut` (the default) opens with
   * what came before, and sets the rest aside; `refuse` rejects with DamagedData.
   */
  readonly damagedLog?: 'cut' | 'refuse' | undefined;
  /** From earlier formats to this one's; those of the release (converters.ts) unless given. */
  readonly converters?: readonly Converter[] | undefined;
  /** Internal operations that only some hosts need (operation/replica/rows.ts). */
  readonly operations?: readonly Operation[] | undefined;
  /** A partition that is larger splits, and so does its shard; 10 GB unless given. */
  readonly partitionBytes?: number | undefined;
  /** Told after each slice of a conversion, which is done before the database opens. */
  readonly onConvert?: ((progress: ConvertProgress) => void) | undefined;
  /** Told of all damage that is found, and again when something was done about it. */
  readonly onDamage?: ((damage: Damage) => void) | undefined;
  /**
   * The scrub that begins by itself: after `idleMs` without a write (60,000 unless given), at most
   * every `everyMs` (a day). False: only when it is asked for.
   */
  readonly scrub?: ScrubTimes | false | undefined;
  /** False: no background work of any kind starts by itself (tests). */
  readonly background?: boolean | undefined;
}

export interface ScrubTimes {
  readonly idleMs?: number | undefined;
  readonly everyMs?: number | undefined;
}

/** The scrub that begins by itself. */
export interface ScrubStatus {
  /** One was begun and is not over, though it may be waiting for a quiet moment. */
  readonly running: boolean;
  /** Epoch milliseconds of the end of the last one, as far as this engine knows. */
  readonly endedMs: number | undefined;
  /** What the last one of this engine found; undefined before. */
  readonly report: ScrubReport | undefined;
  /** What broke the last one off. */
  readonly error: string | undefined;
}

/** How far the conversion of an older store is. */
export interface ConvertProgress {
  readonly from: number;
  readonly to: number;
  /** Records converted so far. */
  readonly records: number;
}

/** Stored data that is not what was written. */
export interface Damage {
  /** `page`: of a tree; `log`: records of the log; `meta`: the meta record. */
  readonly kind: 'page' | 'log' | 'meta' | 'entries';
  /**
   * - `found`: nothing was done about it yet. - `quarantined`: on record, out of reach, kept.
   * - `rebuilding`: the index is made anew. - `repaired`: nothing is missing any more.
   * - `lost`: what could not be brought back was given up.
   */
  readonly state: 'found' | 'quarantined' | 'rebuilding' | 'repaired' | 'lost';
  /** In words. */
  readonly what: string;
  readonly table?: string | undefined;
  readonly index?: string | undefined;
  readonly tree?: number | undefined;
  readonly page?: number | undefined;
  /** Log positions, both included. */
  readonly from?: number | undefined;
  readonly to?: number | undefined;
  /** Epoch milliseconds. */
  readonly foundMs: number;
}

export interface EngineStatus {
  /** Names the store, 32 hexadecimal digits: another one is another store. */
  readonly storeId: string;
  /** Position of the last log record applied. */
  readonly head: number;
  readonly checkpoint: number;
  /** Sequence number of the last commit applied. */
  readonly sequence: number;
  /** Sequence number of the last commit that power loss cannot undo, nor any before it. */
  readonly durableSeq: number;
  readonly cacheBytes: number;
  readonly tailBytes: number;
  /** Live queries that are open, identical ones counted once. */
  readonly liveQueries: number;
  readonly logBytes: number;
  /** An estimate: for how long an open would be busy with the log. */
  readonly replayMs: number;
  readonly lostRaces: number;
  readonly checkpoints: number;
  /** What last broke background work off; it is tried again. Undefined when it goes well. */
  readonly backgroundError?: string | undefined;
  /** What this opening has converted, or waited for another engine to convert. */
  readonly converted?: ConvertProgress | undefined;
  readonly scrub?: ScrubStatus | undefined;
  /** Empty when all is well. */
  readonly damage: readonly Damage[];
  /** `update-needed`: a newer version has taken the store over, and every call is refused. */
  readonly stopped?: 'update-needed' | undefined;
  readonly closed: boolean;
}

/** How far a long piece of work is. */
export interface Progress {
  readonly done: number;
  readonly total: number;
  /** Of a repair: its damaged pages. The scrub that it ends with counts anew, and has none. */
  readonly phase?: 'pages' | undefined;
}

export interface WorkOptions {
  /** Ends the work between two slices: what was done stays done. */
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
}

export interface CompactReport {
  /** Page records of all trees, and their bytes. */
  readonly recordsBefore: number;
  readonly bytesBefore: number;
  readonly recordsAfter: number;
  readonly bytesAfter: number;
}

export interface ScrubReport {
  /** Pages that were read, and those of them that are damaged. */
  readonly pages: number;
  readonly damagedPages: number;
  readonly items: number;
  /** Entries of indexes. */
  readonly entries: number;
  /** Entries that were missing, wrong, or without an item, and are as they should be now. */
  readonly mended: number;
  /** Trees whose counters were off. */
  readonly counters: number;
}

export interface RepairOptions extends WorkOptions {
  /** Take cells of damaged pages that still parse; their values may have been spoilt. */
  readonly salvage?: boolean | undefined;
  /** Remove what was set aside of a damaged log. */
  readonly forget?: boolean | undefined;
}

/** A range of keys that was out of reach and is not any more. */
export interface RepairedRange {
  readonly table: string | undefined;
  /** As in `Damage`: numbers below 100 are the engine's own, 6 is the records of damage. */
  readonly tree: number;
  readonly page: number;
  /** Encoded keys (docs/formats/key.md); `to` is excluded, undefined is the end of the table. */
  readonly from: Uint8Array;
  readonly to: Uint8Array | undefined;
  readonly restored: number;
  /** Nothing of it is lost: the page read well again. */
  readonly isWhole: boolean;
}

export interface RepairReport {
  readonly ranges: readonly RepairedRange[];
  readonly scrub: ScrubReport;
}

export interface SizesOptions extends WorkOptions {
  /** Count page records and their bytes too, by reading every page. */
  readonly pages?: boolean | undefined;
}

export interface PageSizes {
  /** Only when pages were counted; as of the last checkpoint. */
  readonly pageRecords?: number;
  readonly pageBytes?: number;
}

export interface TreeSizes extends PageSizes {
  readonly items: number;
  /** DynamoDB's TableSizeBytes and IndexSizeBytes, up to date. */
  readonly itemBytes: number;
}

export interface SizeReport extends PageSizes {
  readonly tables: readonly (TreeSizes & {
    readonly name: string;
    readonly indexes: readonly (TreeSizes & { readonly name: string })[];
  })[];
  /** Log that no checkpoint holds yet. */
  readonly logBytes: number;
}

export interface ContributorsOptions {
  /** Name or ARN of a table with contributor insights on. */
  readonly table: string;
  /** A global index, instead of the table itself. */
  readonly index?: string | undefined;
  /** How far back, by whole minutes; 10 minutes unless given, an hour at most. */
  readonly windowMs?: number | undefined;
  /** How many keys are named by each rule; 10 unless given. */
  readonly top?: number | undefined;
}

/** One key and its sum: units consumed, or requests that were throttled. */
export interface ContributorKey {
  /** Its attributes, as plain values. */
  readonly key: Readonly<Record<string, unknown>>;
  readonly sum: number;
  /** The sum is no less than this; the two are equal in a report that is exact. */
  readonly atLeast: number;
}

export interface ContributorSums {
  /** The greatest first. */
  readonly contributors: readonly ContributorKey[];
  /** Of all keys, named or not: always exact. */
  readonly total: number;
  /** Distinct keys that were told apart. */
  readonly keys: number;
  /** False when a minute had more keys than are told apart in one (10,000). */
  readonly isExact: boolean;
  /** How many keys at most are not among `keys` for that reason. */
  readonly leftOut: number;
}

export interface ContributorsReport {
  /** Epoch milliseconds; later than asked for when that is not kept any more. */
  readonly sinceMs: number;
  /** CloudWatch's rules PKC and SKC; `keys` only where there is a sort key. */
  readonly accessed: { readonly partitionKeys: ContributorSums; readonly keys?: ContributorSums };
  /** PKT and SKT. */
  readonly throttled: { readonly partitionKeys: ContributorSums; readonly keys?: ContributorSums };
}

/**
 * Who is told, in the log's order, of all that is published from now on; before the calls that
 * wrote it are answered.
 */
export interface LogReader {
  heard(commits: readonly Commit[]): void;
  /** What came since the last commits it heard cannot be told: memory was read anew. */
  overtaken(): void;
  /** Nothing more comes. */
  stopped(error: Error): void;
}

export interface Engine {
  /** Calls `done` exactly once; perhaps before it returns. */
  submit(request: Request, done: (answer: Answer) => void): void;
  /** The output; rejects with the answer's error. */
  call(request: Request): Promise<object>;
  status(): EngineStatus;
  /**
   * Resolves when power loss cannot undo the commit of this sequence number any more; writes
   * nothing itself. Rejects when the engine ends before that.
   */
  whenDurable(sequence: number): Promise<void>;
  /**
   * Makes everything that was asked for until now durable, calls under way too; writes nothing if
   * it is. Rejects with StoreFailure when that could not be done.
   */
  barrier(): Promise<void>;
  /** Calls `moved` whenever the log has moved, until the function it answers is called. */
  watch(moved: () => void): () => void;
  /** Tells `reader` of what is published, until the function it answers is called. */
  follow(reader: LogReader): () => void;
  /**
   * Begins to fill a table in bulk (import.ts). Rejects with ResourceNotFoundException,
   * ResourceInUseException, and LimitExceededException when this engine has an import under way.
   */
  import(settings: ImportSettings): Promise<ImportSession>;
  /**
   * Follows a GetItem, a Query, a Scan or a SELECT (live.ts): its result, and what becomes of it.
   * Throws what the operation refuses, and LimitExceededException where there are too many.
   */
  live(request: Request): LiveReader;
  /** Makes a checkpoint now, if there is anything in the tail: of all that was written before. */
  checkpoint(): Promise<void>;
  /** Rewrites pages that are sparse or in pieces; calls go on meanwhile. */
  compact(options?: WorkOptions): Promise<CompactReport>;
  sizes(options?: SizesOptions): Promise<SizeReport>;
  /**
   * The keys that calls of this engine consumed most of, where contributor insights are on
   * (operation UpdateContributorInsights).
   */
  contributors(options: ContributorsOptions): Promise<ContributorsReport>;
  /** Reads all that is stored, compares what must agree, and mends what can be. */
  scrub(options?: WorkOptions): Promise<ScrubReport>;
  /** Brings back what can be of damaged data, gives up the rest, and scrubs. */
  repair(options?: RepairOptions): Promise<RepairReport>;
  /** Resolves when no job (backfill, drop) and no checkpoint is left to do. */
  idle(): Promise<void>;
  /**
   * Lets calls in flight end, then closes the store; those that have not ended after closeWaitMs
   * are refused. Later calls are refused at once.
   */
  close(): Promise<void>;
}
