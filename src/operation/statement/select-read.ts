/**
 * Carries out the reads of a SELECT, one after the other, until Limit, 1 MB, or the end.
 *
 * Each read is metered as the Query, GetItem or Scan that it is.
 */
import { admitPage } from '../capacity/admission.ts';
import type { AccessSink } from '../insight/accesses.ts';
import { DynamoError } from '../../base/errors.ts';
import { pageBytesMax } from '../../base/limits.ts';
import type { Consumed } from '../../capacity/consumed.ts';
import { readUnits } from '../../capacity/units.ts';
import type { TreeReader } from '../../tree/reader.ts';
import type { StoredItem } from '../../value/codec.ts';
import type { Item } from '../../value/value.ts';
import { countRead, type PageRead, readPage } from '../item/read-page.ts';
import { queryStart, rangeAfter, scanStart } from '../item/start-key.ts';
import { invalidToken, type Resume } from './next-token.ts';
import type { SelectRead } from './select-plan.ts';

export interface SelectOptions {
  readonly resume: Resume | undefined;
  readonly limit: number | undefined;
  readonly isConsistent: boolean;
  /** As in a PageRead. */
  readonly hideAtMs?: number | undefined;
  /** Told of units by key. */
  readonly sink?: AccessSink | undefined;
}

export interface SelectResult {
  readonly items: readonly (Item | StoredItem)[];
  readonly consumed: Consumed;
  /** Where to go on; undefined at the end. */
  readonly next: Resume | undefined;
}

/** Throws PageFault; ValidationException on a place to go on that is not inside the reads. */
export function readSelect(
  reader: TreeReader,
  reads: readonly SelectRead[],
  { resume, limit, isConsistent, hideAtMs, sink }: SelectOptions,
): SelectResult {
  const items: (Item | StoredItem)[] = [];
  const indexes = new Map<string, number>();
  let table = 0;
  let scanned = 0;
  let bytes = 0;
  const first = resume?.read ?? 0;
  if (first > 0 && first >= reads.length) throw invalidToken();
  for (let at = first; at < reads.length; at += 1) {
    const isFull = bytes >= pageBytesMax || (limit !== undefined && scanned >= limit);
    if (isFull)
      return { items, consumed: { table, indexes }, next: { read: at, after: undefined } };
    const read = reads[at] as SelectRead;
    const after = at === first ? resume?.after : undefined;
    const { query } = read;
    if (at === first && sink !== undefined) {
      admitPage(sink, read.page.table, read.page.index, query?.partition);
    }
    const page = readPage(reader, {
      ...read.page,
      range: after === undefined ? read.page.range : rangeFrom(read, after),
      limit: limit === undefined ? undefined : limit - scanned,
      hideAtMs,
    });
    if (sink !== undefined) countRead(sink, read.page, page, isConsistent, query?.partition);
    for (const item of page.items) items.push(item);
    scanned += page.scanned;
    bytes += page.bytes;
    for (const size of page.fetched) {
      table += readUnits(size, isConsistent);
      bytes += size;
    }
    const { index } = read.page;
    const units = readUnits(page.bytes, isConsistent);
    if (index === undefined) table += units;
    else indexes.set(index.name, (indexes.get(index.name) ?? 0) + units);
    if (page.last !== undefined) {
      return { items, consumed: { table, indexes }, next: { read: at, after: page.last } };
    }
  }
  return { items, consumed: { table, indexes }, next: undefined };
}

function rangeFrom({ page, query }: SelectRead, after: Item): PageRead['range'] {
  const { table, index, range, isReverse } = page;
  try {
    const place =
      query === undefined
        ? scanStart(table, index, undefined, after)
        : queryStart(table, index, query, after);
    return rangeAfter(range, place, isReverse);
  } catch (fault) {
    if (fault instanceof DynamoError) throw invalidToken();
    throw fault;
  }
}
