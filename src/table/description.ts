/**
 * A table's description as the item that the catalog keeps, and back.
 *
 * One attribute for each member of TableState, and `format`, so that a later version can tell old
 * items from its own. `settings` is JSON text: the engine does not look inside. Members that are
 * undefined are left out. The item is documented in docs/formats/catalog.md.
 */
import { assert, must } from '../base/assert.ts';
import { emptyBytes } from '../base/bytes.ts';
import { decodeItem, encodeItem } from '../value/codec.ts';
import type { Item, KeyType, Value } from '../value/value.ts';
import type { KeySpan, TableScope, Touch } from './scope.ts';
import type {
  IndexState,
  KeyPart,
  KeySchema,
  Projection,
  TableReplica,
  TableState,
  TableStream,
  Throughput,
} from './state.ts';

const format = 1;
const touches: readonly Touch[] = ['read', 'put', 'remove'];

export function tableItem(table: TableState): Item {
  const item = new Map<string, Value>([
    ['format', number(format)],
    ['name', text(table.name)],
    ['id', text(table.id)],
    ['arn', text(table.arn)],
    ['tree', number(table.tree)],
    ['status', text(table.status)],
    ['keys', keysValue(table.keys)],
    ['indexes', list(table.indexes.map(indexValue))],
    ['createdAt', number(table.createdAt)],
    ['billing', text(table.billing)],
    ['throughput', throughputValue(table.throughput)],
    ['deletionProtection', { type: 'BOOL', value: table.deletionProtection }],
    ['tags', { type: 'M', value: new Map([...table.tags].map(([key, tag]) => [key, text(tag)])) }],
    ['settings', text(JSON.stringify(table.settings))],
  ]);
  if (table.payPerRequestSince !== undefined) {
    item.set('payPerRequestSince', number(table.payPerRequestSince));
  }
  if (table.tableClass !== undefined) item.set('tableClass', text(table.tableClass));
  if (table.durability !== undefined) item.set('durability', text(table.durability));
  if (table.collections !== undefined) {
    item.set('collections', number(table.collections.tree));
    if (table.collections.counting) item.set('counting', { type: 'BOOL', value: true });
  }
  if (table.stream !== undefined) item.set('stream', streamValue(table.stream));
  if (table.replica !== undefined) item.set('replica', replicaValue(table.replica));
  return item;
}

export function tableOfItem(item: Item): TableState {
  const found = numberOf(item.get('format'));
  assert(found === format, `a table's description of format ${found}`);
  const since = item.get('payPerRequestSince');
  const tableClass = item.get('tableClass');
  const durability = item.get('durability');
  const collections = item.get('collections');
  const stream = item.get('stream');
  const replica = item.get('replica');
  return {
    name: textOf(item.get('name')),
    id: textOf(item.get('id')),
    arn: textOf(item.get('arn')),
    tree: numberOf(item.get('tree')),
    status: textOf(item.get('status')) as TableState['status'],
    keys: keysOf(item.get('keys')),
    indexes: listOf(item.get('indexes')).map(indexOf),
    createdAt: numberOf(item.get('createdAt')),
    billing: textOf(item.get('billing')) as TableState['billing'],
    throughput: throughputOf(item.get('throughput')),
    payPerRequestSince: since && numberOf(since),
    deletionProtection: booleanOf(item.get('deletionProtection')),
    tableClass: tableClass && (textOf(tableClass) as NonNullable<TableState['tableClass']>),
    tags: new Map([...mapOf(item.get('tags'))].map(([key, tag]) => [key, textOf(tag)])),
    settings: JSON.parse(textOf(item.get('settings'))) as TableState['settings'],
    durability: durability && (textOf(durability) as NonNullable<TableState['durability']>),
    collections: collections && {
      tree: numberOf(collections),
      counting: item.get('counting') !== undefined,
    },
    stream: stream && streamOf(stream),
    replica: replica && replicaOf(replica, keysOf(item.get('keys'))),
  };
}

export function encodeTable(table: TableState): Uint8Array {
  return encodeItem(tableItem(table));
}

export function decodeTable(bytes: Uint8Array): TableState {
  return tableOfItem(decodeItem(bytes));
}

function indexValue(index: IndexState): Value {
  const value = new Map<string, Value>([
    ['name', text(index.name)],
    ['kind', text(index.kind)],
    ['tree', number(index.tree)],
    ['keys', keysValue(index.keys)],
    ['projection', text(index.projection.type)],
    ['projected', list(index.projection.names.map(text))],
    ['status', text(index.status)],
    ['backfilling', { type: 'BOOL', value: index.backfilling }],
  ]);
  if (index.throughput !== undefined) value.set('throughput', throughputValue(index.throughput));
  return { type: 'M', value };
}

function indexOf(value: Value): IndexState {
  const index = mapOf(value);
  const throughput = index.get('throughput');
  return {
    name: textOf(index.get('name')),
    kind: textOf(index.get('kind')) as IndexState['kind'],
    tree: numberOf(index.get('tree')),
    keys: keysOf(index.get('keys')),
    projection: {
      type: textOf(index.get('projection')) as Projection['type'],
      names: listOf(index.get('projected')).map(textOf),
    },
    status: textOf(index.get('status')) as IndexState['status'],
    backfilling: booleanOf(index.get('backfilling')),
    throughput: throughput && throughputOf(throughput),
  };
}

function streamValue({ label, view, shards, keepsAll, hidden }: TableStream): Value {
  return {
    type: 'M',
    value: new Map([
      ['label', text(label)],
      ['view', text(view)],
      ['shards', list(shards.map(({ from, tree }) => list([number(from), number(tree)])))],
      ...flag('keepsAll', keepsAll),
      ...flag('hidden', hidden),
    ]),
  };
}

