/**
 * Key attributes of items: found, tested against a key schema, and encoded.
 *
 * Two families of answers exist. Where a request names an item by its `Key`, any fault is "The
 * provided key element does not match the schema"; where it brings a whole `Item`, the fault is
 * told in detail (reference/types-and-limits.md, sections 4 and 5). Empty and oversized values read
 * the same in both.
 */
import { invalid, validation } from '../base/errors.ts';
import { hashKeyBytesMax, rangeKeyBytesMax } from '../base/limits.ts';
import { joinKey, type KeyRoom, keyTail } from '../value/key.ts';
import { valueSize } from '../value/size.ts';
import type { Item, KeyValue, Value } from '../value/value.ts';
import { checkScope, type Touch } from './scope.ts';
import type { KeyPart, KeySchema, TableState } from './state.ts';

export const keyMismatch = 'The provided key element does not match the schema';

/**
 * Encoded key of the item that `key` names, as Get, Update, Delete and batches have it. `touch` and
 * `action`: what is to be done with it.
 */
export function primaryKey(
  table: TableState,
  key: Item,
  touch: Touch = 'read',
  action = 'GetItem',
): Uint8Array {
  const { hash, range } = table.keys;
  if (key.size !== hash.length + range.length) throw validation(keyMismatch);
  const encoded = joinKey(givenParts(hash, key, 'hash'), givenParts(range, key, 'range'));
  checkScope(table, encoded, touch, action);
  return encoded;
}

/** Encoded key of a whole item, with Put's detailed refusals. */
export function itemKey(table: TableState, item: Item): Uint8Array {
  const [hash, range] = wholeParts(table, item);
  const encoded = joinKey(hash, range, undefined, true);
  checkScope(table, encoded, 'put', 'PutItem');
  return encoded;
}

/** The same at the beginning of `room`; answers where it ends. */
export function putItemKey(table: TableState, item: Item, room: KeyRoom): number {
  const [hash, range] = wholeParts(table, item);
  const end = room.join(0, hash, range);
  const isScoped = table.replica?.scope !== undefined;
  if (isScoped) checkScope(table, room.bytes.subarray(0, end), 'put', 'PutItem');
  return end;
}

type Parts = readonly [hash: readonly KeyValue[], range: readonly KeyValue[]];

function wholeParts({ keys: { hash, range } }: TableState, item: Item): Parts {
  // Missing and mistyped attributes are told before empty and oversized ones.
  checkTypes(hash, item);
  checkTypes(range, item);
  return [givenParts(hash, item, 'hash'), givenParts(range, item, 'range')];
}

function checkTypes(parts: readonly KeyPart[], item: Item): void {
  for (const { name, type } of parts) {
    const value = item.get(name);
    if (value === undefined) throw invalid(`Missing the key ${name} in the item`);
    if (value.type !== type) {
      throw invalid(`Type mismatch for key ${name} expected: ${type} actual: ${value.type}`);
    }
  }
}

/** Throws on a key attribute of a whole item that is empty; whatever else is wrong with the key. */
export function checkEmptyKeys(table: TableState, item: Item): void {
  for (const { name, type } of [...table.keys.hash, ...table.keys.range]) {
    const value = item.get(name);
    if (value?.type === type && isEmptyKey(value)) throw emptyKey(name, value);
  }
}

/** The key of a stored item, which must have one. */
export function storedKey(table: TableState, item: Item): Uint8Array {
  return joinKey(keyValues(table.keys.hash, item), keyValues(table.keys.range, item));
}

/** What the keys of this item's index entries end with. */
export function entryTail(table: TableState, item: Item): Uint8Array {
  return keyTail(keyValues(table.keys.hash, item), keyValues(table.keys.range, item));
}

/** The attributes of `item` that are keys of `schemas`, in that order, each once. */
export function keyItem(item: Item, ...schemas: readonly KeySchema[]): Item {
  const key = new Map<string, Value>();
  for (const { hash, range } of schemas) {
    for (const { name } of hash) set(key, item, name);
    for (const { name } of range) set(key, item, name);
  }
  return key;
}

/** Throws on an empty or oversized value of a table's key, with the name of its attribute. */
export function checkKeyValue(name: string, value: KeyValue, kind: 'hash' | 'range'): void {
  if (isEmptyKey(value)) throw emptyKey(name, value);
  refuseOversized(valueSize(value), kind);
}

/** Throws on values that are too long, together, to be the hash or range of a key. */
export function checkKeySize(values: readonly Value[], kind: 'hash' | 'range'): void {
  refuseOversized(sumOf(values), kind);
}

function refuseOversized(size: number, kind: 'hash' | 'range'): void {
  if (!isTooLong(size, kind)) return;
  // There is no blank before the first number.
  const fault =
    kind === 'hash'
      ? `Size of hashkey has exceeded the maximum size limit of${hashKeyBytesMax}`
      : `Aggregated size of all range keys has exceeded the size limit of ${rangeKeyBytesMax}`;
  throw invalid(`${fault} bytes`);
}

export function isEmptyKey(value: Value): boolean {
  return (value.type === 'S' || value.type === 'B') && value.value.length === 0;
}

export function isOversized(values: readonly Value[], kind: 'hash' | 'range'): boolean {
  return isTooLong(sumOf(values), kind);
}

/** The same of the sum of their sizes. */
export function isTooLong(size: number, kind: 'hash' | 'range'): boolean {
  return size > (kind === 'hash' ? hashKeyBytesMax : rangeKeyBytesMax);
}

function sumOf(values: readonly Value[]): number {
  let size = 0;
  for (const value of values) size += valueSize(value);
  return size;
}

/** The word for an empty value of that type in DynamoDB's messages. */
export function emptyWord(value: Value): string {
  return value.type === 'B' ? 'binary' : 'string';
}

/** Values of key attributes that were tested before. */
export function keyValues(parts: readonly KeyPart[], item: Item): readonly KeyValue[] {
  const [only] = parts;
  if (only !== undefined && parts.length === 1) return [item.get(only.name) as KeyValue];
  // No `map`: what it answers changes its shape once it is compiled.
  const values: KeyValue[] = [];
  for (const { name } of parts) values.push(item.get(name) as KeyValue);
  return values;
}

function emptyKey(name: string, value: Value): Error {
  return validation(
    'One or more parameter values are not valid. The AttributeValue for a key attribute ' +
      `cannot contain an empty ${emptyWord(value)} value. Key: ${name}`,
  );
}

function givenParts(
  parts: readonly KeyPart[],
  key: Item,
  kind: 'hash' | 'range',
): readonly KeyValue[] {
  const [only] = parts;
  // The usual case; an array that grows has room for 17 from its first element on.
  if (only !== undefined && parts.length === 1) return [givenPart(only, key, kind)];
  const values: KeyValue[] = [];
  for (const part of parts) values.push(givenPart(part, key, kind));
  return values;
}

function givenPart({ name, type }: KeyPart, key: Item, kind: 'hash' | 'range'): KeyValue {
  const value = key.get(name);
  if (value === undefined || value.type !== type) throw validation(keyMismatch);
  checkKeyValue(name, value as KeyValue, kind);
  return value as KeyValue;
}

function set(key: Map<string, Value>, item: Item, name: string): void {
  const value = item.get(name);
  if (value !== undefined) key.set(name, value);
}
