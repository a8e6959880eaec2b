/**
 * `open`: from a name to a database in a worker.
 *
 * A worker can fail to start without a word: under a Content-Security-Policy that forbids blob
 * workers the constructor succeeds and nothing ever happens. So the first answer has a time limit,
 * and the error names the remedy. Nothing here runs on import.
 */
import { proxy, releaseProxy, wrap } from 'comlink';
import {
  databaseNameMax,
  silentTicksMax,
  workerSilenceTickMs,
  workerStartMs,
} from '../base/limits.ts';
import type { WorkOptions } from '../engine/engine-types.ts';
import { type ChannelPort, channelVersion } from '../wire/channel.ts';
import type { Control, Maintenance, OpenSettings, Outcome } from '../wire/control.ts';
import { Connection } from './connection.ts';
import { createDatabase, type Database } from './database.ts';
import { DatabaseError, errorOf } from './errors.ts';
import type { CreateTableInput } from './table-types.ts';
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
  /** How long the worker may take to start. Default 5000. */
  readonly timeoutMs?: number | undefined;
}

const remedy =
  'If a Content-Security-Policy forbids it, allow `worker-src blob:`, or serve a copy of ' +
  "tidetable/worker yourself and pass `worker: new Worker(url, { type: 'module' })`.";

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
  const link = new WorkerLink(await workerOf(options), typeof options.worker !== 'object');
  try {
    return await openThrough(link, name, options);
  } catch (error) {
    link.end(new DatabaseError('open', `The database ${name} was not opened`, { cause: error }));
    throw error;
  }
}

async function workerOf({ worker }: OpenOptions): Promise<Worker> {
  if (typeof worker === 'object') return worker;
  try {
    if (worker !== undefined) return worker();
    if (typeof Worker === 'undefined') {
      throw new Error('there are no workers here (in Node: tidetable/node or tidetable/testing)');
    }
    const { createInlineWorker } = await import('./inline-worker.ts');
    return createInlineWorker();
  } catch (cause) {
    const what = cause instanceof Error ? cause.message : String(cause);
    throw new DatabaseError('open', `The worker could not be made: ${what}. ${remedy}`, { cause });
  }
}

async function openThrough(
  link: WorkerLink,
  name: string,
  options: OpenOptions,
): Promise<Database> {
  const { worker, signal, timeoutMs = workerStartMs, persist, ...given } = options;
  const { control } = link;
  const settings: OpenSettings = { ...given, witness: mark(name) };
  const ask = (): Promise<Outcome<string>> => link.race(() => control.open(name, settings), signal);
  // The inlined worker is of this release, so it need not say so first: a round trip less.
  const asked = worker === undefined ? ask() : undefined;
  asked?.catch(() => undefined);
  const version = await link.race(() => control.hello(), signal, timeoutMs);
  if (version !== channelVersion) {
    throw new DatabaseError('open', 'The worker is of another release of tidetable than the page');
  }
  mark(name, resultOf(await (asked ?? ask())));
  link.connection.cleared = () => mark(name, '');
  if (persist !== false) navigator.storage?.persist?.().catch(() => undefined);
  link.started = true;
  link.watchPage();
  return createDatabase(name, given.region ?? 'local', link.connection, {
    status: async () => resultOf(await link.race(() => control.status())),
    checkpoint: async () => resultOf(await link.race(() => control.checkpoint())),
    maintain: (work, options) => maintainThrough(link, work, options),
    close: async () => {
      if (!link.ended) resultOf(await link.race(() => control.close()));
    },
    end: (reason) => link.end(reason),
  });
}

let works = 0;

/** Long work in the worker; the signal ends it there too. */
async function maintainThrough(
  link: WorkerLink,
  work: Maintenance,
  { signal, onProgress }: WorkOptions,
): Promise<unknown> {
  signal?.throwIfAborted();
  works += 1;
  const id = works;
  const cancel = (): void => void link.control.cancel(id);
  signal?.addEventListener('abort', cancel);
  try {
    const told = onProgress && proxy(onProgress);
    return resultOf(await link.race(() => link.control.maintain(id, work, told), signal));
  } finally {
    signal?.removeEventListener('abort', cancel);
  }
}

function resultOf<T>(outcome: Outcome<T>): T {
  if (outcome.error !== undefined) throw errorOf(outcome.error);
  return outcome.value;
}

