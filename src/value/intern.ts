/**
 * Attribute names out of bytes: the same name is the same string, and costs no allocation again.
 *
 * Items of a table share their names, so a decoder meets the same few all the time. A hash table of
 * single slots remembers them; who comes to a taken slot takes it over. Also runs on the page.
 */
import { nameSlots } from '../base/limits.ts';

const slots: string[] = new Array<string>(nameSlots).fill('');
export const utf8: TextDecoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** The name at `bytes` from `from` to `to`; `ascii` says that every byte is a character. */
export function nameAt(bytes: Uint8Array, from: number, to: number, ascii: boolean): string {
  if (!ascii) return utf8.decode(bytes.subarray(from, to));
  let hash = to - from;
  for (let at = from; at < to; at += 1) hash = (hash * 31 + (bytes[at] as number)) | 0;
  const slot = hash & (nameSlots - 1);
  const known = slots[slot] as string;
  if (isAt(known, bytes, from, to)) return known;
  const name = utf8.decode(bytes.subarray(from, to));
  slots[slot] = name;
  return name;
}

function isAt(name: string, bytes: Uint8Array, from: number, to: number): boolean {
  if (name.length !== to - from) return false;
  for (let at = from; at < to; at += 1) if (name.charCodeAt(at - from) !== bytes[at]) return false;
  return true;
}
