/**
 * What hosts give an engine and what they get: the ports below, and the Engine above them.
 */
import type { Answer, Durability, Request } from '../operation/request.ts';
import type { Clock } from '../port/clock.ts';
import type { Hint } from '../port/hint.ts';
import type { Lock } from '../port/lock.ts';
import type { Random } from '../port/random.ts';
import type { Scheduler } from '../port/scheduler.ts';
import type { Store } from '../port/store.ts';

export interface EngineOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly scheduler: Scheduler;
  /** Who does background work; without one this engine does it whenever there is some. */
  readonly lock?: Lock | undefined;
  readonly hint?: Hint | undefined;
  /** Of writes that do not say; `relaxed` unless given. */
  readonly durability?: Durability | undefined;
  /** Default `local`, `000000000000` and `localhost:8000`: what ARNs and DescribeEndpoints say. */
  readonly region?: string | undefined;
  readonly account?: string | undefined;
  readonly endpoint?: string | undefined;
  /** Bound of cached pages, bytes. */
  readonly cacheBytes?: number | undefined;
  /** Log bytes at which a checkpoint starts. */
  readonly checkpointBytes?: number | undefined;
  /** Told of all damage that is found, and again when something was done about it. */
  readonly onDamage?: ((damage: Damage) => void) | undefined;
  /** False: no background work of any kind starts by itself (tests). */
  readonly background?: boolean | undefined;
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
  /** Position of the last log record applied. */
  readonly head: number;
  readonly checkpoint: number;
  /** Sequence number of the last commit applied. */
  readonly sequence: number;
  /** Sequence number below which nothing can be lost to power loss. */
  readonly durableSeq: number;
  readonly cacheBytes: number;
  readonly tailBytes: number;
  readonly logBytes: number;
  readonly lostRaces: number;
  readonly checkpoints: number;
  /** What last broke background work off; it is tried again. Undefined when it goes well. */
  readonly backgroundError?: string | undefined;
  /** Empty when all is well. */
  readonly damage: readonly Damage[];
  readonly closed: boolean;
}

export interface Engine {
  /** Calls `done` exactly once; perhaps before it returns. */
  submit(request: Request, done: (answer: Answer) => void): void;
  /** The output; rejects with the answer's error. */
  call(request: Request): Promise<object>;
  status(): EngineStatus;
  /** Makes a checkpoint now, if there is anything in the tail. */
  checkpoint(): Promise<void>;
  /** Resolves when no job (backfill, drop) and no checkpoint is left to do. */
  idle(): Promise<void>;
  /** Lets calls in flight end, then closes the store. Later calls are refused. */
  close(): Promise<void>;
}
