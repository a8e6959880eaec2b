/**
 * `open`: from a name to a database in a worker.
 *
 * A worker can fail to start without a word: under a Content-Security-Policy that forbids blob
 * workers the constructor succeeds and nothing ever happens. So the first answer has a time limit,
 * and the error names the remedy. Nothing here runs on import.
 */
import { proxy, releaseProxy, wrap } from 'comlink';
import type { Destinations } from '../engine/destinations.ts';
import { databaseNameMax, workerStartMs } from '../base/limits.ts';
import { ItemDecoder } from '../value/decode.ts';
import { channelVersion } from '../wire/channel.ts';
import type { Control, OpenSettings, Outcome } from '../wire/control.ts';
import { Connection } from './connection.ts';
import type { Database } from './database.ts';
import { DatabaseError, errorOf, textOf } from './errors.ts';
import type { CreateTableInput } from './table-types.ts';
import { within } from './within.ts';
import { mark } from './witness.ts';

export interface OpenOptions extends Omit<OpenSettings, 'tables' | 'witness'> {
  /** Made when missing; a table that is there already is left as it is. */
  readonly tables?: readonly CreateTableInput[] | undefined;
  /**
   * A worker that runs `tidetable/worker`, instead of the inlined one. One that a function made is
   * terminated by `close`; one that was given is left alone, and may hold several databases.
   */
  readonly worker?: Worker | (() => Worker) | undefined;
  /** Ends opening; has no effect afterwards. */
  readonly signal?: AbortSignal | undefined;
  /** Asks the browser never to evict this site's data; some ask the user. Default true. */
  readonly persist?: boolean | undefined;
  /** What stands for Kinesis data streams, by their ARNs (docs/triggers.md). */
  readonly destinations?: Destinations | undefined;
  /** How long the worker may take to start, in ms. Default 20,000: networks may be slow. */
  readonly timeoutMs?: number | undefined;
}

/**
 * Opens the database of this origin with this name (1 to 255 characters), and makes it when
 * missing. Any number of tabs may have it open. Rejects with a DatabaseError when the worker does
 * not start.
 */
export async function open(name: string, options: OpenOptions = {}): Promise<Database> {
  if (typeof name !== 'string' || name.length < 1 || name.length > databaseNameMax) {
    throw new DatabaseError(
      'open',
      `The name of a database has 1 to ${databaseNameMax} characters`,
    );
  }
  options.signal?.throwIfAborted();
  wakeStore().catch(() => undefined);
  const link = new WorkerLink(await workerOf(options), typeof options.worker !== 'object');
  try {
    return await openThrough(link, name, options);
  } catch (error) {
    link.end(new DatabaseError('open', `The database ${name} was not opened`, { cause: error }));
    throw link.failure !== undefined && error === link.failure
      ? await withRemedy(link.failure)
      : error;
  }
}

/**
 * The browser opens the origin's files at the first question about them. It is asked while the
 * worker starts, which spares the worker's own first request that wait (some 20 ms in Chromium).
 */
async function wakeStore(): Promise<void> {
  await globalThis.indexedDB?.databases?.();
}

async function workerOf({ worker }: OpenOptions): Promise<Worker> {
  if (typeof worker === 'object') return worker;
  try {
    if (worker !== undefined) return worker();
    if (typeof Worker === 'undefined') throw new Error('there are no workers here');
    const { createInlineWorker } = await import('./inline-worker.ts');
    return createInlineWorker();
  } catch (cause) {
    const message = `The worker could not be made: ${textOf(cause)}`;
    throw await withRemedy(new DatabaseError('open', message, { cause }));
  }
}

/** Of a worker that did not start: what to do about it is loaded now that it is needed. */
async function withRemedy(error: DatabaseError): Promise<DatabaseError> {
  const loaded = within(workerStartMs, import('./start-remedy.ts')).catch(() => undefined);
  const remedy = (await loaded)?.startRemedy() ?? '';
  return new DatabaseError('open', `${error.message}.${remedy}`, error);
}

