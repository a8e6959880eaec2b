/**
 * The live queries of an engine: kept up to date by the commits that it publishes, its own and
 * those it follows in the log.
 *
 * A commit has the key and the value of each tree it changes, so the windows that a key falls into
 * are found by it and changed in place; nothing is read but what lies beyond a limit when its slack
 * is used up. A query that was overtaken reads again; one whose table is gone, or that holds more
 * than it may, ends with an error. No log is held for anybody.
 */
import { internalServerError, limitExceeded, validation } from '../base/errors.ts';
import {
  liveBytesTotalMax,
  liveLookMs,
  liveQueriesMax,
  backgroundRetriesMax,
  backgroundRetryMs,
  expiryWaitMs,
  runFaultsMax,
  headFreshMs,
} from '../base/limits.ts';
import { canonicalText } from '../base/canonical.ts';
import { checkHides, followedOf } from '../live/live-read.ts';
import { Intervals } from '../live/intervals.ts';
import type { Commit } from '../log/commit.ts';
import { findOperation } from '../operation/registry.ts';
import type { Request } from '../operation/request.ts';
import { StoreFailure } from '../port/store.ts';
import { checkInput } from '../shape/check.ts';
import { catalogTree, damageTree, firstUserTree } from '../table/system.ts';
import type { KeyRange } from '../tree/reader.ts';
import { answerable, CallContext, isOurMistake } from './call.ts';
import { catchUp } from './follow.ts';
import { LiveQuery, Reader } from './live-query.ts';
import type { LiveReader } from './live-types.ts';
import type { PageLoader } from './load.ts';
import type { LogReader } from './engine-types.ts';
import type { EngineState } from './state.ts';

/** A part of a query's read, as whoever follows a range of a tree. */
interface Spot {
  readonly query: LiveQuery;
  readonly part: number;
}

/** Where it is followed. */
interface Placed {
  readonly tree: number;
  readonly range: KeyRange;
  readonly spot: Spot;
}

export class LiveQueries implements LogReader {
  readonly #state: EngineState;
  readonly #loader: PageLoader;
  /** Memory is in doubt. */
  readonly #mistaken: () => void;
  readonly #queries: Map<string, LiveQuery> = new Map();
  readonly #spots: Intervals<Spot> = new Intervals();
  readonly #spotsOf: Map<LiveQuery, readonly Placed[]> = new Map();
  /** Those that a commit has touched, until they are looked at. */
  #touched: Set<LiveQuery> = new Set();
  readonly #work: Set<Promise<void>> = new Set();
  #readers = 0;
  #bytes = 0;
  #freshening: Promise<void> | undefined;
  #looking: AbortController | undefined;

  constructor(state: EngineState, loader: PageLoader, mistaken: () => void) {
    this.#state = state;
    this.#loader = loader;
    this.#mistaken = mistaken;
  }

  get size(): number {
    return this.#queries.size;
  }

