/**
 * The turn loop: the writes that have gathered are decided one after another on a layer of their
 * own, appended together, and answered together.
 *
 * While an append is in flight the next turn gathers. A turn that lost a race drops its layer,
 * follows the log, and plans and decides again; its callers do not notice.
 *
 * Invariants
 * - No answer of a turn leaves before its append is stored: none of a write that a crash could undo.
 * - One turn at a time; what it decides it decides on the log's head as this engine knows it.
 * - Every call that was added is answered once, whatever fails.
 */
import { internalServerError } from '../base/errors.ts';
import { lossesBeforeTurnstile, runFaultsMax, tailBytesMax, turnBytesMax } from '../base/limits.ts';
import type { Commit } from '../log/commit.ts';
import { Layer } from '../log/tail.ts';
import type { Effect } from '../operation/operation.ts';
import type { Answer } from '../operation/request.ts';
import { PageFault } from '../pager/fault.ts';
import { type Catalog, createCatalog } from '../table/catalog.ts';
import { type AppendResult, append } from './append.ts';
import { AbortError, answerable, type Call, decideCall, endedError, isOurMistake } from './call.ts';
import { completeCommits, type Place } from './commit.ts';
import { catchUp } from './follow.ts';
import type { PageLoader } from './load.ts';
import { recover } from './recover.ts';
import { type EngineState, LayeredReader } from './state.ts';
import { Turnstile } from './turnstile.ts';

interface Decided {
  readonly call: Call;
  readonly answer: Answer;
  readonly wrote: boolean;
}

interface Turn {
  readonly layer: Layer;
  readonly commits: Commit[];
  readonly decided: Decided[];
  readonly place: Place;
  readonly faulted: { readonly call: Call; readonly fault: PageFault }[];
  strict: boolean;
  mistaken: boolean;
}

export interface TurnEvents {
  /** A turn was published: the head moved. */
  published(): void;
  /** The tail is at its bound: resolves when a checkpoint has shortened it, or could not. */
  relieve(): Promise<void>;
}

export class TurnLoop {
  readonly #state: EngineState;
  readonly #loader: PageLoader;
  readonly #events: TurnEvents;
  readonly #turnstile: Turnstile;
  #queue: Call[] = [];
  #running: Promise<void> | undefined;
  #losses = 0;

  constructor(state: EngineState, loader: PageLoader, events: TurnEvents) {
    this.#state = state;
    this.#loader = loader;
    this.#events = events;
    this.#turnstile = new Turnstile(state);
  }

  get queued(): number {
    return this.#queue.length;
  }

  /** Queues a write. The turn starts in a microtask, so that calls of one message share it. */
  add(call: Call): void {
    this.#queue.push(call);
    this.#running ??= Promise.resolve().then(() => this.#run());
  }

  /** Resolves when nothing is queued and nothing in flight. */
  async settled(): Promise<void> {
    while (this.#running !== undefined) await this.#running;
  }

  async #run(): Promise<void> {
    while (this.#queue.length > 0) {
      if (this.#state.tail.bytes > tailBytesMax) await this.#events.relieve();
      const turn = this.#decide();
      const loads = turn.faulted.map(({ call, fault }) => this.#bring(call, fault));
      if (turn.commits.length > 0) await this.#append(turn);
      else if (turn.decided.length > 0) await this.#confirm(turn);
      await Promise.all(loads);
      if (turn.mistaken) await recover(this.#state).catch(() => {});
    }
    this.#running = undefined;
  }

  #decide(): Turn {
    const state = this.#state;
    const turn: Turn = {
      layer: new Layer(),
      commits: [],
      decided: [],
      place: { sequence: state.sequence, clock: state.clock },
      faulted: [],
      strict: false,
      mistaken: false,
    };
    const reader = new LayeredReader(state, turn.layer);
    let catalog: Catalog | undefined;
    const queue = this.#queue;
    let taken = 0;
    for (; taken < queue.length && turn.layer.bytes < turnBytesMax; taken += 1) {
      const call = queue[taken] as Call;
      call.context.look(reader, catalog);
      const version = turn.layer.systemVersion;
      this.#decideOne(turn, call);
      if (turn.layer.systemVersion !== version) catalog = createCatalog(reader);
    }
    this.#queue = queue.slice(taken);
    return turn;
  }

  #decideOne(turn: Turn, call: Call): void {
    const ended = endedError(this.#state, call);
    if (ended !== undefined) {
      this.#finish(call);
      turn.decided.push({ call, answer: { error: ended }, wrote: false });
      return;
    }
    try {
      const effect = decideCall(call);
      this.#finish(call);
      this.#take(turn, call, effect);
    } catch (error) {
      if (error instanceof PageFault) {
        turn.faulted.push({ call, fault: error });
        return;
      }
      this.#finish(call);
      turn.mistaken ||= isOurMistake(error);
      turn.decided.push({ call, answer: { error: answerable(error) }, wrote: false });
    }
  }

  /** Adds what a call decided to the turn's layer. */
  #take(turn: Turn, call: Call, effect: Effect): void {
    const wrote = effect.commits !== undefined && effect.commits.length > 0;
    turn.decided.push({ call, answer: { output: effect.output }, wrote });
    if (!wrote) return;
    const position = this.#state.head + 1;
    for (const commit of completeCommits(call, effect, this.#state.id, turn.place)) {
      turn.layer.apply(commit, position);
      turn.commits.push(commit);
    }
    const durability = call.request.durability ?? this.#state.options.durability;
    if (durability === 'strict' || effect.strict === true) turn.strict = true;
  }

  /** Brings the pages a call asked for, then queues it again, first in line. */
  async #bring(call: Call, fault: PageFault): Promise<void> {
    if (call.faults === 0) this.#loader.begin();
    call.faults += 1;
    try {
      if (call.faults > runFaultsMax) throw new Error('too many pages were asked for by one call');
      await this.#loader.load(fault);
      this.#queue.unshift(call);
    } catch (error) {
      this.#finish(call);
      call.done({ error: answerable(error) });
    }
  }

  /** The run of a call is over: what was loaded for it may go. */
  #finish(call: Call): void {
    if (call.faults === 0) return;
    call.faults = 0;
    this.#loader.end();
  }

