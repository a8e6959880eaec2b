/**
 * A range: a piece of a replicated table in the order of its stored keys, half open. The whole
 * table is one. What a device holds, asks for first and may see is said in ranges
 * (shared/SYNC.md, Words).
 *
 * Lists of ranges are sets of keys: any order and any overlap says the same. `joinRanges` makes
 * the list that is sorted, without overlaps and as short as can be; the others answer such lists.
 * A range that ends where it begins, or before, has no keys, and is in no list that is answered.
 * Its bytes are in docs/formats/sync-wire.md.
 */
import { ByteReader, ByteWriter, compareBytes, emptyBytes } from '../base/bytes.ts';
import { Corruption } from '../base/corruption.ts';
import { type Names, wholeNames } from './names.ts';

export interface KeyRange {
  /** The table's name among replicas. */
  readonly table: string;
  /** The first key; empty: from the beginning. */
  readonly from: Uint8Array;
  /** The first key behind it; undefined: to the end. */
  readonly to: Uint8Array | undefined;
}

export function wholeTable(table: string): KeyRange {
  return { table, from: emptyBytes, to: undefined };
}

export function isInRange({ from, to }: KeyRange, key: Uint8Array): boolean {
  return compareBytes(key, from) >= 0 && (to === undefined || compareBytes(key, to) < 0);
}

/** The one of `ranges` that the item is in; of a list without overlaps there is one at most. */
export function rangeOf<R extends KeyRange>(
  ranges: readonly R[],
  table: string,
  key: Uint8Array,
): R | undefined {
  return ranges.find((range) => range.table === table && isInRange(range, key));
}

/** Tables by their names, in a table the one that begins first, then the one that ends first. */
export function compareRanges(a: KeyRange, b: KeyRange): number {
  if (a.table !== b.table) return a.table < b.table ? -1 : 1;
  return compareBytes(a.from, b.from) || compareEnds(a.to, b.to);
}

export function equalRanges(a: KeyRange, b: KeyRange): boolean {
  return compareRanges(a, b) === 0;
}

/** What both have; undefined when that is nothing. */
export function meetRanges(a: KeyRange, b: KeyRange): KeyRange | undefined {
  if (a.table !== b.table) return undefined;
  const from = compareBytes(a.from, b.from) >= 0 ? a.from : b.from;
  const to = compareEnds(a.to, b.to) <= 0 ? a.to : b.to;
  const met = { table: a.table, from, to };
  return isEmptyRange(met) ? undefined : met;
}

/** Whether all keys of `range` are in some of `ranges`. */
export function holdsRange(ranges: readonly KeyRange[], range: KeyRange): boolean {
  return withoutRanges([range], ranges).length === 0;
}

/** The keys of all, each once: sorted, and none touches the next. */
export function joinRanges(ranges: readonly KeyRange[]): readonly KeyRange[] {
  const joined: KeyRange[] = [];
  for (const range of ranges.filter((one) => !isEmptyRange(one)).sort(compareRanges)) {
    const last = joined.at(-1);
    const touches =
      last?.table === range.table &&
      (last.to === undefined || compareBytes(range.from, last.to) <= 0);
    if (last === undefined || !touches) joined.push(range);
    else if (compareEnds(range.to, last.to) > 0)
      joined[joined.length - 1] = { ...last, to: range.to };
  }
  return joined;
}

/** The keys of `ranges` that none of `others` has, as joinRanges would list them. */
export function withoutRanges(
  ranges: readonly KeyRange[],
  others: readonly KeyRange[],
): readonly KeyRange[] {
  let left = joinRanges(ranges);
  for (const other of others) left = left.flatMap((one) => without(one, other));
  return left;
}

function without(range: KeyRange, other: KeyRange): readonly KeyRange[] {
  const met = meetRanges(range, other);
  if (met === undefined) return [range];
  const before = { ...range, to: met.from };
  const parts = met.to === undefined ? [before] : [before, { ...range, from: met.to }];
  return parts.filter((part) => !isEmptyRange(part));
}

export function isEmptyRange({ from, to }: KeyRange): boolean {
  return to !== undefined && compareBytes(from, to) >= 0;
}

/** Table, first key, first key behind it: a block each; the last is empty at a table's end. */
export function writeRange(
  writer: ByteWriter,
  { table, from, to = emptyBytes }: KeyRange,
  names: Names = wholeNames,
): void {
  names.putTable(writer, table);
  writer.block(from);
  writer.block(to);
}

export function readRange(reader: ByteReader, names: Names = wholeNames): KeyRange {
  const table = names.table(reader);
  const from = reader.block();
  const to = reader.block();
  return { table, from, to: to.length === 0 ? undefined : to };
}

/** As a message has it. */
export function encodeRange(range: KeyRange): Uint8Array {
  const writer = new ByteWriter(64);
  writeRange(writer, range);
  return writer.take();
}

/** Throws Corruption on bytes that are no range, or one without keys. */
export function decodeRange(bytes: Uint8Array): KeyRange {
  const reader = new ByteReader(bytes);
  const range = readRange(reader);
  if (!reader.done || isEmptyRange(range)) throw new Corruption('replica: no range');
  return range;
}

/** Of two ends of ranges of a table. */
function compareEnds(a: Uint8Array | undefined, b: Uint8Array | undefined): number {
  if (a === undefined || b === undefined)
    return (a === undefined ? 1 : 0) - (b === undefined ? 1 : 0);
  return compareBytes(a, b);
}
