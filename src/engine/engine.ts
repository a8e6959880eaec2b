/**
 * The engine: requests in, answers out, over one store.
 *
 * A write joins the turn that gathers (turn.ts). A read is answered at once from memory when the
 * log's head was seen lately enough for its consistency; else the head is asked for first, once for
 * all reads that wait. Cost of a read from memory: no promise, no task, no store request.
 */
import { DamagedLog } from '../base/corruption.ts';
import { DynamoError } from '../base/errors.ts';
import {
  closeWaitMs,
  headFreshMs,
  hintDelayMs,
  queuedRequestsMax,
  runFaultsMax,
} from '../base/limits.ts';
import type { CallerKind } from '../log/commit.ts';
import { findOperation } from '../operation/registry.ts';
import type { Answer, Request } from '../operation/request.ts';
import { StoreFailure } from '../port/store.ts';
import { PageFault } from '../pager/fault.ts';
import { checkInput } from '../shape/check.ts';
import { Barrier } from './barrier.ts';
import {
  AbortError,
  answerable,
  type Call,
  CallContext,
  decideCall,
  endedError,
  isOurMistake,
  reply,
} from './call.ts';
import { compact } from './compact.ts';
import { Deadlines } from './deadlines.ts';
import type {
  CompactReport,
  ContributorsOptions,
  ContributorsReport,
  Engine,
  EngineOptions,
  EngineStatus,
  LogReader,
  RepairOptions,
  RepairReport,
  ScrubReport,
  SizeReport,
  SizesOptions,
  WorkOptions,
} from './engine-types.ts';
import { catchUp, checkpointWanted } from './follow.ts';
import { LiveQueries } from './live.ts';
import type { LiveReader } from './live-types.ts';
import { beginImport } from './import.ts';
import { contributorsOf } from './insights.ts';
import type { ImportSession, ImportSettings } from './import-types.ts';
import { Background } from './jobs.ts';
import type { Sparse } from './leads.ts';
import { PageLoader } from './load.ts';
import { openState } from './recover.ts';
import type { EngineState } from './state.ts';
import { repair } from './repair.ts';
import { type Ask, scrub } from './scrub.ts';
import { sizesOf } from './sizes.ts';
import { TurnLoop } from './turn.ts';

/** Opens an engine over `options.store`. Throws StoreFailure, Corruption or UpdateNeeded. */
export async function openEngine(options: EngineOptions): Promise<Engine> {
  const engine = new TableEngine(await openState(options));
  await engine.start();
  return engine;
}

class TableEngine implements Engine {
  readonly #state: EngineState;
  readonly #loader: PageLoader;
  readonly #turns: TurnLoop;
  readonly #background: Background;
  readonly #barrier: Barrier;
  readonly #deadlines: Deadlines;
  readonly #live: LiveQueries;
  /** Reads that wait for the head to be asked for. */
  #waiting: Call[] = [];
  #asking: Promise<void> | undefined;
  #reading = 0;
  #nowMs: number | undefined;
  #telling = false;
  /** Monotonic time of the last hint. */
  #toldMs = Number.NEGATIVE_INFINITY;
  #closing: Promise<void> | undefined;
  /** Those who wait for the log to move. */
  readonly #watchers: Set<() => void> = new Set();
  /** The last that was begun. */
  #import: ImportSession | undefined;

