/**
 * The engine's host in a worker: meets pages, opens databases, serves calls.
 *
 * A page posts a handshake with its ports (wire/control.ts). A worker has one engine for each
 * database name, whoever opened it and however often, and closes it with its last page.
 */
import { expose, finalizer } from 'comlink';
import { readTableDurability } from '../engine/durability.ts';
import { openEngine } from '../engine/engine.ts';
import type { Engine, Progress } from '../engine/engine-types.ts';
import { openIndexedDB } from '../storage/indexeddb.ts';
import { reusesLogs, rotateFirst, rotateLog } from '../storage/log-rotation.ts';
import type { Notice, Notify } from '../port/notice.ts';
import type { Operation } from '../operation/operation.ts';
import type { Store } from '../port/store.ts';
import { errorBodyOf } from '../wire/answer-writer.ts';
import { type ChannelPort, channelVersion } from '../wire/channel.ts';
import {
  type Control,
  type DatabaseStatus,
  isHandshake,
  type Maintenance,
  maintain,
  type OpenSettings,
  type Outcome,
} from '../wire/control.ts';
import { GivenKeys } from '../wire/given-keys.ts';
import { withImports } from '../wire/import.ts';
import type { SyncPorts } from '../sync/serve-sync.ts';
import { type LiveServed, withLive } from '../wire/live.ts';
import { ensureTables } from '../wire/ensure-tables.ts';
import { serveChannel } from '../wire/serve.ts';
import { withTriggers } from '../wire/triggers.ts';
import { browserStorage } from './browser-storage.ts';
import { broadcastHint } from './hint.ts';
import { webLock } from './lock.ts';
import { withSync, type SyncCalls } from './late-sync.ts';
import { systemClock, systemRandom, systemScheduler } from './ports.ts';
import { broadcastRelay } from './relay.ts';
import { type OpenDatabaseEngine, SharedEngines } from './shared-engines.ts';

export type { OpenDatabaseEngine } from './shared-engines.ts';

/** What a host needs of the worker it runs in. */
export interface WorkerScope {
  addEventListener(type: 'message', listener: (event: MessageEvent) => void): void;
  postMessage(message: unknown, transfer: ArrayBuffer[]): void;
}

/** Answers the handshakes that come to `scope`, for as long as the worker lives. */
export function startWorkerHost(
  scope: WorkerScope,
  openDatabase: OpenDatabaseEngine = openBrowserEngine,
): void {
  const engines = new SharedEngines(openDatabase);
  scope.addEventListener('message', (event) => {
    const [control, data] = event.ports;
    if (!isHandshake(event.data) || control === undefined) return;
    const isOurs = event.data.tidetable === channelVersion;
    const session = new Session(engines, data ?? callsOf(scope));
    const remote: Control & { [finalizer]: () => void } = {
      hello: async () => channelVersion,
      // A page asks at once, along with its greeting: it may be of another release.
      open: (name, settings) =>
        outcomeOf(() => (isOurs ? session.open(name, settings) : refuseRelease())),
      status: () => outcomeOf(() => session.status()),
      checkpoint: () => outcomeOf(() => session.engine().checkpoint()),
      barrier: () => outcomeOf(() => session.engine().barrier()),
      maintain: (id, work, onProgress) => outcomeOf(() => session.maintain(id, work, onProgress)),
      cancel: async (id) => session.cancel(id),
      close: () => outcomeOf(() => session.close()),
      // A page that gave up opening releases its end without a word.
      [finalizer]: () => void session.close(),
    };
    expose(remote, control);
  });
}

function refuseRelease(): never {
  throw new Error('The worker is of another release of tidetable than the page');
}

/** The worker's own messages as a channel for calls. */
function callsOf(scope: WorkerScope): ChannelPort {
  return {
    postMessage: (message, transfer) => scope.postMessage(message, transfer),
    addEventListener: (type, listener) => {
      scope.addEventListener(type, (event) => {
        if (!isHandshake(event.data)) listener(event);
      });
    },
    start: () => {},
    close: () => {},
  };
}

async function openBrowserEngine(
  name: string,
  settings: OpenSettings,
  notify: Notify,
): Promise<Engine> {
  const { durability, barrierMs, region, cacheBytes, tailBytes, checkpointBytes } = settings;
  const { replayMs, partitionBytes, damagedLog, scrub } = settings;
  const store = withNewLog(await openIndexedDB(name, { notify }));
  const hint = broadcastHint(name);
  const operations: Operation[] = [];
  try {
    const engine = await openEngine({
      store,
      clock: systemClock,
      random: systemRandom,
      scheduler: systemScheduler,
      lock: webLock(name),
      hint,
      notify,
      durability,
      tableDurability: readTableDurability(settings.tableDurability),
      barrierMs,
      region,
      cacheBytes,
      tailBytes,
      checkpointBytes,
      replayMs,
      partitionBytes,
      damagedLog,
      scrub,
      operations,
    });
    late.set(engine, operations);
    return engine;
  } catch (error) {
    hint?.close();
    await store.close();
    throw error;
  }
}

