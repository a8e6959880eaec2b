/**
 * What was made of the items of a large request before the engine saw it: a memory of pure
 * functions, by identity, that lasts as long as the request's own objects.
 *
 * A reader of large requests (wire/prepare.ts) makes the items one by one, with turns for others
 * between; the request's check then finds each of them made. What could not be made is not here,
 * so that the check finds its fault, in its own order.
 */
import type { Item } from './value.ts';

/** Of attribute values as JSON has them: as their shape reads them (shape/check.ts). */
const shaped = new WeakMap<object, unknown>();
/** Of those: the item. */
const items = new WeakMap<object, Item>();
/** Of an item: its bytes. */
const encodings = new WeakMap<Item, Uint8Array>();

export function prepared(raw: object): unknown {
  return shaped.get(raw);
}

export function preparedItem(raw: unknown): Item | undefined {
  return items.get(raw as object);
}

export function preparedBytes(item: Item): Uint8Array | undefined {
  return encodings.get(item);
}

export function rememberItem(raw: object, read: object, item: Item): void {
  shaped.set(raw, read);
  items.set(read, item);
}

export function rememberBytes(item: Item, bytes: Uint8Array): void {
  encodings.set(item, bytes);
}