async function openThrough(
  link: WorkerLink,
  name: string,
  options: OpenOptions,
): Promise<Database> {
  const { worker: _, signal, timeoutMs = workerStartMs, persist, destinations, ...given } = options;
  const { control } = link;
  const settings: OpenSettings = { ...given, witness: mark(name) };
  const ask = (): Promise<string> => link.ask(() => control.open(name, settings), signal);
  // Asked along with the greeting, a round trip less: a worker of another release refuses it.
  const asked = ask();
  asked.catch(() => undefined);
  const late = setTimeout(() => link.fail(` within ${timeoutMs} ms`), timeoutMs);
  const greeted = link.race(() => control.hello(), signal).finally(() => clearTimeout(late));
  const version = await greeted;
  link.started = true;
  if (version !== channelVersion) {
    throw new DatabaseError('open', 'The worker is of another release of tidetable than the page');
  }
  mark(name, await asked);
  const { keepSafe, beside, createDatabase, nextFrame, ItemCache } = await import('./watch.ts');
  keepSafe(link, persist);
  const { pageCacheBytes: bytes } = given;
  if (bytes !== 0) link.connection.kept = new ItemCache(ItemDecoder, bytes);
  link.connection.cleared = () => mark(name, '');
  return createDatabase(name, given.region ?? 'local', link.connection, {
    beside: beside(name, link.connection, nextFrame, undefined, destinations),
    within,
    closed: () => new DatabaseError('closed', `The database ${name} is closed`),
    status: () => link.ask(() => control.status()),
    checkpoint: () => link.ask(() => control.checkpoint()),
    maintain: async (name, options) => {
      const { maintainThrough } = await import('./maintain.ts');
      return maintainThrough(link, proxy, name, options);
    },
    close: async () => {
      if (!link.ended) await link.ask(() => control.close());
    },
    end: (reason) => link.end(reason),
  });
}

/** A worker with the two ports of one database, and what to do when it dies. */
class WorkerLink {
  readonly control: Control & { [releaseProxy](): void };
  readonly connection: Connection;
  started = false;
  /** Why it was ended, when the worker failed. */
  failure: DatabaseError | undefined;
  /** Aborted by `end`, with its reason: what waits is rejected, and every listener goes. */
  readonly life: AbortController = new AbortController();
  /** How many wait for the worker, besides calls. */
  waiting = 0;
  #watched = false;
  /** Only an ErrorEvent says more. */
  readonly #failed = ({ message }: Event & { readonly message?: string }): void =>
    this.fail(message ? `: ${message}` : '');

  constructor(worker: Worker, isOurs: boolean) {
    const control = new MessageChannel();
    // Comlink's own type loses unions on the way.
    this.control = wrap(control.port1) as unknown as typeof this.control;
    const { signal } = this.life;
    signal.addEventListener('abort', () => {
      this.control[releaseProxy]();
      control.port1.close();
      if (isOurs) worker.terminate();
    });
    worker.addEventListener('error', this.#failed, { signal });
    worker.addEventListener('messageerror', this.#failed, { signal });
    // Where browsers have this event, it tells of a worker that was terminated or lost.
    control.port1.addEventListener('close', this.#failed, { signal });
    const watch = (): void => this.#watch();
    const ports = [control.port2];
    if (isOurs) {
      // A worker of our own: its messages are all ours, and a port would cost a hop.
      this.connection = new Connection(worker, watch);
    } else {
      const data = new MessageChannel();
      data.port1.addEventListener('messageerror', this.#failed, { signal });
      this.connection = new Connection(data.port1, watch);
      ports.push(data.port2);
    }
    worker.postMessage({ tidetable: channelVersion }, ports);
  }

  get ended(): boolean {
    return this.life.signal.aborted;
  }

  /** What `work` comes to; rejects with the worker's death or the signal's abort, when first. */
  async ask<T>(work: () => Promise<Outcome<T>>, signal?: AbortSignal): Promise<T> {
    const { error, value } = (await this.race(work, signal)) as Outcome<T> & { value: T };
    if (error !== undefined) throw errorOf(error);
    return value;
  }

  /** `work`, or the worker's death or the signal's abort, whichever is first. */
  race<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    const over = new AbortController();
    this.waiting += 1;
    this.#watch();
    return new Promise<T>((resolve, reject) => {
      for (const each of [this.life.signal, signal]) {
        each?.addEventListener('abort', () => reject(each.reason), { signal: over.signal });
        if (each?.aborted) return void reject(each.reason);
      }
      work().then(resolve, reject);
    }).finally(() => {
      this.waiting -= 1;
      over.abort();
    });
  }

  /** While anything waits for the worker, it is watched by what loads beside its start. */
  #watch(): void {
    if (this.#watched) return;
    this.#watched = true;
    const over = (reason?: string): void => {
      this.#watched = false;
      if (reason !== undefined) this.end(new DatabaseError('worker', reason));
    };
    // Where it cannot be loaded, the next call tries again.
    import('./watch.ts').then(
      ({ watchSilence }) => watchSilence(this, over),
      () => over(),
    );
  }

  end(reason: DatabaseError): void {
    if (this.ended) return;
    this.life.abort(reason);
    this.connection.fail(reason);
  }

  /** Ends it, because the worker died, or did not start. */
  fail(how: string): void {
    this.failure = this.started
      ? new DatabaseError('worker', `The database's worker died${how}. Open it again.`)
      : new DatabaseError('open', `The worker did not start${how}`);
    this.end(this.failure);
  }
}