/** Operations that an engine is given when they are needed. */
const late: WeakMap<Engine, Operation[]> = new WeakMap();

function lateOperations(engine: Engine): Operation[] {
  return late.get(engine) ?? [];
}

function syncPorts(name: string, engine: Engine): SyncPorts {
  return {
    engine,
    fetch: (url, init) => fetch(url, init),
    clock: systemClock,
    random: systemRandom,
    scheduler: systemScheduler,
    lock: webLock(name, 'sync'),
    relay: broadcastRelay(name),
    storage: browserStorage,
  };
}

function withNewLog(store: Store): Store {
  if (!reusesLogs(navigator.userAgent)) return store;
  return rotateFirst(store, () => rotateLog(indexedDB, navigator.locks), systemScheduler);
}

/** One page's use of one database. */
class Session {
  readonly #engines: SharedEngines;
  readonly #port: ChannelPort;
  #name: string | undefined;
  #engine: Engine | undefined;
  readonly #work: Map<number, AbortController> = new Map();
  /** Passes a notice on to the page; undefined until the page is served. */
  #tell: Notify | undefined;
  #early: Notice[] = [];
  #live: LiveServed | undefined;
  #unfollow: (() => void) | undefined;
  #sync: SyncCalls | undefined;
  #evicted: string | undefined;

  constructor(engines: SharedEngines, port: ChannelPort) {
    this.#engines = engines;
    this.#port = port;
  }

  /** The id of the store. */
  async open(name: string, settings: OpenSettings): Promise<string> {
    this.#name = name;
    try {
      const engine = await this.#engines.take(name, settings, this.#hear);
      await ensureTables(engine, settings.tables ?? [], systemScheduler);
      if (this.#name === undefined) throw new Error('The page gave up opening the database');
      this.#engine = engine;
      const { storeId } = engine.status();
      this.#compare(name, settings.witness, storeId);
      const ports = { clock: systemClock, scheduler: systemScheduler };
      const calls = withTriggers({ engine, ...ports }, withImports({ engine, ...ports }));
      this.#sync = withSync(() => syncPorts(name, engine), lateOperations(engine), calls);
      this.#live = withLive(engine, this.#sync);
      const given = settings.pageCacheBytes === 0 ? undefined : new GivenKeys();
      if (given !== undefined) this.#unfollow = engine.follow(given);
      const { breathe } = systemScheduler;
      const served = { engine: this.#live, clock: systemClock, breathe, given };
      this.#tell = serveChannel(served, this.#port);
      for (const notice of this.#early) this.#tell(notice);
      this.#early = [];
      return storeId;
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  engine(): Engine {
    if (this.#engine === undefined) throw new Error('The database is not open');
    return this.#engine;
  }

  /** Long work of the engine; `cancel` with its id ends it. */
  async maintain(
    id: number,
    work: Maintenance,
    onProgress: ((progress: Progress) => void) | undefined,
  ): Promise<unknown> {
    const stop = new AbortController();
    this.#work.set(id, stop);
    try {
      return await maintain(this.engine(), work, { signal: stop.signal, onProgress });
    } finally {
      this.#work.delete(id);
    }
  }

  cancel(id: number): void {
    this.#work.get(id)?.abort();
  }

  async status(): Promise<DatabaseStatus> {
    const status = this.engine().status();
    const health = this.#engines.health(this.#name ?? '');
    const dataLoss = health?.dataLoss ?? this.#evicted;
    const storage = await browserStorage();
    const { persisted } = storage;
    const known = { ...health, dataLoss, persisted, storage };
    return { ...status, connection: 'closed', reconnects: 0, ...known };
  }

  async close(): Promise<void> {
    for (const stop of this.#work.values()) stop.abort();
    this.#live?.end();
    this.#unfollow?.();
    await this.#sync?.end();
    const name = this.#name;
    this.#name = undefined;
    this.#engine = undefined;
    if (name !== undefined) await this.#engines.leave(name, this.#hear);
  }

  readonly #hear: Notify = (notice) => {
    if (this.#tell === undefined) this.#early.push(notice);
    else this.#tell(notice);
  };

  /** A store that is not the one the page knows of: that one is gone. */
  #compare(name: string, witness: string | undefined, storeId: string): void {
    if (witness === undefined || witness === storeId) return;
    const message =
      `The data of ${name} is gone: since it was last open here, the browser has evicted it or ` +
      'it was cleared. A new database was begun';
    this.#evicted = message;
    this.#hear({ type: 'data-loss', message, why: 'evicted' });
  }
}

async function outcomeOf<T>(work: () => Promise<T>): Promise<Outcome<T>> {
  try {
    return { value: await work() };
  } catch (error) {
    return { error: errorBodyOf(error instanceof Error ? error : new Error(String(error))) };
  }
}
