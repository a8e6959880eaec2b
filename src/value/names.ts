/**
 * What both readers of values, `wire.ts` and `plain.ts`, demand of names and of nesting.
 */
import { validation } from '../base/errors.ts';
import { attributeNameBytesMax, nestingDepthMax } from '../base/limits.ts';
import { utf8Length, wellFormed } from './text.ts';
import type { Item, Value } from './value.ts';

/** The attribute name that a caller wrote, well-formed; throws if it may not name an attribute. */
export function checkName(raw: string): string {
  if (raw === '') throw validation('Empty attribute name');
  // No unit of UTF-16 is more than three bytes, so most names need no counting.
  const name = wellFormed(raw);
  if (name.length * 3 > attributeNameBytesMax && utf8Length(name) > attributeNameBytesMax) {
    throw validation(`Attribute name exceeds the maximum of ${attributeNameBytesMax} bytes`);
  }
  return name;
}

/**
 * Throws unless a list or map at `depth` may be there: an attribute's own value is at depth 1
 * (reference/types-and-limits.md, section 1).
 */
export function checkDepth(depth: number): void {
  if (depth > nestingDepthMax) {
    throw validation(
      'Nesting Levels have exceeded supported limits: ' +
        'Attributes in the item have nested levels beyond supported limit',
    );
  }
}

/** The same for values that were put together, as by a nested SET. */
export function checkNesting(item: Item): void {
  for (const value of item.values()) checkValueNesting(value, 1);
}

function checkValueNesting(value: Value, depth: number): void {
  if (value.type === 'L') {
    checkDepth(depth);
    for (const element of value.value) checkValueNesting(element, depth + 1);
  } else if (value.type === 'M') {
    checkDepth(depth);
    for (const element of value.value.values()) checkValueNesting(element, depth + 1);
  }
}
