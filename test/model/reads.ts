/**
 * Reads of the model: a get is a look into a map, a query is a filter and a sort.
 */
import { compareText } from '../../src/value/compare.ts';
import { compareDecimals } from '../../src/value/decimal.ts';
import { joinKey, keyTail, segmentOf } from '../../src/value/key.ts';
import type { Item, KeyValue } from '../../src/value/value.ts';
import { wireReader } from '../../src/value/wire.ts';
import { itemIn, parsedOf } from './inputs.ts';
import {
  type Input,
  keyOf,
  type ModelIndex,
  type ModelState,
  type ModelTable,
  type Outcome,
  refuse,
  sizeOf,
  tableOf,
} from './state.ts';

type Output = Readonly<Record<string, unknown>>;

/** DynamoDB ends a page at 1 MB of items read. */
const pageBytes = 1024 * 1024;

export function getItem(state: ModelState, input: Input): Outcome {
  const found = tableOf(state, input['TableName']).items.get(keyOf(itemIn(input, 'Key')));
  const { projection } = parsedOf('GetItem', input);
  return reads(found === undefined ? {} : { Item: projection?.project(found) ?? found });
}

export function batchGetItem(state: ModelState, input: Input): Outcome {
  const responses: Record<string, readonly Item[]> = {};
  for (const [name, wanted] of Object.entries(input['RequestItems'] as Input)) {
    const { items } = tableOf(state, name);
    const keys = (wanted as { Keys: readonly unknown[] }).Keys;
    responses[name] = keys.flatMap((raw) => items.get(keyOf(wireReader.item(raw))) ?? []);
  }
  return reads({ Sets: responses });
}

export function transactGetItems(state: ModelState, input: Input): Outcome {
  const found = (input['TransactItems'] as readonly { Get: Input }[]).map(({ Get }) => {
    return tableOf(state, Get['TableName']).items.get(keyOf(itemIn(Get, 'Key')));
  });
  return reads({ Responses: found });
}

export function describeTable(state: ModelState, input: Input): Outcome {
  const name = input['TableName'] as string;
  const table = state.tables.get(name) ?? refuse('ResourceNotFoundException');
  return reads({ ItemCount: table.items.size, TableSizeBytes: table.bytes });
}

/** Query by `p`, or by an index's hash key; the value is `:p`. */
export function query(state: ModelState, input: Input): Outcome {
  const table = tableOf(state, input['TableName']);
  const index = indexOf(table, input);
  const { keyCondition } = parsedOf('Query', input);
  const terms = keyCondition?.terms ?? [];
  const found: Item[] = [];
  for (const item of table.items.values()) {
    if (isIn(index, item) && terms.every((term) => holds(term, item))) found.push(item);
  }
  const range = index?.range ?? 's';
  const reverse = input['ScanIndexForward'] === false;
  const sign = reverse ? -1 : 1;
  const compare = (a: Item, b: Item): number => {
    return sign * (order(a, b, range) || order(a, b, 'p') || order(a, b, 's'));
  };
  return reads(page('Query', input, index, found.sort(compare), compare));
}

/** Scan: in the order of the tables' keys as bytes. */
export function scan(state: ModelState, input: Input): Outcome {
  const table = tableOf(state, input['TableName']);
  const index = indexOf(table, input);
  const total = input['TotalSegments'] as number | undefined;
  const found: { readonly item: Item; readonly key: string }[] = [];
  for (const item of table.items.values()) {
    if (!isIn(index, item)) continue;
    const key = treeKeyOf(item, index);
    if (total === undefined || segment(key, total) === input['Segment']) found.push({ item, key });
  }
  found.sort((a, b) => (a.key < b.key ? -1 : 1));
  const compare = (a: Item, b: Item): number => {
    return treeKeyOf(a, index) < treeKeyOf(b, index)
      ? -1
      : treeKeyOf(a, index) === treeKeyOf(b, index)
        ? 0
        : 1;
  };
  return reads(
    page(
      'Scan',
      input,
      index,
      found.map(({ item }) => item),
      compare,
    ),
  );
}