function streamOf(value: Value): TableStream {
  const stream = mapOf(value);
  return {
    label: textOf(stream.get('label')),
    view: textOf(stream.get('view')) as TableStream['view'],
    shards: listOf(stream.get('shards')).map((shard) => {
      const [from, tree] = listOf(shard);
      return { from: numberOf(from), tree: numberOf(tree) };
    }),
    ...(stream.has('keepsAll') && { keepsAll: true }),
    ...(stream.has('hidden') && { hidden: true }),
  };
}

function replicaValue({ role, versions, global, scope, mode }: TableReplica): Value {
  const value = new Map<string, Value>([
    ['role', text(role)],
    ['versions', number(versions)],
    ['global', text(global)],
  ]);
  if (scope !== undefined) {
    value.set('user', text(scope.user));
    for (const touch of touches) {
      const spans = scope.spans[touch];
      if (spans !== undefined) value.set(touch, list(spans.flatMap(spanValues)));
    }
  }
  if (mode !== undefined) value.set('mode', text(mode));
  return { type: 'M', value };
}

/** Where each span begins and ends, one after another; an empty end is the table's. */
function spanValues({ from, to = emptyBytes }: KeySpan): readonly Value[] {
  return [
    { type: 'B', value: from },
    { type: 'B', value: to },
  ];
}

function scopeOf(replica: Item): TableScope | undefined {
  if (!replica.has('user')) return undefined;
  const [read, put, remove] = touches.map((touch) => {
    const spans = replica.get(touch);
    return spans && spansOf(listOf(spans));
  });
  return { user: textOf(replica.get('user')), spans: { read, put, remove } };
}

function spansOf(ends: readonly Value[]): readonly KeySpan[] {
  const bytes = ends.map((end) => (end.type === 'B' ? end.value : emptyBytes));
  return bytes.flatMap((from, at): KeySpan[] => {
    const to = bytes[at + 1];
    return at % 2 === 1 ? [] : [{ from, to: to?.length === 0 ? undefined : to }];
  });
}

function replicaOf(value: Value, { hash, range }: KeySchema): TableReplica {
  const replica = mapOf(value);
  return {
    role: textOf(replica.get('role')) as TableReplica['role'],
    versions: numberOf(replica.get('versions')),
    global: textOf(replica.get('global')),
    lead: range.length > 0 ? hash[0]?.type : undefined,
    scope: scopeOf(replica),
    ...(replica.has('mode') && { mode: textOf(replica.get('mode')) as TableReplica['mode'] }),
  };
}

/** An entry that is there where something holds. */
function flag(name: string, holds: boolean | undefined): readonly (readonly [string, Value])[] {
  return holds === true ? [[name, { type: 'BOOL', value: true }]] : [];
}

function keysValue(keys: KeySchema): Value {
  const parts = (of: readonly KeyPart[]): Value =>
    list(of.map(({ name, type }) => list([text(name), text(type)])));
  return {
    type: 'M',
    value: new Map([
      ['hash', parts(keys.hash)],
      ['range', parts(keys.range)],
    ]),
  };
}

function keysOf(value: Value | undefined): KeySchema {
  const keys = mapOf(value);
  const parts = (of: Value | undefined): readonly KeyPart[] =>
    listOf(of).map((part) => {
      const [name, type] = listOf(part);
      return { name: textOf(name), type: textOf(type) as KeyType };
    });
  return { hash: parts(keys.get('hash')), range: parts(keys.get('range')) };
}

function throughputValue(throughput: Throughput): Value {
  const { read, write, lastIncrease, lastDecrease } = throughput;
  const value = new Map<string, Value>([
    ['read', number(read)],
    ['write', number(write)],
  ]);
  if (lastIncrease !== undefined) value.set('lastIncrease', number(lastIncrease));
  if (lastDecrease !== undefined) value.set('lastDecrease', number(lastDecrease));
  return { type: 'M', value };
}

function throughputOf(value: Value | undefined): Throughput {
  const map = mapOf(value);
  const lastIncrease = map.get('lastIncrease');
  const lastDecrease = map.get('lastDecrease');
  return {
    read: numberOf(map.get('read')),
    write: numberOf(map.get('write')),
    lastIncrease: lastIncrease && numberOf(lastIncrease),
    lastDecrease: lastDecrease && numberOf(lastDecrease),
  };
}

function text(value: string): Value {
  return { type: 'S', value };
}

/** Ids, units and epoch seconds: their decimal text never needs an exponent. */
function number(value: number): Value {
  assert(value === 0 || (value >= 1e-3 && value < 1e21), `not a number of a description: ${value}`);
  return { type: 'N', value: String(value) };
}

function list(value: readonly Value[]): Value {
  return { type: 'L', value };
}

function textOf(value: Value | undefined): string {
  assert(value?.type === 'S', 'a description lacks a text');
  return value.value;
}

function numberOf(value: Value | undefined): number {
  assert(value?.type === 'N', 'a description lacks a number');
  return Number(value.value);
}

function booleanOf(value: Value | undefined): boolean {
  assert(value?.type === 'BOOL', 'a description lacks a flag');
  return value.value;
}

function listOf(value: Value | undefined): readonly Value[] {
  const found = must(value, 'a description lacks a list');
  assert(found.type === 'L', 'a description lacks a list');
  return found.value;
}

function mapOf(value: Value | undefined): Item {
  assert(value?.type === 'M', 'a description lacks a map');
  return value.value;
}
