/**
 * What one engine holds in memory: where it stands in the log, the tail, the cached pages.
 *
 * Everything that changes is here and is changed by engine/ alone. The layers a read looks through
 * are, newest first: the turn's own (if it is part of one), the tail, the frozen tail, the pages.
 *
 * Invariants
 * - tail, frozen and pages together are the state at log position `head`.
 * - `pages` and `roots` are those of `meta.checkpoint`; the tail holds nothing at or below its
 * position.
 */
import type { Contributors } from '../insight/contributor.ts';
import { Arena } from '../base/arena.ts';
import { equalBytes, mapKey } from '../base/bytes.ts';
import { assert } from '../base/assert.ts';
import { UpdateNeeded } from '../base/corruption.ts';
import { type ClockReading, clockZero } from '../base/hlc.ts';
import { cacheLeastShare, tailLeastBytes } from '../base/memory-limits.ts';
import type { Commit } from '../log/commit.ts';
import { Layer } from '../log/tail.ts';
import { PageCache } from '../pager/cache.ts';
import type { Durability } from '../operation/request.ts';
import { decodeRoot, type Meta, type TreeRoot } from '../pager/meta.ts';
import type { Page } from '../pager/page.ts';
import { type Catalog, createCatalog } from '../table/catalog.ts';
import { type DamageRecord, lostRecords, Quarantine, readDamage } from '../table/damage.ts';
import {
  countersTree,
  damageTree,
  isCatalogue,
  repairKey,
  rootsTree,
  treeKey,
} from '../table/system.ts';
import { openCursor } from '../tree/cursor.ts';
import type { KeyRange, TreeCounters, TreeCursor, TreeReader } from '../tree/reader.ts';
import { findInTree, isPieceOf } from '../tree/search.ts';
import { type Bounds, boundsOf } from './bounds.ts';
import type { ConvertProgress, Damage, EngineOptions, LogReader } from './engine-types.ts';
import { LogLength } from './log-length.ts';
import { Watermark } from './watermark.ts';

export class EngineState {
  readonly options: EngineOptions;
  /** 16 random bytes: who wrote a log record, who holds a reservation. */
  readonly id: Uint8Array;
  readonly cache: PageCache;
  readonly bounds: Bounds;
  /** Bytes of the cache's bound that an import has taken. */
  lentBytes = 0;
  /** New pages of a checkpoint under way, which the cache is to have. */
  made: PageCache | undefined;
  meta: Meta;
  /** The stored form of `meta`, for recognising it unchanged. */
  metaBytes: Uint8Array;
  /** Position of the last log record applied. */
  head = 0;
  /** Sequence number of the last commit applied. */
  sequence = 0;
  clock: ClockReading = clockZero;
  tail: Layer = new Layer(new Arena());
  frozen: Layer | undefined;
  /** Of the tail, the frozen one not counted. */
  log: LogLength = new LogLength();
  #frozenLog: LogLength = new LogLength();
  /** How many times as long as expected an open takes with its log on this device, from 1. */
  pace = 1;
  #freezing: Promise<void> | undefined;
  #froze: () => void = () => undefined;
  /** Log positions up to this one were taken from a checkpoint, their records never read. */
  startedAt = 0;
  /** Power loss cannot undo commits up to it. */
  readonly durable: Watermark = new Watermark();
  /** Monotonic time at which a request that showed the head was issued. */
  headSeenMs: number = Number.NEGATIVE_INFINITY;
  turns = 0;
  /** The last turn of our own that was met in the log before its append was answered. */
  ownTurnSeen: number = 0;
  lostRaces = 0;
  checkpoints = 0;
  /** Counts what the store has answered, so that slow can be told from stuck. */
  readonly progress: { reads: number; writes: number } = { reads: 0, writes: 0 };
  /** The store was cleared, and those who listen were told. */
  toldGone: boolean = false;
  /**
   * Another engine has found damage, repaired it, or corrected counters: its commits speak of the
   * pages of a checkpoint that has them, or has left them out, and this engine may stand on an
   * older one.
   */
  mayLag: boolean = false;
  /** There may be a job: a system tree changed, or nobody has looked yet. */
  jobsNoted: boolean = true;
  /** Numbers of the bulk builds that this engine works on. */
  readonly ownBuilds: Set<number> = new Set();
  /** Numbers of those that it gave up, and could not undo. */
  readonly deadBuilds: Set<number> = new Set();
  /** What calls consumed by key. */
  contributors: Contributors | undefined;
  /** Calls that were accepted. */
  calls = 0;
  /** Epoch milliseconds at which the last whole scrub ended, and what the store knows of it. */
  scrubbedMs: number | undefined;
  scrubStoredMs: number | undefined;
  closing = false;
  closed = false;
  /** Who follows the log: live queries while there are any, and pages that keep items. */
  readonly readers: Set<LogReader> = new Set();
  /** Why this engine does nothing more: a newer version has taken the store over. */
  stopped: UpdateNeeded | undefined;
  readonly published: LayeredReader;
  /** What was wrong when it was opened. */
  logDamage: Omit<Damage, 'foundMs'> | undefined;
  metaDamage: Omit<Damage, 'foundMs'> | undefined;
  /** The conversion that came before it. */
  converted: ConvertProgress | undefined;
  /** Keys out of reach, once they were looked for: as they are, and as they were known last. */
  #quarantine: Quarantine | undefined;
  #known: Quarantine | undefined;
  readonly #roots = new Map<number, TreeRoot | undefined>();
  #catalog: Catalog | undefined;

