/**
 * Attribute names out of bytes: the same name is the same string, and costs no allocation again.
 *
 * Items of a table share their names, so a decoder meets the same few all the time. A hash table
 * of single slots remembers them with their bytes; who comes to a taken slot takes it over. A name
 * knows the slot of the one that followed it last, so that a name is hashed only where another one
 * came before. Bytes are compared with bytes: with a string's units it takes four times as long in
 * Chromium. Also runs in the page.
 */
import { nameSlots } from '../base/limits.ts';

export const utf8: TextDecoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** A name of ASCII and its bytes. */
export interface KnownName {
  readonly name: string;
  readonly bytes: Uint8Array;
  /** The slot of the name that followed this one the last time. */
  next: number;
}

/** What an item's first name follows. */
export const noName: KnownName = { name: '', bytes: new Uint8Array(0), next: 0 };
const slots: KnownName[] = new Array<KnownName>(nameSlots).fill(noName);

/** The name at `bytes` from `from` to `to`; `ascii` says that every byte is a character. */
export function nameAt(bytes: Uint8Array, from: number, to: number, ascii: boolean): string {
  if (!ascii) return utf8.decode(bytes.subarray(from, to));
  return inSlot(slotOf(bytes, from, to), bytes, from, to).name;
}

/** The name of ASCII at `bytes` from `from` to `to`, which comes after `last`. */
export function nameAfter(last: KnownName, bytes: Uint8Array, from: number, to: number): KnownName {
  const guess = slots[last.next] as KnownName;
  if (isAt(guess, bytes, from, to)) return guess;
  last.next = slotOf(bytes, from, to);
  return inSlot(last.next, bytes, from, to);
}

function slotOf(bytes: Uint8Array, from: number, to: number): number {
  let hash = to - from;
  for (let at = from; at < to; at += 1) hash = (hash * 31 + (bytes[at] as number)) | 0;
  return hash & (nameSlots - 1);
}

function inSlot(slot: number, bytes: Uint8Array, from: number, to: number): KnownName {
  const known = slots[slot] as KnownName;
  if (isAt(known, bytes, from, to)) return known;
  // A Buffer of Node would answer a view to `slice`.
  const own = new Uint8Array(bytes.subarray(from, to));
  const name = { name: utf8.decode(own), bytes: own, next: 0 };
  slots[slot] = name;
  return name;
}

function isAt({ bytes: own }: KnownName, bytes: Uint8Array, from: number, to: number): boolean {
  if (own.length !== to - from) return false;
  for (let at = from; at < to; at += 1) if (own[at - from] !== bytes[at]) return false;
  return true;
}
