/**
 * Stored items (docs/formats/item.md) straight into JavaScript objects, for the page.
 *
 * The worker answers with one buffer of encoded items; this decodes those that are looked at. It is
 * part of the page's bundle, so it is small and imports next to nothing. The whole buffer becomes
 * one string at the first text, a character a byte, and ASCII texts are slices of it. The bytes
 * come from our own worker and are trusted: `codec.ts` is the decoder that checks.
 * Cost: a string of the buffer's length, then an object for each item and a slice for each text.
 */
import { type KnownName, nameAfter, noName, utf8 } from './intern.ts';
import { maskedText } from './masked-text.ts';
import { plainNumber } from './number-value.ts';
import { setOwn } from './own.ts';
import * as tags from './tags.ts';

/** Decodes items of one buffer as `plain.ts` (toPlain) or `wire.ts` (toWire) would show them. */
export class ItemDecoder {
  readonly #bytes: Uint8Array;
  readonly #wire: boolean;
  #text: string | undefined;
  #at = 0;
  /** The name that was read last, of this item. */
  #last: KnownName = noName;

  constructor(bytes: Uint8Array, form: 'plain' | 'wire') {
    this.#bytes = bytes;
    this.#wire = form === 'wire';
  }

  /** The item whose first byte is at `offset`. */
  at(offset: number): Record<string, unknown> {
    const stamped = (this.#bytes[offset + 1] as number) & tags.stampFlag;
    this.#at = offset + (stamped === 0 ? 2 : 2 + tags.stampBytes);
    this.#varint();
    this.#last = noName;
    return this.#attributes();
  }

  /** Where the item that was decoded last ends. */
  get end(): number {
    return this.#at;
  }

  #attributes(): Record<string, unknown> {
    const object: Record<string, unknown> = {};
    for (let left = this.#varint(); left > 0; left -= 1) {
      const name = this.#name();
      setOwn(object, name, this.#value());
    }
    return object;
  }

  #name(): string {
    const header = this.#varint();
    const from = this.#at;
    this.#at += header >> 1;
    if ((header & 1) === 1) return utf8.decode(this.#bytes.subarray(from, this.#at));
    this.#last = nameAfter(this.#last, this.#bytes, from, this.#at);
    return this.#last.name;
  }

  #value(): unknown {
    const tag = this.#bytes[this.#at++] as number;
    const inner = this.#inner(tag);
    if (!this.#wire) return inner;
    switch (tag) {
      case tags.nullTag:
        return { NULL: inner };
      case tags.falseTag:
      case tags.trueTag:
        return { BOOL: inner };
      case tags.asciiTag:
      case tags.utf8Tag:
        return { S: inner };
      case tags.integerTag:
      case tags.decimalTag:
        return { N: inner };
      case tags.binaryTag:
        return { B: inner };
      case tags.listTag:
        return { L: inner };
      case tags.mapTag:
        return { M: inner };
      case tags.stringSetTag:
        return { SS: inner };
      case tags.numberSetTag:
        return { NS: inner };
      default:
        return { BS: inner };
    }
  }

  /** The plain form, or what is inside the wire form: a truth, texts of digits, lists for sets. */
  #inner(tag: number): unknown {
    switch (tag) {
      case tags.asciiTag:
        return this.#ascii();
      case tags.integerTag:
        return this.#wire ? String(this.#integer()) : this.#integer();
      case tags.decimalTag:
        return this.#wire ? this.#ascii() : plainNumber(this.#ascii());
      case tags.mapTag:
        return this.#attributes();
      case tags.listTag:
        return this.#list(() => this.#value());
      case tags.utf8Tag:
        return utf8.decode(this.#block());
      case tags.binaryTag:
        return this.#block().slice();
      case tags.nullTag:
        return this.#wire || null;
      case tags.stringSetTag:
      case tags.numberSetTag:
        return this.#set(() => this.#inner(this.#bytes[this.#at++] as number));
      case tags.binarySetTag:
        return this.#set(() => this.#block().slice());
      default:
        return tag === tags.trueTag;
    }
  }

  #set(read: () => unknown): unknown {
    const members = this.#list(read);
    return this.#wire ? members : new Set(members);
  }

  #list(read: () => unknown): unknown[] {
    const list: unknown[] = [];
    for (let left = this.#varint(); left > 0; left -= 1) list.push(read());
    return list;
  }

  #integer(): number {
    const zigzag = this.#varint();
    return zigzag % 2 === 0 ? zigzag / 2 : -(zigzag + 1) / 2;
  }

  #ascii(): string {
    const length = this.#varint();
    const from = this.#at;
    this.#at += length;
    this.#text ??= maskedText(this.#bytes);
    return this.#text.slice(from, this.#at);
  }

  #block(): Uint8Array {
    const length = this.#varint();
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }

  #varint(): number {
    let byte = this.#bytes[this.#at++] as number;
    let value = byte & 0x7f;
    for (let scale = 0x80; byte >= 0x80; scale *= 0x80) {
      byte = this.#bytes[this.#at++] as number;
      value += (byte & 0x7f) * scale;
    }
    return value;
  }
}
