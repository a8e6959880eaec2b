/**
 * Simple items one behind another, as a page hands those of an import to its worker: each as it is
 * stored, behind its length, so that the worker neither clones nor encodes them.
 *
 *   u32 little-endian length of the item, 0 for one that is not simple and travels beside them
 *   that many bytes: the stored item (docs/formats/item.md), without a stamp, of simple values
 *
 * Invariants
 * - A packed item has the bytes that encodeItem gives, or is not packed.
 * - A malformed pack is a failed assert; no read goes beyond the end of an item.
 */
import { assert } from '../base/assert.ts';
import { shortBytesMax, shortText } from '../base/bytes.ts';
import { encodedName } from './codec.ts';
import { isPlainObject, SimpleEncoder } from './simple.ts';
import * as tags from './tags.ts';
import type { Value } from './value.ts';

const lengthBytes = 4;
/** A text may begin with U+FEFF: it is no mark of an order of bytes here. */
const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The page's side. Cost: each attribute is written once, and an item copied once. */
export class ItemPacker {
  readonly #encoder = new SimpleEncoder();
  #bytes = new Uint8Array(16 * 1024);
  #at = 0;

  /** False, and a place is kept for it, when it is not simple: the caller sends it beside. */
  add(raw: unknown): boolean {
    const item = this.#encode(raw);
    const length = item?.length ?? 0;
    this.#reserve(lengthBytes + length);
    for (let shift = 0; shift < 32; shift += 8) this.#bytes[this.#at++] = (length >>> shift) & 0xff;
    if (item === undefined) return false;
    this.#bytes.set(item, this.#at);
    this.#at += length;
    return true;
  }

  /** Bytes of what was added since the last `take`. */
  get length(): number {
    return this.#at;
  }

  /** What was added since the last time. */
  take(): Uint8Array<ArrayBuffer> {
    const bytes = this.#bytes.slice(0, this.#at);
    this.#at = 0;
    return bytes;
  }

  #encode(raw: unknown): Uint8Array | undefined {
    if (!isPlainObject(raw)) return undefined;
    try {
      return this.#encoder.encode(raw);
    } catch {
      // A number that is none, or out of range: who reads it whole refuses it in the right words.
      return undefined;
    }
  }

  #reserve(more: number): void {
    if (this.#at + more <= this.#bytes.length) return;
    const grown = new Uint8Array((this.#at + more) * 2);
    grown.set(this.#bytes.subarray(0, this.#at));
    this.#bytes = grown;
  }
}

/** An item of a pack, as bytes until somebody wants to know what it says. */
export class PackedItem {
  /** A view of the stored item. */
  readonly bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }
}

/** The items of a pack in their order, `beside` in the places that were kept for them. */
export function unpack(pack: Uint8Array, beside: readonly unknown[]): readonly unknown[] {
  const items: unknown[] = [];
  let used = 0;
  for (let at = 0; at < pack.length; ) {
    assert(at + lengthBytes <= pack.length, 'a pack that breaks off');
    let length = 0;
    for (let byte = lengthBytes - 1; byte >= 0; byte -= 1) {
      length = length * 0x100 + (pack[at + byte] as number);
    }
    at += lengthBytes;
    if (length === 0) {
      assert(used < beside.length, 'a pack with more places than items');
      items.push(beside[used]);
      used += 1;
      continue;
    }
    assert(at + length <= pack.length, 'an item beyond the end of its pack');
    items.push(new PackedItem(pack.subarray(at, at + length)));
    at += length;
  }
  assert(used === beside.length, 'a pack with fewer places than items');
  return items;
}

/** Reads the attributes of packed items that have one of a few names. */
export class PackedReader {
  readonly #names: readonly string[];
  readonly #encoded: readonly Uint8Array[];
  #bytes: Uint8Array = new Uint8Array(0);
  #at = 0;
  /** DynamoDB's, of the item that was read last. */
  size = 0;

  constructor(names: readonly string[]) {
    this.#names = names;
    this.#encoded = names.map(encodedName);
  }

  /** Those of the item's attributes that have one of the names. Cost: a pass over its bytes. */
  read({ bytes }: PackedItem): ReadonlyMap<string, Value> {
    this.#bytes = bytes;
    assert(bytes[0] === tags.itemVersion && bytes[1] === 0, 'not a packed item');
    this.#at = 2;
    this.size = this.#varint();
    const found = new Map<string, Value>();
    for (let left = this.#varint(); left > 0; left -= 1) {
      const which = this.#name();
      if (which < 0) this.#skip();
      else found.set(this.#names[which] as string, this.#value());
      assert(this.#at <= bytes.length, 'an attribute beyond the end of its item');
    }
    assert(this.#at === bytes.length, 'bytes after the end of an item');
    return found;
  }

  /** Passes a name; answers which it is of those looked for, or -1. */
  #name(): number {
    const from = this.#at;
    const header = this.#varint();
    this.#at += header >>> 1;
    const length = this.#at - from;
    const { length: names } = this.#encoded;
    for (let which = 0; which < names; which += 1) {
      const name = this.#encoded[which] as Uint8Array;
      if (name.length === length && this.#isAt(name, from)) return which;
    }
    return -1;
  }

  #isAt(name: Uint8Array, from: number): boolean {
    const bytes = this.#bytes;
    for (let at = 0; at < name.length; at += 1) if (bytes[from + at] !== name[at]) return false;
    return true;
  }

  #skip(): void {
    const tag = this.#bytes[this.#at++] as number;
    if (tag === tags.integerTag) this.#varint();
    else if (tag === tags.asciiTag || tag === tags.utf8Tag || tag === tags.decimalTag) {
      const length = this.#varint();
      this.#at += length;
    } else assert(tag <= tags.trueTag, `a packed value with tag ${tag}`);
  }

  #value(): Value {
    const tag = this.#bytes[this.#at++] as number;
    switch (tag) {
      case tags.nullTag:
        return { type: 'NULL', value: true };
      case tags.falseTag:
      case tags.trueTag:
        return { type: 'BOOL', value: tag === tags.trueTag };
      case tags.asciiTag:
      case tags.utf8Tag:
        return { type: 'S', value: this.#text(tag) };
      case tags.decimalTag:
        return { type: 'N', value: this.#text(tags.asciiTag) };
      default: {
        assert(tag === tags.integerTag, `a packed value with tag ${tag}`);
        const zigzag = this.#varint();
        return { type: 'N', value: String(zigzag % 2 === 0 ? zigzag / 2 : -(zigzag + 1) / 2) };
      }
    }
  }

  #text(tag: number): string {
    const length = this.#varint();
    const from = this.#at;
    const to = from + length;
    assert(to <= this.#bytes.length, 'a text beyond the end of its item');
    this.#at = to;
    if (tag === tags.asciiTag && length <= shortBytesMax) return shortText(this.#bytes, from, to);
    return strict.decode(this.#bytes.subarray(from, to));
  }

  #varint(): number {
    let value = 0;
    for (let scale = 1; scale < 2 ** 56; scale *= 0x80) {
      const byte = this.#bytes[this.#at++];
      assert(byte !== undefined, 'a number beyond the end of its item');
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) break;
    }
    return value;
  }
}
