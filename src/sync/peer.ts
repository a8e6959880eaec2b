/**
 * A hub's side towards another hub: it pulls the other's feed, and pushes nothing. Two hubs that
 * are to be equal are each the other's peer.
 *
 * Tables of the other hub are made here as it describes them, and tables of one name are one table.
 * The transport, and what is tried again when, are those of a device.
 */
import { emptyBytes } from '../base/bytes.ts';
import { syncPollMs } from '../base/replica-limits.ts';
import type { Engine } from '../engine/engine-types.ts';
import type { Clock } from '../port/clock.ts';
import type { Random } from '../port/random.ts';
import type { Scheduler } from '../port/scheduler.ts';
import type { Framed, Greeting, Hello, Page, Pull, Tables, ToHub } from '../replica/message.ts';
import { adoptTables } from './adopt.ts';
import { Alarm } from './alarm.ts';
import { backOffMs } from './back-off.ts';
import { SyncFault } from './fault.ts';
import { type Fetch, HttpLink } from './http-link.ts';
import type { DetachedTable } from './sync-types.ts';
import { type HubTable, syncCaller } from './tables.ts';

export interface PeerPorts {
  readonly fetch: Fetch;
  readonly clock: Clock;
  readonly random: Random;
  readonly scheduler: Scheduler;
}

export interface PeerOptions {
  /** The other hub; also what it is remembered by. */
  readonly url: string;
  /** A bearer token of somebody who may read its tables whole. */
  readonly token?: ((isStale: boolean) => Promise<string | undefined>) | undefined;
}

export interface PeerStatus {
  readonly url: string;
  readonly state: 'connecting' | 'catching-up' | 'live' | 'offline' | 'needs-auth' | 'blocked';
  readonly message?: string | undefined;
  /** How far its feed was taken. */
  readonly cursor: number;
  readonly tables: readonly string[];
  readonly detached: readonly DetachedTable[];
}

interface Named {
  readonly Global: string;
  readonly TableName?: string;
}

type Place = Pick<Page, 'Cursor' | 'ScopeHash'> & Pick<Pull, 'Epoch'> & Pick<Hello, 'ReplicaId'>;

export class Peer {
  readonly #engine: Engine;
  readonly #options: PeerOptions;
  readonly #ports: PeerPorts;
  readonly #link: HttpLink;
  readonly #alarm: Alarm;
  readonly #life = new AbortController();
  #status: PeerStatus;
  #running: Promise<void> | undefined;
  #number = 0;

  constructor(engine: Engine, options: PeerOptions, ports: PeerPorts) {
    this.#engine = engine;
    this.#options = options;
    this.#ports = ports;
    this.#alarm = new Alarm(ports.scheduler);
    const token = options.token ?? (() => Promise.resolve(undefined));
    this.#link = new HttpLink({ ...ports, url: options.url, token });
    const { url } = options;
    this.#status = { url, state: 'connecting', cursor: 0, tables: [], detached: [] };
  }

