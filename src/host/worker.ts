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
import type { Store } from '../port/store.ts';
import { errorBodyOf } from '../wire/answer-writer.ts';
import { type ChannelPort, channelVersion } from '../wire/channel.ts';
import {
  type Control,
  isHandshake,
  type Maintenance,
  maintain,
  type OpenSettings,
  type Outcome,
} from '../wire/control.ts';
import { withImports } from '../wire/import.ts';
import { ensureTables } from '../wire/ensure-tables.ts';
import { serveChannel } from '../wire/serve.ts';
import { broadcastHint } from './hint.ts';
import { webLock } from './lock.ts';
import { systemClock, systemRandom, systemScheduler } from './ports.ts';

/** What a host needs of the worker it runs in. */
export interface WorkerScope {
  addEventListener(type: 'message', listener: (event: MessageEvent) => void): void;
  postMessage(message: unknown, transfer: ArrayBuffer[]): void;
}

/** Opens the engine of one database. */
export type OpenDatabaseEngine = (name: string, settings: OpenSettings) => Promise<Engine>;

/** Answers the handshakes that come to `scope`, for as long as the worker lives. */
export function startWorkerHost(
  scope: WorkerScope,
  openDatabase: OpenDatabaseEngine = openBrowserEngine,
): void {
  const engines = new SharedEngines(openDatabase);
  scope.addEventListener('message', (event) => {
    const [control, data] = event.ports;
    if (!isHandshake(event.data) || control === undefined) return;
    const session = new Session(engines, data ?? callsOf(scope));
    const remote: Control & { [finalizer]: () => void } = {
      hello: async () => channelVersion,
      open: (name, settings) => outcomeOf(() => session.open(name, settings)),
      status: () => outcomeOf(async () => session.engine().status()),
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

async function openBrowserEngine(name: string, settings: OpenSettings): Promise<Engine> {
  const { durability, barrierMs, region, cacheBytes, checkpointBytes } = settings;
  const store = withNewLog(await openIndexedDB(name));
  const hint = broadcastHint(name);
  try {
    return await openEngine({
      store,
      clock: systemClock,
      random: systemRandom,
      scheduler: systemScheduler,
      lock: webLock(name),
      hint,
      durability,
      tableDurability: readTableDurability(settings.tableDurability),
      barrierMs,
      region,
      cacheBytes,
      checkpointBytes,
    });
  } catch (error) {
    hint?.close();
    await store.close();
    throw error;
  }
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

  constructor(engines: SharedEngines, port: ChannelPort) {
    this.#engines = engines;
    this.#port = port;
  }

  async open(name: string, settings: OpenSettings): Promise<void> {
    this.#name = name;
    try {
      const engine = await this.#engines.take(name, settings);
      await ensureTables(engine, settings.tables ?? [], systemScheduler);
      if (this.#name === undefined) throw new Error('The page gave up opening the database');
      this.#engine = engine;
      const ports = { clock: systemClock, scheduler: systemScheduler };
      serveChannel({ engine: withImports({ engine, ...ports }), clock: systemClock }, this.#port);
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

  async close(): Promise<void> {
    for (const stop of this.#work.values()) stop.abort();
    const name = this.#name;
    this.#name = undefined;
    this.#engine = undefined;
    if (name !== undefined) await this.#engines.leave(name);
  }
}

interface SharedEngine {
  readonly engine: Promise<Engine>;
  users: number;
}

/** The open engines of this worker by database name, counted. */
class SharedEngines {
  readonly #open: OpenDatabaseEngine;
  readonly #engines: Map<string, SharedEngine> = new Map();

  constructor(open: OpenDatabaseEngine) {
    this.#open = open;
  }

  /** Must be followed by `leave`, even if it rejects. The first one's settings count. */
  take(name: string, settings: OpenSettings): Promise<Engine> {
    let shared = this.#engines.get(name);
    if (shared === undefined) {
      shared = { engine: this.#open(name, settings), users: 0 };
      this.#engines.set(name, shared);
    }
    shared.users += 1;
    return shared.engine;
  }

  async leave(name: string): Promise<void> {
    const shared = this.#engines.get(name);
    if (shared === undefined) return;
    shared.users -= 1;
    if (shared.users > 0) return;
    this.#engines.delete(name);
    const engine = await shared.engine.catch(() => undefined);
    await engine?.close();
  }
}

async function outcomeOf<T>(work: () => Promise<T>): Promise<Outcome<T>> {
  try {
    return { value: await work() };
  } catch (error) {
    return { error: errorBodyOf(error instanceof Error ? error : new Error(String(error))) };
  }
}
