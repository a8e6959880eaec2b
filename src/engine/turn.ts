/**
 * The turn loop: the writes that have gathered are decided one after another on a layer of their
 * own, appended together, and answered together.
 *
 * While a turn is appended the next one is decided on top of it, so that the disk and the thread
 * work at the same time. A turn that lost a race drops its layer, and so does the one on top of it;
 * the engine follows the log, and plans and decides again; the callers do not notice.
 *
 * Invariants
 * - No answer of a turn leaves before its append is stored: none of a write that a crash could
 * undo.
 * - One append at a time; every turn is decided on the log's head as it will be when it is
 * appended.
 * - Every call that was added is answered once, whatever fails.
 */
import { internalServerError } from '../base/errors.ts';
import {
  logRefusedFactor,
  logWaitFactor,
  lossesBeforeTurnstile,
  runFaultsMax,
  tailWaitMs,
  turnBytesAim,
  turnSliceBytes,
} from '../base/limits.ts';
import { pinnedPagesMax } from '../base/memory-limits.ts';
import { PageFault } from '../pager/fault.ts';
import { createCatalog } from '../table/catalog.ts';
import { type AppendResult, append, prepare } from './append.ts';
import { answerable, type Call, decideCall, endedError, isOurMistake, reply } from './call.ts';
import { completeCommits } from './commit.ts';
import { isStrict, refuseStrict } from './durability.ts';
import { catchUp } from './follow.ts';
import { failure } from './failures.ts';
import type { PageLoader } from './load.ts';
import { recover } from './recover.ts';
import type { EngineState } from './state.ts';
import { beginTurn, type Decided, type Turn } from './turn-state.ts';
import { Turnstile } from './turnstile.ts';

export interface TurnEvents {
  /** A turn was published: the head moved. */
  published(): void;
  /**
   * Makes a checkpoint, or waits a little for who is at it: resolves to another number when any
   * engine got on, to undefined when it failed, and another try would fail too.
   */
  relieve(): Promise<number | undefined>;
  /** Makes all that is published durable; false when that could not be done. */
  cover(): Promise<boolean>;
}

export class TurnLoop {
  readonly #state: EngineState;
  readonly #loader: PageLoader;
  readonly #events: TurnEvents;
  readonly #turnstile: Turnstile;
  #queue: Call[] = [];
  #running: Promise<void> | undefined;
  /** The turn that is being appended, and the one that is decided on top of it. */
  #flight: Turn | undefined;
  #next: Turn | undefined;
  /** What it may have been decided to before others have had the thread in between. */
  #nextBytes = 0;
  #isBreathing = false;
  readonly #loads = new Set<Promise<void>>();
  /** Calls that have pages in memory which cannot go, and who is told when these are fewer. */
  readonly #pinning = new Set<Call>();
  #waiting: (() => void)[] = [];
  #losses = 0;
  /** What is in memory is in doubt: the engine starts over before it decides anything else. */
  #doubt = false;
  /** Ends the loop's wait for a call, or for the pages of one. */
  #wake: (() => void) | undefined;

  constructor(state: EngineState, loader: PageLoader, events: TurnEvents) {
    this.#state = state;
    this.#loader = loader;
    this.#events = events;
    this.#turnstile = new Turnstile(state);
  }

  /** Calls that wait to be decided. */
  get queued(): number {
    return this.#queue.length;
  }