  async #append(turn: Turn): Promise<void> {
    const { clock } = turn.place;
    let result: AppendResult;
    try {
      result = await append(this.#state, turn.commits, clock, turn.strict, this.#turnstile);
    } catch (error) {
      for (const { call } of turn.decided) call.done({ error: answerable(error) });
      return;
    }
    if (result.kind === 'stored') {
      this.#losses = 0;
      this.#publish(turn, result);
      answerAll(turn.decided);
      this.#events.published();
      await this.#turnstile.leave();
    } else if (result.kind === 'lost') {
      this.#state.lostRaces += 1;
      this.#losses += 1;
      this.#again(turn.decided);
      if (this.#losses >= lossesBeforeTurnstile) await this.#turnstile.sign();
    } else {
      this.#fail(turn, result.why);
    }
  }

  /**
   * A turn that wrote nothing (refusals, writes that change nothing) has no append to prove that it
   * was decided on the head: the head is asked for, and if it had moved the turn is decided again.
   */
  async #confirm({ decided }: Turn): Promise<void> {
    const state = this.#state;
    if (!state.options.store.exclusive) {
      const { head } = state;
      try {
        await catchUp(state);
      } catch (error) {
        for (const { call } of decided) call.done({ error: answerable(error) });
        return;
      }
      if (state.head !== head) {
        this.#again(decided);
        return;
      }
    }
    answerAll(decided);
  }

  /** Joins the layer to the tail, unless a catch-up has found the turn in the log already. */
  #publish(turn: Turn, stored: AppendResult & { kind: 'stored' }): void {
    const state = this.#state;
    if (stored.durable) state.durableSeq = Math.max(state.durableSeq, turn.place.sequence);
    if (state.head >= stored.head) return;
    state.tail.absorb(turn.layer);
    state.head = stored.head;
    state.sequence = turn.place.sequence;
    state.clock = turn.place.clock;
    state.logBytes += stored.bytes;
    if (turn.layer.systemVersion > 0) state.forgetCatalog();
  }

  /** All calls of a turn that did not happen are decided again, in their order. */
  #again(decided: readonly Decided[]): void {
    this.#queue.unshift(...decided.map(({ call }) => call));
  }

  /** The writers are told; who wrote nothing may have seen the dropped layer, and is run again. */
  #fail(turn: Turn, why: 'full' | 'closed' | 'unknown'): void {
    for (const { call } of turn.decided.filter(({ wrote }) => wrote)) {
      call.done({ error: internalServerError(failures[why]) });
    }
    this.#again(turn.decided.filter(({ wrote }) => !wrote));
  }
}

const failures = {
  full: 'The disk or the storage quota is full; nothing was written',
  closed: 'The database was closed; nothing was written',
  unknown: 'It is not known whether the write was stored',
};

function answerAll(decided: readonly Decided[]): void {
  for (const { call, answer, wrote } of decided) {
    const aborted = wrote && call.request.signal?.aborted === true;
    call.done(aborted ? { error: new AbortError(true) } : answer);
  }
}
