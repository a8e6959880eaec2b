/**
 * DynamoDB's own form of values: an object with one member that is named for the type.
 *
 * Binary is a Uint8Array here: base64 exists in JSON only, and `shape/check.ts` decodes it, as it
 * refuses members of a wrong JSON type. What is read becomes canonical, or is refused with the
 * texts of reference/types-and-limits.md, sections 1 and 2. Only own members of an object are data,
 * so a key `__proto__` is one like any other.
 */
import { DynamoError, invalid, validation } from '../base/errors.ts';
import { parseDecimal } from './decimal.ts';
import { checkDepth, checkName } from './names.ts';
import { setOwn } from './own.ts';
import { preparedItem } from './prepared.ts';
import { binarySet, numberSet, stringSet } from './set.ts';
import { wellFormed } from './text.ts';
import type { Item, Value, ValueType } from './value.ts';

export type WireValue =
  | { S: string }
  | { N: string }
  | { B: Uint8Array }
  | { BOOL: boolean }
  | { NULL: true }
  | { SS: string[] }
  | { NS: string[] }
  | { BS: Uint8Array[] }
  | { L: WireValue[] }
  | { M: Record<string, WireValue> };

type Members = Readonly<Record<string, unknown>>;

const types: readonly ValueType[] = ['S', 'N', 'B', 'BOOL', 'NULL', 'SS', 'NS', 'BS', 'L', 'M'];
const isType: ReadonlySet<string> = new Set(types);

/** Reads values in wire form (operation/operation.ts, ValueReader). */
export const wireReader: { value(raw: unknown): Value; item(raw: unknown): Item } = {
  value: (raw) => readValue(raw, 1),
  item: (raw) => preparedItem(raw) ?? readItem(raw, 0),
};

export function toWire(value: Value): WireValue {
  switch (value.type) {
    case 'S':
      return { S: value.value };
    case 'N':
      return { N: value.value };
    case 'B':
      return { B: value.value };
    case 'BOOL':
      return { BOOL: value.value };
    case 'NULL':
      return { NULL: true };
    case 'SS':
      return { SS: [...value.value] };
    case 'NS':
      return { NS: [...value.value] };
    case 'BS':
      return { BS: [...value.value] };
    case 'L':
      return { L: value.value.map(toWire) };
    case 'M':
      return { M: itemToWire(value.value) };
  }
}

export function itemToWire(item: Item): Record<string, WireValue> {
  const wire: Record<string, WireValue> = {};
  for (const [name, value] of item) setOwn(wire, name, toWire(value));
  return wire;
}

function readItem(raw: unknown, depth: number): Item {
  const members = membersOf(raw);
  const item = new Map<string, Value>();
  for (const name of Object.keys(members)) {
    const value = members[name];
    // The SDK sends no member that is undefined; null is how JSON says the same.
    if (value === undefined || value === null) continue;
    item.set(checkName(name), readValue(value, depth + 1));
  }
  return item;
}

function readValue(raw: unknown, depth: number): Value {
  const members = membersOf(raw);
  let type: ValueType | undefined;
  let others = false;
  for (const name of Object.keys(members)) {
    if (!isType.has(name) || members[name] === undefined || members[name] === null) continue;
    if (type === undefined) type = name as ValueType;
    else others = true;
  }
  if (type === undefined) {
    throw validation(
      'Supplied AttributeValue is empty, must contain exactly one of the supported datatypes',
    );
  }
  if (others) {
    // A malformed number is reported before the fact that there is more than one type.
    if (typeof members['N'] === 'string') parseDecimal(members['N']);
    if (Array.isArray(members['NS'])) readNumbers(members['NS']);
    throw validation(
      'Supplied AttributeValue has more than one datatypes set, ' +
        'must contain exactly one of the supported datatypes',
    );
  }
  return readMember(type, members[type], depth);
}

function readMember(type: ValueType, raw: unknown, depth: number): Value {
  switch (type) {
    case 'S':
      return { type, value: textIn(raw) };
    case 'N':
      return { type, value: parseDecimal(textIn(raw)) };
    case 'B':
      return { type, value: bytesIn(raw) };
    case 'BOOL':
      return { type, value: truthIn(raw) };
    case 'NULL':
      if (!truthIn(raw)) throw invalid('Null attribute value types must have the value of true');
      return { type, value: true };
    case 'SS':
      return stringSet(listIn(raw).map(textIn));
    case 'NS':
      return numberSet(readNumbers(listIn(raw)));
    case 'BS':
      return binarySet(listIn(raw).map(bytesIn));
    case 'L':
      checkDepth(depth);
      return { type, value: listIn(raw).map((element) => readValue(element, depth + 1)) };
    case 'M':
      checkDepth(depth);
      return { type, value: readItem(raw, depth) };
  }
}

function readNumbers(raw: readonly unknown[]): readonly string[] {
  return raw.map((element) => parseDecimal(textIn(element)));
}

function membersOf(raw: unknown): Members {
  if (typeof raw === 'object' && raw !== null && !Array.isArray(raw)) return raw as Members;
  throw unexpected('Unexpected value type in payload');
}

function textIn(raw: unknown): string {
  if (typeof raw === 'string') return wellFormed(raw);
  throw unexpected('An attribute value of this type is written as a string');
}

function truthIn(raw: unknown): boolean {
  if (typeof raw === 'boolean') return raw;
  throw unexpected('An attribute value of this type is written as a boolean');
}

function listIn(raw: unknown): readonly unknown[] {
  if (Array.isArray(raw)) return raw;
  throw unexpected('Unexpected field type');
}

/** A plain Uint8Array (not a Buffer) of its own, so that the caller may go on using theirs. */
function bytesIn(raw: unknown): Uint8Array {
  if (raw instanceof Uint8Array) return new Uint8Array(raw);
  throw unexpected('only base-64-encoded strings are convertible to bytes');
}

/** For callers who did not come through `shape/check.ts`. */
function unexpected(message: string): DynamoError {
  return new DynamoError('SerializationException', message);
}
