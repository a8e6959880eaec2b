/**
 * Items as a page writes and reads them: plain JavaScript values, or DynamoDB's attribute values.
 */
import type { NumberValue } from '../value/number-value.ts';

/** A number is a NumberValue where a JavaScript number could not hold its digits. */
export type PlainValue =
  | string
  | number
  | bigint
  | boolean
  | null
  | NumberValue
  | Uint8Array
  | ReadonlySet<string>
  | ReadonlySet<number | bigint | NumberValue>
  | ReadonlySet<Uint8Array>
  | readonly PlainValue[]
  | { readonly [name: string]: PlainValue };

export type PlainItem = Record<string, PlainValue>;

/** DynamoDB's AttributeValue; the form of calls with `attributeValues: true`. */
export type AttributeValue =
  | { S: string }
  | { N: string }
  | { B: Uint8Array }
  | { BOOL: boolean }
  | { NULL: true }
  | { SS: string[] }
  | { NS: string[] }
  | { BS: Uint8Array[] }
  | { L: AttributeValue[] }
  | { M: Record<string, AttributeValue> };

export type AttributeItem = Record<string, AttributeValue>;

/** An item, key or map of values in an input. Members that are undefined are left out. */
export type InputItem = object;
