/**
 * Whether bytes occur inside bytes, or text in text, in time linear in both (Knuth, Morris, Pratt).
 *
 * Both sides of `contains` come from callers and may be 400 KB, so a search whose worst case is
 * their product could hold the engine for minutes. `String.includes` is one: it is asked only for
 * parts that are short.
 */
import { searchedPartMax } from '../base/limits.ts';

export function findBytes(bytes: Uint8Array, part: Uint8Array): boolean {
  if (part.length === 0) return true;
  if (part.length > bytes.length) return false;
  const borders = bordersOf(part.length, (at) => part[at] as number);
  let matched = 0;
  for (const byte of bytes) {
    while (matched > 0 && part[matched] !== byte) matched = borders[matched - 1] as number;
    if (part[matched] === byte) matched += 1;
    if (matched === part.length) return true;
  }
  return false;
}

/** The same of UTF-16 units. */
export function findText(text: string, part: string): boolean {
  if (part.length <= searchedPartMax || part.length > text.length) return text.includes(part);
  const borders = bordersOf(part.length, (at) => part.charCodeAt(at));
  let matched = 0;
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    while (matched > 0 && part.charCodeAt(matched) !== unit)
      matched = borders[matched - 1] as number;
    if (part.charCodeAt(matched) === unit) matched += 1;
    if (matched === part.length) return true;
  }
  return false;
}

/** For each prefix of a part, the length of its longest proper prefix that is also its suffix. */
function bordersOf(length: number, unitAt: (at: number) => number): Uint32Array {
  const borders = new Uint32Array(length);
  let border = 0;
  for (let at = 1; at < length; at += 1) {
    const unit = unitAt(at);
    while (border > 0 && unitAt(border) !== unit) border = borders[border - 1] as number;
    if (unitAt(border) === unit) border += 1;
    borders[at] = border;
  }
  return borders;
}
