/**
 * A device loads what it does not have: chunk by chunk of a range in the order of keys, then the
 * feed from where it was at the first chunk (shared/SYNC.md, Protocol, `snapshot`).
 *
 * Invariants
 * - A chunk is taken only where the range's loading stands just before it, and only if the hub had
 *   consumed by then all that it has answered: a chunk read before that may lack what was written.
 * - A row that a chunk lacks goes, unless an entry waits that wrote it; its base goes in any case.
 *   No page has what the hub did before the chunk: after an answer of before it is loaded again.
 * - Where nothing is followed yet, the cursor begins at the first chunk's place in the feed.
 */
import { compareBytes, concatBytes } from '../base/bytes.ts';
import { rangeBytesMax } from '../base/replica-limits.ts';
import type { TreeReader } from '../tree/reader.ts';
import { lackedAfter } from './base.ts';
import { readState } from './book.ts';
import {
  type Holding,
  isFollowed,
  type Loading,
  overlay,
  readHoldings,
  writeHoldings,
} from './holding.ts';
import { isOpenAt, type Link } from './link.ts';
import { entriesFrom } from './outbox.ts';
import type { Outcome } from './mark.ts';
import type { PageChange } from './page.ts';
import {
  equalRanges,
  isInRange,
  joinRanges,
  type KeyRange,
  meetRanges,
  rangeOf,
  withoutRanges,
} from './range.ts';
import { showChange } from './receive.ts';
import { type Display, findHeld, type Held, type SettleContext } from './shown.ts';
import type { ReplicatedTable } from './tables.ts';

/** What is to be done next for a range. */
export type Work =
  | { readonly kind: 'load'; readonly range: KeyRange; readonly after: Uint8Array; isKept: boolean }
  /** The feed, of this range, from `at`. */
  | { readonly kind: 'close'; readonly range: KeyRange; readonly at: number };

export interface Plan {
  readonly work: Work | undefined;
  /** Some range follows the feed: pages are of use. */
  readonly isFollowed: boolean;
}

/** `wanted`: what may be read; `first`: what the program would have before all else. */
export function planLoad(
  holdings: readonly Holding[],
  wanted: readonly KeyRange[],
  first: readonly KeyRange[],
): Plan {
  const closing = holdings.find(({ state }) => state === 'closing');
  const work: Work | undefined =
    closing?.state === 'closing'
      ? { kind: 'close', range: rangeIn(closing), at: closing.at }
      : (nextLoad(holdings, meetAll(first, wanted)) ?? nextLoad(holdings, wanted));
  return { work, isFollowed: holdings.some(isFollowed) };
}

/** A range under way, if it goes on in `wanted`; else what of that is not there, in its order. */
function nextLoad(holdings: readonly Holding[], wanted: readonly KeyRange[]): Work | undefined {
  for (const range of wanted) {
    const loading = holdings.find(
      (one): one is KeyRange & Loading =>
        one.state === 'loading' && one.table === range.table && isInRange(range, one.next),
    );
    if (loading !== undefined) {
      const { next: after, isKept } = loading;
      return { kind: 'load', range: rangeIn(loading), after, isKept };
    }
    const stale = holdings.filter(({ state }) => state === 'stale');
    const [old] = meetAll(stale, [range]);
    if (old !== undefined) return { kind: 'load', range: old, after: old.from, isKept: true };
    const [absent] = withoutRanges([range], holdings.flatMap(loadedOf));
    if (absent !== undefined) {
      return { kind: 'load', range: absent, after: absent.from, isKept: false };
    }
  }
  return undefined;
}

/** What of it is not to be loaded: of a range that is loading, what is here already. */
function loadedOf(holding: Holding): readonly KeyRange[] {
  if (holding.state !== 'loading') return [holding];
  return joinRanges([{ ...rangeIn(holding), to: holding.next }]);
}

function meetAll(ranges: readonly KeyRange[], others: readonly KeyRange[]): readonly KeyRange[] {
  return ranges.flatMap((one) => others.flatMap((other) => meetRanges(one, other) ?? []));
}

function rangeIn({ table, from, to }: KeyRange): KeyRange {
  return { table, from, to };
}

export interface LoadContext {
  readonly reader: TreeReader;
  readonly book: number;
  /** By their names among replicas, and by their trees. */
  readonly tables: ReadonlyMap<string, ReplicatedTable>;
  readonly trees: ReadonlyMap<number, ReplicatedTable>;
  readonly display: Display;
  readonly link: Link;
}

