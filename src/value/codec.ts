/**
 * An item as bytes, as trees, the log and the worker's channel carry it (docs/formats/item.md).
 *
 * A header (version, flags, perhaps a stamp, the size that DynamoDB counts), then the attributes,
 * sorted by name. The header is read without the rest, so metering and resolving decode nothing.
 * Invariants
 * - Equal items have equal attribute bytes: values are canonical, and one value has one form.
 * - Malformed bytes are a failed assert; no read goes beyond the end.
 */
import { assert } from '../base/assert.ts';
import { ByteReader, ByteWriter, putVarint, textOf, utf8, varintLength } from '../base/bytes.ts';
import { type Stamp, stampBytes, stampOf } from '../base/hlc.ts';
import { nameCachedLengthMax, namesCachedMax, nestingDepthMax } from '../base/limits.ts';
import { nameAt } from './intern.ts';
import { maskedText } from './masked-text.ts';
import { itemSize } from './size.ts';
import { skipValue } from './skip.ts';
import * as tags from './tags.ts';
import { compareText, isAscii } from './text.ts';
import type { Item, Value } from './value.ts';

export interface EncodeOptions {
  readonly stamp?: Stamp | undefined;
  /** 0 to 255 without its lowest bit, which says whether there is a stamp. */
  readonly flags?: number | undefined;
  /** `itemSize(item)`, where it is known already. */
  readonly size?: number | undefined;
}

/** Zigzag doubles, and a varint holds a safe integer. */
const integerMax = 2 ** 52 - 1;
/** A sign and sixteen digits: no longer text is an integer in this range. */
const integerLengthMax = 17;

const writer = new ByteWriter(4096);
const namesEncoded = new Map<string, Uint8Array>();
/** Units up to which a text is put together of them. */
const shortText = 12;
const shortKey = 40;

export function encodeItem(item: Item, options: EncodeOptions = {}): Uint8Array {
  const { stamp, flags = 0, size = itemSize(item) } = options;
  assert((flags & ~0xfe) === 0, `item flags ${flags}`);
  // What an encoding that failed has left behind.
  if (writer.length > 0) writer.take();
  writer.byte(tags.itemVersion);
  writer.byte(stamp === undefined ? flags : flags | tags.stampFlag);
  if (stamp !== undefined) writer.raw(stampBytes(stamp));
  writer.varint(size);
  writeAttributes(item);
  return writer.takeShared();
}

/** Where the attributes begin that are written before their size is known. */
export const attributesAt: number = 16;

/** Writes the header of an item without a stamp before `attributesAt`; answers where it begins. */
export function putHeader(bytes: Uint8Array, size: number): number {
  const start = attributesAt - 2 - varintLength(size);
  bytes[start] = tags.itemVersion;
  bytes[start + 1] = 0;
  putVarint(bytes, start + 2, size);
  return start;
}

export function decodeItem(bytes: Uint8Array): Item {
  return new StoredItem(bytes).item();
}

/** An item that stays bytes until someone asks for its attributes. */
export class StoredItem {
  readonly bytes: Uint8Array;
  #item: Item | undefined;
  #some: Item | undefined;
  #someOf: ReadonlySet<string> | undefined;

  constructor(bytes: Uint8Array) {
    assert(bytes.length >= 4 && bytes[0] === tags.itemVersion, 'not a stored item');
    this.bytes = bytes;
  }

  /** In bytes, as DynamoDB counts it; header and stamp are not in it. */
  get size(): number {
    return this.#sizeReader().varint();
  }

  get stamp(): Stamp | undefined {
    return this.#hasStamp() ? stampOf(this.bytes.subarray(2, 2 + tags.stampBytes)) : undefined;
  }

  /** As they were given to `encodeItem`. */
  get flags(): number {
    return (this.bytes[1] as number) & ~tags.stampFlag;
  }

  item(): Item {
    if (this.#item === undefined) {
      const reader = this.#sizeReader();
      // Each attribute and element is a byte of it at least, but for one empty element of a set.
      const countMax = 2 * reader.varint();
      const item = new AttributeReader(reader, countMax).attributes(0);
      assert(reader.done, 'bytes after the end of an item');
      this.#item = item;
    }
    return this.#item;
  }

  /**
   * Fails an assert unless the bytes are those of an item from the first to the last, as far as
   * that can be told without decoding a value.
   */
  walk(): void {
    const reader = this.#sizeReader();
    const countMax = 2 * reader.varint();
    new AttributeReader(reader, countMax).pass();
    assert(reader.done, 'bytes after the end of an item');
  }