function reads(output: Output): Outcome {
  return { output, changes: [] };
}

/** One page of items in order: behind the start key, up to the limit or 1 MB, then filtered. */
function page(
  host: 'Query' | 'Scan',
  input: Input,
  index: ModelIndex | undefined,
  items: readonly Item[],
  compare: (a: Item, b: Item) => number,
): Output {
  const { filter, projection } = parsedOf(host, input);
  const start =
    input['ExclusiveStartKey'] === undefined ? undefined : itemIn(input, 'ExclusiveStartKey');
  const shown: Item[] = [];
  let scanned = 0;
  let bytes = 0;
  let last: Item | undefined;
  for (const item of items) {
    if (start !== undefined && compare(item, start) <= 0) continue;
    scanned += 1;
    bytes += sizeOf(item);
    if (filter === undefined || filter.holds(item)) shown.push(projection?.project(item) ?? item);
    if (scanned === input['Limit'] || bytes >= pageBytes) {
      last = keysOf(item, index);
      break;
    }
  }
  return {
    Count: shown.length,
    ScannedCount: scanned,
    LastEvaluatedKey: last,
    ...(input['Select'] === 'COUNT' ? {} : { Items: shown }),
  };
}

function indexOf(table: ModelTable, input: Input): ModelIndex | undefined {
  if (input['IndexName'] === undefined) return undefined;
  const index = table.indexes.get(input['IndexName'] as string);
  if (index === undefined || index.status === 'CREATING') refuse('ValidationException');
  return index;
}

export function isIn(index: ModelIndex | undefined, item: Item): boolean {
  return index === undefined || (item.has(index.hash) && item.has(index.range));
}

function keysOf(item: Item, index: ModelIndex | undefined): Item {
  const names = index === undefined ? ['p', 's'] : ['p', 's', index.hash, index.range];
  return new Map([...item].filter(([name]) => names.includes(name)));
}

interface Term {
  readonly name: string;
  readonly operator: string;
  readonly values: readonly { readonly type: string; readonly value: unknown }[];
}

function holds({ name, operator, values }: Term, item: Item): boolean {
  const value = item.get(name);
  if (value === undefined) return false;
  const against = (at: number): number => compareValues(value, values[at] as KeyValue);
  switch (operator) {
    case '=':
      return against(0) === 0;
    case '<':
      return against(0) < 0;
    case '>=':
      return against(0) >= 0;
    case 'BETWEEN':
      return against(0) >= 0 && against(1) <= 0;
    default:
      throw new Error(`the model has no ${operator}`);
  }
}

function order(a: Item, b: Item, name: string): number {
  return compareValues(a.get(name), b.get(name));
}

function compareValues(
  x: { readonly type: string; readonly value: unknown } | undefined,
  y: { readonly type: string; readonly value: unknown } | undefined,
): number {
  if (x?.type === 'N' && y?.type === 'N') return compareDecimals(String(x.value), String(y.value));
  if (x?.type === 'S' && y?.type === 'S') return compareText(String(x.value), String(y.value));
  return 0;
}

const treeKeys = new Map<string, string>();

/** The key that orders a scan, as a string whose characters are its bytes. */
function treeKeyOf(item: Item, index: ModelIndex | undefined): string {
  const base = keyOf(item);
  const of = (name: string): KeyValue => item.get(name) as KeyValue;
  const name = index
    ? `${base} ${String(of(index.hash).value)} ${String(of(index.range).value)}`
    : base;
  const known = treeKeys.get(name);
  if (known !== undefined) return known;
  const bytes =
    index === undefined
      ? joinKey([of('p')], [of('s')])
      : joinKey([of(index.hash)], [of(index.range)], keyTail([of('p')], [of('s')]));
  const key = String.fromCharCode(...bytes);
  treeKeys.set(name, key);
  return key;
}

function segment(key: string, total: number): number {
  const bytes = Uint8Array.from(key.slice(0, 4), (character) => character.charCodeAt(0));
  return segmentOf(bytes, total);
}
