/**
 * The text of encoded items, a unit for each byte, that ASCII texts are cut out of.
 *
 * A decoder of Latin-1 would do, but badly: browsers take it for windows-1252, in which most of the
 * bytes 0x80 to 0x9f are units above 255. With one of them, in a length or a number, the text and
 * all that is cut out of it takes two bytes a unit, and the decoder six times as long
 * (docs/adr/0039). Also runs in the page.
 */
import { textBufferBytesMax } from '../base/page-limits.ts';
import { utf8 } from './intern.ts';

/** Of the longest bytes so far, up to a bound. */
let words = new Int32Array(256);

/**
 * Bytes of ASCII as themselves, any other as some other unit of ASCII. Cost: a copy without the
 * highest bits, and the string.
 */
export function maskedText(bytes: Uint8Array): string {
  const { length } = bytes;
  const count = Math.ceil(length / 4);
  const masked = count > words.length ? new Int32Array(count) : words;
  if (length <= textBufferBytesMax) words = masked;
  const copy = new Uint8Array(masked.buffer, 0, length);
  copy.set(bytes);
  for (let at = 0; at < count; at += 1) masked[at] = (masked[at] as number) & 0x7f7f7f7f;
  return utf8.decode(copy);
}
