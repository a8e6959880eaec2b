/**
 * Equality and order of values (reference/types-and-limits.md, section 3, and expressions.md,
 * section 4).
 *
 * Values are canonical, so numbers are equal when their texts are, and sets when their elements
 * are, one by one. Only S, N and B have an order, and only among themselves.
 */
import { compareBytes, equalBytes } from '../base/bytes.ts';
import { compareDecimals } from './decimal.ts';
import { compareText } from './text.ts';
import type { Item, Value } from './value.ts';

export { compareText } from './text.ts';

/** Deep equality: lists by position, maps and sets whatever their order. */
export function equalValues(a: Value, b: Value): boolean {
  if (a === b) return true;
  switch (a.type) {
    case 'S':
    case 'N':
    case 'BOOL':
    case 'NULL':
      return a.type === b.type && a.value === b.value;
    case 'B':
      return b.type === 'B' && equalBytes(a.value, b.value);
    case 'SS':
    case 'NS':
      return a.type === b.type && equalLists(a.value, b.value, (x, y) => x === y);
    case 'BS':
      return b.type === 'BS' && equalLists(a.value, b.value, equalBytes);
    case 'L':
      return b.type === 'L' && equalLists(a.value, b.value, equalValues);
    case 'M':
      return b.type === 'M' && equalItems(a.value, b.value);
  }
}

export function equalItems(a: Item, b: Item): boolean {
  if (a === b) return true;
  if (a.size !== b.size) return false;
  for (const [name, value] of a) {
    const other = b.get(name);
    if (other === undefined || !equalValues(value, other)) return false;
  }
  return true;
}

/** Negative, 0 or positive; undefined when the types differ or have no order. */
export function orderValues(a: Value, b: Value): number | undefined {
  if (a.type === 'S' && b.type === 'S') return compareText(a.value, b.value);
  if (a.type === 'N' && b.type === 'N') return compareDecimals(a.value, b.value);
  if (a.type === 'B' && b.type === 'B') return compareBytes(a.value, b.value);
  return undefined;
}

function equalLists<T>(a: readonly T[], b: readonly T[], equal: (x: T, y: T) => boolean): boolean {
  if (a.length !== b.length) return false;
  for (let at = 0; at < a.length; at += 1) if (!equal(a[at] as T, b[at] as T)) return false;
  return true;
}
