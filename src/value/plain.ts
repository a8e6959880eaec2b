/**
 * Values as plain JavaScript, as lib-dynamodb's marshall and unmarshall have them.
 *
 * string S, number and bigint N, boolean BOOL, null NULL, bytes B, Set SS, NS or BS, array L, Map
 * or object M. A boxed String is a number (number-value.ts). Members that are undefined are left
 * out. What has no form (functions, symbols, dates) is refused, never stored as something else.
 */
import { type DynamoError, validation } from '../base/errors.ts';
import { decimalOfNumber, parseDecimal } from './decimal.ts';
import { checkDepth, checkName } from './names.ts';
import { type NumberValue, plainNumber } from './number-value.ts';
import { setOwn } from './own.ts';
import { binarySet, numberSet, type SetValue, stringSet } from './set.ts';
import { wellFormed } from './text.ts';
import type { Item, Value } from './value.ts';

export type PlainValue =
  | string
  | number
  | NumberValue
  | Uint8Array
  | boolean
  | null
  | Set<string>
  | Set<number | NumberValue>
  | Set<Uint8Array>
  | PlainValue[]
  | { [name: string]: PlainValue };

/** Reads values in plain form (operation/operation.ts, ValueReader). */
export const plainReader: { value(raw: unknown): Value; item(raw: unknown): Item } = {
  value: (raw) => readValue(raw, 1),
  item(raw) {
    const value = typeof raw === 'object' && raw !== null ? readObject(raw, 0) : undefined;
    if (value?.type === 'M') return value.value;
    throw validation('An item must be an object or a Map of its attributes');
  },
};

export function toPlain(value: Value): PlainValue {
  switch (value.type) {
    case 'S':
    case 'B':
    case 'BOOL':
      return value.value;
    case 'N':
      return plainNumber(value.value);
    case 'NULL':
      return null;
    case 'SS':
      return new Set(value.value);
    case 'NS':
      return new Set(value.value.map(plainNumber));
    case 'BS':
      return new Set(value.value);
    case 'L':
      return value.value.map(toPlain);
    case 'M':
      return itemToPlain(value.value);
  }
}

export function itemToPlain(item: Item): Record<string, PlainValue> {
  const plain: Record<string, PlainValue> = {};
  for (const [name, value] of item) setOwn(plain, name, toPlain(value));
  return plain;
}

function readValue(raw: unknown, depth: number): Value {
  switch (typeof raw) {
    case 'string':
      return { type: 'S', value: wellFormed(raw) };
    case 'number':
    case 'bigint':
      return { type: 'N', value: decimalIn(raw) };
    case 'boolean':
      return { type: 'BOOL', value: raw };
    case 'object':
      return raw === null ? { type: 'NULL', value: true } : readObject(raw, depth);
    default:
      throw unsupported(raw);
  }
}

function readObject(raw: object, depth: number): Value {
  const bytes = bytesIn(raw);
  if (bytes !== undefined) return { type: 'B', value: bytes };
  if (raw instanceof String || raw instanceof Number) return { type: 'N', value: decimalIn(raw) };
  if (raw instanceof Boolean) return { type: 'BOOL', value: raw.valueOf() };
  if (raw instanceof Set) return readSet(raw);
  // An item itself is at depth 0, its attributes' values are at depth 1.
  checkDepth(depth);
  if (Array.isArray(raw)) {
    const present = raw.filter((element: unknown) => element !== undefined);
    return { type: 'L', value: present.map((element) => readValue(element, depth + 1)) };
  }
  return { type: 'M', value: readMembers(entriesOf(raw), depth) };
}

function readMembers(entries: Iterable<readonly [unknown, unknown]>, depth: number): Item {
  const item = new Map<string, Value>();
  for (const [name, value] of entries) {
    if (value === undefined) continue;
    if (typeof name !== 'string') {
      throw validation(`A Map becomes a map attribute only if its keys are strings: ${show(name)}`);
    }
    item.set(checkName(name), readValue(value, depth + 1));
  }
  return item;
}

/** Own enumerable members; of an instance of a class only if it has any. */
function entriesOf(raw: object): Iterable<readonly [unknown, unknown]> {
  if (raw instanceof Map) return raw;
  const entries = Object.entries(raw);
  if (entries.length === 0 && !isPlainObject(raw)) throw unsupported(raw);
  return entries;
}

/** Of this realm or of another: its prototype is none, or one without a prototype. */
function isPlainObject(raw: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(raw);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function readSet(raw: ReadonlySet<unknown>): SetValue {
  const members = [...raw].filter((member) => member !== undefined);
  if (members.length === 0) {
    throw validation('An empty Set has no type: put a member into it, or leave the attribute out');
  }
  if (members.every((member) => typeof member === 'string')) {
    return stringSet(members.map(wellFormed));
  }
  if (members.every(isNumeric)) return numberSet(members.map(decimalIn));
  const binaries = members.map((member) => bytesIn(member));
  if (binaries.every((bytes) => bytes !== undefined)) return binarySet(binaries);
  throw validation('A Set must hold strings only, numbers only or binary values only');
}

type BoxedNumber = InstanceType<typeof Number>;
type Numeric = number | bigint | NumberValue | BoxedNumber;

function isNumeric(raw: unknown): raw is Numeric {
  const isPrimitive = typeof raw === 'number' || typeof raw === 'bigint';
  return isPrimitive || raw instanceof String || raw instanceof Number;
}

function decimalIn(raw: Numeric): string {
  if (typeof raw === 'number' || raw instanceof Number) return decimalOfNumber(raw.valueOf());
  return parseDecimal(raw.toString());
}

/** A copy, so that the caller may go on using theirs; undefined for what is not bytes. */
function bytesIn(raw: unknown): Uint8Array | undefined {
  if (raw instanceof Uint8Array) return new Uint8Array(raw);
  if (ArrayBuffer.isView(raw)) {
    return new Uint8Array(raw.buffer, raw.byteOffset, raw.byteLength).slice();
  }
  return raw instanceof ArrayBuffer ? new Uint8Array(raw.slice(0)) : undefined;
}

function unsupported(raw: unknown): DynamoError {
  return validation(
    `Unsupported type passed: ${show(raw)}. Store a string, number, bigint, boolean, null, ` +
      'Uint8Array, Set, array, Map or plain object, such as a date as its ISO string',
  );
}

function show(raw: unknown): string {
  switch (typeof raw) {
    case 'function':
      return 'a function';
    case 'object':
      return Object.prototype.toString.call(raw);
    default:
      return String(raw);
  }
}
