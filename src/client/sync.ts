/**
 * The page's handle of sync: what the worker tells of it, and what the program wishes.
 *
 * The client itself is in the worker, one of all tabs talks to the hub (src/sync/client.ts). The
 * page has the token: it is asked for it when the hub wants one.
 */
import type { CallOptions } from './connection.ts';
import {
  discardConflicts,
  discardQuarantined,
  type KeptCalls,
  listConflicts,
  listQuarantine,
  untilStatus,
} from '../sync/handle.ts';
import { watchNetwork } from './network.ts';
import { CallBook } from '../sync/call-book.ts';
import { type SyncCalls, syncCalls } from './sync-calls.ts';
import { initialStatus } from '../sync/initial-status.ts';
import type { DeviceState } from '../sync/look.ts';
import type {
  Conflict,
  FirstRange,
  QuarantinedWrite,
  SettledAs,
  SyncEvent,
  SyncState,
  SyncStatus,
  WriteOptions,
} from '../sync/sync-types.ts';
import type { SyncNews, SyncOpenInput, SyncTokenInput } from '../sync/serve-sync.ts';

export interface SyncOptions {
  /** The hub, such as `https://hub.example`. */
  readonly url: string;
  /**
   * A bearer token, or what gives one: asked at first, and again when the hub does not take the
   * last one. None for a hub that asks nobody.
   */
  readonly token?: string | (() => string | Promise<string>) | undefined;
  /** Tables that take part; all that the hub lets the caller see when absent. */
  readonly tables?: readonly string[] | undefined;
  /** What is to be loaded before all else, in this order: tables, or items of a partition key. */
  readonly first?: readonly FirstRange[] | undefined;
  /** Closes it. */
  readonly signal?: AbortSignal | undefined;
}

/** What it needs of a Database. */
export interface SyncDatabase {
  readonly name: string;
  readonly region?: string;
  /** Aborted when the database begins to close. */
  readonly closing: AbortSignal;
  call(operation: string, input: object, options?: CallOptions): Promise<object>;
  close(): Promise<void>;
}

type EventOf<T extends SyncEvent['type']> = Extract<SyncEvent, { readonly type: T }>;

export interface Sync {
  /** As it was told last. */
  readonly status: SyncStatus;
  /** Calls `listener` for every event of this type; answers a function that ends it. */
  on<T extends SyncEvent['type']>(type: T, listener: (event: EventOf<T>) => void): () => void;
  /** Nothing is sent or taken until `resume`, by any tab. */
  pause(): Promise<void>;
  /** Goes on, and tries at once what waits to be tried again. */
  resume(): Promise<void>;
  /** Resolves when the hub has answered every write made until now, and `status.pending` is 0. */
  drain(options?: { readonly signal?: AbortSignal }): Promise<void>;
  /** Resolves when the state is one of these; rejects when `signal` is aborted, or it is closed. */
  until(
    states: SyncState | readonly SyncState[],
    options?: { readonly signal?: AbortSignal },
  ): Promise<SyncStatus>;
  /**
   * Calls that ask for more than the tables do, or whose results `settled` takes: the database's
   * own methods, for `clientConfig(remote.with({ mode: 'confirm' }))` too.
   */
  with(options?: WriteOptions): SyncCalls;
  /** Resolves when the hub has answered what a call of `with()` has written; says how. */
  settled(result: object, options?: { readonly signal?: AbortSignal }): Promise<SettledAs>;
  /** What the hub has refused, the oldest first, 1000 at most. */
  quarantine(): Promise<readonly QuarantinedWrite[]>;
  /** Forgets what is in quarantine under these numbers. */
  discard(seqs: readonly number[]): Promise<void>;
  /**
   * Writes again what is in quarantine under these numbers, as new writes, and takes it out.
   * Rejects where the database refuses one; those before it stand.
   */
  retry(seqs: readonly number[]): Promise<void>;
  /**
   * Versions of this principal's that were replaced by a write that had not seen them, from any of
   * its devices, as far as the hub lets it read their log; the oldest first, 1000 at most.
   */
  conflicts(): Promise<readonly Conflict[]>;
  /** Forgets conflicts of these ids, here and on the hub. */
  discardConflicts(ids: readonly string[]): Promise<void>;
  /**
   * Deletes the database, with all that the hub has not: `discard` must be how many writes that
   * are, pending and in quarantine. Rejects with their number otherwise, and nothing is touched;
   * and where another tab has written meanwhile: the database is closed then, and whole.
   */
  wipe(options?: { readonly discard?: number }): Promise<void>;
  /** This tab has no more to do with it; what is not sent stays, and is sent when it is opened. */
  close(): Promise<void>;
}

