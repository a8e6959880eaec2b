/**
 * Standard base64 with padding (RFC 4648, section 4), as DynamoDB's JSON writes binary.
 *
 * Strict: what decodes also encodes back to the same text. `atob` would accept more, and is a
 * global of its surroundings.
 */

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const pad = 0x3d;
const notInAlphabet = 0xff;

const codeOf: Uint8Array = new Uint8Array(64);
const sixOf: Uint8Array = new Uint8Array(128).fill(notInAlphabet);
for (let six = 0; six < 64; six += 1) {
  const code = alphabet.charCodeAt(six);
  codeOf[six] = code;
  sixOf[code] = six;
}

const ascii = new TextDecoder();

export function encodeBase64(bytes: Uint8Array): string {
  const text = new Uint8Array(Math.ceil(bytes.length / 3) * 4);
  let to = 0;
  let at = 0;
  for (; at + 2 < bytes.length; at += 3) {
    const bits = (byteAt(bytes, at) << 16) | (byteAt(bytes, at + 1) << 8) | byteAt(bytes, at + 2);
    to = putFour(text, to, bits);
  }
  if (at < bytes.length) {
    const second = at + 1 < bytes.length;
    const bits = (byteAt(bytes, at) << 16) | (second ? byteAt(bytes, at + 1) << 8 : 0);
    to = putFour(text, to, bits);
    text[to - 1] = pad;
    if (!second) text[to - 2] = pad;
  }
  return ascii.decode(text);
}

/** The bytes; undefined when the text is not exactly what `encodeBase64` would write for them. */
export function decodeBase64(text: string): Uint8Array | undefined {
  const { length } = text;
  if (length % 4 !== 0) return undefined;
  if (length === 0) return new Uint8Array(0);
  const pads =
    text.charCodeAt(length - 1) !== pad ? 0 : text.charCodeAt(length - 2) !== pad ? 1 : 2;
  const bytes = new Uint8Array((length / 4) * 3 - pads);
  const end = length - pads;
  let held = 0;
  let bits = 0;
  let to = 0;
  for (let at = 0; at < end; at += 1) {
    const code = text.charCodeAt(at);
    const six = code < 128 ? (sixOf[code] as number) : notInAlphabet;
    if (six === notInAlphabet) return undefined;
    bits = ((bits << 6) | six) & 0xffffff;
    held += 6;
    if (held >= 8) {
      held -= 8;
      bytes[to++] = (bits >> held) & 0xff;
    }
  }
  // The bits left over belong to no byte and must be zero.
  return (bits & ((1 << held) - 1)) === 0 ? bytes : undefined;
}

function byteAt(bytes: Uint8Array, at: number): number {
  return bytes[at] as number;
}

function putFour(text: Uint8Array, to: number, bits: number): number {
  text[to] = codeOf[bits >> 18] as number;
  text[to + 1] = codeOf[(bits >> 12) & 63] as number;
  text[to + 2] = codeOf[(bits >> 6) & 63] as number;
  text[to + 3] = codeOf[bits & 63] as number;
  return to + 4;
}