  /** What the database was opened with for a table. */
  readonly tableDurability: (name: string) => Durability | undefined = (name) =>
    this.options.tableDurability?.get(name);

  constructor(options: EngineOptions, meta: Meta, metaBytes: Uint8Array) {
    this.options = options;
    this.id = options.random.bytes(16);
    this.bounds = boundsOf(options);
    this.cache = new PageCache(this.bounds.cacheBytes);
    this.meta = meta;
    this.metaBytes = metaBytes;
    this.published = new LayeredReader(this, undefined);
  }

  /** The tables as published; made anew when a system tree changed. */
  catalog(): Catalog {
    this.#catalog ??= createCatalog(this.published);
    return this.#catalog;
  }

  /** Keys of `tree` that are out of reach. The records themselves are read as they are. */
  quarantineOf(tree: number): Quarantine | undefined {
    if (tree === damageTree) return undefined;
    this.#quarantine ??= this.#known = new Quarantine(readDamage(this.published));
    return this.#quarantine.records.length === 0 ? undefined : this.#quarantine;
  }

  /** All damage on record; what was known of it last, while that is not in memory. */
  get damage(): readonly DamageRecord[] {
    return this.damageNow ?? this.#known?.records ?? [];
  }

  /** The same; undefined while it is not in memory. */
  get damageNow(): readonly DamageRecord[] | undefined {
    try {
      return this.quarantineOf(rootsTree)?.records ?? [];
    } catch {
      return undefined;
    }
  }

  /** A system tree changed: what was remembered of tables is void. */
  forgetCatalog(): void {
    this.#catalog = undefined;
    this.#quarantine = undefined;
    this.jobsNoted = true;
  }

  /** Applies what a turn of the log says. */
  applyCommits(commits: readonly Commit[], position: number): void {
    for (const commit of commits) {
      this.tail.apply(commit, position);
      if (commit.mutations.some(({ tree }) => isCatalogue(tree))) {
        this.forgetCatalog();
        this.mayLag ||= commit.mutations.some(({ tree, key }) => {
          return tree === damageTree || (tree === countersTree && equalBytes(key, repairKey));
        });
      }
      // Counters were corrected by what a checkpoint has, which takes none below 0.
      if (commit.caller === 'engine')
        this.mayLag ||= commit.mutations.some(({ key }) => key.length === 0);
      this.sequence = commit.sequence;
    }
    this.fitCache();
    for (const reader of this.readers) reader.heard(commits);
  }

