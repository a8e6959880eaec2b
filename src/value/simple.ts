/**
 * Simple plain objects as stored items in one pass: what codec.ts makes of what plain.ts reads,
 * without the Item between them.
 *
 * Simple are objects of texts, numbers, booleans and nulls, which is what most imported items are.
 * Items of a table mostly look alike, so the order and the encoded names of the last are kept.
 * Invariants
 * - The bytes are those that encodeItem gives (docs/formats/item.md), or none are answered.
 */
import { putVarint, utf8 } from '../base/bytes.ts';
import { nameCachedLengthMax } from '../base/limits.ts';
import { attributesAt, encodedName, putHeader } from './codec.ts';
import { decimalOfNumber, decimalSize } from './decimal.ts';
import * as tags from './tags.ts';
import { compareText, isAscii } from './text.ts';

/** Up to here a loop is faster than an encoder. */
const shortText = 48;
const integerMax = 2 ** 52 - 1;
const encoder = new TextEncoder();

export type SimpleObject = Readonly<Record<string, unknown>>;

/** Whether it has no other form than an object of attributes. */
export function isPlainObject(raw: unknown): raw is SimpleObject {
  if (typeof raw !== 'object' || raw === null) return false;
  const prototype: unknown = Object.getPrototypeOf(raw);
  return prototype === Object.prototype || prototype === null;
}

function isPlainName(name: string): boolean {
  return name !== '' && name.length <= nameCachedLengthMax && isAscii(name);
}

export class SimpleEncoder {
  #bytes = new Uint8Array(4096);
  #at = 0;
  /** Names as they came, and as they are stored: in order, with what stands for them. */
  #names: readonly string[] = [];
  #sorted: readonly string[] = [];
  #encoded: readonly Uint8Array[] = [];
  #nameBytes = 0;
  /** DynamoDB's, of the item that was encoded last. */
  size = 0;

  /** A view that is valid until the next call; undefined when the object is not simple. */
  encode(raw: SimpleObject): Uint8Array | undefined {
    const names = Object.keys(raw);
    if (!this.#isAlike(names) && !this.#look(names)) return undefined;
    this.#at = attributesAt;
    this.size = this.#nameBytes;
    this.#varint(names.length);
    for (let index = 0; index < names.length; index += 1) {
      this.#raw(this.#encoded[index] as Uint8Array);
      if (!this.#value(raw[this.#sorted[index] as string])) return undefined;
    }
    const end = this.#at;
    return this.#bytes.subarray(putHeader(this.#bytes, this.size), end);
  }

  #isAlike(names: readonly string[]): boolean {
    const known = this.#names;
    if (names.length !== known.length) return false;
    for (let index = 0; index < names.length; index += 1) {
      if (names[index] !== known[index]) return false;
    }
    return true;
  }

  #look(names: readonly string[]): boolean {
    if (!names.every(isPlainName)) return false;
    this.#names = names;
    this.#sorted = [...names].sort(compareText);
    this.#encoded = this.#sorted.map(encodedName);
    this.#nameBytes = names.reduce((sum, { length }) => sum + length, 0);
    return true;
  }

  #value(value: unknown): boolean {
    switch (typeof value) {
      case 'string':
        this.#text(value);
        return true;
      case 'number':
        this.#number(value);
        return true;
      case 'boolean':
        this.#simple(value ? tags.trueTag : tags.falseTag);
        return true;
      default:
        if (value !== null) return false;
        this.#simple(tags.nullTag);
        return true;
    }
  }

  #simple(tag: number): void {
    this.#reserve(1);
    this.#bytes[this.#at++] = tag;
    this.size += 1;
  }

  #text(text: string): void {
    const { length } = text;
    this.#reserve(length * 3 + 8);
    const start = this.#at;
    this.#bytes[this.#at++] = tags.asciiTag;
    this.#varint(length);
    if (this.#ascii(text)) {
      this.size += length;
      return;
    }
    const bytes = utf8(text);
    this.#at = start;
    this.#bytes[this.#at++] = tags.utf8Tag;
    this.#varint(bytes.length);
    this.#raw(bytes);
    this.size += bytes.length;
  }

  /** Writes a text of ASCII; false when it is none. */
  #ascii(text: string): boolean {
    const { length } = text;
    const bytes = this.#bytes;
    const start = this.#at;
    if (length > shortText) {
      // What is not ASCII takes more bytes than it has units.
      const { written } = encoder.encodeInto(text, bytes.subarray(start));
      if (written !== length) return false;
    } else {
      for (let index = 0; index < length; index += 1) {
        const code = text.charCodeAt(index);
        if (code >= 0x80) return false;
        bytes[start + index] = code;
      }
    }
    this.#at = start + length;
    return true;
  }

  #number(number: number): void {
    const text = decimalOfNumber(number);
    this.size += decimalSize(text);
    this.#reserve(text.length + 10);
    if (Number.isInteger(number) && Math.abs(number) <= integerMax) {
      this.#bytes[this.#at++] = tags.integerTag;
      this.#varint(number < 0 ? -2 * number - 1 : 2 * number);
    } else {
      this.#bytes[this.#at++] = tags.decimalTag;
      this.#varint(text.length);
      this.#ascii(text);
    }
  }

  #raw(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#at);
    this.#at += bytes.length;
  }

  /** Room for its bytes is there. */
  #varint(value: number): void {
    this.#at = putVarint(this.#bytes, this.#at, value);
  }

  #reserve(more: number): void {
    if (this.#at + more <= this.#bytes.length) return;
    const grown = new Uint8Array((this.#at + more) * 2);
    grown.set(this.#bytes.subarray(0, this.#at));
    this.#bytes = grown;
  }
}
