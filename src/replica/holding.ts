/**
 * What a device holds of its hub's tables: ranges, and how far each is (shared/SYNC.md, Words). One
 * record of the book for each, by table and first key (docs/formats/replica.md). What no record
 * names is absent: nothing is known of it but what this device wrote there itself.
 *
 * A range is loaded piece by piece in the order of keys. Then it is to have seen the feed from
 * where it was when its first piece was read: `closing` while it lags behind the device's cursor,
 * `following` until that has passed its last piece, and then `complete`.
 * Invariants
 * - Records of a table do not overlap.
 * - The feed's pages change `following` and `complete` ranges alone.
 */
import { ByteReader, ByteWriter, compareBytes, emptyBytes } from '../base/bytes.ts';
import { Corruption } from '../base/corruption.ts';
import type { Mutation } from '../log/commit.ts';
import { treeOfKey } from '../table/system.ts';
import type { TreeReader } from '../tree/reader.ts';
import { holdingKey, holdingKind } from './absence.ts';
import { put, remove } from './book.ts';
import { compareRanges, isInRange, type KeyRange, meetRanges, withoutRanges } from './range.ts';
import type { ReplicatedTable } from './tables.ts';

/** How far a range is. Places are those of the hub's feed. */
export type Progress =
  | { readonly state: 'complete' }
  /** The hub does not let this device have it; it is asked again at the next contact. */
  | { readonly state: 'barred' }
  /** As another life of the hub had it: to be loaded anew, and what that lacks stays. */
  | { readonly state: 'stale' }
  | Loading
  /** All pieces are here, and of the feed what lies up to `at`. */
  | { readonly state: 'closing'; readonly at: number; readonly until: number }
  /** All pieces and the feed up to the cursor are here; the last piece was read at `until`. */
  | { readonly state: 'following'; readonly until: number };

export interface Loading {
  readonly state: 'loading';
  /** The first key that is not here. */
  readonly next: Uint8Array;
  /** Where the hub's feed was when the first piece was read, and when the last one was. */
  readonly since: number;
  readonly last: number;
  /** What the pieces had. */
  readonly items: number;
  readonly bytes: number;
  /** Rows that the hub lacks stay. */
  readonly isKept: boolean;
}

export type Holding = KeyRange & Progress;

const allHoldings = {
  from: Uint8Array.of(holdingKind),
  to: Uint8Array.of(holdingKind + 1),
};

const states = ['complete', 'barred', 'stale', 'loading', 'closing', 'following'] as const;

/** Whether pages of the feed are applied to it. */
export function isFollowed(holding: Holding | undefined): boolean {
  return holding?.state === 'complete' || holding?.state === 'following';
}

/** The range that has the item, or would have it; undefined where it is absent. One search. */
export function holdingOf(
  reader: TreeReader,
  book: number,
  { tree, replica }: ReplicatedTable,
  key: Uint8Array,
): Holding | undefined {
  const from = holdingKey(tree, emptyBytes);
  const to = holdingKey(tree, key);
  const cursor = reader.range(book, { from, to, toClosed: true }, true);
  if (!cursor.next()) return undefined;
  const holding = decodeHolding(replica.global, cursor.key, cursor.value);
  return isInRange(holding, key) ? holding : undefined;
}

/** Of all tables that are replicated, sorted. `tables`: by their trees. */
export function readHoldings(
  reader: TreeReader,
  book: number,
  tables: ReadonlyMap<number, ReplicatedTable>,
): readonly Holding[] {
  const cursor = reader.range(book, allHoldings);
  const holdings: Holding[] = [];
  while (cursor.next()) {
    const table = tables.get(treeOfKey(cursor.key.subarray(1, 9)));
    if (table === undefined) continue;
    holdings.push(decodeHolding(table.replica.global, cursor.key.slice(), cursor.value.slice()));
  }
  return holdings.sort(compareRanges);
}