  /** Throws what refuses the input, and LimitExceededException where there are too many. */
  open(request: Request): LiveReader {
    const { stopped, closing } = this.#state;
    if (stopped !== undefined) throw stopped;
    if (closing) throw new Error('The database is closed');
    if (this.#readers >= liveQueriesMax) {
      throw limitExceeded(`An engine has at most ${liveQueriesMax} live queries (liveQueriesMax)`);
    }
    const { operation, form, input } = request;
    const row = findOperation(operation);
    const follows = row?.follows;
    // Queries are shared by what they ask, whoever asks.
    if (request.judge !== undefined) throw validation('A live query is for the owner alone');
    if (row === undefined || follows === undefined) {
      throw validation('A live query is a GetItem, a Query, a Scan or a SELECT');
    }
    const context = new CallContext(this.#state, request);
    const checked = row.check(checkInput(row.input, input, form), context);
    const hides = request.hideExpired === true;
    const key = `${operation} ${form} ${hides} ${canonicalText(input)}`;
    const { clock } = this.#state.options;
    const query =
      this.#queries.get(key) ??
      new LiveQuery(
        key,
        () => {
          const read = follows(row.plan(checked, context));
          if (read === undefined) throw validation('A live query of a statement is a SELECT');
          if (hides) checkHides(read);
          return read;
        },
        hides ? () => clock.wallMs() : undefined,
      );
    const isStrong = request.consistency === 'strong' || row.consistent?.(checked) === true;
    const reader = new Reader(query, this.#freshen(isStrong), (left) => this.#leave(query, left));
    query.readers.add(reader);
    this.#readers += 1;
    this.#queries.set(key, query);
    this.#state.readers.add(this);
    this.#look();
    this.#touch(query);
    return reader;
  }

  heard(commits: readonly Commit[]): void {
    for (const commit of commits) {
      for (const { tree, key, value } of commit.mutations) {
        if (tree < firstUserTree) this.#heardSystem(tree);
        else this.#spots.find(tree, key, (spot) => this.#apply(spot, key, value));
      }
      // What a bulk build brings within reach comes without a commit of each entry.
      if (commit.attach !== undefined && commit.attach.length > 0) this.overtaken();
    }
  }

  overtaken(): void {
    for (const query of this.#queries.values()) {
      query.isLost = true;
      query.needsPlan = true;
      this.#touch(query);
    }
  }

  stopped(error: Error): void {
    for (const query of [...this.#queries.values()]) this.#end(query, error);
  }

  /** Ends all of them; resolves when nothing is read for one any more. */
  async close(): Promise<void> {
    for (const query of [...this.#queries.values()]) this.#end(query);
    await Promise.allSettled([...this.#work]);
  }

  #heardSystem(tree: number): void {
    if (tree === damageTree) this.overtaken();
    if (tree !== catalogTree) return;
    for (const query of this.#queries.values()) {
      query.needsPlan = true;
      this.#touch(query);
    }
  }

  #apply({ query, part }: Spot, key: Uint8Array, value: Uint8Array | undefined): void {
    if (query.isLost || query.isOver) return;
    try {
      query.window?.apply(part, key, value);
      this.#count(query);
      this.#touch(query);
    } catch (error) {
      this.#fail(query, error);
    }
  }

  /** Looks at a query soon, once for all that a task does to it. */
  #touch(query: LiveQuery): void {
    if (this.#touched.size === 0) queueMicrotask(() => this.#lookAtTouched());
    this.#touched.add(query);
  }

  #lookAtTouched(): void {
    const touched = this.#touched;
    this.#touched = new Set();
    for (const query of touched) {
      if (query.isWorking || query.isOver) continue;
      if (query.isBehind) this.#start(query);
      else this.#tell(query);
    }
  }

  /** Tells of it, and again when something that is shown is over: no commit says so. */
  #tell(query: LiveQuery): void {
    query.tell();
    if (!query.hides) return;
    query.hiding?.abort();
    const { hidesInMs } = query;
    if (hidesInMs === Number.POSITIVE_INFINITY) return;
    const hiding = new AbortController();
    query.hiding = hiding;
    const { scheduler } = this.#state.options;
    void scheduler.delay(Math.min(hidesInMs, expiryWaitMs), hiding.signal, true).then(() => {
      if (!hiding.signal.aborted && !query.isOver) this.#touch(query);
    });
  }

  #start(query: LiveQuery): void {
    query.isWorking = true;
    const work = this.#bringUpToDate(query).finally(() => {
      this.#work.delete(work);
      query.isWorking = false;
      if (!query.isOver) this.#touch(query);
    });
    this.#work.add(work);
  }

  /** Plans and reads until the query can be told of. Never rejects. */
  async #bringUpToDate(query: LiveQuery): Promise<void> {
    const { scheduler } = this.#state.options;
    for (let retries = 0; !query.isOver; retries += 1) {
      try {
        for (let round = 0; query.isBehind; round += 1) {
          if (round >= runFaultsMax)
            throw internalServerError('A live query does not come to rest');
          if (query.needsPlan) await this.#plan(query);
          else await this.#readOn(query);
        }
        return;
      } catch (error) {
        const mayPass = error instanceof StoreFailure && error.why !== 'gone';
        if (!mayPass || !query.wasTold || retries >= backgroundRetriesMax) {
          this.#fail(query, error);
          return;
        }
        query.needsPlan = true;
        await scheduler.delay(backgroundRetryMs * 2 ** retries);
      }
    }
  }

