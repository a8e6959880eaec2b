/**
 * The control side of the channel: how a page finds the engine in a worker and opens a database.
 *
 * The page posts a Handshake to the worker, with one port or two. The first speaks Control, through
 * Comlink; the second carries calls (channel.ts) once `open` has succeeded. Without a second one
 * the worker serves this page alone, and calls go by the worker's own messages: a hop less than a
 * port. Errors are data here too, so that nobody's Comlink has to be taught about them.
 */
import type { BoundOptions } from '../engine/bounds.ts';
import type {
  ContributorsOptions,
  Engine,
  EngineStatus,
  Progress,
  ScrubTimes,
  WorkOptions,
} from '../engine/engine-types.ts';
import type { Durability } from '../operation/request.ts';
import type { StorageStatus } from '../port/storage-status.ts';
import type { ErrorBody } from './channel.ts';

/** Posted to the worker, with the port for control and perhaps one for calls. */
export interface Handshake {
  /** The page's channelVersion. */
  readonly tidetable: number;
}

export function isHandshake(message: unknown): message is Handshake {
  return typeof message === 'object' && message !== null && 'tidetable' in message;
}

export interface OpenSettings extends BoundOptions {
  /** CreateTable inputs; a table that is there already is left as it is. */
  readonly tables?: readonly object[] | undefined;
  readonly durability?: Durability | undefined;
  readonly tableDurability?: Readonly<Record<string, Durability>> | undefined;
  readonly barrierMs?: number | undefined;
  readonly region?: string | undefined;
  readonly partitionBytes?: number | undefined;
  /** EngineOptions says what they do. */
  readonly damagedLog?: 'cut' | 'refuse' | undefined;
  readonly scrub?: ScrubTimes | false | undefined;
  /**
   * Bytes of memory in the page for items that it has read one by one: read again, they are
   * answered without a way to the worker, until they change. 0 keeps none. Default 8 MiB.
   */
  readonly pageCacheBytes?: number | undefined;
  /** The id of the store that the page knows of; another one in its place is data loss. */
  readonly witness?: string | undefined;
}

/** An engine's status, and what its host knows besides. */
export interface DatabaseStatus extends EngineStatus {
  readonly connection: 'open' | 'lost' | 'closed';
  /** How often a lost connection was opened again. */
  readonly reconnects: number;
  /** What is known of data that was lost: see the notice `data-loss`. */
  readonly dataLoss?: string | undefined;
  /** True when the browser has promised not to evict it; undefined when it does not say. */
  readonly persisted?: boolean | undefined;
  /** What keeps it, and how full that is. */
  readonly storage: StorageStatus;
}

/** A result, or the error it ended in. */
export type Outcome<T> =
  | { readonly value: T; readonly error?: undefined }
  | { readonly error: ErrorBody };

/** What an engine does to its own store when it is asked to, by its name there, and its options. */
export type Maintenance =
  | { readonly name: 'compact' }
  | { readonly name: 'sizes'; readonly pages?: boolean | undefined }
  | ({ readonly name: 'contributors' } & ContributorsOptions)
  | { readonly name: 'scrub' }
  | { readonly name: 'repair'; readonly salvage?: boolean | undefined; readonly forget?: boolean };

/** Carries out a piece of maintenance on an engine. */
export function maintain(
  engine: Engine,
  { name, ...own }: Maintenance,
  options: WorkOptions,
): Promise<unknown> {
  return engine[name]({ ...own, ...options } as WorkOptions & ContributorsOptions);
}

export interface Control {
  /** The worker's channelVersion. */
  hello(): Promise<number>;
  /** The store's id. */
  open(name: string, settings: OpenSettings): Promise<Outcome<string>>;
  status(): Promise<Outcome<DatabaseStatus>>;
  checkpoint(): Promise<Outcome<void>>;
  /** Long work; told of its progress by `onProgress`, a proxy, and ended by `cancel(id)`. */
  maintain(
    id: number,
    work: Maintenance,
    onProgress: ((progress: Progress) => void) | undefined,
  ): Promise<Outcome<unknown>>;
  cancel(id: number): Promise<void>;
  /** Makes what was asked for until now durable: the page may be about to go. */
  barrier(): Promise<Outcome<void>>;
  close(): Promise<Outcome<void>>;
}
