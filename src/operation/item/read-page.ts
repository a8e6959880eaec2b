/**
 * One page of a Query or Scan: entries of a tree in order, until Limit, 1 MB, or the end.
 *
 * What is metered is what was read, not what is returned. Items that nobody filters or projects are
 * never decoded: the page holds views on stored bytes.
 */
import { assert } from '../../base/assert.ts';
import { filterCostFree, filterCostMax, pageBytesMax } from '../../base/limits.ts';
import { type CapacityDetail, consumedMember, noIndexes } from '../../capacity/consumed.ts';
import { readUnits } from '../../capacity/units.ts';
import type { Condition } from '../../expression/condition.ts';
import type { Projection } from '../../expression/projection.ts';
import { hiderOf } from '../../table/expiry.ts';
import { findItem } from '../../table/items.ts';
import { keyItem, storedKey } from '../../table/keys.ts';
import type { IndexState, TableState } from '../../table/state.ts';
import type { KeyRange, TreeReader } from '../../tree/reader.ts';
import { StoredItem } from '../../value/codec.ts';
import type { Item } from '../../value/value.ts';
import { type AccessSink, countPage, counts, type ReadEntry } from '../insight/accesses.ts';
import type { ReachBack } from './select.ts';

export interface PageRead {
  readonly table: TableState;
  readonly index: IndexState | undefined;
  readonly range: KeyRange;
  readonly isReverse: boolean;
  /** Of items evaluated. */
  readonly limit: number | undefined;
  readonly filter: Condition | undefined;
  readonly projection: Projection | undefined;
  readonly isCount: boolean;
  readonly reachBack: ReachBack;
  /** Wall time: items whose time was over by then are read, and not returned. */
  readonly hideAtMs?: number | undefined;
  /** False where at most one item can be there: such a read is not gone on with. */
  readonly isRestartable: boolean;
}

export interface Page {
  readonly items: readonly (Item | StoredItem)[];
  readonly count: number;
  readonly scanned: number;
  /** Sizes of the entries read. */
  readonly bytes: number;
  /** Sizes of the items fetched from the table, each. */
  readonly fetched: readonly number[];
  /** What was read, while units are counted by key. */
  readonly entries: readonly ReadEntry[] | undefined;
  /** LastEvaluatedKey. */
  readonly last: Item | undefined;
}

/** Throws PageFault. */
export function readPage(reader: TreeReader, read: PageRead): Page {
  const { table, index, filter, projection, reachBack, limit } = read;
  const items: (Item | StoredItem)[] = [];
  const fetched: number[] = [];
  let bytes = 0;
  let fetchedBytes = 0;
  let scanned = 0;
  let count = 0;
  let last: Item | undefined;
  const wholeOf = (entry: StoredItem): StoredItem => {
    const whole = findItem(reader, table, storedKey(table, entry.item()));
    assert(whole !== undefined, `an entry of index ${index?.name} without its item`);
    fetched.push(whole.size);
    fetchedBytes += whole.size;
    return whole;
  };
  const shown = (entry: StoredItem, tested: StoredItem): Item | StoredItem => {
    const whole = tested === entry ? wholeOf : () => tested;
    const found = reachBack.forResult ? whole(entry) : entry;
    return projection === undefined ? found : projection.project(found.item());
  };
  const isCounted = counts(table, index?.kind === 'global' ? index.name : '');
  const entries: ReadEntry[] | undefined = isCounted ? [] : undefined;
  const isHidden = hiderOf(reader, table, index, read.hideAtMs);
  const cursor = reader.range(index?.tree ?? table.tree, read.range, read.isReverse);
  while (cursor.next()) {
    const entry = new StoredItem(cursor.value);
    scanned += 1;
    bytes += entry.size;
    entries?.push({ entry, size: entry.size });
    const tested = reachBack.forFilter ? wholeOf(entry) : entry;
    const passes = filter === undefined || filter.holds(tested.item());
    if (passes && isHidden?.(entry) !== true) {
      count += 1;
      if (!read.isCount) items.push(shown(entry, tested));
    }
    const isFull = bytes + fetchedBytes >= pageBytesMax || isLong(read, scanned);
    if (scanned === limit || isFull) {
      last = lastKey(read, entry);
      break;
    }
  }
  return { items, count, scanned, bytes, fetched, entries, last };
}

/**
 * Whether a filter has been asked so much that the page ends early, for others wait meanwhile. That
 * is so for thousands of legacy conditions, and for large values in an expression.
 */
function isLong({ filter, isRestartable }: PageRead, scanned: number): boolean {
  const cost = filter?.cost ?? 0;
  return isRestartable && cost > filterCostFree && cost * scanned >= filterCostMax;
}

/** Tells the units of a page by key, where they are counted; `partition` is of a Query. */
export function countRead(
  sink: AccessSink,
  { table, index }: Pick<PageRead, 'table' | 'index'>,
  { bytes, fetched, entries }: Page,
  isConsistent: boolean,
  partition: Uint8Array | undefined,
): void {
  if (entries === undefined && sink.meter === undefined) return;
  let units = readUnits(bytes, isConsistent);
  for (const size of fetched) units += readUnits(size, isConsistent);
  // Local indexes live of their table's units; of a global one nothing is fetched from the table.
  const global = index?.kind === 'global' ? index : undefined;
  sink.meter?.spend(table, global, 'Read', units, partition);
  if (entries !== undefined) countPage(sink, table, index, partition, entries, units);
}

/** The output members of a Query or Scan. */
export function pageOutput(
  input: {
    readonly TableName: string;
    readonly ConsistentRead?: boolean | undefined;
    readonly ReturnConsumedCapacity?: CapacityDetail;
  },
  read: PageRead,
  page: Page,
): object {
  const isConsistent = input.ConsistentRead === true;
  const units = readUnits(page.bytes, isConsistent);
  let fetches = 0;
  for (const size of page.fetched) fetches += readUnits(size, isConsistent);
  const consumed =
    read.index === undefined
      ? { table: units, indexes: noIndexes }
      : { table: fetches, indexes: new Map([[read.index.name, units]]) };
  return {
    ...(read.isCount ? {} : { Items: page.items }),
    Count: page.count,
    ScannedCount: page.scanned,
    ...(page.last === undefined ? {} : { LastEvaluatedKey: page.last }),
    ...consumedMember(input.ReturnConsumedCapacity, input.TableName, read.table, consumed),
  };
}

function lastKey(read: PageRead, entry: StoredItem): Item | undefined {
  if (!read.isRestartable) return undefined;
  const { table, index } = read;
  return index === undefined
    ? keyItem(entry.item(), table.keys)
    : keyItem(entry.item(), index.keys, table.keys);
}