  get status(): PeerStatus {
    return this.#status;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** Nothing is taken any more once it resolves. */
  async close(): Promise<void> {
    this.#life.abort();
    this.#alarm.ring();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#life;
    const { random, scheduler } = this.#ports;
    for (let failures = 0; !signal.aborted; ) {
      failures += 1;
      const over = new AbortController();
      const end = (): void => over.abort();
      signal.addEventListener('abort', end, { once: true });
      try {
        await this.#converse(over.signal, () => {
          failures = 0;
        });
      } catch (error) {
        if (signal.aborted) return;
        const fault = faultOf(error);
        const state = fault.why === 'update-needed' ? 'blocked' : fault.why;
        this.#set({ state, message: fault.message });
        failures = Math.max(1, failures);
        const waitMs = Math.max(fault.retryMs ?? 0, backOffMs(failures, fault.why, random));
        await scheduler.delay(waitMs, signal, true);
        continue;
      } finally {
        over.abort();
        signal.removeEventListener('abort', end);
      }
      // A conversation in which nothing was taken is not begun anew at once.
      if (failures > 0) await scheduler.delay(backOffMs(failures, 'offline', random), signal, true);
    }
  }

  /** Ends when there is to be another, and by a fault. */
  async #converse(signal: AbortSignal, wentWell: () => void): Promise<void> {
    this.#set({ state: 'connecting', message: undefined });
    const { ReplicaId } = await this.#place();
    const tables = await this.#agree(ReplicaId, signal);
    if (!(await this.#greet(tables, signal))) return;
    void this.#listen(signal);
    this.#set({ state: 'catching-up' });
    while (!signal.aborted) {
      const { Epoch, Cursor: Asked } = await this.#place();
      const page = await this.#tell(
        { kind: 'pull', Epoch, Cursor: Asked, Reach: Asked, WithJoined: true },
        ReplicaId,
        signal,
      );
      if (page.kind !== 'page') throw strange(page);
      if (!page.IsHeld) return;
      const { Cursor, Changes, ScopeHash, UpToDate, Joined = emptyBytes } = page;
      if (Cursor !== Asked) {
        const input = { Epoch, Asked, Cursor, Changes, Joined, ScopeHash, Tables: tables };
        const { IsTaken } = (await this.#ask('TakePeerPage', input)) as { IsTaken: boolean };
        if (!IsTaken) return;
      }
      wentWell();
      if (!UpToDate) continue;
      this.#set({ state: 'live', cursor: Cursor });
      await this.#alarm.wait(syncPollMs);
    }
  }

  async #agree(ReplicaId: string, signal: AbortSignal): Promise<readonly Named[]> {
    const answer = await this.#tell({ kind: 'tables', Tables: '[]' }, ReplicaId, signal);
    if (answer.kind !== 'catalog') throw strange(answer);
    const told = JSON.parse(answer.Tables) as readonly HubTable[];
    const { tables, detached } = await adoptTables(this.#engine, told, 'hub');
    this.#set({ tables, detached });
    const taking = new Set(tables);
    return told.flatMap(({ TableName, Global }) => {
      if (Global === undefined) return [];
      return [taking.has(TableName) ? { Global, TableName } : { Global }];
    });
  }

  /** False when it is to be begun anew. */
  async #greet(tables: readonly Named[], signal: AbortSignal): Promise<boolean> {
    const place = await this.#place();
    const { ReplicaId, Epoch: AskedEpoch, Cursor: Asked } = place;
    const hello = { ...place, Known: Asked, First: 1, Settled: 0 };
    const answer = await this.#tell({ kind: 'hello', ...hello }, ReplicaId, signal);
    if (answer.kind !== 'greeting') throw strange(answer);
    const { Epoch, IsHeld, Scope }: Greeting = answer;
    const Tables = tables.flatMap(({ Global, TableName }) => (TableName ? [Global] : []));
    const input = { Epoch, IsHeld, AskedEpoch, Asked, Scope, Tables };
    const { IsTaken } = (await this.#ask('TakePeerGreeting', input)) as { IsTaken: boolean };
    return IsTaken;
  }

  /** Pokes ring; without them it asks now and then. */
  async #listen(signal: AbortSignal): Promise<void> {
    const { random, scheduler } = this.#ports;
    for (let failures = 1; !signal.aborted; failures += 1) {
      const opened = (): void => {
        failures = 0;
        this.#alarm.ring();
      };
      await this.#link
        .listen((isPoke) => isPoke && this.#alarm.ring(), opened, signal)
        .catch(() => undefined);
      // A stream that ends may be the first to know that the other hub is gone.
      this.#alarm.ring();
      if (signal.aborted) return;
      await scheduler.delay(backOffMs(failures + 1, 'offline', random), signal, true);
    }
  }

  #tell(message: Unnumbered, replicaId: string, signal: AbortSignal): Promise<Framed> {
    this.#number += 1;
    return this.#link.tell(replicaId, { ...message, number: this.#number } as Framed, signal);
  }

  async #place(): Promise<Place> {
    return (await this.#ask('ReadPeer', {})) as Place;
  }

  #ask(operation: string, more: object): Promise<object> {
    const input = { Peer: this.#options.url, ...more };
    return this.#engine.call({ operation, input, form: 'plain', caller: syncCaller });
  }

  #set(news: Partial<PeerStatus>): void {
    this.#status = { ...this.#status, ...news };
  }
}

type WithoutNumber<M> = M extends Framed ? Omit<M, 'number'> : never;
type Unnumbered = WithoutNumber<ToHub | Tables>;

function faultOf(error: unknown): SyncFault {
  if (error instanceof SyncFault) return error;
  return new SyncFault('blocked', error instanceof Error ? error.message : String(error));
}

function strange({ kind }: Framed): SyncFault {
  return new SyncFault('offline', `The hub has answered with a ${kind}`);
}
