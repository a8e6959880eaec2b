/**
 * Triggers in a page: the runner of engine/, over the channel to the worker. Loaded when used.
 *
 * The lock is the page's own, so that it is free when the page is gone, and so are the answers that
 * say that the holder is alive: a page that is frozen gives none.
 */
import { openTrigger } from '../engine/trigger-handle.ts';
import type { TriggerHost } from '../engine/trigger-host.ts';
import type { Trigger, TriggerHandler, TriggerOptions } from '../engine/trigger-types.ts';
import type { Clock } from '../port/clock.ts';
import type { Lock } from '../port/lock.ts';
import { jsonItem } from '../stream/lambda-record.ts';
import { tableNameOf } from '../table/arn.ts';

/** What it needs of a Connection. */
export interface TriggerConnection {
  call(
    operation: string,
    input: unknown,
    options?: {
      readonly attributeValues?: boolean;
      readonly signal?: AbortSignal;
    },
  ): Promise<object>;
  /** Triggers that are open, by name. */
  readonly triggers: Map<string, { close(): Promise<void> }>;
}

/** Of a database that is not in a worker: its clock, and the locks it shares with others. */
export interface TriggerPorts {
  readonly clock: Clock;
  lock(name: string): Lock | undefined;
}

const pageClock: Clock = { wallMs: () => Date.now(), monoMs: () => performance.now() };

/** Opens a trigger of the database of this name. A name is open once in a page. */
export async function triggerThrough<I>(
  connection: TriggerConnection,
  database: string,
  table: string,
  handler: TriggerHandler<I>,
  options: TriggerOptions = {},
  ports: TriggerPorts = pagePorts(database),
): Promise<Trigger<I>> {
  const { name = tableNameOf(table), plain = false } = options;
  const { triggers } = connection;
  if (triggers.has(name)) {
    throw new TypeError(
      `A trigger ${name} is open already: close it, or give this one a name of its own ({ name })`,
    );
  }
  const stop = new AbortController();
  const pending = { close: async () => stop.abort() };
  triggers.set(name, pending);
  try {
    const host = pageHost(connection, ports, !plain, stop);
    const form = plain ? (item: object): object => item : jsonItem;
    const opened = await openTrigger<I>(host, table, handler, options, form);
    triggers.set(name, opened);
    opened.on('closed', () => void triggers.delete(name));
    const close = (): void => void opened.close();
    stop.signal.addEventListener('abort', close, { once: true });
    if (stop.signal.aborted) close();
    return opened;
  } catch (error) {
    triggers.delete(name);
    throw error;
  }
}

/** The page's clock, and its Web Locks. */
export function pagePorts(database: string): TriggerPorts {
  return {
    clock: pageClock,
    lock: (name) => pageLock(`tidetable:${database}:trigger:${name}`),
  };
}

export function pageHost(
  connection: TriggerConnection,
  { clock, lock }: TriggerPorts,
  attributeValues: boolean,
  stop: AbortController,
): TriggerHost {
  const call = async (operation: string, input: object): Promise<object> => {
    try {
      return await connection.call(operation, input, { attributeValues });
    } catch (error) {
      // Of a connection that is at its end there is nothing more to be had.
      if ((error as Error).name === 'DatabaseError') stop.abort();
      throw error;
    }
  };
  const wait = async (operation: string, ms: number, signal: AbortSignal): Promise<void> => {
    if (signal.aborted) return;
    await connection.call(operation, { Ms: ms }, { signal }).catch((error: Error) => {
      if (error.name === 'DatabaseError') stop.abort();
    });
  };
  return {
    call,
    change: (ms, signal) => wait('TriggerChange', ms, signal),
    delay: (ms, signal) => wait('TriggerDelay', ms, signal),
    durable: async (sequence) => void (await call('TriggerDurable', { Sequence: sequence })),
    random: { bytes: (length) => crypto.getRandomValues(new Uint8Array(length)) },
    wallMs: () => clock.wallMs(),
    monoMs: () => clock.monoMs(),
    lock: (name) => lock(name),
  };
}

/** The Lock port over Web Locks; undefined where there are none. */
function pageLock(name: string): Lock | undefined {
  const locks = globalThis.navigator?.locks;
  if (locks === undefined) return undefined;
  return {
    async hold(work, signal) {
      try {
        await locks.request(name, { signal }, () => work(signal));
      } catch (error) {
        if (!signal.aborted) throw error;
      }
    },
  };
}
