/**
 * A device's sync client: keeps its database in touch with a hub, for as long as it is open.
 *
 * One of all tabs leads: it holds the lock, talks to the hub, and tells the others how it goes.
 * That only spares work: two that lead harm nothing, since the database takes each answer once. So
 * one that is silent, frozen or hung, is overtaken (leader-watch.ts).
 * What is to be said follows from src/replica/session.ts; here are the waiting, the trying again,
 * and the evidence of how far it is.
 */
import { statusPauseMs, storageLookMs, syncStuckMs } from '../base/replica-limits.ts';
import type { Engine } from '../engine/engine-types.ts';
import type { Clock } from '../port/clock.ts';
import type { Lock } from '../port/lock.ts';
import type { Random } from '../port/random.ts';
import type { Scheduler } from '../port/scheduler.ts';
import type { StorageStatus } from '../port/storage-status.ts';
import type { Request } from '../operation/request.ts';
import { Alarm } from './alarm.ts';
import { askHub, type HubPorts } from './ask-hub.ts';
import { Conversation } from './conversation.ts';
import { SyncFault } from './fault.ts';
import { type Fetch, HttpLink } from './http-link.ts';
import { describeDevice } from './look.ts';
import { initialStatus } from './initial-status.ts';
import { LeaderWatch } from './leader-watch.ts';
import { Pace } from './pace.ts';
import { Poison } from './poison.ts';
import { Retries } from './retries.ts';
import { Seeker, type SeekPorts } from './seek.ts';
import type { FirstRange, SyncEvent, SyncStatus } from './sync-types.ts';

/** Between the sync clients of all tabs of a database. */
export interface Relay {
  tell(message: RelayMessage): void;
  listen(heard: (message: RelayMessage) => void): void;
  close(): void;
}

export type RelayMessage =
  | { readonly event: SyncEvent }
  /** To who leads. */
  | { readonly wish: Wish };

type Wish = 'pause' | 'resume' | 'hello' | 'hint';

export interface SyncClientOptions {
  readonly engine: Engine;
  readonly url: string;
  /** Those that take part; all that the hub lets the caller see when absent. */
  readonly tables?: readonly string[] | undefined;
  /** What is to be loaded before all else. */
  readonly first?: readonly FirstRange[] | undefined;
  readonly fetch: Fetch;
  readonly clock: Clock;
  readonly random: Random;
  readonly scheduler: Scheduler;
  token(isStale: boolean): Promise<string | undefined>;
  /** Who leads; without one, this one does. */
  readonly lock?: Lock | undefined;
  readonly relay?: Relay | undefined;
  /** What keeps the database. */
  readonly storage?: (() => Promise<StorageStatus | undefined>) | undefined;
}

export class SyncClient {
  readonly #options: SyncClientOptions;
  readonly #link: HttpLink;
  readonly #life = new AbortController();
  /** Rings when the database moves, or somebody wishes something. */
  readonly #alarm: Alarm;
  readonly #retries: Retries;
  readonly #poison: Poison = new Poison();
  readonly #pace: Pace = new Pace();
  /** Fetches what calls look for and is not here yet. */
  readonly seeker: Seeker;
  readonly #listeners: Set<(event: SyncEvent) => void> = new Set();
  #status: SyncStatus = initialStatus;
  /** What was read of it from the database: another tab may not have heard of a write yet. */
  #own: Partial<SyncStatus> = {};
  /** Undefined until it was wished, here or as who leads says. */
  #isPaused: boolean | undefined;
  readonly #leader: LeaderWatch;
  /** Ends leading without the lock. */
  #beside: AbortController | undefined;
  #running: Promise<void> | undefined;
  #unwatch: (() => void) | undefined;
  /** The conversation under way, and what ends it. */
  #talk: Conversation | undefined;
  #over: AbortController | undefined;
  #movedMs: number;
  /** Entries or changes have come through since it was tried last. */
  #wentWell = false;
  /** The database has moved since the status was read. */
  #isStale = false;
  #refreshing: Promise<void> | undefined;
  /** Monotonic time at which the storage is looked at next: an estimate is dear. */
  #storageMs = Number.NEGATIVE_INFINITY;