  /** Queues a write. The turn starts in a microtask, so that calls of one message share it. */
  add(call: Call): void {
    this.#queue.push(call);
    if (this.#flight !== undefined) this.#decideAhead();
    else this.#start();
  }

  /** Reads everything anew from the store, between two turns: memory is in doubt. */
  startOver(): void {
    this.#doubt = true;
    this.#start();
  }

  /** Calls that were ended while they waited need not be decided. */
  forgetEnded(): void {
    this.#queue = this.#queue.filter((call) => {
      if (call.isAnswered) this.#finish(call);
      return !call.isAnswered;
    });
  }

  /** Resolves when nothing is queued and nothing in flight. */
  async settled(): Promise<void> {
    while (this.#running !== undefined) await this.#running;
  }

  #start(): void {
    if (this.#running === undefined) this.#running = Promise.resolve().then(() => this.#run());
    else this.#wake?.();
  }

  async #run(): Promise<void> {
    let recovered = true;
    do {
      if (this.#doubt) recovered = await this.#recover();
      else if (this.#queue.length > 0 || this.#next !== undefined) await this.#turn();
      else if (this.#loads.size > 0) await this.#somethingNew();
    } while (this.#isBusy() || (this.#doubt && recovered));
    this.#running = undefined;
  }

  #isBusy(): boolean {
    return this.#queue.length > 0 || this.#next !== undefined || this.#loads.size > 0;
  }

  #somethingNew(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  async #turn(): Promise<void> {
    if (this.#isFull() && !(await this.#makeRoom())) return;
    if (this.#turnstile.owes) await this.#turnstile.pay();
    const turn = this.#takeTurn();
    this.#gather(turn, turnSliceBytes);
    if (turn.commits.length > 0) await this.#append(turn);
    else if (turn.decided.length > 0) await this.#confirm(turn);
    if (turn.mistaken) this.#doubt = true;
  }

  /**
   * Waits for checkpoints to shorten tail and log, for as long as any engine gets on with one. When
   * none does, writes go on up to a second bound, where they are refused.
   */
  async #makeRoom(): Promise<boolean> {
    const { options, bounds } = this.#state;
    let movedMs = options.clock.monoMs();
    let askedMs = movedMs;
    let seen = -1;
    // The last that is asked is asked when the time is over: a dead engine loses its place then.
    while (this.#isFull() && askedMs < movedMs + tailWaitMs) {
      askedMs = options.clock.monoMs();
      const progress = await this.#events.relieve();
      if (progress === undefined) break;
      if (progress !== seen) movedMs = options.clock.monoMs();
      seen = progress;
    }
    const { tailsBytes, logsShare } = this.#state;
    if (tailsBytes <= bounds.tailRefusedBytes && logsShare <= logRefusedFactor) return true;
    this.#refuseAll(internalServerError('The log could not be shortened; nothing was written'));
    return false;
  }

  #isFull(): boolean {
    const { tail, tailsBytes, logsShare, bounds } = this.#state;
    // What was set aside again and again, and given back, counts too.
    if (tail.bytes > bounds.tailBytes || tailsBytes > bounds.tailRefusedBytes) return true;
    // One item that is written again and again has a short tail and a long log.
    return logsShare > logWaitFactor;
  }

  /** In doubt, nothing is decided: while the store cannot be read, writes are refused. */
  async #recover(): Promise<boolean> {
    this.#dropNext();
    try {
      await recover(this.#state);
      this.#doubt = false;
      return true;
    } catch (error) {
      this.#refuseAll(answerable(error));
      return false;
    }
  }

  #refuseAll(error: Error): void {
    this.#dropNext();
    const calls = this.#queue;
    this.#queue = [];
    for (const call of calls) {
      this.#finish(call);
      reply(call, { error });
    }
  }

  /** The turn decided ahead, if the head is still where it was decided on; else a new one. */
  #takeTurn(): Turn {
    if (this.#next?.position !== this.#state.head + 1) this.#dropNext();
    const turn = this.#next ?? beginTurn(this.#state, undefined);
    this.#next = undefined;
    return turn;
  }

  /** Decides what has come on top of the turn that is being appended. */
  #decideAhead(): void {
    const flight = this.#flight;
    if (flight === undefined) return;
    if (this.#next === undefined) {
      if (this.#queue.length === 0) return;
      this.#next = beginTurn(this.#state, flight);
      this.#nextBytes = turnSliceBytes;
    }
    this.#gather(this.#next, this.#nextBytes);
    if (this.#queue.length > 0 && this.#nextBytes < turnBytesAim) this.#goOnSoon();
  }

  /** A turn of many calls is decided in slices, so that reads do not wait for all of it. */
  #goOnSoon(): void {
    if (this.#isBreathing) return;
    this.#isBreathing = true;
    void this.#state.options.scheduler.breathe().then(() => {
      this.#isBreathing = false;
      this.#nextBytes += turnSliceBytes;
      this.#decideAhead();
    });
  }

  /** Decides queued calls until the turn has so many bytes. */
  #gather(turn: Turn, bytes: number): void {
    const queue = this.#queue;
    let taken = 0;
    for (; taken < queue.length && turn.layer.loggedBytes < bytes; taken += 1) {
      const call = queue[taken] as Call;
      if (call.isAnswered) {
        this.#finish(call);
        continue;
      }
      call.context.look(turn.reader, turn.catalog);
      const version = turn.layer.systemVersion;
      this.#decide(turn, call);
      if (turn.layer.systemVersion !== version) turn.catalog = createCatalog(turn.reader);
    }
    if (taken > 0) this.#queue = queue.slice(taken);
  }

  #decide(turn: Turn, call: Call): void {
    const ended = endedError(this.#state, call);
    if (ended !== undefined) {
      this.#finish(call);
      turn.decided.push({ call, answer: { error: ended }, wrote: false, strict: false });
      return;
    }
    try {
      const effect = decideCall(call);
      const commits = completeCommits(call, effect, this.#state.id, turn.place);
      this.#finish(call);
      const strict = isStrict(this.#state, call.request, effect);
      const wrote = commits.length > 0;
      call.isDecided = wrote;
      turn.decided.push({ call, answer: { output: effect.output }, wrote, strict });
      turn.strict ||= strict;
      for (const commit of commits) {
        turn.layer.apply(commit, turn.position);
        turn.commits.push(commit);
      }
    } catch (error) {
      if (error instanceof PageFault) {
        this.#bring(call, error);
        return;
      }
      this.#finish(call);
      turn.mistaken ||= isOurMistake(error);
      const answer = { error: answerable(error) };
      turn.decided.push({ call, answer, wrote: false, strict: false });
    }
  }

  /** Brings the pages a call asked for, then queues it again, first in line. */
  #bring(call: Call, fault: PageFault): void {
    call.faults += 1;
    const mustWait = call.pins === undefined && this.#pinned() >= pinnedPagesMax;
    const work = mustWait ? this.#wait(call) : this.#load(call, fault);
    const load = work.finally(() => {
      this.#loads.delete(load);
      this.#wake?.();
    });
    this.#loads.add(load);
  }

  /** Its pages may be others by then: it is run again. */
  async #wait(call: Call): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#waiting.push(resolve);
    });
    this.#queue.unshift(call);
  }

  #pinned(): number {
    let pages = 0;
    for (const { pins } of this.#pinning) pages += pins?.size ?? 0;
    return pages;
  }

  async #load(call: Call, fault: PageFault): Promise<void> {
    this.#pinning.add(call);
    call.pins ??= this.#loader.begin();
    const { pins } = call;
    try {
      if (call.faults > runFaultsMax) throw new Error('too many pages were asked for by one call');
      await this.#loader.load(fault, pins);
      if (call.isAnswered) this.#finish(call);
      else this.#queue.unshift(call);
    } catch (error) {
      this.#finish(call);
      reply(call, { error: answerable(error) });
    }
  }

  /** The run of a call is over: what was loaded for it may go. */
  #finish(call: Call): void {
    call.faults = 0;
    if (call.pins === undefined) return;
    this.#loader.end(call.pins);
    call.pins = undefined;
    this.#pinning.delete(call);
    if (this.#pinned() > pinnedPagesMax / 2) return;
    // Each goes in front of the others: the first one last.
    for (const go of this.#waiting.splice(0).reverse()) go();
  }

  async #append(turn: Turn): Promise<void> {
    let result: AppendResult;
    try {
      const attempt = prepare(this.#state, turn.commits, turn.place.clock);
      turn.head = attempt.stored.head;
      this.#flight = turn;
      const appended = append(this.#state, attempt, turn.strict, this.#turnstile);
      this.#decideAhead();
      result = await appended;
    } catch (error) {
      this.#flight = undefined;
      this.#dropNext();
      turn.mistaken ||= isOurMistake(error);
      for (const { call } of turn.decided) reply(call, { error: answerable(error) });
      return;
    }
    this.#flight = undefined;
    if (result.kind !== 'failed') this.#state.progress.writes += 1;
    if (result.kind === 'stored') {
      this.#losses = 0;
      this.#publish(turn, result);
      // Undefined but for a turn whose first attempt had an unknown outcome: nothing is waited for.
      const settling = this.#settle(turn);
      if (settling !== undefined) await settling;
      this.#events.published();
      await this.#turnstile.leave();
      return;
    }
    this.#dropNext();
    if (result.kind === 'failed') {
      this.#fail(turn, result.why);
      return;
    }
    this.#state.lostRaces += 1;
    this.#losses += 1;
    this.#again(turn.decided);
    if (this.#losses % lossesBeforeTurnstile === 0) await this.#turnstile.sign();
  }

  /**
   * A turn that wrote nothing (refusals, writes that change nothing) has no append to prove that it
   * was decided on the head: the head is asked for, and if it had moved the turn is decided again.
   */
  async #confirm(turn: Turn): Promise<void> {
    const { decided, position } = turn;
    const state = this.#state;
    if (!state.options.store.exclusive) {
      try {
        await catchUp(state);
      } catch (error) {
        for (const { call } of decided) reply(call, { error: answerable(error) });
        return;
      }
      if (state.head + 1 !== position) {
        this.#again(decided);
        return;
      }
    }
    await this.#settle(turn);
  }

  /** Answers a turn that stands; if it is strict, only when nothing can undo it any more. */
  #settle({ decided, strict }: Turn): Promise<void> | undefined {
    const { sequence, durable } = this.#state;
    if (!strict || sequence <= durable.value) {
      answerAll(decided);
      return undefined;
    }
    return this.#events.cover().then((covered) => {
      answerAll(covered ? decided : refuseStrict(decided));
    });
  }

  /** Joins the layer to the tail, unless a catch-up has found the turn in the log already. */
  #publish(turn: Turn, stored: AppendResult & { kind: 'stored' }): void {
    const state = this.#state;
    if (stored.durable) state.durable.raise(turn.place.sequence);
    if (this.#next !== undefined) this.#next.reader.flight = undefined;
    if (state.head >= stored.head) return;
    const touchesSystem = turn.layer.systemVersion > 0;
    state.tail.absorb(turn.layer);
    state.fitCache();
    state.head = stored.head;
    state.sequence = turn.place.sequence;
    state.clock = turn.place.clock;
    state.log.add(stored.bytes, turn.commits);
    if (touchesSystem) state.forgetCatalog();
    for (const reader of state.readers) reader.heard(turn.commits);
  }

  /** What was decided on top of a turn that did not happen is decided again. */
  #dropNext(): void {
    const next = this.#next;
    this.#next = undefined;
    if (next !== undefined) this.#again(next.decided);
  }

  /** Calls are decided again, in their order, before those that wait. */
  #again(decided: readonly Decided[]): void {
    const calls = decided.map(({ call }) => call).filter(({ isAnswered }) => !isAnswered);
    for (const call of calls) call.isDecided = false;
    this.#queue = calls.concat(this.#queue);
  }

  /** The writers are told; who wrote nothing may have seen the dropped layer, and is run again. */
  #fail(turn: Turn, why: keyof typeof failures): void {
    for (const { call } of turn.decided.filter(({ wrote }) => wrote)) {
      reply(call, { error: failure(why, failures[why], why === 'unknown') });
    }
    this.#again(turn.decided.filter(({ wrote }) => !wrote));
  }
}

const failures = {
  full: 'The disk or the storage quota is full',
  closed: 'The database was closed',
  gone: 'The data is gone: the store was cleared. Open the database again',
  unknown: 'The connection to the store was lost',
};

function answerAll(decided: readonly Decided[]): void {
  for (const { call, answer } of decided) reply(call, answer);
}
