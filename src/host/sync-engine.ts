/**
 * Sync of an engine in this process: a replica on an edge server, in a kiosk or in a test.
 *
 * It is the client that a browser has in its worker (src/sync/client.ts), without tabs: one process
 * has the database, so it leads. What is asked of the handle is what a page's has (docs/sync.md).
 */
import type { Engine } from '../engine/engine-types.ts';
import type { Clock } from '../port/clock.ts';
import type { Random } from '../port/random.ts';
import type { Scheduler } from '../port/scheduler.ts';
import { owner } from '../operation/request.ts';
import { CallBook } from '../sync/call-book.ts';
import { SyncClient } from '../sync/client.ts';
import type { Fetch } from '../sync/http-link.ts';
import {
  discardConflicts,
  discardQuarantined,
  type KeptCalls,
  listConflicts,
  listQuarantine,
  untilStatus,
} from '../sync/handle.ts';
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
import { carryOut, settledAs } from '../sync/settled.ts';
import { retryQuarantined } from '../sync/retry.ts';
import { syncCaller } from '../sync/tables.ts';
import { nodeStorage } from './node-storage.ts';
import { systemClock, systemRandom, systemScheduler } from './ports.ts';

export interface EngineSyncOptions {
  /** The hub, such as `https://hub.example`. */
  readonly url: string;
  /** A bearer token, or what gives one; `isStale` where the hub has not taken the last one. */
  readonly token?: string | ((isStale: boolean) => string | Promise<string>) | undefined;
  /** Tables that take part; all that the hub lets the caller see when absent. */
  readonly tables?: readonly string[] | undefined;
  /** What is to be loaded before all else, in this order: tables, or items of a partition key. */
  readonly first?: readonly FirstRange[] | undefined;
  /** Closes it. */
  readonly signal?: AbortSignal | undefined;
  /** Of a test: how the hub is reached, and by which clock; the machine's unless given. */
  readonly fetch?: Fetch | undefined;
  readonly clock?: Clock | undefined;
  readonly random?: Random | undefined;
  readonly scheduler?: Scheduler | undefined;
}

/** Values of items as plain JavaScript, as every call of an engine's owner may have them. */
export interface EngineCalls {
  call(
    operation: string,
    input: object,
    options?: { readonly signal?: AbortSignal | undefined },
  ): Promise<object>;
}

type EventOf<T extends SyncEvent['type']> = Extract<SyncEvent, { readonly type: T }>;

export interface EngineSync {
  readonly status: SyncStatus;
  /** Calls `listener` for every event of this type; answers a function that ends it. */
  on<T extends SyncEvent['type']>(type: T, listener: (event: EventOf<T>) => void): () => void;
  /** Nothing is sent or taken until `resume`. */
  pause(): void;
  /** Goes on, and tries at once what waits to be tried again. */
  resume(): void;
  /** Resolves when the hub has answered every write made until now. */
  drain(options?: { readonly signal?: AbortSignal }): Promise<void>;
  /** Resolves when the state is one of these; rejects when `signal` is aborted, or it is closed. */
  until(
    states: SyncState | readonly SyncState[],
    options?: { readonly signal?: AbortSignal },
  ): Promise<SyncStatus>;
  /** Calls that ask for more than the tables do, or whose results `settled` takes. */
  with(options?: WriteOptions): EngineCalls;
  /** Resolves when the hub has answered what a call of `with()` has written; says how. */
  settled(result: object): Promise<SettledAs>;
  /** What the hub has refused, the oldest first, 1000 at most. */
  quarantine(): Promise<readonly QuarantinedWrite[]>;
  /** Forgets what is in quarantine under these numbers. */
  discard(seqs: readonly number[]): Promise<void>;
  /** Writes again what is in quarantine under these numbers, as new writes, and takes it out. */
  retry(seqs: readonly number[]): Promise<void>;
  /**
   * Versions of this principal's that were replaced by a write that had not seen them, from any of
   * its devices, as far as the hub lets it read their log; the oldest first, 1000 at most.
   */
  conflicts(): Promise<readonly Conflict[]>;
  /** Forgets conflicts of these ids, here and on the hub. */
  discardConflicts(ids: readonly string[]): Promise<void>;
  /** To be called before the engine closes. What is not sent stays, and is sent next time. */
  close(): Promise<void>;
}

/**
 * Makes the database of `openNodeDatabase` a device of a hub, until it is closed. Returns at once.
 * Throws TypeError for a URL that is none.
 */
export function sync(engine: Engine, options: EngineSyncOptions): EngineSync {
  const { url, token, tables, first, signal } = options;
  const { protocol, href } = new URL(url);
  if (!/^https?:$/.test(protocol)) throw new TypeError(`sync: ${url} is no HTTP URL`);
  const client = new SyncClient({
    engine,
    url: href,
    tables,
    first,
    fetch: options.fetch ?? ((to, init) => fetch(to, init)),
    clock: options.clock ?? systemClock,
    random: options.random ?? systemRandom,
    scheduler: options.scheduler ?? systemScheduler,
    storage: () => nodeStorage(engine),
    token: async (isStale) => (typeof token === 'function' ? await token(isStale) : token),
  });
  const close = (): void => void client.close();
  signal?.addEventListener('abort', close, { once: true });
  client.start();
  if (signal?.aborted === true) close();
  return handleOf(engine, client);
}

function handleOf(engine: Engine, client: SyncClient): EngineSync {
  const kept: KeptCalls = {
    ask: async (operation, input) =>
      engine.call({ operation, input, form: 'plain', caller: syncCaller }),
  };
  // The status counts at once what is no more.
  const counted = (done: Promise<void>): Promise<void> => done.finally(() => client.refresh());
  const source = {
    status: () => client.status,
    watch: (look: () => void) => client.on(look),
  };
  const over = new AbortController();
  const calls = new CallBook(async (operation, input, options) => {
    const signal = options?.signal;
    const request = { operation, input, form: 'plain', caller: owner, signal } as const;
    if (operation === 'SyncCall') {
      return carryOut(engine, (one) => client.askHub(one), request, client.seeker);
    }
    const { Seqs } = input as { readonly Seqs: readonly number[] };
    return { As: await settledAs(engine, Seqs, over.signal) };
  });
  return {
    get status(): SyncStatus {
      return client.status;
    },
    with: (options = {}) => ({ call: calls.with(options) }),
    settled: (result) => calls.settled(result),
    on: (type, listener) =>
      client.on((event) => {
        if (event.type === type) listener(event as never);
      }),
    pause: () => client.pause(),
    resume: () => client.resume(),
    drain: async ({ signal } = {}) => {
      await client.refresh();
      await untilStatus(source, ({ pending }) => pending === 0, signal);
    },
    until: (states, { signal } = {}) => {
      const wanted: readonly string[] = typeof states === 'string' ? [states] : states;
      return untilStatus(source, ({ state }) => wanted.includes(state), signal);
    },
    quarantine: () => listQuarantine(kept),
    discard: (seqs) => counted(discardQuarantined(kept, seqs)),
    retry: (seqs) => counted(retryQuarantined(engine, owner, seqs)),
    conflicts: () => listConflicts(kept),
    discardConflicts: (ids) => counted(discardConflicts(kept, ids)),
    close: async () => {
      over.abort();
      await client.close();
    },
  };
}
