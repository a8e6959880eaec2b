/**
 * The page's side of live queries: those under way by their input, and the lists that changes from
 * the worker make.
 *
 * The next change is asked for a frame after the last was told, so the first after a quiet time is
 * told at once and others at most once a frame, whatever happens meanwhile. Loaded beside the start
 * of the worker, so it imports nothing that the entry has.
 * Invariants
 * - An item that did not change is the same object in the next result.
 * - A query is open in the worker while somebody follows it, and once.
 */
import { canonicalText } from '../base/canonical.ts';
import { livePaceMs } from '../base/limits.ts';
import type { LiveAnswer } from '../wire/live.ts';
import type { Connection } from './connection.ts';
import { FollowedIterator } from './live-iterator.ts';
import type {
  Live,
  LiveItem,
  LiveItems,
  LiveOptions,
  LiveQuery,
  LiveSnapshot,
} from './live-types.ts';

type Result = LiveItem | LiveItems;
type Snapshot = LiveSnapshot<Result>;

/** Resolves at the next frame. */
export type Pace = () => Promise<void>;

/** What a Database needs of it. */
export interface LiveSide {
  readonly live: Live;
  /** Ends every query; before the connection takes no more calls. */
  close(): void;
}

const loading: LiveSnapshot<never> = { status: 'loading' };
const ended: LiveSnapshot<never> = { status: 'ended' };
const nothingPending: ReadonlySet<never> = new Set();

export function createLive(connection: Connection, pace: Pace): LiveSide {
  const followed = new Map<string, Followed>();
  let lastId = 0;
  let isClosed = false;

  const live = (input: object, options: LiveOptions = {}): LiveQuery<Result> => {
    const operation = operationOf(input);
    const { signal, consistency, attributeValues = false, hideExpired } = options;
    const how = `${attributeValues} ${consistency} ${hideExpired}`;
    const key = `${operation} ${how} ${canonicalText(input)}`;
    const follow = (): Followed => {
      const known = followed.get(key);
      if (known !== undefined) return known;
      lastId += 1;
      const opening = { Id: lastId, Operation: operation, Input: input };
      const begun = new Followed(
        connection,
        opening,
        { attributeValues, consistency, hideExpired },
        pace,
        () => {
          if (followed.get(key) === begun) followed.delete(key);
        },
      );
      followed.set(key, begun);
      return begun;
    };
    const subscribe = (listener: () => void): (() => void) => {
      if (isClosed || signal?.aborted === true) return () => undefined;
      const leave = follow().join(listener);
      const end = (): void => {
        signal?.removeEventListener('abort', end);
        leave();
      };
      signal?.addEventListener('abort', end);
      return end;
    };
    const getSnapshot = (): Snapshot =>
      isClosed ? ended : (followed.get(key)?.snapshot ?? loading);
    return {
      subscribe,
      getSnapshot,
      [Symbol.asyncIterator]: () =>
        new FollowedIterator({ subscribe, getSnapshot }, signal, (by) => connection.aborted(by)),
    };
  };

  return {
    live: live as Live,
    close() {
      isClosed = true;
      for (const each of [...followed.values()]) each.end();
    },
  };
}

/** Which operation an input is of, by its members. */
function operationOf(input: object): string {
  if ('Statement' in input) return 'ExecuteStatement';
  if ('Key' in input) return 'GetItem';
  return 'KeyConditionExpression' in input || 'KeyConditions' in input ? 'Query' : 'Scan';
}

interface Opening {
  readonly Id: number;
  readonly Operation: string;
  readonly Input: object;
}

/** A query that is open in the worker, and those who follow it. */
class Followed {
  snapshot: Snapshot = loading;
  readonly #connection: Connection;
  readonly #opening: Opening;
  readonly #options: LiveOptions;
  readonly #pace: Pace;
  readonly #over: () => void;
  readonly #listeners: Set<{ readonly hear: () => void }> = new Set();
  #items: readonly object[] = [];
  #isOver = false;
  #leaving: ReturnType<typeof setTimeout> | undefined;

  constructor(
    connection: Connection,
    opening: Opening,
    options: LiveOptions,
    pace: Pace,
    over: () => void,
  ) {
    this.#connection = connection;
    this.#opening = opening;
    this.#options = options;
    this.#pace = pace;
    this.#over = over;
    void this.#follow();
  }

  /** Answers a function that leaves. */
  join(hear: () => void): () => void {
    clearTimeout(this.#leaving);
    const listener = { hear };
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size > 0) return;
      clearTimeout(this.#leaving);
      // Who leaves may come back at once: React does, to see whether it could.
      this.#leaving = setTimeout(() => this.#stop(), livePaceMs);
    };
  }

  /** The database is being closed, or was. */
  end(): void {
    this.#stop();
    this.#become({ status: 'ended', result: this.snapshot.result });
  }

  async #follow(): Promise<void> {
    try {
      let answer = await this.#call('LiveOpen', this.#opening);
      while (answer.End !== true && !this.#isOver) {
        this.#become({ status: 'ready', result: this.#resultOf(answer) });
        await this.#pace();
        if (this.#isOver) return;
        answer = await this.#call('LiveNext', { Id: this.#opening.Id });
      }
      if (this.#isOver) return;
      this.#isOver = true;
      this.#become({ status: 'ended', result: this.snapshot.result });
    } catch (error) {
      if (this.#isOver) return;
      this.#isOver = true;
      this.#become({ status: 'error', error: error as Error, result: this.snapshot.result });
    }
  }

  /** Nobody follows it any more. */
  #stop(): void {
    clearTimeout(this.#leaving);
    this.#over();
    if (this.#isOver) return;
    this.#isOver = true;
    // Where the connection is gone, so is the query.
    this.#call('LiveClose', { Id: this.#opening.Id }).catch(() => undefined);
  }

  #call(operation: string, input: object): Promise<LiveAnswer> {
    return this.#connection.call(operation, input, this.#options);
  }

  #become(snapshot: Snapshot): void {
    this.snapshot = snapshot;
    for (const { hear } of [...this.#listeners]) {
      try {
        hear();
      } catch (error) {
        // One that throws harms no other, and is reported as an error that nobody caught.
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }

  #resultOf({ Splices, Items, Count = 0, LastEvaluatedKey }: LiveAnswer): Result {
    if (Splices !== undefined) this.#items = spliced(this.#items, Splices, Items ?? []);
    const items = this.#items as LiveItems['Items'];
    if (this.#opening.Operation === 'GetItem') {
      const [Item] = items;
      return { ...(Item === undefined ? {} : { Item }), pending: nothingPending };
    }
    return {
      Items: items,
      Count,
      ...(LastEvaluatedKey === undefined ? {} : { LastEvaluatedKey }),
      pending: nothingPending,
    } as LiveItems;
  }
}

/** The list that splices (wire/live.ts) make of `before`. */
export function spliced(
  before: readonly object[],
  splices: readonly number[],
  items: readonly object[],
): readonly object[] {
  const after: object[] = [];
  let from = 0;
  let taken = 0;
  for (let at = 0; at < splices.length; at += 3) {
    const [place = 0, removed = 0, inserted = 0] = splices.slice(at, at + 3);
    while (after.length < place) after.push(before[from++] as object);
    from += removed;
    for (const end = taken + inserted; taken < end; taken += 1) after.push(items[taken] as object);
  }
  while (from < before.length) after.push(before[from++] as object);
  return after;
}
