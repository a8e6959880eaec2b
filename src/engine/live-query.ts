/**
 * One live query of an engine, and those who read it.
 *
 * Readers of the same input share the window; each remembers what it was told last, and is told the
 * difference when there is one and it has asked.
 */
import { equalBytes } from '../base/bytes.ts';
import { diff, type Held } from '../live/diff.ts';
import { type LiveRead, sameExpiry, sameTrees } from '../live/live-read.ts';
import { Window } from '../live/window.ts';
import { StoredItem } from '../value/codec.ts';
import type { LiveChange, LiveReader } from './live-types.ts';

export class LiveQuery {
  /** Names it among those of the engine. */
  readonly key: string;
  /** What it reads, as the tables are now. Throws PageFault and DynamoError. */
  readonly plan: () => LiveRead;
  readonly readers: Set<Reader> = new Set();
  window: Window | undefined;
  /** The tables may have changed since it was planned. */
  needsPlan = true;
  /** Changes were missed: what is held is of no use. */
  isLost = false;
  /** Windows that had nothing to do with the one before. */
  epoch = 0;
  /** Bytes that are counted for it. */
  counted = 0;
  wasTold = false;
  isWorking = false;
  isOver = false;
  error: Error | undefined;

  /** What is over is hidden: ends the wait for the next that will be. */
  hiding: AbortController | undefined;
  readonly #wallMs: (() => number) | undefined;

  /** `wallMs`: of a query that hides what is over by this clock. */
  constructor(key: string, plan: () => LiveRead, wallMs?: () => number) {
    this.key = key;
    this.plan = plan;
    this.#wallMs = wallMs;
  }

  get hides(): boolean {
    return this.#wallMs !== undefined;
  }

  /** How long until something that is shown is over; infinite when nothing will be. */
  get hidesInMs(): number {
    const nowMs = this.#wallMs?.() ?? 0;
    return (this.window?.nextDueMs(nowMs) ?? Number.POSITIVE_INFINITY) - nowMs;
  }

  visible(window: Window): readonly Held[] {
    return window.visible(this.#wallMs?.());
  }

  /** There is something to do before a result can be told. */
  get isBehind(): boolean {
    return !this.isOver && (this.needsPlan || this.isLost || this.window?.isWanting !== false);
  }

  /** Takes a new plan; answers the window to fill, if what is held is not of use any more. */
  take(read: LiveRead): Window | undefined {
    const before = this.window?.read;
    const isAlike = before !== undefined && sameTrees(before, read);
    const isShownAlike = before !== undefined && (!this.hides || sameExpiry(before, read));
    if (isAlike && isShownAlike && !this.isLost) return undefined;
    if (!isAlike) this.epoch += 1;
    this.isLost = false;
    this.window = new Window(read, undefined, this.hides);
    return this.window;
  }

  tell(): void {
    if (this.isWorking || this.isBehind) return;
    for (const reader of this.readers) reader.offer();
  }

  /** Nothing more is told: the end, or an error. */
  end(error?: Error): void {
    if (this.isOver) return;
    this.isOver = true;
    this.hiding?.abort();
    this.error = error;
    for (const reader of this.readers) reader.offer();
  }
}

interface Waiting {
  readonly resolve: (change: LiveChange | undefined) => void;
  readonly reject: (error: Error) => void;
}

export class Reader implements LiveReader {
  readonly #query: LiveQuery;
  readonly #left: (reader: Reader) => void;
  #told: readonly Held[] | undefined;
  #toldEnd: Held | undefined;
  #epoch = 0;
  #isReady = false;
  #isClosed = false;
  #error: Error | undefined;
  #waiting: Waiting | undefined;

  /** `ready` resolves when memory is fresh enough for its first result. */
  constructor(query: LiveQuery, ready: Promise<void>, left: (reader: Reader) => void) {
    this.#query = query;
    this.#left = left;
    ready.then(
      () => {
        this.#isReady = true;
        query.tell();
      },
      (error: Error) => {
        this.#error = error;
        this.offer();
      },
    );
  }

  next(): Promise<LiveChange | undefined> {
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      const { isOver, isWorking, isBehind } = this.#query;
      const isSettled = this.#isClosed || this.#error !== undefined || isOver;
      if (isSettled || !(isWorking || isBehind)) this.offer();
    });
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#told = undefined;
    this.offer();
    this.#left(this);
  }

  /** Answers who waits, if there is anything to tell. */
  offer(): void {
    const waiting = this.#waiting;
    if (waiting === undefined) return;
    const query = this.#query;
    const error = this.#error ?? query.error;
    if (this.#isClosed || query.isOver || error !== undefined) {
      this.#waiting = undefined;
      if (error === undefined || this.#isClosed) waiting.resolve(undefined);
      else waiting.reject(error);
      return;
    }
    if (!this.#isReady || query.window === undefined) return;
    const change = this.#changeOf(query.window);
    if (change === undefined) return;
    this.#waiting = undefined;
    query.wasTold = true;
    waiting.resolve(change);
  }

  /** What is new since it was told; undefined when nothing is. */
  #changeOf(window: Window): LiveChange | undefined {
    const { isCount } = window.read;
    const isFirst = this.#told === undefined;
    const before = this.#told ?? [];
    const after = this.#query.visible(window);
    const end = window.end();
    const isAlike = this.#epoch === this.#query.epoch || before.length === 0;
    const { splices, inserted } = isAlike
      ? diff(before, after, window.isReverse)
      : { splices: [0, before.length, after.length], inserted: after };
    const isSame = isCount ? before.length === after.length : splices.length === 0;
    this.#told = after === before ? before : [...after];
    this.#epoch = this.#query.epoch;
    if (isSame && !isFirst && isSameEnd(this.#toldEnd, end)) return undefined;
    this.#toldEnd = end;
    return {
      splices: isCount ? [] : splices,
      items: isCount ? [] : inserted.map(({ shown }) => new StoredItem(shown as Uint8Array)),
      count: after.length,
      last: end && window.lastKey(end),
      isCount,
    };
  }
}

function isSameEnd(a: Held | undefined, b: Held | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return a.part === b.part && equalBytes(a.key, b.key);
}
