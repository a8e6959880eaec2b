/**
 * One conversation of a device with its hub: which tables, then hello, then entries and pages until
 * there are no more, then whatever comes. It ends by a fault, or when it is broken off.
 */
import { DynamoError } from '../base/errors.ts';
import {
  clockOffMsMax,
  pokeSilenceMs,
  syncPollMs,
  syncRetryMs,
  tidyEveryMs,
} from '../base/replica-limits.ts';
import type { Engine } from '../engine/engine-types.ts';
import type { Clock } from '../port/clock.ts';
import type { Random } from '../port/random.ts';
import type { Scheduler } from '../port/scheduler.ts';
import type { Framed, ToDevice, ToHub } from '../replica/message.ts';
import { decodeEntry } from '../replica/entry.ts';
import { advance, offline, type Session, type SessionEvent } from '../replica/session.ts';
import { adoptTables, wantedTables } from './adopt.ts';
import type { Alarm } from './alarm.ts';
import { backOffMs } from './back-off.ts';
import { SyncFault } from './fault.ts';
import type { HttpLink } from './http-link.ts';
import { describeDevice } from './look.ts';
import { LoadCount } from './load-count.ts';
import type { Pace } from './pace.ts';
import { type Poison, pushedOf } from './poison.ts';
import { ReadAhead } from './read-ahead.ts';
import type { FirstRange, SyncEvent, SyncStatus } from './sync-types.ts';
import { tidyReplica } from './tidy.ts';
import { type HubTable, syncCaller } from './tables.ts';

/** A greeting as the session hands it on. */
interface Greeted {
  readonly Now: number;
  readonly AskedEpoch: string;
  readonly Others?: number;
}

export interface ConversationOptions {
  readonly engine: Engine;
  readonly tables?: readonly string[] | undefined;
  readonly first?: readonly FirstRange[] | undefined;
  readonly clock: Clock;
  readonly random: Random;
  readonly scheduler: Scheduler;
  readonly link: HttpLink;
  readonly poison: Poison;
  readonly pace: Pace;
  /** Rings when the database has moved, and when somebody wishes something. */
  readonly alarm: Alarm;
  /** Ends it. */
  readonly signal: AbortSignal;
  /** A sign of life of the hub that is no answer. */
  alive(): void;
  /** Something moved. */
  report(news: Partial<SyncStatus>): void;
  tell(event: SyncEvent): void;
}

/** A hub that pokes is asked seldom: what a stream passes on its way may hold it back. */
const pokedPollMs = 20 * syncPollMs;

export class Conversation {
  readonly #options: ConversationOptions;
  #session: Session = offline;
  /** Of the hub's process that told of its tables. */
  #epoch: string | undefined;
  #principal = '';
  #isPoked = false;
  #isListening = false;
  /** Nothing was heard of the hub for too long, though nothing says that it is gone. */
  #isSilent = false;
  /** Outcomes that the database is taking. */
  #taking: Promise<object>[] = [];
  /** Monotonic time at which the last hello was sent, and what the wall clock was ahead of it. */
  #helloMs = 0;
  #wallAheadMs = 0;
  /** What the hub's clock was ahead of the monotonic one when it greeted. */
  #hubAheadMs: number | undefined;
  /** Monotonic time at which it is tidied next. */
  #tidyMs = 0;
  readonly #ahead: ReadAhead;
  readonly #loaded = new LoadCount();
  /** What the program would have first, as the database names it. */
  #first: readonly Uint8Array[] = [];

  constructor(options: ConversationOptions) {
    this.#options = options;
    this.#ahead = new ReadAhead((wish) => this.#tell(wish));
  }