export interface TakenChunk {
  readonly range: KeyRange;
  readonly after: Uint8Array;
  readonly to: Uint8Array | undefined;
  readonly isKept: boolean;
  /** Where the hub's feed was, and the last entry of this device that it had consumed. */
  readonly sequence: number;
  readonly markSeq: number;
  readonly changes: readonly PageChange[];
  /** Of the changes, as they came. */
  readonly bytes: number;
}

export interface LoadedSoFar {
  readonly items: number;
  readonly bytes: number;
  /** Where the cursor is then. */
  readonly cursor: number;
}

/** Undefined, and nothing is done, when it fits nowhere any more. Throws PageFault. */
export function takeChunk(context: LoadContext, chunk: TakenChunk): LoadedSoFar | undefined {
  const { reader, book, tables, trees, display, link } = context;
  const table = tables.get(chunk.range.table);
  const holdings = readHoldings(reader, book, trees);
  const loading = table && loadingOf(holdings, chunk);
  if (table === undefined || loading === undefined || chunk.sequence < loading.since) {
    return undefined;
  }
  showChunk(context, table, chunk);
  const items = loading.items + chunk.changes.length;
  const bytes = loading.bytes + chunk.bytes;
  const last = Math.max(loading.last, chunk.sequence);
  const isBegun = holdings.some((one) => isFollowed(one) || one.state === 'closing');
  const cursor = isBegun ? link.cursor : Math.max(link.cursor, loading.since);
  const end = chunk.to ?? chunk.range.to;
  const isOver = chunk.to === undefined || bytes >= rangeBytesMax;
  const now: Holding = isOver
    ? settled({ ...chunk.range, to: end }, loading.since, last, link, cursor)
    : { ...chunk.range, ...loading, next: chunk.to, last, items, bytes };
  const after = overlay(holdings, now);
  display.add(writeHoldings(reader, book, tables, holdings, after));
  return { items, bytes, cursor };
}

/** Of the range that the chunk goes on with, or begins. */
function loadingOf(
  holdings: readonly Holding[],
  { range, after, sequence, isKept }: TakenChunk,
): Loading | undefined {
  const known = holdings.find((one) => one.state === 'loading' && equalRanges(one, range));
  if (known?.state === 'loading') {
    return compareBytes(known.next, after) === 0 && known.isKept === isKept ? known : undefined;
  }
  if (compareBytes(range.from, after) !== 0) return undefined;
  const isFree = withoutRanges([range], holdings.flatMap(isKept ? notStale : loadedOf));
  const whole = isFree.length === 1 && equalRanges(isFree[0] as KeyRange, range);
  const begun = { next: after, since: sequence, last: sequence, items: 0, bytes: 0, isKept };
  return whole ? { state: 'loading', ...begun } : undefined;
}

/** What of it need not be asked for, where another life of the hub is asked for again. */
export function notStale(holding: Holding): readonly KeyRange[] {
  return holding.state === 'stale' ? [] : loadedOf(holding);
}

/**
 * What a range is whose feed has been taken up to `at`, and whose last piece is of `until`. It is
 * of one moment with what is followed only where no page lacks what was written again since.
 */
function settled(range: KeyRange, at: number, until: number, link: Link, cursor: number): Holding {
  const { table, from, to } = range;
  if (at < cursor) return { table, from, to, state: 'closing', at, until };
  if (until > cursor || isOpenAt(link, cursor))
    return { table, from, to, state: 'following', until };
  return { table, from, to, state: 'complete' };
}

/** The greatest entry that the hub has answered, or is never to have. */
export function answeredUpTo(reader: TreeReader, book: number): number {
  const [oldest] = entriesFrom(reader, book, 0);
  return (oldest?.entry.seq ?? readState(reader, book).next) - 1;
}

function showChunk(context: LoadContext, table: ReplicatedTable, chunk: TakenChunk): void {
  const { reader, book, display } = context;
  const { changes, after, to = chunk.range.to, isKept } = chunk;
  const gone = keysOf(reader, table, after, to);
  const isEmpty = gone.size === 0;
  for (const change of changes) {
    const held = isEmpty ? nothingOf(table, change.key) : findHeld(reader, book, table, change.key);
    if (!isEmpty) gone.delete(nameOf(change.key));
    showChange(held, change, display);
  }
  if (isKept) return;
  for (const key of gone.values()) {
    const held = findHeld(reader, book, table, key);
    const isWaiting = held.version?.pending !== undefined;
    if (!isWaiting) display.show(held, undefined, undefined);
    display.keep(held, isWaiting ? lackedAfter(chunk.markSeq) : undefined);
  }
}

