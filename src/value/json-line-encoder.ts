/**
 * Simple lines of JSON as stored items in one pass: what simple.ts makes of what JSON.parse reads,
 * without the text and the object between them.
 *
 * Simple are objects of texts without escapes, numbers of at most 15 digits without an exponent,
 * booleans and nulls. Lines of a file mostly look alike, so the order and the encoded names of the
 * last are kept. Cost: each byte is looked at once, and nothing is allocated but by `value`.
 * Invariants
 * - The bytes are those that SimpleEncoder gives of the parsed line, or none are answered.
 */
import { putVarint, shortBytesMax, shortText, utf8 } from '../base/bytes.ts';
import { nameCachedLengthMax } from '../base/limits.ts';
import { attributesAt, encodedName, putHeader } from './codec.ts';
import { decimalSize } from './decimal.ts';
import type { JsonLine } from './json-line.ts';
import * as tags from './tags.ts';
import { compareText } from './text.ts';
import type { KeyValue } from './value.ts';

const [quote, backslash, comma, colon, open, close] = [0x22, 0x5c, 0x2c, 0x3a, 0x7b, 0x7d];
const [minus, point, zero, nine, blank, carriageReturn] = [0x2d, 0x2e, 0x30, 0x39, 0x20, 0x0d];
/** As many digits as a double is sure to keep. */
const exactDigits = 15;
/** Members of a simple line. */
const membersMax = 256;
/** A text may begin with U+FEFF: it is no mark of an order of bytes here. */
const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export class JsonLineEncoder {
  #line: Uint8Array = new Uint8Array(0);
  #start = 0;
  #to = 0;
  #count = 0;
  /** Of each member: where its name is, what it is, where its value's bytes are. */
  readonly #nameFrom = new Int32Array(membersMax);
  readonly #nameTo = new Int32Array(membersMax);
  readonly #kind = new Int32Array(membersMax);
  readonly #from = new Int32Array(membersMax);
  readonly #end = new Int32Array(membersMax);
  /** The names of the last line: as they came, as they are stored, and in which order. */
  #names: readonly Uint8Array[] = [];
  #places: ReadonlyMap<string, number> = new Map();
  #order: readonly number[] = [];
  #encoded: readonly Uint8Array[] = [];
  #nameBytes = 0;
  #bytes = new Uint8Array(4096);
  #at = 0;
  /** DynamoDB's, of the item that was encoded last. */
  size = 0;

  /** A view that is valid until the next call; undefined when the line is not simple. */
  encode({ bytes, from, to }: JsonLine): Uint8Array | undefined {
    this.#line = bytes;
    this.#start = from;
    this.#to = to;
    this.#count = 0;
    if (!this.#members(from) || !(this.#isAlike() || this.#look())) return undefined;
    return this.#write();
  }

  /** An attribute of the line that was encoded last; undefined if it is no text or number. */
  value(name: string): KeyValue | undefined {
    const index = this.#places.get(name);
    if (index === undefined) return undefined;
    const kind = this.#kind[index] as number;
    const [from, end] = [this.#from[index] as number, this.#end[index] as number];
    const view = this.#line.subarray(from, end);
    if (kind === tags.utf8Tag) return { type: 'S', value: strict.decode(view) };
    const text = asciiOf(this.#line, from, end);
    if (kind === tags.asciiTag) return { type: 'S', value: text };
    return kind === tags.integerTag || kind === tags.decimalTag
      ? { type: 'N', value: text }
      : undefined;
  }

  /** Whether an attribute of that name is there. */
  has(name: string): boolean {
    return this.#places.has(name);
  }

  /** Finds the members between the braces; false when something is not simple. */
  #members(start: number): boolean {
    const line = this.#line;
    let at = this.#past(start);
    if (line[at] !== open) return false;
    at += 1;
    for (let more = true; more; at += 1) {
      if (this.#count === membersMax) return false;
      at = this.#past(at);
      const nameTo = this.#name(at);
      if (nameTo < 0) return false;
      at = this.#past(nameTo + 1);
      if (line[at] !== colon) return false;
      at = this.#value(this.#past(at + 1));
      if (at < 0) return false;
      this.#count += 1;
      at = this.#past(at);
      more = line[at] === comma;
      if (!more && line[at] !== close) return false;
    }
    while (at < this.#to && (line[at] === blank || line[at] === carriageReturn)) at += 1;
    return at === this.#to;
  }

  /** The first byte from `at` on that is no blank. */
  #past(at: number): number {
    let next = at;
    while (this.#line[next] === blank && next < this.#to) next += 1;
    return next;
  }

  /** The place of the quote that ends the name which begins at `at`, or -1. */
  #name(at: number): number {
    const line = this.#line;
    if (line[at] !== quote) return -1;
    let end = at + 1;
    for (; end < this.#to && line[end] !== quote; end += 1) {
      const byte = line[end] as number;
      if (byte < blank || byte >= 0x80 || byte === backslash) return -1;
    }
    const length = end - at - 1;
    if (end >= this.#to || length === 0 || length > nameCachedLengthMax) return -1;
    this.#nameFrom[this.#count] = at + 1;
    this.#nameTo[this.#count] = end;
    return end;
  }

  /** The place behind the value which begins at `at`, or -1. */
  #value(at: number): number {
    const byte = this.#line[at] as number;
    if (byte === quote) return this.#text(at + 1);
    if (byte === minus || (byte >= zero && byte <= nine)) return this.#number(at);
    if (this.#is(at, 'true')) return this.#found(tags.trueTag, at, at + 4, at + 4);
    if (this.#is(at, 'false')) return this.#found(tags.falseTag, at, at + 5, at + 5);
    return this.#is(at, 'null') ? this.#found(tags.nullTag, at, at + 4, at + 4) : -1;
  }

  #found(kind: number, from: number, end: number, next: number): number {
    if (next > this.#to) return -1;
    this.#kind[this.#count] = kind;
    this.#from[this.#count] = from;
    this.#end[this.#count] = end;
    return next;
  }

  #is(at: number, word: string): boolean {
    for (let index = 0; index < word.length; index += 1) {
      if (this.#line[at + index] !== word.charCodeAt(index)) return false;
    }
    return true;
  }

  #text(from: number): number {
    const line = this.#line;
    const to = this.#to;
    let seen = 0;
    let end = from;
    for (; end < to; end += 1) {
      const byte = line[end] as number;
      if (byte === quote) break;
      if (byte < blank || byte === backslash) return -1;
      seen |= byte;
    }
    if (end >= to) return -1;
    if (seen < 0x80) return this.#found(tags.asciiTag, from, end, end + 1);
    return isUtf8(line.subarray(from, end)) ? this.#found(tags.utf8Tag, from, end, end + 1) : -1;
  }

  /** Only as it would be written again: no needless zero, no exponent, no minus before zero. */
  #number(from: number): number {
    const line = this.#line;
    const first = line[from] === minus ? from + 1 : from;
    let at = this.#digits(first);
    let digits = at - first;
    if (digits === 0 || (line[first] === zero && digits > 1)) return -1;
    let kind = tags.integerTag;
    if (line[at] === point) {
      const fraction = at + 1;
      at = this.#digits(fraction);
      digits += at - fraction;
      if (at === fraction || line[at - 1] === zero) return -1;
      kind = tags.decimalTag;
    } else if (line[first] === zero && first > from) return -1;
    const next = line[at] as number;
    const isOver = next === comma || next === close || next === blank;
    return digits <= exactDigits && isOver ? this.#found(kind, from, at, at) : -1;
  }

  #digits(from: number): number {
    let at = from;
    while (
      at < this.#to &&
      (this.#line[at] as number) >= zero &&
      (this.#line[at] as number) <= nine
    )
      at += 1;
    return at;
  }

  #isAlike(): boolean {
    const names = this.#names;
    if (names.length !== this.#count) return false;
    for (let index = 0; index < names.length; index += 1) {
      const name = names[index] as Uint8Array;
      const from = this.#nameFrom[index] as number;
      if ((this.#nameTo[index] as number) - from !== name.length) return false;
      for (let at = 0; at < name.length; at += 1) {
        if (name[at] !== this.#line[from + at]) return false;
      }
    }
    return true;
  }

  /** Takes the names of this line; false when one is there twice. */
  #look(): boolean {
    const names = Array.from({ length: this.#count }, (_, index) =>
      asciiOf(this.#line, this.#nameFrom[index] as number, this.#nameTo[index] as number),
    );
    const places = new Map(names.map((name, index) => [name, index]));
    if (places.size < names.length) return false;
    const sorted = [...names].sort(compareText);
    this.#names = names.map(utf8);
    this.#places = places;
    this.#order = sorted.map((name) => places.get(name) as number);
    this.#encoded = sorted.map(encodedName);
    this.#nameBytes = names.reduce((sum, { length }) => sum + length, 0);
    return true;
  }

  #write(): Uint8Array {
    // A name, a tag, a length and the bytes of each member; a number takes no more than its digits.
    const line = this.#to - this.#start;
    this.#reserve(attributesAt + 9 + line + this.#nameBytes + this.#count * 16);
    this.#at = attributesAt;
    this.size = this.#nameBytes;
    this.#varint(this.#count);
    for (let at = 0; at < this.#order.length; at += 1) {
      this.#copy(this.#encoded[at] as Uint8Array, 0, (this.#encoded[at] as Uint8Array).length);
      this.#member(this.#order[at] as number);
    }
    const end = this.#at;
    return this.#bytes.subarray(putHeader(this.#bytes, this.size), end);
  }

  #member(index: number): void {
    const kind = this.#kind[index] as number;
    const from = this.#from[index] as number;
    const end = this.#end[index] as number;
    this.#bytes[this.#at++] = kind;
    if (kind === tags.asciiTag || kind === tags.utf8Tag) {
      this.size += end - from;
      this.#varint(end - from);
      this.#copy(this.#line, from, end);
    } else if (kind === tags.integerTag) this.#integer(from, end);
    else if (kind === tags.decimalTag) {
      this.size += decimalSize(asciiOf(this.#line, from, end));
      this.#varint(end - from);
      this.#copy(this.#line, from, end);
    } else this.size += 1;
  }

  /** As decimal.ts counts it: a byte for two digits, zeros at the end not counted, and one more. */
  #integer(from: number, end: number): void {
    const line = this.#line;
    const negative = line[from] === minus;
    let number = 0;
    let lastDigit = from;
    for (let at = negative ? from + 1 : from; at < end; at += 1) {
      const digit = (line[at] as number) - zero;
      number = number * 10 + digit;
      if (digit !== 0) lastDigit = at;
    }
    const digits = lastDigit + 1 - from - (negative ? 1 : 0);
    this.size += number === 0 ? 1 : 1 + (negative ? 1 : 0) + ((digits + 1) >>> 1);
    this.#varint(negative ? 2 * number - 1 : 2 * number);
  }

  #copy(bytes: Uint8Array, from: number, end: number): void {
    const into = this.#bytes;
    if (end - from > 64) into.set(bytes.subarray(from, end), this.#at);
    else
      for (let at = from, to = this.#at; at < end; at += 1, to += 1) into[to] = bytes[at] as number;
    this.#at += end - from;
  }

  #varint(value: number): void {
    this.#at = putVarint(this.#bytes, this.#at, value);
  }

  #reserve(bytes: number): void {
    if (bytes > this.#bytes.length) this.#bytes = new Uint8Array(bytes * 2);
  }
}

function isUtf8(bytes: Uint8Array): boolean {
  try {
    strict.decode(bytes);
    return true;
  } catch {
    return false;
  }
}

/** A text of ASCII. */
function asciiOf(bytes: Uint8Array, from: number, to: number): string {
  if (to - from <= shortBytesMax) return shortText(bytes, from, to);
  return strict.decode(bytes.subarray(from, to));
}
