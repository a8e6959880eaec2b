/**
 * BatchGetItem: up to 100 items of several tables by their keys.
 *
 * Every item is read as GetItem would; together they end at 16 MB, and the keys that are left are
 * answered as they came (reference/transactions-batch-partiql.md, section 6).
 */
import { refusalOf } from '../capacity/admission.ts';
import { countItem } from '../insight/accesses.ts';
import { hexOf } from '../../base/bytes.ts';
import { type DynamoError, validation } from '../../base/errors.ts';
import { batchGetBytesMax, batchGetKeysMax } from '../../base/limits.ts';
import { ConsumedTables, noIndexes } from '../../capacity/consumed.ts';
import { readUnits } from '../../capacity/units.ts';
import type { Projection } from '../../expression/projection.ts';
import { parseExpressions } from '../../expression/request.ts';
import {
  attributeMap,
  boolean,
  list,
  map,
  nameMap,
  returnConsumedCapacity,
  string,
  struct,
} from '../../shape/constructors.ts';
import { shownItem } from '../../table/expiry.ts';
import { findItem } from '../../table/items.ts';
import { primaryKey } from '../../table/keys.ts';
import type { TableState } from '../../table/state.ts';
import { encodeItem, type StoredItem } from '../../value/codec.ts';
import { setOwn } from '../../value/own.ts';
import type { Item } from '../../value/value.ts';
import {
  type DecideContext,
  type Operation,
  operation,
  type RequestContext,
} from '../operation.ts';
import { attributesToGet, requestItemsKey } from './fields.ts';
import { checkKeyPaths } from './key-paths.ts';

export const BatchGetItem: Operation = operation({
  name: 'BatchGetItem',
  kind: 'read',
  touchesMany: true,
  input: struct({
    RequestItems: map(
      struct(
        {
          Keys: list(attributeMap, { min: 1, max: batchGetKeysMax, hidden: true }).required,
          AttributesToGet: attributesToGet,
          ConsistentRead: boolean,
          ProjectionExpression: string(),
          ExpressionAttributeNames: nameMap,
        },
        'KeysAndAttributes',
      ),
      { javaValue: 'com.amazonaws.dynamodb.v20120810.KeysAndAttributes', keys: requestItemsKey },
    ).required,
    ReturnConsumedCapacity: returnConsumedCapacity,
  }),
  check(input, context) {
    const names = Object.keys(input.RequestItems);
    if (names.length === 0) {
      throw validation('The requestItems parameter is required for BatchGetItem');
    }
    // The total runs: what stands behind the table that has too many is not looked at.
    let total = 0;
    const parts = names.map((name) => {
      const part = checkTable(name, input.RequestItems[name] as TableRequest, context);
      total += part.keys.length;
      if (total > batchGetKeysMax) {
        throw validation('Too many items requested for the BatchGetItem call');
      }
      return part;
    });
    return { input, parts };
  },
  plan({ input, parts }, { catalog }) {
    const tables = parts.map(({ name }) => catalog.table(name));
    const planned = parts.map((part, at) => planTable(part, tables[at] as TableState));
    for (const { table, projection } of planned) checkKeyPaths(table, projection);
    return { input, planned };
  },
  decide({ input, planned }, context) {
    const consumed = new ConsumedTables();
    const responses: Record<string, readonly (Item | StoredItem)[]> = {};
    const unprocessed: Record<string, object> = {};
    let room = batchGetBytesMax;
    let done = 0;
    let refusal: DynamoError | undefined;
    for (const part of planned) {
      const read = readTable(part, room, context);
      room = read.full ? -1 : room - read.bytes;
      done += part.keys.length - read.left.length;
      refusal ??= read.refusal;
      setOwn(responses, part.name, read.items);
      if (read.left.length > 0) {
        setOwn(unprocessed, part.name, { ...part.options, Keys: read.left });
      }
      consumed.add(part.name, part.table, { table: read.units, indexes: noIndexes });
    }
    if (done === 0 && refusal !== undefined) throw refusal;
    return {
      output: {
        Responses: responses,
        UnprocessedKeys: unprocessed,
        ...consumed.member(input.ReturnConsumedCapacity),
      },
    };
  },
  consistent: ({ parts }) => parts.some(({ isConsistent }) => isConsistent),
});