  async run(): Promise<void> {
    const { report, signal } = this.#options;
    report({ state: 'connecting', message: undefined });
    await this.#agreeOnTables();
    report({ state: 'catching-up', lastRoundTripAt: this.#options.clock.wallMs() });
    void this.#listen();
    let event: SessionEvent = { type: 'connected' };
    while (!signal.aborted) {
      if (this.#isSilent) throw silence();
      const step = advance(this.#session, event);
      this.#session = step.session;
      const { act } = step;
      if (act === undefined) event = await this.#rest();
      else if (act.type === 'close') throw new SyncFault('offline', 'The database has failed');
      else if (act.type === 'send') event = await this.#send(act.message);
      else if (act.operation === 'PreparePush' && this.#isClockMoved()) {
        // Stamps since then are wrong: the hub says what time it is before anything is sent.
        event = { type: 'connected' };
      } else event = await this.#ask(act.operation, act.input);
    }
  }

  /** Whatever has become of the wall clock since. */
  get hubNowMs(): number | undefined {
    const { clock } = this.#options;
    return this.#hubAheadMs === undefined ? undefined : this.#hubAheadMs + clock.monoMs();
  }

  /** What seems to be live is asked whether it is. */
  look(): void {
    this.#isPoked = true;
    this.#options.alarm.ring();
  }

  /** Wall and monotonic clock have parted since the last hello: set, or the machine slept. */
  #isClockMoved(): boolean {
    return Math.abs(this.#clockGapMs() - this.#wallAheadMs) > clockOffMsMax;
  }

  #clockGapMs(): number {
    const { clock } = this.#options;
    return clock.wallMs() - clock.monoMs();
  }

  async #agreeOnTables(): Promise<void> {
    const { engine, tables, link, report, tell, signal } = this.#options;
    await this.#call('OpenReplica', { Role: 'device' });
    const { ReplicaId, Principal } = await describeDevice(engine);
    const Tables = await wantedTables(engine, tables);
    const asked = { kind: 'tables', number: 0, Tables } as const;
    const answer = await link.tell(ReplicaId, asked, signal, Principal);
    if (answer.kind !== 'catalog') throw strange(answer);
    this.#principal = answer.Principal;
    const adopted = await adoptTables(engine, JSON.parse(answer.Tables) as readonly HubTable[]);
    report(adopted);
    for (const one of adopted.detached) tell({ type: 'detached', ...one });
    this.#first = await this.#findFirst();
  }

  async #findFirst(): Promise<readonly Uint8Array[]> {
    const { first = [] } = this.#options;
    if (first.length === 0) return [];
    const First = first.map(({ table, key }) => ({ TableName: table, ...(key && { Key: key }) }));
    try {
      const { Ranges } = (await this.#call('FindRanges', { First })) as { Ranges: Uint8Array[] };
      return Ranges;
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      throw new SyncFault('blocked', `What is to be loaded first: ${text}`);
    }
  }

  async #ask(operation: string, input: object): Promise<SessionEvent> {
    let output: object;
    try {
      output = await this.#entered(() => this.#asked(operation, input));
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      throw new SyncFault('blocked', `${operation}: ${text}`);
    }
    const [next] = (output as { readonly Entries?: readonly Uint8Array[] }).Entries ?? [];
    if (next !== undefined && this.#options.poison.isOver(decodeEntry(next).seq)) {
      return this.#giveUp(next);
    }
    if (operation === 'TakeOutcome') this.#tellOutcome(input, output);
    if (operation === 'TakeScope') this.#scopeTaken(output);
    const isMore = this.#loaded.taken(operation, input, output);
    if (operation === 'TakeChunk' && !isMore) this.#ahead.forget();
    this.#options.report(isMore ? { progress: this.#loaded.progress } : {});
    return { type: 'answered', output };
  }

  /** Nothing is said while items from before the first contact are being entered. */
  async #entered<T>(ask: () => Promise<T>): Promise<T> {
    const { alarm, report, signal } = this.#options;
    while (!signal.aborted) {
      try {
        return await ask();
      } catch (error) {
        const isEntering = error instanceof DynamoError && error.name === 'ResourceInUseException';
        if (!isEntering) throw error;
        report({});
        await alarm.wait(syncRetryMs);
      }
    }
    throw new SyncFault('offline', 'Broken off');
  }

