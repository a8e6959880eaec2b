/**
 * What comes from elsewhere as a stored item or as the key of one: believed only when it is what a
 * put of that item would have made here, byte for byte (docs/formats/item.md, key.md).
 *
 * Values are tested as the readers of requests test them (value/wire.ts), sizes are counted anew.
 * Whatever else it is, a failed assert of a decoder too, it is no item and no key.
 * Cost of an image: one decoding and one encoding; the decoded item is kept for who takes it. Of a
 * key: the same. What says that it is too large is not decoded.
 */
import { assert } from '../base/assert.ts';
import { compareBytes, equalBytes } from '../base/bytes.ts';
import { itemBytesMax } from '../base/limits.ts';
import { itemOfKey } from '../table/key-item.ts';
import { isEmptyKey, isOversized, storedKey } from '../table/keys.ts';
import type { TableState } from '../table/state.ts';
import { encodeItem, StoredItem } from '../value/codec.ts';
import { compareDecimals, parseDecimal } from '../value/decimal.ts';
import { checkDepth, checkName } from '../value/names.ts';
import { itemSize } from '../value/size.ts';
import { compareText } from '../value/text.ts';
import type { Item, Value } from '../value/value.ts';

/** The item under that key; undefined of bytes that no put would have stored there. */
export function readImage(
  table: TableState,
  key: Uint8Array,
  image: Uint8Array,
): StoredItem | undefined {
  const stored = openImage(image);
  const item = stored?.item();
  if (stored === undefined || item === undefined) return undefined;
  return isStorable(item, image) && isKeyIn(table, item, key) ? stored : undefined;
}

/** What a change leaves under that key, an item or none; undefined of what no commit would say. */
export function readChange(
  table: TableState,
  key: Uint8Array,
  image: Uint8Array | undefined,
): { readonly after: StoredItem | undefined } | undefined {
  if (image === undefined) return readKey(table, key) && { after: undefined };
  const after = readImage(table, key, image);
  return after && { after };
}

/** The item that the bytes are, decoded and not tested further; undefined where they are none. */
export function openImage(image: Uint8Array): StoredItem | undefined {
  return attempt(() => {
    const stored = new StoredItem(image);
    if (stored.size > itemBytesMax) return undefined;
    stored.item();
    return stored;
  });
}

/** The attributes of a key; undefined of bytes that are no key of the table. */
export function readKey(table: TableState, key: Uint8Array): Item | undefined {
  const item = attempt(() => itemOfKey(table, key));
  return item !== undefined && isKeyIn(table, item, key) ? item : undefined;
}

function isStorable(item: Item, image: Uint8Array): boolean {
  const isTold = attempt(() => {
    checkAttributes(item, 0);
    const size = itemSize(item);
    return size <= itemBytesMax && equalBytes(encodeItem(item, { size }), image);
  });
  return isTold === true;
}

/** What the item's key attributes make, or were made of. */
function isKeyIn(table: TableState, item: Item, key: Uint8Array): boolean {
  const isKey = attempt(() => {
    for (const kind of ['hash', 'range'] as const) {
      for (const { name, type } of table.keys[kind]) {
        const value = item.get(name);
        if (value?.type !== type || isEmptyKey(value) || isOversized([value], kind)) return false;
        checkValue(value, 1);
      }
    }
    return equalBytes(storedKey(table, item), key);
  });
  return isKey === true;
}

/** Throws unless a reader of values lets them in so; `depth` of an item is 0. */
function checkAttributes(item: Item, depth: number): void {
  for (const [name, value] of item) {
    checkName(name);
    checkValue(value, depth + 1);
  }
}

function checkValue(value: Value, depth: number): void {
  switch (value.type) {
    case 'N':
      checkNumber(value.value);
      break;
    case 'SS':
      checkSet(value.value, compareText);
      break;
    case 'NS':
      value.value.forEach(checkNumber);
      checkSet(value.value, compareDecimals);
      break;
    case 'BS':
      checkSet(value.value, compareBytes);
      break;
    case 'L':
      checkDepth(depth);
      for (const element of value.value) checkValue(element, depth + 1);
      break;
    case 'M':
      checkDepth(depth);
      checkAttributes(value.value, depth);
      break;
  }
}

function checkNumber(text: string): void {
  assert(parseDecimal(text) === text, 'a number that is not canonical');
}

function checkSet<T>(elements: readonly T[], order: (a: T, b: T) => number): void {
  assert(elements.length > 0, 'a set of nothing');
  for (let at = 1; at < elements.length; at += 1) {
    assert(order(elements[at - 1] as T, elements[at] as T) < 0, 'a set that is not in order');
  }
}

/** Undefined where it throws: it has met bytes that it cannot have written. */
function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
