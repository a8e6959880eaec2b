/**
 * The input of a request that has come from a device, read back (request.ts), and an output that
 * has come from a hub. It comes from
 * strangers: how deep it goes is bounded, every length is compared with what is there, and a name
 * is never assigned to what has a prototype of ours.
 */
import { AssertionFailure } from '../base/assert.ts';
import { ByteReader } from '../base/bytes.ts';
import { Corruption } from '../base/corruption.ts';
import { requestDepthMax } from '../base/replica-limits.ts';
import { StoredItem } from '../value/codec.ts';
import { NumberValue } from '../value/number-value.ts';
import { setOwn } from '../value/own.ts';
import { inputKinds } from './request.ts';

/** Throws Corruption on bytes that are no input. */
export function decodeInput(bytes: Uint8Array): unknown {
  return whole(bytes, none);
}

/** Throws Corruption on bytes that are no output. */
export function decodeOutput(bytes: Uint8Array): object {
  const output = whole(bytes, readItem);
  if (typeof output !== 'object' || output === null) throw new Corruption('replica: no output');
  return output;
}

/** What only an output has, by its kind. */
type Other = (reader: ByteReader, kind: number) => unknown;

const none: Other = () => {
  throw new Corruption('replica: a value of no kind');
};

const readItem: Other = (reader, kind) => {
  if (kind !== inputKinds.stored && kind !== inputKinds.attributes) return none(reader, kind);
  const stored = new StoredItem(reader.block());
  return kind === inputKinds.stored ? stored : stored.item();
};

function whole(bytes: Uint8Array, other: Other): unknown {
  const reader = new ByteReader(bytes);
  const raw = orCorrupt(() => read(reader, 0, other));
  if (!reader.done) throw new Corruption('replica: bytes after a request');
  return raw;
}

/** A length beyond the end is a stranger's mistake here, and none of ours. */
function orCorrupt<T>(readAll: () => T): T {
  try {
    return readAll();
  } catch (error) {
    if (error instanceof AssertionFailure) throw new Corruption(`replica: ${error.message}`);
    throw error;
  }
}

function read(reader: ByteReader, depth: number, other: Other): unknown {
  if (depth > requestDepthMax) throw new Corruption('replica: a request that goes too deep');
  const kind = reader.byte();
  switch (kind) {
    case inputKinds.none:
      return null;
    case inputKinds.false:
    case inputKinds.true:
      return kind === inputKinds.true;
    case inputKinds.text:
      return reader.text();
    case inputKinds.number:
      return Number(reader.text());
    case inputKinds.boxed:
      return new NumberValue(reader.text());
    case inputKinds.bytes:
      return reader.block();
    case inputKinds.list:
      return readAll(reader, depth, other);
    case inputKinds.set:
      return new Set(readAll(reader, depth, other));
    case inputKinds.members:
      return readMembers(reader, depth, other);
    default:
      return other(reader, kind);
  }
}

function readAll(reader: ByteReader, depth: number, other: Other): unknown[] {
  const all: unknown[] = [];
  for (let left = reader.varint(); left > 0; left -= 1) all.push(read(reader, depth + 1, other));
  return all;
}

function readMembers(reader: ByteReader, depth: number, other: Other): Record<string, unknown> {
  const members: Record<string, unknown> = {};
  for (let left = reader.varint(); left > 0; left -= 1) {
    const name = reader.text();
    setOwn(members, name, read(reader, depth + 1, other));
  }
  return members;
}