/** What changes in the book when `now` takes the place of `before`, as readHoldings has it. */
export function writeHoldings(
  reader: TreeReader,
  book: number,
  tables: ReadonlyMap<string, ReplicatedTable>,
  before: readonly Holding[],
  now: readonly Holding[],
): readonly Mutation[] {
  const left = new Map(before.map((one) => [spotOf(one), one]));
  const mutations: Mutation[] = [];
  for (const one of joinComplete(now)) {
    const known = left.get(spotOf(one));
    left.delete(spotOf(one));
    const tree = tables.get(one.table)?.tree;
    if (tree === undefined || known === one) continue;
    const key = holdingKey(tree, one.from);
    mutations.push(put(book, key, reader.get(book, key), encodeHolding(one)));
  }
  for (const one of left.values()) {
    const tree = tables.get(one.table)?.tree;
    const key = tree === undefined ? undefined : holdingKey(tree, one.from);
    const bytes = key && reader.get(book, key);
    if (key !== undefined && bytes !== undefined) mutations.push(remove(book, key, bytes));
  }
  return mutations;
}

/** `now` takes the place of whatever was held of its range. */
export function overlay(holdings: readonly Holding[], now: Holding): readonly Holding[] {
  const others = holdings.flatMap((one): readonly Holding[] => {
    if (meetRanges(one, now) === undefined) return [one];
    return withoutRanges([one], [now]).flatMap((part) => cut(one, part));
  });
  return [...others, now].sort(compareRanges);
}

/** A part of a range that is cut. */
function cut(whole: Holding, part: KeyRange): readonly Holding[] {
  if (whole.state !== 'loading') return [{ ...whole, from: part.from, to: part.to }];
  const { next, since, last, isKept } = whole;
  const { table, from, to } = part;
  if (to !== undefined && compareBytes(next, to) >= 0) {
    return [{ table, from, to, state: 'closing', at: since, until: last }];
  }
  if (compareBytes(next, from) >= 0) return [{ ...whole, from, to }];
  return isKept ? [{ table, from, to, state: 'stale' }] : [];
}

/** Complete ranges that touch are one. */
function joinComplete(holdings: readonly Holding[]): readonly Holding[] {
  const joined: Holding[] = [];
  for (const one of holdings) {
    const last = joined.at(-1);
    const touches =
      last?.state === 'complete' &&
      one.state === 'complete' &&
      last.table === one.table &&
      last.to !== undefined &&
      compareBytes(last.to, one.from) === 0;
    if (touches) joined[joined.length - 1] = { ...last, to: one.to };
    else joined.push(one);
  }
  return joined;
}

function spotOf({ table, from }: KeyRange): string {
  return `${table} ${String.fromCharCode(...from)}`;
}

export function encodeHolding(holding: Holding): Uint8Array {
  const writer = new ByteWriter(64);
  writer.byte(states.indexOf(holding.state));
  writer.block(holding.to ?? emptyBytes);
  if (holding.state === 'loading') {
    writer.block(holding.next);
    for (const one of [holding.since, holding.last, holding.items, holding.bytes]) {
      writer.varint(one);
    }
    writer.byte(holding.isKept ? 1 : 0);
  }
  if (holding.state === 'closing') writer.varint(holding.at);
  if (holding.state === 'closing' || holding.state === 'following') writer.varint(holding.until);
  return writer.take();
}

export function decodeHolding(table: string, key: Uint8Array, bytes: Uint8Array): Holding {
  const reader = new ByteReader(bytes);
  const state = states[reader.byte()];
  const end = reader.block();
  const range = { table, from: key.slice(9), to: end.length === 0 ? undefined : end };
  const holding = { ...range, ...progressOf(state, reader) };
  if (!reader.done) throw new Corruption('replica: bytes after a range');
  return holding;
}

function progressOf(state: (typeof states)[number] | undefined, reader: ByteReader): Progress {
  switch (state) {
    case 'loading': {
      const next = reader.block();
      const [since, last] = [reader.varint(), reader.varint()];
      const [items, bytes] = [reader.varint(), reader.varint()];
      return { state, next, since, last, items, bytes, isKept: reader.byte() === 1 };
    }
    case 'closing': {
      const at = reader.varint();
      return { state, at, until: reader.varint() };
    }
    case 'following':
      return { state, until: reader.varint() };
    case undefined:
      throw new Corruption('replica: a range of no state');
    default:
      return { state };
  }
}