function nothingOf(table: ReplicatedTable, key: Uint8Array): Held {
  const none = { version: undefined, versionBytes: undefined, item: undefined };
  return { table, key, ...none, base: undefined, baseBytes: undefined };
}

/** Keys of items and of versions, those of deleted items among them. */
function keysOf(
  reader: TreeReader,
  { tree, replica }: ReplicatedTable,
  from: Uint8Array,
  to: Uint8Array | undefined,
): Map<string, Uint8Array> {
  const keys = new Map<string, Uint8Array>();
  for (const one of [tree, replica.versions]) {
    const cursor = reader.range(one, { from, to });
    while (cursor.next()) keys.set(nameOf(cursor.key), cursor.key.slice());
  }
  return keys;
}

function nameOf(key: Uint8Array): string {
  return String.fromCharCode(...key);
}

/**
 * Ranges after a page up to place `at`, which was of `range` alone or of all that are followed.
 * `cursor`: the device's, after it. `isAll`: the hub has no more than all that are followed have.
 *
 * A chunk's half of a transaction is mended by the other half's place in the feed; that may lie
 * behind any page but the last by now, since what is written again has a later one.
 */
export function afterPage(
  holdings: readonly Holding[],
  range: KeyRange | undefined,
  at: number,
  cursor: number,
  isAll: boolean,
): readonly Holding[] {
  return holdings.map((one): Holding => {
    if (range !== undefined && one.state === 'closing' && equalRanges(one, range)) {
      const { until } = one;
      return at < cursor ? { ...one, at } : { ...rangeIn(one), state: 'following', until };
    }
    const isPassed = isAll && one.state === 'following' && one.until <= cursor;
    return isPassed ? { ...rangeIn(one), state: 'complete' } : one;
  });
}

/** All is as another life of the hub had it, which has been or is to be offered to this one. */
export function holdAnew(holdings: readonly Holding[]): readonly Holding[] {
  return holdGranted(holdings).map((one) => ({ ...rangeIn(one), state: 'stale' }));
}

/** Nothing is held of what may not be read any more; what was loading goes on around it. */
export function holdWithout(
  holdings: readonly Holding[],
  lost: readonly KeyRange[],
): readonly Holding[] {
  return lost.reduce<readonly Holding[]>((left, range) => {
    const gone: Holding = { ...range, state: 'barred' };
    return overlay(left, gone).filter((one) => one !== gone);
  }, holdings);
}

/** Whether what is held of it is what the hub had when a page said that there is no more. */
export function isCurrent(holding: Holding): boolean {
  return isFollowed(holding) || holding.state === 'barred';
}

/**
 * The place up to which the feed is known of all that is held: a deletion behind it may not be. 0
 * where nothing is held; no place is known of what another life of the hub had.
 */
export function knownUpTo(holdings: readonly Holding[], cursor: number): number {
  const places = holdings.flatMap((one): readonly number[] => {
    if (isFollowed(one)) return [cursor];
    if (one.state === 'closing') return [one.at];
    if (one.state === 'loading') return [one.isKept ? 0 : one.since];
    return one.state === 'stale' ? [0] : [];
  });
  return places.length === 0 ? 0 : Math.max(1, Math.min(...places));
}

/**
 * What a chunk lacked is asked for once more, item by item, where an answer takes the place of that
 * and says less than the chunk: it is of before the chunk was read, or names no winner.
 */
export function loadAgain(
  { reader, book, tables, display }: SettleContext,
  { seq, kind }: Outcome,
): void {
  const lacked = display.lacked.filter(({ after }) => kind === 'superseded' || seq <= after);
  if (lacked.length === 0) return;
  const trees = new Map([...tables.values()].map((table) => [table.tree, table]));
  const before = readHoldings(reader, book, trees);
  const lost = lacked
    .filter(({ table, key }) => rangeOf(before, table, key)?.state !== 'stale')
    .map(({ table, key }) => ({ table, from: key, to: concatBytes(key, Uint8Array.of(0)) }));
  display.add(writeHoldings(reader, book, tables, before, holdWithout(before, lost)));
}

/** What was refused may be granted by now. */
export function holdGranted(holdings: readonly Holding[]): readonly Holding[] {
  return holdings.filter(({ state }) => state !== 'barred');
}

/** Whether a page's change of this item is to be taken. */
export function isTaken(
  holdings: readonly Holding[],
  { table, key }: PageChange,
  range: KeyRange | undefined,
): boolean {
  if (range?.table === table && isInRange(range, key)) return true;
  return isFollowed(rangeOf(holdings, table, key));
}