interface TableRequest {
  readonly Keys: readonly Readonly<Record<string, unknown>>[];
  readonly AttributesToGet?: readonly string[] | undefined;
  readonly ConsistentRead?: boolean | undefined;
  readonly ProjectionExpression?: string | undefined;
  readonly ExpressionAttributeNames?: Readonly<Record<string, string>> | undefined;
}

interface CheckedTable {
  readonly name: string;
  readonly keys: readonly Item[];
  readonly projection: Projection | undefined;
  readonly isConsistent: boolean;
  /** What UnprocessedKeys repeats. */
  readonly options: object;
}

interface PlannedTable extends CheckedTable {
  readonly table: TableState;
  /** Encoded `keys`. */
  readonly encoded: readonly Uint8Array[];
}

interface TableRead {
  readonly items: readonly (Item | StoredItem)[];
  readonly left: readonly Item[];
  readonly bytes: number;
  readonly units: number;
  /** There was an item too much: the answer takes no more, not from other tables either. */
  readonly full: boolean;
  /** There were no more units, where they are enforced. */
  readonly refusal?: DynamoError | undefined;
}

function checkTable(
  name: string,
  { Keys: raw, ...options }: TableRequest,
  { values }: RequestContext,
): CheckedTable {
  const { projection } = parseExpressions('BatchGetItem', options, (one) => values.value(one));
  const items = raw.map((one) => values.item(one));
  return {
    name,
    keys: distinct(items, raw),
    projection,
    isConsistent: options.ConsistentRead === true,
    options: Object.fromEntries(
      Object.entries(options).filter(([, option]) => option !== undefined && option !== null),
    ),
  };
}

/**
 * The keys, each once. The same key twice is refused, but not when its number is only spelled in
 * another way: then the item is answered once.
 */
function distinct(items: readonly Item[], raw: TableRequest['Keys']): readonly Item[] {
  const seen = new Map<string, Set<string>>();
  return items.filter((item, at) => {
    const key = hexOf(encodeItem(item));
    const spelling = spellingOf(raw[at] ?? {});
    const before = seen.get(key);
    if (before?.has(spelling)) {
      throw validation('Provided list of item keys contains duplicates');
    }
    if (before === undefined) seen.set(key, new Set([spelling]));
    else before.add(spelling);
    return before === undefined;
  });
}

function spellingOf(raw: Readonly<Record<string, unknown>>): string {
  const numbers = Object.keys(raw)
    .sort()
    .map((name) => String((raw[name] as { readonly N?: unknown } | null | undefined)?.N));
  return numbers.join(' ');
}

function planTable(part: CheckedTable, table: TableState): PlannedTable {
  return {
    ...part,
    table,
    encoded: part.keys.map((key) => primaryKey(table, key, 'read', 'BatchGetItem')),
  };
}

/** Reads what fits in `room` bytes; the first item that does not, and all behind it, are left. */
function readTable(part: PlannedTable, room: number, context: DecideContext): TableRead {
  const { reader, hideAtMs } = context;
  const { table, keys, encoded, projection, isConsistent } = part;
  const items: (Item | StoredItem)[] = [];
  let bytes = 0;
  let units = 0;
  for (const [at, key] of encoded.entries()) {
    const refusal = refusalOf(context, table, 'Read', keys[at] as Item);
    if (refusal !== undefined) {
      return { items, left: keys.slice(at), bytes, units, full: false, refusal };
    }
    const stored = findItem(reader, table, key);
    if (bytes + (stored?.size ?? 0) > room) {
      return { items, left: keys.slice(at), bytes, units, full: true };
    }
    const own = readUnits(stored?.size ?? 0, isConsistent);
    units += own;
    countItem(context, table, keys[at] as Item, own);
    if (stored === undefined) continue;
    bytes += stored.size;
    const shown = shownItem(table, stored, hideAtMs);
    if (shown === undefined) continue;
    items.push(projection === undefined ? shown : projection.project(shown.item()));
  }
  return { items, left: [], bytes, units, full: false };
}