  constructor(state: EngineState) {
    this.#state = state;
    this.#loader = new PageLoader(state);
    this.#background = new Background(state, this.#loader, (request) => this.call(request));
    this.#barrier = new Barrier(state);
    this.#deadlines = new Deadlines(state, () => {
      this.#turns.forgetEnded();
      this.#waiting = this.#waiting.filter(({ isAnswered }) => !isAnswered);
    });
    this.#live = new LiveQueries(state, this.#loader, () => this.#turns.startOver());
    this.#turns = new TurnLoop(state, this.#loader, {
      published: () => this.#published(),
      cover: () => this.#barrier.cover(),
      relieve: () => this.#background.relieve(),
    });
  }

  /** Throws when the tables cannot take the durability that was asked for. */
  async start(): Promise<void> {
    const { tableDurability } = this.#state.options;
    if (tableDurability !== undefined && tableDurability.size > 0) {
      const input = { TableNames: [...tableDurability.keys()] };
      const caller = { kind: 'engine', principal: 'engine' } as const;
      await this.call({ operation: 'SetDurability', input, form: 'plain', caller });
    }
    this.#barrier.noteFollowed();
    // No write may come before the streams that a store of an older format was told of.
    if (this.#state.converted !== undefined) await this.#background.streams.work();
    const { logDamage, metaDamage } = this.#state;
    if (logDamage !== undefined) this.#loader.damage.note('log', logDamage);
    if (metaDamage !== undefined) this.#loader.damage.note('meta', metaDamage);
    this.#state.options.hint?.listen((position) => {
      this.#background.scrub.heard(position);
      if (position === checkpointWanted) void this.#background.relieve();
      if (position > this.#state.head && this.#asking === undefined) this.#askHead();
    });
    this.#background.wake();
  }

  submit(request: Request, done: (answer: Answer) => void): void {
    let call: Call;
    try {
      call = this.#accept(request, done);
    } catch (error) {
      done({ error: answerable(error) });
      return;
    }
    const { row, checked } = call;
    if (row.kind === 'write' && row.onlyReads?.(checked) !== true) {
      this.#deadlines.add(call);
      this.#turns.add(call);
    } else this.#read(call);
  }

  call(request: Request): Promise<object> {
    return new Promise((resolve, reject) => {
      this.submit(request, ({ output, error }) => {
        if (error === undefined) resolve(output);
        else reject(error);
      });
    });
  }

  status(): EngineStatus {
    const state = this.#state;
    return {
      storeId: hexOf(state.meta.storeId),
      head: state.head,
      checkpoint: state.meta.checkpoint,
      sequence: state.sequence,
      durableSeq: state.durable.value,
      cacheBytes: state.cache.bytes,
      tailBytes: state.tailsBytes,
      logBytes: state.log.bytes,
      replayMs: Math.round(state.log.ms * state.pace),
      liveQueries: this.#live.size,
      lostRaces: state.lostRaces,
      checkpoints: state.checkpoints,
      backgroundError: this.#background.lastError,
      converted: state.converted,
      scrub: this.#background.scrub.status,
      damage: this.#loader.damage.all,
      stopped: state.stopped === undefined ? undefined : 'update-needed',
      closed: state.closed,
    };
  }

  whenDurable(sequence: number): Promise<void> {
    return this.#state.durable.reached(sequence);
  }

  watch(moved: () => void): () => void {
    this.#watchers.add(moved);
    return () => void this.#watchers.delete(moved);
  }

  follow(reader: LogReader): () => void {
    const { readers } = this.#state;
    readers.add(reader);
    return () => void readers.delete(reader);
  }

  async barrier(): Promise<void> {
    // A page saves what it has when it is hidden: those calls come with the wish, or just after it.
    await this.#state.options.scheduler.breathe();
    await this.#barrier.cover();
    await this.#turns.settled();
    if (await this.#barrier.cover()) return;
    throw new StoreFailure('lost', 'what was written could not be made durable');
  }

  async import(settings: ImportSettings): Promise<ImportSession> {
    const session = await beginImport(
      {
        state: this.#state,
        loader: this.#loader,
        builds: this.#background.builds,
        ask: this.#background.askImport,
        put: (request) => this.call(request),
        attached: () => this.#background.settleRoots(),
      },
      settings,
    );
    this.#import = session;
    return session;
  }

  live(request: Request): LiveReader {
    return this.#live.open(request);
  }

  async checkpoint(sparse?: Sparse): Promise<void> {
    // The one under way lacks what was written since its tail was set aside.
    if (this.#state.frozen !== undefined) await this.#background.relieved();
    return this.#background.checkpointPastDamage(sparse);
  }

  compact(options?: WorkOptions): Promise<CompactReport> {
    const make = (sparse: Sparse): Promise<void> => this.#background.checkpointPastDamage(sparse);
    return compact(this.#state, make, options);
  }

  sizes(options?: SizesOptions): Promise<SizeReport> {
    return sizesOf(this.#state, this.#loader, options);
  }

  contributors(options: ContributorsOptions): Promise<ContributorsReport> {
    return contributorsOf(this.#state, this.#loader, options);
  }

  scrub(options?: WorkOptions): Promise<ScrubReport> {
    return scrub(this.#state, this.#loader, this.#ownCalls(), () => this.checkpoint(), options);
  }

  repair(options?: RepairOptions): Promise<RepairReport> {
    const make = (sparse?: Sparse): Promise<void> => this.checkpoint(sparse);
    return repair(this.#state, this.#loader, this.#ownCalls(), make, options);
  }

  #ownCalls(): Ask {
    return (operation, input) => this.#background.request(operation, input);
  }

  async idle(): Promise<void> {
    await this.#background.idle();
    await this.#turns.settled();
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const state = this.#state;
    state.closing = true;
    await this.#deadlines.within(closeWaitMs, this.#drain());
    this.#deadlines.endAll();
    state.durable.end(new Error('The database is closed'));
    state.options.hint?.close();
    await this.#deadlines.within(closeWaitMs, state.options.store.close());
    state.closed = true;
  }

  /** Resolves when nothing is under way; never, with a store that hangs. */
  async #drain(): Promise<void> {
    await this.#live.close();
    await this.#import?.abort(true);
    await this.#turns.settled();
    await this.#background.close();
    await this.#turns.settled();
    await this.#barrier.close();
    while ((this.#reading > 0 || this.#asking !== undefined) && !this.#state.closed) {
      await (this.#asking ?? this.#state.options.scheduler.delay(1));
    }
  }

  /** The request as a call, its input checked. Throws the answer that refuses it. */
  #accept(request: Request, done: (answer: Answer) => void): Call {
    const state = this.#state;
    if (state.stopped !== undefined) throw state.stopped;
    const { operation: name } = request;
    const usual = findOperation(name);
    const isOther = usual === undefined || usual.mayBeOther === true;
    const other = isOther && state.options.operations?.find((one) => one.name === name);
    const row = other || usual;
    if (row === undefined || (row.internal && !mayAskInternal(request.caller.kind))) {
      throw new DynamoError('UnknownOperationException', '');
    }
    if (state.closing && request.caller.kind !== 'engine') {
      throw new Error('The database is closed');
    }
    if (request.signal?.aborted === true) throw new AbortError(false);
    if (this.#turns.queued + this.#waiting.length + this.#reading >= queuedRequestsMax) {
      throw new DynamoError('RequestLimitExceeded', 'Too many calls are waiting for this engine');
    }
    state.calls += 1;
    const context = new CallContext(state, request);
    const input = checkInput(row.input, request.input, request.form);
    const checked = row.check(input, context);
    return {
      row,
      request,
      input,
      checked,
      context,
      done,
      faults: 0,
      pins: undefined,
      isDecided: false,
      isAnswered: false,
      sinceMs: 0,
      leave: undefined,
      aborted: undefined,
    };
  }

  #published(): void {
    for (const moved of this.#watchers) moved();
    this.#barrier.notePublished();
    this.#tell();
    this.#background.notePublished();
  }

  /**
   * Tells other engines of the head: at once after a quiet time, else once for all turns of
   * hintDelayMs, because a hint costs as much as a turn (docs/adr/0019).
   */
  #tell(): void {
    const { hint, scheduler, clock } = this.#state.options;
    if (hint === undefined || this.#telling) return;
    this.#telling = true;
    const waitMs = this.#toldMs + hintDelayMs - clock.monoMs();
    const tell = (): void => {
      this.#telling = false;
      this.#toldMs = clock.monoMs();
      if (!this.#state.closing) hint.tell(this.#state.head);
    };
    // After the answers of this task. A hint that could not be given is a hint that was lost.
    const due = waitMs > 0 ? scheduler.delay(waitMs) : Promise.resolve();
    due.then(tell).catch(() => undefined);
  }

  /** Answers now if memory is fresh enough, else after the head was asked for. */
  #read(call: Call): void {
    const state = this.#state;
    if (!state.options.store.exclusive && this.#mustAsk(call)) {
      this.#deadlines.add(call);
      this.#waiting.push(call);
      if (this.#asking === undefined) this.#askHead();
      return;
    }
    this.#answer(call);
  }

  #mustAsk({ row, checked, request }: Call): boolean {
    if (request.consistency === 'strong' || row.consistent?.(checked) === true) return true;
    return this.#taskMs() - this.#state.headSeenMs > headFreshMs;
  }

  /** Monotonic time, read once for the calls of a message: a clock costs as much as a search. */
  #taskMs(): number {
    if (this.#nowMs === undefined) {
      this.#nowMs = this.#state.options.clock.monoMs();
      queueMicrotask(() => {
        this.#nowMs = undefined;
      });
    }
    return this.#nowMs;
  }

  /**
   * One range read for every read that arrived before it; those that come later wait for the next.
   */
  #askHead(): void {
    this.#asking = this.#ask().finally(() => {
      this.#asking = undefined;
      if (this.#waiting.length > 0) this.#askHead();
    });
  }

  async #ask(): Promise<void> {
    // A task's reads arrive in one message: let them all join.
    await Promise.resolve();
    const calls = this.#waiting;
    this.#waiting = [];
    const { head } = this.#state;
    try {
      await catchUp(this.#state);
      if (this.#state.head > head) for (const moved of this.#watchers) moved();
    } catch (error) {
      this.#state.stopIfNewer(error);
      if (error instanceof DamagedLog) this.#state.options.hint?.tell(checkpointWanted);
      for (const call of calls) reply(call, { error: answerable(error) });
      return;
    }
    for (const call of calls) {
      if (call.isAnswered) continue;
      const ended = endedError(this.#state, call);
      if (ended === undefined) this.#answer(call);
      else reply(call, { error: ended });
    }
    this.#barrier.noteFollowed();
    this.#background.wake();
  }

  #answer(call: Call): void {
    const fault = this.#attempt(call);
    if (fault === undefined) return;
    this.#deadlines.add(call);
    void this.#answerLater(call, fault);
  }

  /** Answers, unless a page is absent: then the fault that says which. */
  #attempt(call: Call): PageFault | undefined {
    let answer: Answer;
    try {
      const { output, source } = decideCall(call);
      answer = source === undefined ? { output } : { output, source };
    } catch (error) {
      if (error instanceof PageFault) return error;
      answer = { error: answerable(error) };
      // In doubt: what is in memory goes.
      if (isOurMistake(error)) this.#turns.startOver();
    }
    reply(call, answer);
    return undefined;
  }

  /** Brings pages and runs the call again, until it finds all it asks for. */
  async #answerLater(call: Call, first: PageFault): Promise<void> {
    this.#reading += 1;
    const pins = this.#loader.begin();
    try {
      for (let fault: PageFault | undefined = first; fault !== undefined; ) {
        call.faults += 1;
        if (call.faults > runFaultsMax)
          throw new Error('too many pages were asked for by one call');
        await this.#loader.load(fault, pins);
        if (call.isAnswered) return;
        const ended = endedError(this.#state, call);
        if (ended !== undefined) throw ended;
        fault = this.#attempt(call);
      }
    } catch (error) {
      // A page that is damaged in the store does not make memory doubtful.
      reply(call, { error: answerable(error) });
      this.#background.wake();
    } finally {
      this.#loader.end(pins);
      this.#reading -= 1;
    }
  }
}

function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function mayAskInternal(kind: CallerKind): boolean {
  return kind !== 'user';
}
