/**
 * Text as UTF-8 without encoding it: its length, its order, and whether it is ASCII.
 *
 * DynamoDB counts and sorts strings by their UTF-8 bytes (reference/types-and-limits.md, sections 3
 * and 6); JavaScript holds UTF-16. A lone surrogate has no UTF-8 form: every reader of values turns
 * it into U+FFFD (`wellFormed`), so the value in memory is the value that is stored.
 */
import { textOf, utf8 } from '../base/bytes.ts';

const surrogate = /[\ud800-\udfff]/;
// A compiled expression looks at a unit in a fifth of the time that charCodeAt takes.
const beyondAscii = /[\u0080-\uffff]/;

/** Bytes of `text` in UTF-8; a lone surrogate counts as the U+FFFD it becomes. */
export function utf8Length(text: string): number {
  const { length } = text;
  if (isAscii(text)) return length;
  let bytes = length;
  for (let at = 0; at < length; at += 1) {
    const code = text.charCodeAt(at);
    if (code < 0x80) continue;
    if (code < 0x800) {
      bytes += 1;
      continue;
    }
    bytes += 2;
    // A pair is two units and four bytes.
    if (isHighSurrogate(code) && isLowSurrogate(text.charCodeAt(at + 1))) at += 1;
  }
  return bytes;
}

export function isAscii(text: string): boolean {
  return !beyondAscii.test(text);
}

/** `text` with U+FFFD in place of every lone surrogate. */
export function wellFormed(text: string): string {
  return isWellFormed(text) ? text : textOf(utf8(text));
}

/** The platform's own check where there is one (ES2024): it does not look at one-byte strings. */
function isWellFormed(text: string & { isWellFormed?(): boolean }): boolean {
  return text.isWellFormed?.() ?? !surrogate.test(text);
}

/** Negative, 0 or positive, in the order of the UTF-8 bytes, which is that of code points. */
export function compareText(a: string, b: string): number {
  if (a === b) return 0;
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at += 1) {
    const x = a.charCodeAt(at);
    const y = b.charCodeAt(at);
    if (x !== y) return rank(x) - rank(y);
  }
  return a.length - b.length;
}

/** Surrogates stand for code points above 0xffff, so they go behind the units 0xe000 to 0xffff. */
function rank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}

function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}

function isLowSurrogate(unit: number): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff;
}