  /** Root of a tree's pages at the checkpoint. Throws PageFault. */
  root(tree: number): TreeRoot | undefined {
    if (tree === rootsTree) return this.meta.roots;
    if (this.#roots.has(tree)) return this.#roots.get(tree);
    const bytes = findInTree(this.cache, this.meta.roots, treeKey(tree));
    const root = bytes === undefined ? undefined : decodeRoot(bytes);
    this.#roots.set(tree, root);
    return root;
  }

  /**
   * Whoever meets a format that only a newer version knows stops the engine for good: later calls
   * are refused with that error, and nothing is written any more.
   */
  stopIfNewer(error: unknown): void {
    if (!(error instanceof UpdateNeeded)) return;
    if (this.stopped === undefined) {
      this.options.notify?.({ type: 'update-needed', message: error.message });
    }
    this.stopped ??= error;
    this.durable.end(error);
    for (const reader of this.readers) reader.stopped(error);
  }

  /** The pages are those of another checkpoint, which alone moves roots and records of damage. */
  forgetRoots(): void {
    this.#roots.clear();
    if (this.#quarantine?.records.length !== 0) this.#quarantine = undefined;
  }

  /** Stands on `meta` with an empty tail, as if just opened. */
  startOver(meta: Meta, metaBytes: Uint8Array): void {
    this.meta = meta;
    this.metaBytes = metaBytes;
    this.head = meta.position;
    this.startedAt = meta.position;
    this.sequence = meta.sequence;
    this.durable.raise(meta.sequence);
    this.clock = meta.clock;
    this.tail = new Layer(new Arena());
    this.frozen = undefined;
    this.log = new LogLength();
    this.cache.clear();
    this.forgetRoots();
    this.forgetCatalog();
    this.headSeenMs = Number.NEGATIVE_INFINITY;
    for (const reader of this.readers) reader.overtaken();
  }

  /** Of the tail, and of the one that was set aside. */
  get tailsBytes(): number {
    return this.tail.bytes + (this.frozen?.bytes ?? 0);
  }

  /** How many times as long the log is as when a checkpoint starts. */
  get logShare(): number {
    return this.log.share(this.bounds, this.pace);
  }

  /** The same of all log: with what the checkpoint under way makes pages of. */
  get logsShare(): number {
    const { frozen, bounds, pace } = this;
    return this.logShare + (frozen === undefined ? 0 : this.#frozenLog.share(bounds, pace));
  }

  /** Resolves when the tail is set aside next. */
  get freezing(): Promise<void> {
    this.#freezing ??= new Promise((resolve) => {
      this.#froze = resolve;
    });
    return this.#freezing;
  }

  /**
   * The cache has what an import, the tails beyond 12 MB and new pages leave of its bound. With the
   * new pages it has a quarter of it in any case, of which each may have half.
   */
  fitCache(): void {
    const { cacheBytes } = this.bounds;
    const least = cacheBytes / cacheLeastShare;
    const bound = Math.max(cacheBytes - this.lentBytes, least);
    const room = Math.max(bound + tailLeastBytes - this.tailsBytes, least);
    this.made?.resize(Math.max(room - least, least / 2));
    this.cache.resize(Math.min(bound, room - (this.made?.bytes ?? 0)));
  }

  /** The tail is set aside to become pages; writes go to a new one. */
  freeze(): Layer {
    assert(this.frozen === undefined, 'two frozen tails');
    this.frozen = this.tail;
    this.tail = new Layer(new Arena());
    this.#frozenLog = this.log;
    this.log = new LogLength();
    this.#freezing = undefined;
    this.#froze();
    return this.frozen;
  }

  /** The frozen tail has become pages of our own checkpoint. */
  standOn(
    meta: Meta,
    metaBytes: Uint8Array,
    pages: ReadonlyMap<number, Page | undefined>,
    freed: readonly number[],
  ): void {
    this.meta = meta;
    this.metaBytes = metaBytes;
    this.frozen = undefined;
    this.made = undefined;
    this.fitCache();
    for (const [id, page] of pages) {
      this.cache.drop(id);
      if (page !== undefined) this.cache.put(page);
    }
    for (const id of freed) this.cache.drop(id);
    this.forgetRoots();
  }

  /** A checkpoint that did not come to its end: its frozen tail is tail again. */
  thaw(): void {
    if (this.frozen === undefined) return;
    this.frozen.absorb(this.tail);
    this.tail = this.frozen;
    this.frozen = undefined;
    this.log.join(this.#frozenLog);
  }
}

/** Reads through a turn's layer (if any), the tail, the frozen tail and the pages. */
export class LayeredReader implements TreeReader {
  readonly #state: EngineState;
  readonly #turn: Layer | undefined;
  readonly #only: Layer | undefined;
  /** The layer of a turn that is being appended, while it is not yet in the tail. */
  flight: Layer | undefined;

  /** With `only`, that layer stands for tail and frozen tail: the state a checkpoint is made of. */
  constructor(state: EngineState, turn: Layer | undefined, only?: Layer) {
    this.#state = state;
    this.#turn = turn;
    this.#only = only;
  }

  get(tree: number, key: Uint8Array): Uint8Array | undefined {
    const state = this.#state;
    const tail = this.#only ?? state.tail;
    const found =
      this.#turn?.get(tree, key) ??
      this.flight?.get(tree, key) ??
      tail.get(tree, key) ??
      state.frozen?.get(tree, key);
    if (found !== undefined) return found.value;
    const value = findInTree(state.cache, this.root(tree), key);
    if (value === undefined) state.quarantineOf(tree)?.check(tree, key);
    return value;
  }

  range(tree: number, range: KeyRange, reverse = false): TreeCursor {
    const state = this.#state;
    const root = this.root(tree);
    const cursor = openCursor(this.#layers(), state.cache, root, tree, range, reverse);
    if (this.#only !== undefined) return cursor;
    return state.quarantineOf(tree)?.guard(cursor, tree, range, reverse) ?? cursor;
  }

  /** Of the pages below the layers: those of the checkpoint, or of a bulk build since. */
  root(tree: number): TreeRoot | undefined {
    const { tail, frozen } = this.#state;
    // Where a page of these is damaged the next checkpoint begins them anew.
    if (tree === damageTree && this.#layers().some(hasLostRecords)) return undefined;
    return (
      this.#turn?.attached(tree) ??
      this.flight?.attached(tree) ??
      (this.#only ?? tail).attached(tree) ??
      frozen?.attached(tree) ??
      this.#state.root(tree)
    );
  }

  counters(tree: number): TreeCounters {
    const root = this.root(tree);
    let entries = root?.entries ?? 0;
    let bytes = root?.bytes ?? 0;
    for (const layer of this.#layers()) {
      const delta = layer.counters(tree);
      entries += delta.entries;
      bytes += delta.bytes;
    }
    return { entries, bytes };
  }

  newerThanPages(tree: number, range: KeyRange): readonly Uint8Array[] {
    const keys = new Map<string, Uint8Array>();
    for (const layer of this.#layers()) {
      const cursor = layer.cursor(tree, range, false);
      while (cursor.next()) keys.set(mapKey(cursor.entry.key), cursor.entry.key);
    }
    return [...keys.values()];
  }

  hasPiece(tree: number, key: Uint8Array, page: number): boolean {
    if (this.#layers().some((layer) => layer.get(tree, key) !== undefined)) return false;
    return isPieceOf(this.#state.cache, this.root(tree), key, page);
  }

  #layers(): Layer[] {
    if (this.#only !== undefined) return [this.#only];
    const { tail, frozen } = this.#state;
    const layers = this.#turn === undefined ? [] : [this.#turn];
    if (this.flight !== undefined) layers.push(this.flight);
    if (!tail.empty) layers.push(tail);
    if (frozen !== undefined && !frozen.empty) layers.push(frozen);
    return layers;
  }
}

function hasLostRecords(layer: Layer): boolean {
  const cursor = layer.cursor(damageTree, lostRecords, false);
  return cursor.next() && cursor.entry.value !== undefined;
}
