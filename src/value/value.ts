/**
 * What an attribute can hold, inside the engine.
 *
 * A value is what DynamoDB's wire form says (`wire.ts`) after it was checked and made canonical, so
 * two equal values have equal forms: a number is its canonical decimal text (`decimal.ts`), a set
 * is sorted and without duplicates (`set.ts`). An item is a Map, never an object: attribute names
 * such as `__proto__` are data.
 */

export interface StringValue {
  readonly type: 'S';
  readonly value: string;
}
/** `value` is canonical: '0', '-12.5', never an exponent, at most 38 digits. */
export interface NumberValue {
  readonly type: 'N';
  readonly value: string;
}
export interface BinaryValue {
  readonly type: 'B';
  readonly value: Uint8Array;
}
export interface BooleanValue {
  readonly type: 'BOOL';
  readonly value: boolean;
}
export interface NullValue {
  readonly type: 'NULL';
  readonly value: true;
}
export interface StringSet {
  readonly type: 'SS';
  readonly value: readonly string[];
}
export interface NumberSet {
  readonly type: 'NS';
  readonly value: readonly string[];
}
export interface BinarySet {
  readonly type: 'BS';
  readonly value: readonly Uint8Array[];
}
export interface ListValue {
  readonly type: 'L';
  readonly value: readonly Value[];
}
export interface MapValue {
  readonly type: 'M';
  readonly value: Item;
}

export type Value =
  | StringValue
  | NumberValue
  | BinaryValue
  | BooleanValue
  | NullValue
  | StringSet
  | NumberSet
  | BinarySet
  | ListValue
  | MapValue;

export type ValueType = Value['type'];
export type KeyType = 'S' | 'N' | 'B';
export type KeyValue = StringValue | NumberValue | BinaryValue;

/** Attribute name to value. */
export type Item = ReadonlyMap<string, Value>;

/** DynamoDB's words for types in operand messages (reference/expressions.md, section 4). */
export const typeWords: Readonly<Record<ValueType, string>> = {
  S: 'STRING',
  N: 'NUMBER',
  B: 'BINARY',
  BOOL: 'BOOLEAN',
  NULL: 'NULL',
  SS: 'STRING SET',
  NS: 'NUMBER SET',
  BS: 'BINARY SET',
  L: 'LIST',
  M: 'MAP',
};
