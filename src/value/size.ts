/**
 * The size of a value and of an item in bytes, as DynamoDB counts it for limits and for capacity.
 *
 * The rules are reference/types-and-limits.md, section 6. It is not the length of our stored form:
 * an item carries this number in its header (codec.ts), so that metering needs no decoding.
 */
import { decimalSize } from './decimal.ts';
import { utf8Length } from './text.ts';
import type { Item, Value } from './value.ts';

/** Of a list or map, and of each element in it. */
const containerOverhead = 3;
const elementOverhead = 1;

export function valueSize(value: Value): number {
  switch (value.type) {
    case 'S':
      return utf8Length(value.value);
    case 'N':
      return decimalSize(value.value);
    case 'B':
      return value.value.length;
    case 'BOOL':
    case 'NULL':
      return 1;
    case 'SS':
      return value.value.reduce((sum, text) => sum + utf8Length(text), 0);
    case 'NS':
      return value.value.reduce((sum, text) => sum + decimalSize(text), 0);
    case 'BS':
      return value.value.reduce((sum, bytes) => sum + bytes.length, 0);
    case 'L': {
      let size = containerOverhead;
      for (const element of value.value) size += elementOverhead + valueSize(element);
      return size;
    }
    case 'M':
      return containerOverhead + elementOverhead * value.value.size + itemSize(value.value);
  }
}

/** Names and values of an item's attributes. */
export function itemSize(item: Item): number {
  let size = 0;
  for (const [name, value] of item) size += utf8Length(name) + valueSize(value);
  return size;
}