  /**
   * The attributes of these names, perhaps with others; of the rest no more is read than where each
   * ends, so that the keys of a large item cost little.
   */
  pick(names: ReadonlySet<string>): Item {
    if (this.#item !== undefined) return this.#item;
    if (this.#some === undefined || this.#someOf !== names) {
      const reader = this.#sizeReader();
      const countMax = 2 * reader.varint();
      this.#some = new AttributeReader(reader, countMax).some(names);
      this.#someOf = names;
    }
    return this.#some;
  }

  #hasStamp(): boolean {
    return ((this.bytes[1] as number) & tags.stampFlag) !== 0;
  }

  #sizeReader(): ByteReader {
    return new ByteReader(this.bytes, this.#hasStamp() ? 2 + tags.stampBytes : 2);
  }
}

function writeAttributes(item: Item): void {
  writer.varint(item.size);
  for (const [name, value] of inOrder(item)) {
    writer.raw(encodedName(name));
    writeValue(value);
  }
}

/** Attributes sorted by name; an item that was decoded is so already. */
function inOrder(item: Item): Iterable<readonly [string, Value]> {
  let last = '';
  for (const name of item.keys()) {
    if (compareText(last, name) > 0) return [...item].sort(([a], [b]) => compareText(a, b));
    last = name;
  }
  return item;
}

/** Varint of twice the length, plus 1 if there is more than ASCII in it; then UTF-8. */
export function encodedName(name: string): Uint8Array {
  const known = namesEncoded.get(name);
  if (known !== undefined) return known;
  const bytes = utf8(name);
  const out = new ByteWriter(bytes.length + 4);
  // No character of UTF-8 beyond ASCII has as many bytes as it has units.
  out.varint(bytes.length * 2 + (bytes.length === name.length ? 0 : 1));
  out.raw(bytes);
  const encoded = out.take();
  if (name.length <= nameCachedLengthMax) {
    if (namesEncoded.size >= namesCachedMax) namesEncoded.clear();
    namesEncoded.set(name, encoded);
  }
  return encoded;
}

function writeValue(value: Value): void {
  switch (value.type) {
    case 'S':
      writeString(value.value);
      break;
    case 'N':
      writeNumber(value.value);
      break;
    case 'B':
      writer.byte(tags.binaryTag);
      writer.block(value.value);
      break;
    case 'BOOL':
      writer.byte(value.value ? tags.trueTag : tags.falseTag);
      break;
    case 'NULL':
      writer.byte(tags.nullTag);
      break;
    case 'SS':
      writeElements(tags.stringSetTag, value.value, writeString);
      break;
    case 'NS':
      writeElements(tags.numberSetTag, value.value, writeNumber);
      break;
    case 'BS':
      writeElements(tags.binarySetTag, value.value, (bytes) => writer.block(bytes));
      break;
    case 'L':
      writeElements(tags.listTag, value.value, writeValue);
      break;
    case 'M':
      writer.byte(tags.mapTag);
      writeAttributes(value.value);
      break;
  }
}

function writeElements<T>(tag: number, elements: readonly T[], write: (element: T) => void): void {
  writer.byte(tag);
  writer.varint(elements.length);
  for (const element of elements) write(element);
}

function writeString(text: string): void {
  if (isAscii(text)) {
    writer.byte(tags.asciiTag);
    writer.ascii(text);
  } else {
    writer.byte(tags.utf8Tag);
    writer.text(text);
  }
}

function writeNumber(text: string): void {
  const integer =
    text.length <= integerLengthMax && !text.includes('.') ? Number(text) : Number.NaN;
  if (Math.abs(integer) <= integerMax) {
    writer.byte(tags.integerTag);
    writer.varint(integer < 0 ? -2 * integer - 1 : 2 * integer);
  } else {
    writer.byte(tags.decimalTag);
    writer.ascii(text);
  }
}

/** Reads attributes; its state is the reader's place, and the bytes as text once one is wanted. */
class AttributeReader {
  readonly #reader: ByteReader;
  /** Attributes and elements that may still come. */
  #left: number;
  #ascii: string | undefined;
  /** Most of it is passed over: all bytes as text would be for nothing. */
  #isSome = false;

  constructor(reader: ByteReader, countMax: number) {
    this.#reader = reader;
    this.#left = countMax;
  }

