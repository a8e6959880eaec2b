/**
 * ExclusiveStartKey: where a Query or Scan goes on, and all the ways it can be wrong
 * (reference/query-scan-indexes.md, section 3).
 *
 * The key need not exist; its place in the order is enough. An index's start key has the key
 * attributes of the index and of the table.
 */
import { compareBytes, concatBytes, startsWithBytes } from '../../base/bytes.ts';
import { DynamoError, validation } from '../../base/errors.ts';
import { printValue } from '../../expression/refusals.ts';
import { checkKeyValue, entryTail, keyMismatch, keyValues } from '../../table/keys.ts';
import type { IndexState, KeyPart, TableState } from '../../table/state.ts';
import type { KeyRange } from '../../tree/reader.ts';
import { hashPrefix, joinKey, segmentOf } from '../../value/key.ts';
import type { Item, KeyValue } from '../../value/value.ts';
import type { ValueReader } from '../operation.ts';
import type { QueryRange } from './key-range.ts';

const invalidStart = 'The provided starting key is invalid';

/** Which part of a table a parallel Scan reads. */
export interface Segment {
  readonly segment: number;
  readonly total: number;
}

/** Reads an ExclusiveStartKey as it came; most faults are told as those of a starting key. */
export function readStart(
  raw: Readonly<Record<string, unknown>> | undefined,
  values: ValueReader,
): Item | undefined {
  if (raw === undefined) return undefined;
  try {
    return values.item(raw);
  } catch (fault) {
    if (!(fault instanceof DynamoError) || bareFaults.test(fault.message)) throw fault;
    throw validation(`${invalidStart}: ${fault.message}`);
  }
}

/** Faults of numbers and their sets keep their own words (types-and-limits.md, section 1). */
const bareFaults =
  /number set|contains duplicates|numeric value|in a Number$|^Number (over|under)flow/;

/** The encoded place of a Query's start key; throws when it is not inside the query. */
export function queryStart(
  table: TableState,
  index: IndexState | undefined,
  query: QueryRange,
  start: Item,
): Uint8Array {
  const { hash, range } = table.keys;
  const place = placeOf(table, index, start, invalidStart);
  if (index === undefined && range.length === 0) {
    throw validation(
      `The provided exclusive start key is invalid: ExclusiveStartKey: ${shown(hash, start)}`,
    );
  }
  if (index === undefined && query.isWhole) {
    throw validation('The query can return at most one row and cannot be restarted');
  }
  // The range is asked before the partition, as if the key were in the partition of the query.
  const own = hashPrefix(keyValues((index ?? table).keys.hash, start));
  const there = concatBytes(query.partition, place.subarray(own.length));
  if (!isInside(query.range, there)) {
    throw validation('The provided starting key does not match the range key predicate');
  }
  if (!startsWithBytes(place, query.partition)) {
    throw validation(
      'The provided starting key is outside query boundaries based on provided conditions',
    );
  }
  return place;
}

/** The encoded place of a Scan's start key; throws when it belongs to another segment. */
export function scanStart(
  table: TableState,
  index: IndexState | undefined,
  part: Segment | undefined,
  start: Item,
): Uint8Array {
  const wrongNames = index === undefined ? `${invalidStart}: ${keyMismatch}` : invalidStart;
  const place = placeOf(table, index, start, wrongNames);
  if (part !== undefined && segmentOf(place, part.total) !== part.segment) {
    throw validation(
      `${invalidStart}: Invalid ExclusiveStartKey. Please use ExclusiveStartKey with correct ` +
        `Segment. TotalSegments: ${part.total} Segment: ${part.segment}`,
    );
  }
  return place;
}

/** The range that is left after `place`. */
export function rangeAfter(range: KeyRange, place: Uint8Array, isReverse: boolean): KeyRange {
  return isReverse
    ? { ...range, to: place, toClosed: false }
    : { ...range, from: place, fromOpen: true };
}

function placeOf(
  table: TableState,
  index: IndexState | undefined,
  start: Item,
  wrongNames: string,
): Uint8Array {
  const schemas = index === undefined ? [table.keys] : [index.keys, table.keys];
  const parts = new Map<string, KeyPart>();
  for (const { hash, range } of schemas) {
    for (const part of [...hash, ...range]) parts.set(part.name, part);
  }
  if (start.size !== parts.size) throw validation(wrongNames);
  for (const name of parts.keys()) if (!start.has(name)) throw validation(wrongNames);
  for (const { name, type } of parts.values()) {
    if (start.get(name)?.type !== type) throw validation(`${invalidStart}: ${keyMismatch}`);
  }
  for (const { hash, range } of schemas) {
    checkValues(hash, start, 'hash');
    checkValues(range, start, 'range');
  }
  const { hash, range } = index === undefined ? table.keys : index.keys;
  const tail = index === undefined ? undefined : entryTail(table, start);
  return joinKey(keyValues(hash, start), keyValues(range, start), tail);
}

function checkValues(parts: readonly KeyPart[], start: Item, kind: 'hash' | 'range'): void {
  try {
    for (const { name } of parts) checkKeyValue(name, start.get(name) as KeyValue, kind);
  } catch (fault) {
    if (!(fault instanceof DynamoError)) throw fault;
    throw validation(`${invalidStart}: ${fault.message}`);
  }
}

function isInside({ from, to }: KeyRange, place: Uint8Array): boolean {
  if (from !== undefined && compareBytes(place, from) < 0) return false;
  return to === undefined || compareBytes(place, to) < 0;
}

/** A start key as the service prints it: `{p=AttributeValue: {S:x}}`. */
function shown(parts: readonly KeyPart[], start: Item): string {
  const fields = parts.map(({ name }) => {
    const value = start.get(name);
    return value === undefined ? '' : `${name}=${printValue(value)}`;
  });
  return `{${fields.join(', ')}}`;
}