  /** What was lost goes from the log with a checkpoint. */
  #scopeTaken(output: object): void {
    const { Purged = 0, Withdrawn = 0 } = output as { Purged?: number; Withdrawn?: number };
    if (Purged + Withdrawn === 0) return;
    this.#options.engine.checkpoint().catch(() => undefined);
  }

  /** The outcomes of a push are given to the database all at once: they share its turns. */
  #asked(operation: string, input: object): Promise<object> {
    if (operation === 'TakeGreeting') {
      const AgeMs = Math.max(0, Math.round((this.#options.clock.monoMs() - this.#helloMs) / 2));
      const { Others: others = 0, ...greeting } = input as Greeted;
      this.#hubAheadMs = greeting.Now + AgeMs - this.#options.clock.monoMs();
      const isFirst = greeting.AskedEpoch === '';
      if (isFirst && others > 0) this.#options.tell({ type: 'others', others });
      return this.#call(operation, { ...greeting, AgeMs, Principal: this.#principal });
    }
    if (operation === 'PreparePush') {
      const { isAlone: Alone } = this.#options.poison;
      const { bytes: Bytes } = this.#options.pace;
      return this.#call(operation, { First: this.#first, Alone, Bytes });
    }
    if (operation !== 'TakeOutcome') return this.#call(operation, input);
    const next = this.#taking.shift();
    if (next !== undefined) return next;
    const { replicaId: ReplicaId, outcomes } = this.#session;
    const first = this.#call(operation, input);
    this.#taking = outcomes.map((one) => this.#call(operation, { ReplicaId, ...one }));
    for (const one of this.#taking) one.catch(() => undefined);
    return first;
  }

  async #send(message: ToHub): Promise<SessionEvent> {
    const { clock, report } = this.#options;
    if (message.kind === 'hello') {
      this.#helloMs = clock.monoMs();
      this.#wallAheadMs = this.#clockGapMs();
    }
    const answer =
      message.kind === 'snapshot' ? await this.#ahead.answer(message) : await this.#tell(message);
    if (answer.kind === 'greeting') this.#epoch ??= answer.Epoch;
    const isOther =
      answer.kind === 'greeting'
        ? answer.Epoch !== this.#epoch
        : (answer.kind === 'page' || answer.kind === 'chunk') && !answer.IsHeld;
    // It is not the hub that it was: which tables it has is to be asked anew.
    if (isOther) {
      throw new SyncFault('offline', 'The hub was set back, or is another one');
    }
    // What was read before that may lack what was just taken.
    if (answer.kind === 'outcomes') this.#ahead.forget();
    // A hub that only greets has not done anything yet.
    const isMore = answer.kind !== 'greeting';
    const { progress } = this.#loaded;
    const now = clock.wallMs();
    report({ lastRoundTripAt: now, heardAt: now, ...(isMore ? { progress } : {}) });
    return { type: 'received', message: answer as ToDevice };
  }

  async #tell(message: ToHub): Promise<Framed> {
    const { link, signal, poison, pace } = this.#options;
    const pushed = message.kind === 'push' ? pushedOf(message.Entries) : undefined;
    try {
      const { replicaId } = this.#session;
      const answer = await link.tell(replicaId, pace.ask(message), signal, this.#principal);
      if (pushed !== undefined) poison.passed(pushed);
      pace.passed(message);
      return answer;
    } catch (error) {
      if (error instanceof SyncFault) {
        if (pushed !== undefined) poison.failed(error, pushed);
        if (!signal.aborted) pace.failed(message, error);
      }
      throw error;
    }
  }

  /** No hub takes the first entry that waits: it goes to quarantine, and the hub hears of a gap. */
  async #giveUp(entry: Uint8Array): Promise<SessionEvent> {
    const { seq: Seq, stamp } = decodeEntry(entry);
    const { ms: Ms, counter: Counter } = stamp;
    const { replicaId: ReplicaId } = this.#session;
    const outcome = { ReplicaId, Seq, Kind: 'refused', Code: 'Undeliverable', Ms, Counter };
    this.#tellOutcome(outcome, await this.#call('TakeOutcome', outcome));
    this.#options.poison.passed({ first: Seq, last: Seq });
    return { type: 'connected' };
  }

  /** All is sent and taken: waits for something new. */
  async #rest(): Promise<SessionEvent> {
    const { alarm, engine, report, signal } = this.#options;
    if (this.#session.phase !== 'live') {
      throw new SyncFault('offline', `The hub's answer fits nothing in ${this.#session.phase}`);
    }
    let isQuiet = true;
    while (isQuiet && !signal.aborted) {
      const { Pending, Cursor } = await describeDevice(engine);
      if (this.#isPoked || Pending > 0) break;
      this.#loaded.begin();
      report({ state: 'live', pending: 0, oldestPendingMs: undefined, cursor: Cursor });
      this.#tidy();
      const since = this.#options.clock.monoMs();
      const limitMs = this.#isListening ? pokedPollMs : syncPollMs;
      await alarm.wait(limitMs);
      isQuiet = this.#options.clock.monoMs() - since < limitMs && !this.#isSilent;
    }
    this.#isPoked = false;
    return { type: 'moved' };
  }

  /** Now and then, while all is well. */
  #tidy(): void {
    const { clock, engine, signal } = this.#options;
    if (clock.monoMs() < this.#tidyMs) return;
    this.#tidyMs = clock.monoMs() + tidyEveryMs;
    tidyReplica(engine, {}, () => signal.aborted).catch(() => undefined);
  }

  /** Pokes, for as long as the conversation lasts; without them the hub is asked now and then. */
  async #listen(): Promise<void> {
    const { link, alarm, signal, random, scheduler, alive } = this.#options;
    const heard = (isPoke: boolean): void => {
      if (isPoke) this.look();
      else alive();
    };
    for (let failures = 0; !signal.aborted; failures += 1) {
      const opened = (): void => {
        failures = 0;
        this.#isListening = true;
      };
      const ended = await link.listen(heard, opened, signal).catch(() => undefined);
      this.#isListening = false;
      this.#isSilent ||= ended === 'silent';
      alarm.ring();
      if (signal.aborted) return;
      await scheduler.delay(backOffMs(failures + 1, 'offline', random), signal, true);
    }
  }

  #tellOutcome(input: object, output: object): void {
    const {
      Seq: seq,
      Kind,
      Code: code = '',
    } = input as {
      readonly Seq: number;
      readonly Kind: string;
      readonly Code?: string;
    };
    if (!(output as { readonly IsTaken: boolean }).IsTaken) return;
    if (Kind === 'refused') this.#options.tell({ type: 'rejected', seq, code });
    if (Kind === 'superseded') this.#options.tell({ type: 'superseded', seq });
  }

  #call(operation: string, input: object): Promise<object> {
    return this.#options.engine.call({ operation, input, form: 'plain', caller: syncCaller });
  }
}

function silence(): SyncFault {
  return new SyncFault('offline', `Nothing was heard of the hub for ${pokeSilenceMs} ms`);
}

function strange({ kind }: Framed): SyncFault {
  return new SyncFault('offline', `The hub has answered with a ${kind}`);
}