  /** The attributes of an item (`depth` 0) or of a map that is nested so deep. */
  attributes(depth: number): Item {
    const count = this.#count();
    const item = new Map<string, Value>();
    for (let left = count; left > 0; left -= 1) {
      item.set(this.#name(), this.#value(depth + 1));
    }
    assert(item.size === count, 'an attribute twice in an item');
    return item;
  }

  /** Those of an item's attributes that have these names. */
  some(names: ReadonlySet<string>): Item {
    const item = new Map<string, Value>();
    this.#isSome = true;
    for (let left = this.#count(); left > 0 && item.size < names.size; left -= 1) {
      const name = this.#name();
      if (names.has(name)) item.set(name, this.#value(1));
      else skipValue(this.#reader, 1);
    }
    return item;
  }

  /** Goes behind all attributes, whose names ascend. */
  pass(): void {
    let last = '';
    for (let left = this.#count(); left > 0; left -= 1) {
      const name = this.#name();
      assert(last === '' || compareText(last, name) < 0, 'attributes that are not in order');
      last = name;
      skipValue(this.#reader, 1);
    }
  }

  #name(): string {
    const reader = this.#reader;
    const header = reader.varint();
    const isPlain = header % 2 === 0;
    const length = (header - (isPlain ? 0 : 1)) / 2;
    const from = reader.at;
    assert(from + length <= reader.bytes.length, 'a name beyond the end');
    reader.at = from + length;
    return nameAt(reader.bytes, from, reader.at, isPlain);
  }

  #value(depth: number): Value {
    const reader = this.#reader;
    assert(depth <= nestingDepthMax + 1, 'an item nested too deep');
    const tag = reader.byte();
    switch (tag) {
      case tags.nullTag:
        return { type: 'NULL', value: true };
      case tags.falseTag:
      case tags.trueTag:
        return { type: 'BOOL', value: tag === tags.trueTag };
      case tags.asciiTag:
      case tags.utf8Tag:
        return { type: 'S', value: this.#string(tag) };
      case tags.integerTag:
      case tags.decimalTag:
        return { type: 'N', value: this.#number(tag) };
      case tags.binaryTag:
        return { type: 'B', value: reader.block().slice() };
      case tags.listTag:
        return { type: 'L', value: this.#list(() => this.#value(depth + 1)) };
      case tags.mapTag:
        return { type: 'M', value: this.attributes(depth) };
      case tags.stringSetTag:
        return { type: 'SS', value: this.#list(() => this.#string(reader.byte())) };
      case tags.numberSetTag:
        return { type: 'NS', value: this.#list(() => this.#number(reader.byte())) };
      case tags.binarySetTag:
        return { type: 'BS', value: this.#list(() => reader.block().slice()) };
      default:
        assert(false, `a value with tag ${tag}`);
    }
  }

  #list<T>(read: () => T): readonly T[] {
    const list: T[] = [];
    for (let left = this.#count(); left > 0; left -= 1) list.push(read());
    return list;
  }

  /** Of things that take a byte at least, here and of the item's size: malformed ones end soon. */
  #count(): number {
    const count = this.#reader.varint();
    this.#left -= count;
    assert(this.#left >= 0, 'more than the size of an item');
    assert(count <= this.#reader.bytes.length - this.#reader.at, 'a count beyond the end');
    return count;
  }

  #string(tag: number): string {
    if (tag === tags.utf8Tag) return textOf(this.#reader.block());
    assert(tag === tags.asciiTag, `a string with tag ${tag}`);
    return this.#asciiText();
  }

  #number(tag: number): string {
    if (tag === tags.decimalTag) return this.#asciiText();
    assert(tag === tags.integerTag, `a number with tag ${tag}`);
    const zigzag = this.#reader.varint();
    return String(zigzag % 2 === 0 ? zigzag / 2 : -(zigzag + 1) / 2);
  }

  /**
   * One decoding of all bytes and a slice for each text is cheaper than to decode each. A short
   * text is put together, which takes a third less time where an item has no others; so is the
   * usual key of an item of which nothing else is wanted.
   */
  #asciiText(): string {
    const reader = this.#reader;
    const length = reader.varint();
    const from = reader.at;
    assert(from + length <= reader.bytes.length, 'a text beyond the end');
    reader.at = from + length;
    const isShort = length <= (this.#isSome ? shortKey : shortText);
    if (isShort && this.#ascii === undefined) {
      let text = '';
      for (let at = from; at < reader.at; at += 1) {
        text += String.fromCharCode(reader.bytes[at] as number);
      }
      return text;
    }
    if (this.#isSome) return textOf(reader.bytes.subarray(from, reader.at));
    this.#ascii ??= maskedText(reader.bytes);
    return this.#ascii.slice(from, reader.at);
  }
}