/** A worker with the two ports of one database, and what to do when it dies. */
class WorkerLink {
  readonly control: Control & { [releaseProxy](): void };
  readonly connection: Connection;
  started = false;
  readonly #worker: Worker;
  readonly #isOurs: boolean;
  readonly #controlPort: MessagePort;
  /** Rejects what waits for the worker. */
  readonly #waiting: Set<(error: unknown) => void> = new Set();
  #ended: DatabaseError | undefined;
  #watching: ReturnType<typeof setTimeout> | undefined;
  /** What was heard when it was last looked, and how often that was the same. */
  #heard = 0;
  #silentTicks = 0;
  readonly #failed = (event: Event): void => {
    const what = event instanceof ErrorEvent && event.message ? `: ${event.message}` : '';
    this.end(
      this.started
        ? new DatabaseError('worker', `The database's worker died${what}. Open it again.`)
        : new DatabaseError('open', `The worker did not start${what}. ${remedy}`),
    );
  };

  readonly #hidden = ({ type }: Event): void => {
    if (type === 'visibilitychange' && document.visibilityState !== 'hidden') return;
    // Nobody waits for it, and a barrier that fails is tried again by the engine.
    this.control.barrier().catch(() => undefined);
  };

  constructor(worker: Worker, isOurs: boolean) {
    this.#worker = worker;
    this.#isOurs = isOurs;
    const control = new MessageChannel();
    this.#controlPort = control.port1;
    // Comlink's own type loses unions on the way.
    this.control = wrap(control.port1) as unknown as typeof this.control;
    worker.addEventListener('error', this.#failed);
    worker.addEventListener('messageerror', this.#failed);
    // Where browsers have this event, it tells of a worker that was terminated or lost.
    control.port1.addEventListener('close', this.#failed);
    const hello = { tidetable: channelVersion };
    const watch = (): void => this.#watch();
    if (isOurs) {
      // A worker of our own: its messages are all ours, and a port would cost a hop.
      this.connection = new Connection(ownCalls(worker), watch);
      worker.postMessage(hello, [control.port2]);
    } else {
      const data = new MessageChannel();
      data.port1.addEventListener('messageerror', this.#failed);
      this.connection = new Connection(data.port1, watch);
      worker.postMessage(hello, [control.port2, data.port2]);
    }
  }

  get ended(): boolean {
    return this.#ended !== undefined;
  }

  /** `work`, or the worker's death, the signal's abort or the time limit, whichever is first. */
  race<T>(work: () => Promise<T>, signal?: AbortSignal, limitMs?: number): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const aborted = (): void => settle(reject)(signal?.reason);
      const late = (): void => {
        const message = `The worker did not start within ${limitMs} ms. ${remedy}`;
        settle(reject)(new DatabaseError('open', message));
      };
      const timer = limitMs === undefined ? undefined : setTimeout(late, limitMs);
      const settle =
        <V>(how: (value: V) => void) =>
        (value: V): void => {
          clearTimeout(timer);
          signal?.removeEventListener('abort', aborted);
          this.#waiting.delete(ended);
          how(value);
        };
      const ended = settle(reject);
      this.#waiting.add(ended);
      this.#watch();
      signal?.addEventListener('abort', aborted);
      if (this.#ended !== undefined) ended(this.#ended);
      else if (signal?.aborted === true) aborted();
      else work().then(settle(resolve), settle(reject));
    });
  }

  /** A page that is hidden may never come back: what it wrote is made durable. */
  watchPage(): void {
    if (typeof document === 'undefined') return;
    document.addEventListener('visibilitychange', this.#hidden);
    globalThis.addEventListener('pagehide', this.#hidden);
  }

  /**
   * While anything waits for the worker: looks whether it says something, asks it to, and in the
   * end gives it up. No event tells of a worker that was terminated, or that hangs. Ticks and not
   * the time are counted, so that a page that was frozen gives nothing up on waking.
   */
  #watch(): void {
    if (this.#ended !== undefined) return;
    this.#watching ??= setTimeout(() => {
      this.#watching = undefined;
      const { busy, heard } = this.connection;
      const waits = busy || this.#waiting.size > 0;
      this.#silentTicks = waits && heard === this.#heard ? this.#silentTicks + 1 : 0;
      this.#heard = heard;
      if (this.#silentTicks >= silentTicksMax) this.end(silent());
      if (!waits) return;
      if (this.#silentTicks === 1) void this.control.hello().then(() => this.connection.heard++);
      this.#watch();
    }, workerSilenceTickMs);
  }

  end(reason: DatabaseError): void {
    if (this.#ended !== undefined) return;
    this.#ended = reason;
    if (typeof document !== 'undefined') {
      document.removeEventListener('visibilitychange', this.#hidden);
      globalThis.removeEventListener('pagehide', this.#hidden);
    }
    clearTimeout(this.#watching);
    const worker = this.#worker;
    worker.removeEventListener('error', this.#failed);
    worker.removeEventListener('messageerror', this.#failed);
    this.#controlPort.removeEventListener('close', this.#failed);
    for (const reject of [...this.#waiting]) reject(reason);
    this.connection.fail(reason);
    this.control[releaseProxy]();
    this.#controlPort.close();
    if (this.#isOurs) worker.terminate();
  }
}

function silent(): DatabaseError {
  return new DatabaseError('worker', "The database's worker does not answer; open it again");
}

/** The messages of a worker that serves this database alone, as a channel for calls. */
function ownCalls(worker: Worker): ChannelPort {
  return {
    postMessage: (message, transfer) => worker.postMessage(message, transfer),
    addEventListener: (type, listener) => worker.addEventListener(type, listener),
    start: () => {},
    close: () => {},
  };
}