/**
 * Makes the database a replica of what the hub lets the caller see, and keeps it so while any tab
 * has it open. Returns at once; `status` and the event `status` say how it goes. Throws TypeError
 * for a URL that is none.
 */
export function sync(db: SyncDatabase, options: SyncOptions): Sync {
  const url = new URL(options.url);
  if (!/^https?:$/.test(url.protocol)) throw new TypeError(`sync: ${options.url} is no HTTP URL`);
  return new PageSync(db, { ...options, url: url.href });
}

/** Of databases whose sync closes: the next one waits for that. */
const closings: WeakMap<SyncDatabase, Promise<void>> = new WeakMap();

class PageSync implements Sync {
  readonly #db: SyncDatabase;
  readonly #options: SyncOptions;
  readonly #listeners: Set<readonly [string, (event: never) => void]> = new Set();
  #status: SyncStatus = { ...initialStatus, state: 'connecting' };
  #isClosed = false;
  #isWakeAsked = false;
  readonly #kept: KeptCalls;
  readonly #calls: CallBook<CallOptions>;
  readonly #running: Promise<void>;
  readonly #unwatch: () => void;
  /** What is asked of this one waits for the one before it, as its opening does. */
  readonly #before: Promise<void> | undefined;

  constructor(db: SyncDatabase, options: SyncOptions) {
    this.#db = db;
    this.#options = options;
    this.#before = closings.get(db);
    this.#kept = {
      ask: (Operation, Input) => db.call('SyncAsk', { Operation, Input }),
    };
    this.#calls = new CallBook((...call) => db.call(...call));
    const close = (): void => void this.close();
    for (const signal of [db.closing, options.signal]) {
      signal?.addEventListener('abort', close, { once: true });
    }
    this.#unwatch = watchNetwork(() => void db.call('SyncHint', {}).catch(() => undefined));
    this.#running = this.#run();
    if (db.closing.aborted || options.signal?.aborted === true) close();
  }

  get status(): SyncStatus {
    return this.#status;
  }

  on<T extends SyncEvent['type']>(type: T, listener: (event: EventOf<T>) => void): () => void {
    const entry = [type, listener as (event: never) => void] as const;
    this.#listeners.add(entry);
    return () => void this.#listeners.delete(entry);
  }

  async pause(): Promise<void> {
    await this.#before;
    await this.#db.call('SyncPause', {});
  }

  async resume(): Promise<void> {
    await this.#before;
    await this.#db.call('SyncResume', {});
  }

  async drain({ signal }: { readonly signal?: AbortSignal } = {}): Promise<void> {
    await this.#refresh();
    await this.#when(({ pending }) => pending === 0, signal);
  }

  until(
    states: SyncState | readonly SyncState[],
    { signal }: { readonly signal?: AbortSignal } = {},
  ): Promise<SyncStatus> {
    const wanted: readonly string[] = typeof states === 'string' ? [states] : states;
    return this.#when(({ state }) => wanted.includes(state), signal);
  }

  with(options: WriteOptions = {}): SyncCalls {
    return syncCalls(this.#db.region ?? 'local', this.#calls.with(options));
  }

  settled(result: object, options?: { readonly signal?: AbortSignal }): Promise<SettledAs> {
    return this.#calls.settled(result, options);
  }

  quarantine(): Promise<readonly QuarantinedWrite[]> {
    return listQuarantine(this.#kept);
  }

  discard(seqs: readonly number[]): Promise<void> {
    return discardQuarantined(this.#kept, seqs);
  }

  async retry(seqs: readonly number[]): Promise<void> {
    await this.#before;
    await this.#db.call('SyncRetry', { Seqs: seqs });
  }

  conflicts(): Promise<readonly Conflict[]> {
    return listConflicts(this.#kept);
  }

  discardConflicts(ids: readonly string[]): Promise<void> {
    return discardConflicts(this.#kept, ids);
  }

  async wipe({ discard = 0 }: { readonly discard?: number } = {}): Promise<void> {
    const wasPaused = this.#status.state === 'paused';
    await this.pause();
    try {
      await this.#when(({ state }) => state === 'paused', undefined);
      await this.#expectUnsent(discard);
      const { deleteDatabaseAt, headOf } = await import('./databases.ts');
      const head = await headOf(this.#db.name);
      // Of what was written before; what another tab writes from here on, the head tells.
      await this.#expectUnsent(discard);
      await this.close();
      await this.#db.close();
      await deleteDatabaseAt(this.#db.name, head);
    } catch (error) {
      if (!wasPaused && !this.#isClosed) await this.resume();
      throw error;
    }
  }

  /** How many writes are on no hub, all of them counted. */
  async #expectUnsent(discard: number): Promise<void> {
    const output = await this.#kept.ask('DescribeReplica', { CountAll: true });
    const { Pending = 0, Quarantined = 0 } = output as Partial<DeviceState>;
    const unsent = Pending + Quarantined;
    if (unsent === discard) return;
    throw new Error(`${unsent} writes are on no hub, and discard is ${discard}: nothing was wiped`);
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    const closed = this.#end();
    closings.set(this.#db, closed);
    await closed;
  }

  async #end(): Promise<void> {
    this.#unwatch();
    await this.#db.call('SyncClose', {}).catch(() => undefined);
    await this.#running;
    this.#take({ ...this.#status, state: 'closed', leads: false });
  }

  /** What is so now: writes that were answered before are counted. */
  async #refresh(): Promise<SyncStatus> {
    await this.#before;
    const { Status } = (await this.#db.call('SyncRefresh', {})) as SyncNews;
    if (Status !== undefined) this.#take(Status);
    return this.#status;
  }

  async #run(): Promise<void> {
    const { url, tables, first, token } = this.#options;
    const input: SyncOpenInput = {
      Url: url,
      HasToken: token !== undefined,
      ...(tables === undefined ? {} : { Tables: tables }),
      ...(first === undefined ? {} : { First: first }),
    };
    try {
      // Else it is asked for at once: before a pause that is asked for next.
      if (this.#before !== undefined) await this.#before;
      if (this.#isClosed) return;
      await this.#db.call('SyncOpen', input);
      let isOver = false;
      while (!isOver) {
        const news = (await this.#db.call('SyncNext', {})) as SyncNews;
        if (news.Status !== undefined) this.#take(news.Status);
        for (const event of news.Events ?? []) this.#tell(event);
        if (news.Token !== undefined) void this.#bring(news.Token.Number);
        isOver = news.End === true;
      }
    } catch (error) {
      if (this.#isClosed) return;
      // Another may be open still, which is not to be closed for this one.
      this.#isClosed = true;
      this.#unwatch();
      const message = error instanceof Error ? error.message : String(error);
      this.#take({ ...this.#status, state: 'closed', message, leads: false });
    }
  }

  async #bring(number: number): Promise<void> {
    const { token } = this.#options;
    let input: SyncTokenInput;
    try {
      const Token = typeof token === 'function' ? await token() : (token ?? '');
      input = { Number: number, Token };
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      input = { Number: number, Error: text, IsUnreached: error instanceof TypeError };
    }
    await this.#db.call('SyncToken', input).catch(() => undefined);
  }

  #take(status: SyncStatus): void {
    this.#status = status;
    if (status.pending === 0) this.#isWakeAsked = false;
    else if (status.state === 'offline' && !this.#isWakeAsked) void this.#askToBeWoken();
    this.#tell({ type: 'status', status });
  }

  /** Once for what waits now, as far as the browser can. */
  async #askToBeWoken(): Promise<void> {
    this.#isWakeAsked = true;
    const { askBackgroundSync } = await import('./background-sync.ts');
    await askBackgroundSync(this.#db.name);
  }

  #tell(event: SyncEvent): void {
    for (const [type, listener] of [...this.#listeners]) {
      if (type !== event.type) continue;
      // One that throws harms no other, and is reported as an error that nobody caught.
      queueMicrotask(() => listener(event as never));
    }
  }

  #when(
    holds: (status: SyncStatus) => boolean,
    signal: AbortSignal | undefined,
  ): Promise<SyncStatus> {
    const source = {
      status: () => this.#status,
      watch: (look: () => void) => this.on('status', look),
    };
    return untilStatus(source, holds, signal);
  }
}