  async #plan(query: LiveQuery): Promise<void> {
    // A change that comes while pages of the catalog are brought makes it plan again.
    query.needsPlan = false;
    const read = await this.#loader.run(query.plan);
    if (query.isOver) return;
    const window = query.take(read);
    if (window === undefined) return;
    this.#forgetSpots(query);
    const spots = read.parts.map((part, at) => {
      const { tree, range } = followedOf(part);
      const spot = { query, part: at };
      this.#spots.add(tree, range, spot);
      return { tree, range, spot };
    });
    this.#spotsOf.set(query, spots);
    this.#count(query);
  }

  async #readOn(query: LiveQuery): Promise<void> {
    const { window } = query;
    await this.#loader.run(() => {
      // It may have been lost, and begun again, while a page was brought.
      if (query.window === window && !query.isOver) window?.readOn(this.#state.published);
    });
    this.#count(query);
    if (window?.isWanting === true) await this.#state.options.scheduler.breathe();
  }

  #count(query: LiveQuery): void {
    if (query.isOver) return;
    const bytes = query.window?.bytes ?? 0;
    this.#bytes += bytes - query.counted;
    query.counted = bytes;
    if (this.#bytes <= liveBytesTotalMax) return;
    throw limitExceeded(
      `The live queries of an engine hold at most ${liveBytesTotalMax} bytes (liveBytesTotalMax)`,
    );
  }

  #fail(query: LiveQuery, error: unknown): void {
    this.#state.stopIfNewer(error);
    this.#end(query, answerable(error));
    if (isOurMistake(error)) this.#mistaken();
  }

  #leave(query: LiveQuery, reader: Reader): void {
    query.readers.delete(reader);
    this.#readers -= 1;
    if (query.readers.size === 0) this.#end(query);
  }

  #end(query: LiveQuery, error?: Error): void {
    if (query.isOver) return;
    this.#queries.delete(query.key);
    this.#forgetSpots(query);
    this.#bytes -= query.counted;
    query.counted = 0;
    query.end(error);
    query.window = undefined;
    if (this.#queries.size > 0) return;
    this.#state.readers.delete(this);
    this.#looking?.abort();
    this.#looking = undefined;
  }

  #forgetSpots(query: LiveQuery): void {
    for (const { tree, range, spot } of this.#spotsOf.get(query) ?? []) {
      this.#spots.remove(tree, range, spot);
    }
    this.#spotsOf.delete(query);
  }

  /** Resolves when the head was seen lately enough; those who ask in one task share a request. */
  #freshen(isStrong: boolean): Promise<void> {
    const { store, clock } = this.#state.options;
    const seenMs = clock.monoMs() - this.#state.headSeenMs;
    if (store.exclusive || (!isStrong && seenMs <= headFreshMs)) return Promise.resolve();
    this.#freshening ??= Promise.resolve().then(() => {
      this.#freshening = undefined;
      return catchUp(this.#state).catch((error: unknown) => {
        this.#state.stopIfNewer(error);
        throw answerable(error);
      });
    });
    return this.#freshening;
  }

  /** Hints may be late or lost: while there are live queries, the head is asked for anyway. */
  #look(): void {
    const { store, background } = this.#state.options;
    if (this.#looking !== undefined || store.exclusive || background === false) return;
    const looking = new AbortController();
    this.#looking = looking;
    void this.#keepLooking(looking.signal);
  }

  async #keepLooking(signal: AbortSignal): Promise<void> {
    const { scheduler, clock } = this.#state.options;
    while (!signal.aborted) {
      await scheduler.delay(liveLookMs, signal, true);
      if (signal.aborted || clock.monoMs() - this.#state.headSeenMs < liveLookMs) continue;
      try {
        await catchUp(this.#state);
      } catch (error) {
        // What may pass is tried again at the next look.
        const isOver = error instanceof StoreFailure && error.why === 'gone';
        if (isOver) this.stopped(answerable(error));
        else this.#state.stopIfNewer(error);
      }
    }
  }
}