  constructor(options: SyncClientOptions) {
    this.#options = options;
    this.#alarm = new Alarm(options.scheduler);
    this.#retries = new Retries(options);
    this.#link = new HttpLink(options);
    const { relay } = options;
    const ask = relay && ((): void => relay.tell({ wish: 'hello' }));
    this.#leader = new LeaderWatch({ ...options, ask });
    this.seeker = new Seeker(this.#ports());
    this.#movedMs = options.clock.monoMs();
  }

  get status(): SyncStatus {
    return this.#status;
  }

  /** Calls `listener` with all that happens, until the function it answers is called. */
  on(listener: (event: SyncEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  start(): void {
    if (this.#running !== undefined) return;
    const { engine, lock, relay } = this.#options;
    const { signal } = this.#life;
    this.#unwatch = engine.watch(() => this.#localMoved());
    relay?.listen((message) => this.#heard(message));
    relay?.tell({ wish: 'hello' });
    this.#running = lock === undefined ? this.#lead(signal) : this.#takeTurns(lock, signal);
    this.#running.catch(() => undefined);
    void this.refresh();
  }

  /** Nothing is sent or taken until `resume`; what is under way is broken off. */
  pause(): void {
    this.#wish('pause');
    this.#pass('pause');
  }

  /**
   * There may be a network again, or the program is looked at: what waits is tried at once, and
   * what seems to be live is asked whether it is.
   */
  hint(): void {
    this.#wish('hint');
    if (!this.#status.leads) this.#pass('hint');
  }

  /** Also tries at once what waits to be tried again. */
  resume(): void {
    this.#wish('resume');
    this.#pass('resume');
  }

  async close(): Promise<void> {
    if (this.#life.signal.aborted) return;
    this.#life.abort();
    this.#over?.abort();
    this.#ring();
    this.#unwatch?.();
    await this.#running?.catch(() => undefined);
    this.#set({ state: 'closed' });
    this.#options.relay?.close();
  }

  /** Has the hub carry it out, after all that was written here before (ask-hub.ts). */
  askHub(request: Request): Promise<object> {
    return askHub(this.#ports(), request);
  }

  #ports(): HubPorts & SeekPorts {
    return {
      ...this.#options,
      hubNowMs: () => this.#talk?.hubNowMs,
      status: () => this.#status,
      watch: (look: () => void) => this.on(look),
      tell: (...told: Parameters<HttpLink['tell']>) => this.#link.tell(...told),
    };
  }

  /** Reads from the database what the status says of it. */
  async refresh(): Promise<void> {
    const { engine, clock } = this.#options;
    try {
      const { Pending, OldestMs, OffsetMs = 0, ...own } = await describeDevice(engine);
      const { state, pending } = this.#status;
      // What is wrong with one direction is no reason to keep the other waiting.
      if (state === 'blocked' && Pending > pending) this.#retries.end();
      this.#own = {
        pending: Pending,
        oldestPendingMs:
          OldestMs === undefined ? undefined : Math.max(0, clock.wallMs() + OffsetMs - OldestMs),
        quarantined: own.Quarantined,
        conflicts: own.Conflicts,
        unsafe: own.Unsafe,
        cursor: own.Cursor,
        ranges: own.Ranges.map(({ TableName: table, State: state }) => ({ table, state })),
        clockOffsetMs: OffsetMs,
      };
      this.#set(this.#own);
    } catch {
      // A database that is closing, or not yet a device: there is nothing to say.
    }
    // Nobody waits for it: a browser takes its time.
    void this.#lookAtStorage().catch(() => undefined);
  }

  async #lookAtStorage(): Promise<void> {
    const { clock, storage: look } = this.#options;
    const now = clock.monoMs();
    if (look === undefined || now < this.#storageMs) return;
    this.#storageMs = now + storageLookMs;
    const storage = await look();
    if (storage !== undefined && !this.#life.signal.aborted) this.#set({ storage });
  }

  /** Leads whenever it is given the lock, or takes it from one that is silent. */
  async #takeTurns(lock: Lock, life: AbortSignal): Promise<void> {
    while (!life.aborted) {
      const granted = new AbortController();
      const patience = new AbortController();
      const held = lock.hold(
        (own) => {
          granted.abort();
          return this.#lead(own);
        },
        AbortSignal.any([life, patience.signal]),
      );
      const over = AbortSignal.any([life, granted.signal]);
      const watched = this.#leader.isSilent(over).then((isSilent) => {
        if (isSilent) patience.abort();
      });
      await held.finally(() => granted.abort());
      await watched;
      if (life.aborted || !patience.signal.aborted) continue;
      if (lock.seize === undefined) await this.#leadBeside(life);
      else await lock.seize((own) => this.#lead(own), life);
    }
  }

  /** Where the lock cannot be taken away: until who holds it is heard again. */
  async #leadBeside(life: AbortSignal): Promise<void> {
    this.#beside = new AbortController();
    await this.#lead(AbortSignal.any([life, this.#beside.signal]));
    this.#beside = undefined;
  }

  async #lead(signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    const end = (): void => {
      this.#over?.abort();
      this.#ring();
    };
    signal.addEventListener('abort', end, { once: true });
    // What another tab said before counts no more.
    const state = this.#isPaused ? 'paused' : 'connecting';
    this.#set({ leads: true, state, message: undefined });
    const watched = this.#watchdog(signal);
    while (!signal.aborted) {
      if (this.#isPaused) {
        this.#set({ state: 'paused', message: undefined });
        // Writes go on, and ring: what waits to be sent is counted all the same.
        await this.refresh();
        await this.#alarm.wait(Number.POSITIVE_INFINITY);
        continue;
      }
      this.#wentWell = false;
      const fault = await this.#converse(signal);
      if (signal.aborted || this.#isPaused || fault === undefined) continue;
      this.#set({ state: fault.why, message: fault.message });
      await this.#retries.wait(fault, this.#wentWell);
    }
    await watched;
    this.#set({ leads: false });
    if (this.#life.signal.aborted) return;
    // Another tab leads now, and is asked how it goes there.
    this.#set({ state: this.#isPaused ? 'paused' : 'connecting', message: undefined });
    this.#leader.doubt();
  }

  /** Until it breaks off: why, where it is not by our own wish. */
  async #converse(signal: AbortSignal): Promise<SyncFault | undefined> {
    const over = new AbortController();
    this.#over = over;
    this.#movedMs = this.#options.clock.monoMs();
    const talk = new Conversation({
      ...this.#options,
      link: this.#link,
      poison: this.#poison,
      pace: this.#pace,
      alarm: this.#alarm,
      signal: over.signal,
      report: (news) => over.signal.aborted || this.#report(news),
      alive: () => over.signal.aborted || this.#set({ heardAt: this.#options.clock.wallMs() }),
      tell: (event) => this.#tell(event),
    });
    this.#talk = talk;
    const ended = new Promise<void>((resolve) => {
      over.signal.addEventListener('abort', () => resolve(), { once: true });
      if (signal.aborted) over.abort();
    });
    try {
      // What hangs is left behind: whatever it still does, the database takes once.
      await Promise.race([talk.run(), ended]);
      return undefined;
    } catch (error) {
      if (error instanceof SyncFault) return error;
      return new SyncFault('blocked', error instanceof Error ? error.message : String(error));
    } finally {
      over.abort();
      this.#over = undefined;
      this.#talk = undefined;
      await this.refresh();
    }
  }

  /** What is to be done and does not move is begun anew, and that is told. */
  async #watchdog(signal: AbortSignal): Promise<void> {
    const { clock, scheduler } = this.#options;
    while (!signal.aborted) {
      await scheduler.delay(syncStuckMs / 2, signal, true);
      const { state } = this.#status;
      const isBusy = state === 'connecting' || state === 'catching-up';
      if (!isBusy || clock.monoMs() - this.#movedMs < syncStuckMs) continue;
      this.#set({ restarts: this.#status.restarts + 1 });
      const message = `Nothing has moved for ${syncStuckMs} ms while ${state}`;
      this.#tell({ type: 'restarted', message });
      this.#over?.abort();
    }
  }

  #report(news: Partial<SyncStatus>): void {
    this.#movedMs = this.#options.clock.monoMs();
    this.#wentWell ||= news.progress !== undefined;
    const { bytesIn, bytesOut } = this.#link;
    this.#set({ ...news, bytesIn, bytesOut });
  }

  #localMoved(): void {
    if (this.#status.leads) this.#alarm.ring();
    this.#isStale = true;
    this.#refreshing ??= this.#refreshAll().finally(() => {
      this.#refreshing = undefined;
    });
  }

