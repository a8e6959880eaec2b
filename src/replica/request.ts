/**
 * A request on its way to the hub: what a device's entry says instead of images where the hub is to
 * execute it (shared/SYNC.md, Semantics 3). The input travels as the caller gave it, in the form it
 * was given in, so the hub reads what the device read. Layout in docs/formats/replica.md.
 */
import { ByteWriter } from '../base/bytes.ts';
import { encodeItem, StoredItem } from '../value/codec.ts';
import type { Item } from '../value/value.ts';

/** How far a write counts before the hub has spoken; each asks for more than the one before. */
export type WriteMode = 'local' | 'confirm' | 'hub';

export interface SentRequest {
  readonly operation: string;
  /** As operation/request.ts says. */
  readonly form: 'json' | 'wire' | 'plain';
  /** encodeInput of it. */
  readonly input: Uint8Array;
}

export const forms: readonly SentRequest['form'][] = ['json', 'wire', 'plain'];

/** The kinds of a value of JavaScript: its first byte. */
export const inputKinds = {
  none: 0,
  false: 1,
  true: 2,
  text: 3,
  number: 4,
  boxed: 5,
  bytes: 6,
  list: 7,
  set: 8,
  members: 9,
  /** Of an output alone: an item as it is stored, and the same where it was decoded already. */
  stored: 10,
  attributes: 11,
} as const;

export function encodeInput(raw: unknown): Uint8Array {
  const writer = new ByteWriter(256);
  write(writer, raw);
  return writer.take();
}

/** What an operation has answered, with its items. */
export function encodeOutput(output: object): Uint8Array {
  const writer = new ByteWriter(1024);
  write(writer, output, writeItem);
  return writer.take();
}

/** False for what is no item. */
type ItemWriter = (writer: ByteWriter, raw: object) => boolean;

const noItems: ItemWriter = () => false;

/** In an output every Map is an item's attributes. */
function writeItem(writer: ByteWriter, raw: object): boolean {
  const isStored = raw instanceof StoredItem;
  if (!isStored && !(raw instanceof Map)) return false;
  writer.byte(isStored ? inputKinds.stored : inputKinds.attributes);
  writer.block(isStored ? raw.bytes : encodeItem(raw as Item));
  return true;
}

function write(writer: ByteWriter, raw: unknown, item: ItemWriter = noItems): void {
  if (raw === undefined || raw === null) writer.byte(inputKinds.none);
  else if (typeof raw === 'boolean') writer.byte(raw ? inputKinds.true : inputKinds.false);
  else if (typeof raw === 'string') writeText(writer, inputKinds.text, raw);
  else if (typeof raw === 'number') writeText(writer, inputKinds.number, String(raw));
  else if (typeof raw === 'bigint') writeText(writer, inputKinds.boxed, String(raw));
  else if (!item(writer, raw as object)) writeObject(writer, raw as object, item);
}

/** A number that has more digits than JavaScript's is one in a boxed String (number-value.ts). */
function writeObject(writer: ByteWriter, raw: object, item: ItemWriter): void {
  if (raw instanceof Uint8Array) {
    writer.byte(inputKinds.bytes);
    writer.block(raw);
  } else if (ArrayBuffer.isView(raw)) {
    writeObject(writer, new Uint8Array(raw.buffer, raw.byteOffset, raw.byteLength), item);
  } else if (raw instanceof ArrayBuffer) {
    writeObject(writer, new Uint8Array(raw), item);
  } else if (raw instanceof Boolean) {
    write(writer, raw.valueOf());
  } else if (Array.isArray(raw)) {
    writeAll(writer, inputKinds.list, raw, item);
  } else if (raw instanceof Set) {
    writeAll(writer, inputKinds.set, [...raw], item);
  } else if (raw instanceof String || raw instanceof Number) {
    writeText(writer, inputKinds.boxed, String(raw));
  } else {
    const entries = [...(raw instanceof Map ? raw : Object.entries(raw))];
    const members = entries.filter(([, value]) => value !== undefined);
    writer.byte(inputKinds.members);
    writer.varint(members.length);
    for (const [name, value] of members) {
      writer.text(String(name));
      write(writer, value, item);
    }
  }
}

/** Members that are undefined are none, as plain.ts has it. */
function writeAll(
  writer: ByteWriter,
  kind: number,
  raws: readonly unknown[],
  item: ItemWriter,
): void {
  const present = raws.filter((raw) => raw !== undefined);
  writer.byte(kind);
  writer.varint(present.length);
  for (const raw of present) write(writer, raw, item);
}

function writeText(writer: ByteWriter, kind: number, text: string): void {
  writer.byte(kind);
  writer.text(text);
}
