/**
 * The calls that wait for the store, and the end of their patience.
 *
 * One timer looks at all of them now and then, as a timer each would cost more than a call. A call
 * ends by its own deadline, by its signal, after callMsMax, or when nothing of its kind has come
 * back from the store for callStallMs. The turn or the read it was part of goes on by itself, and
 * finds it answered. Time is counted awake: a tab that was frozen has not waited meanwhile.
 */
import { callMsMax, callStallMs, callTickMs } from '../base/limits.ts';
import { AbortError, type Call, DeadlineError, reply } from './call.ts';
import { failure } from './failures.ts';
import type { EngineState } from './state.ts';

interface Limit {
  readonly atMs: number;
  readonly reached: () => void;
}

export class Deadlines {
  readonly #state: EngineState;
  /** Told after calls were ended, so that whoever holds them lets go. */
  readonly #ended: () => void;
  readonly #calls: Set<Call> = new Set();
  readonly #limits: Set<Limit> = new Set();
  #stop: (() => void) | undefined;
  #awakeMs = 0;
  #lastMs = 0;
  /** How far reads and writes were, and since when they have not moved. */
  #reads = 0;
  #writes = 0;
  #readsMovedMs = 0;
  #writesMovedMs = 0;

  /** The call was answered. */
  readonly #leave = (call: Call): void => {
    this.#calls.delete(call);
    if (call.aborted !== undefined) {
      call.request.signal?.removeEventListener('abort', call.aborted);
    }
  };

  constructor(state: EngineState, ended: () => void) {
    this.#state = state;
    this.#ended = ended;
  }

  /** Calls that wait. */
  get size(): number {
    return this.#calls.size;
  }

  /** From now on the call ends in time; until it is answered. */
  add(call: Call): void {
    if (call.leave !== undefined || call.isAnswered) return;
    call.sinceMs = this.#awakeMs;
    call.leave = this.#leave;
    this.#calls.add(call);
    const { signal } = call.request;
    if (signal !== undefined) {
      call.aborted = () => {
        reply(call, { error: new AbortError(mayStand(call)) });
        this.#ended();
      };
      signal.addEventListener('abort', call.aborted);
    }
    this.#start();
  }

  /** Resolves when `work` has come to an end, or after `limitMs`. Never rejects. */
  within(limitMs: number, work: Promise<unknown>): Promise<void> {
    return new Promise((resolve) => {
      const limit: Limit = { atMs: this.#awakeMs + limitMs, reached: () => over() };
      const over = (): void => {
        this.#limits.delete(limit);
        resolve();
      };
      this.#limits.add(limit);
      this.#start();
      work.then(over, over);
    });
  }

  /** Ends every call that waits, since the database is closing. */
  endAll(): void {
    for (const call of [...this.#calls]) {
      const text = 'The database was closed before the store had answered';
      reply(call, { error: failure('closed', text, mayStand(call)) });
    }
    this.#ended();
  }

  /** The timer runs while anything waits. A host without one has no deadlines here. */
  #start(): void {
    const { scheduler, clock } = this.#state.options;
    if (this.#stop !== undefined || scheduler.every === undefined) return;
    this.#lastMs = clock.monoMs();
    this.#stop = scheduler.every(callTickMs, () => this.#tick());
  }

  #tick(): void {
    const nowMs = this.#state.options.clock.monoMs();
    this.#awakeMs += Math.min(Math.max(0, nowMs - this.#lastMs), 2 * callTickMs);
    this.#lastMs = nowMs;
    this.#noteMoves();
    let someEnded = false;
    for (const call of [...this.#calls]) {
      const error = this.#errorOf(call, nowMs);
      if (error === undefined) continue;
      reply(call, { error });
      someEnded = true;
    }
    if (someEnded) this.#ended();
    for (const limit of [...this.#limits]) if (limit.atMs <= this.#awakeMs) limit.reached();
    if (this.#calls.size + this.#limits.size > 0) return;
    this.#stop?.();
    this.#stop = undefined;
  }

  #noteMoves(): void {
    const { reads, writes } = this.#state.progress;
    if (reads !== this.#reads) this.#readsMovedMs = this.#awakeMs;
    if (writes !== this.#writes) this.#writesMovedMs = this.#awakeMs;
    this.#reads = reads;
    this.#writes = writes;
  }

  /** Why the call ends now, if it does. */
  #errorOf(call: Call, nowMs: number): Error | undefined {
    const { deadlineMs, caller } = call.request;
    if (deadlineMs !== undefined && nowMs > deadlineMs) return new DeadlineError(mayStand(call));
    // A write that is not decided yet may be waiting for pages: either kind moves it.
    let movedMs = call.row.kind === 'write' ? this.#writesMovedMs : this.#readsMovedMs;
    if (!call.isDecided) movedMs = Math.max(this.#readsMovedMs, this.#writesMovedMs);
    const stalledMs = this.#awakeMs - Math.max(call.sinceMs, movedMs);
    if (stalledMs >= callStallMs) return hangs(call, callStallMs);
    const isLate = caller.kind === 'user' && this.#awakeMs - call.sinceMs >= callMsMax;
    return isLate ? hangs(call, callMsMax) : undefined;
  }
}

function mayStand({ row, isDecided }: Call): boolean {
  return row.kind === 'write' && isDecided;
}

function hangs(call: Call, limitMs: number): Error {
  const text =
    `The store has not answered for ${limitMs} ms. Try again; if that does not help, close other ` +
    'tabs of this site or restart the browser';
  return failure('hangs', text, mayStand(call));
}