  /** One look for many moves: those that come meanwhile wait for the next. */
  async #refreshAll(): Promise<void> {
    while (this.#isStale && !this.#life.signal.aborted) {
      this.#isStale = false;
      await this.refresh();
      await this.#options.scheduler.delay(statusPauseMs, this.#life.signal, true);
    }
  }

  #ring(): void {
    this.#alarm.ring();
    this.#retries.end();
  }

  #wish(wish: Wish): void {
    if (wish === 'hello') {
      const event = { type: 'status', status: this.#status } as const;
      if (this.#status.leads) this.#options.relay?.tell({ event });
      return;
    }
    if (wish === 'hint') {
      if (this.#status.leads && this.#retries.hint()) this.#talk?.look();
      return;
    }
    this.#isPaused = wish === 'pause';
    if (this.#isPaused) this.#over?.abort();
    this.#ring();
  }

  /** To who leads; one that is silent is to be noticed soon. */
  #pass(wish: Wish): void {
    this.#options.relay?.tell({ wish });
    this.#leader.doubt();
  }

  #heard(message: RelayMessage): void {
    if ('wish' in message) {
      this.#wish(message.wish);
      return;
    }
    this.#leader.heard();
    this.#beside?.abort();
    if (!this.#status.leads) {
      const { event } = message;
      if (event.type === 'status') this.#follow(event.status);
      else for (const listener of [...this.#listeners]) listener(event);
    }
  }

  /** Another tab leads: how far it is counts, and what is pending we know ourselves. */
  #follow(status: SyncStatus): void {
    if (this.#life.signal.aborted) return;
    this.#isPaused ??= status.state === 'paused';
    this.#set({ ...status, ...this.#own, leads: false });
    if (status.pending !== this.#own.pending || status.cursor !== this.#own.cursor)
      this.#localMoved();
  }

  #set(news: Partial<SyncStatus>): void {
    const next = { ...this.#status, ...news };
    if (JSON.stringify(next) === JSON.stringify(this.#status)) return;
    this.#status = next;
    this.#tell({ type: 'status', status: next });
  }

  #tell(event: SyncEvent): void {
    for (const listener of [...this.#listeners]) listener(event);
    const isOurs = this.#status.leads || (event.type === 'status' && event.status.leads);
    if (isOurs) this.#options.relay?.tell({ event });
  }
}
