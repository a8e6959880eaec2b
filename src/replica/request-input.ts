/**
 * The input of a request that has come from a device, read back (request.ts). It comes from
 * strangers: how deep it goes is bounded, every length is compared with what is there, and a name
 * is never assigned to what has a prototype of ours.
 */
import { ByteReader } from '../base/bytes.ts';
import { Corruption } from '../base/corruption.ts';
import { requestDepthMax } from '../base/replica-limits.ts';
import { NumberValue } from '../value/number-value.ts';
import { setOwn } from '../value/own.ts';
import { inputKinds } from './request.ts';

/** Throws Corruption on bytes that are no input. */
export function decodeInput(bytes: Uint8Array): unknown {
  const reader = new ByteReader(bytes);
  const raw = read(reader, 0);
  if (!reader.done) throw new Corruption('replica: bytes after a request');
  return raw;
}

function read(reader: ByteReader, depth: number): unknown {
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
      return readAll(reader, depth);
    case inputKinds.set:
      return new Set(readAll(reader, depth));
    case inputKinds.members:
      return readMembers(reader, depth);
    default:
      throw new Corruption('replica: a value of no kind');
  }
}

function readAll(reader: ByteReader, depth: number): unknown[] {
  const all: unknown[] = [];
  for (let left = reader.varint(); left > 0; left -= 1) all.push(read(reader, depth + 1));
  return all;
}

function readMembers(reader: ByteReader, depth: number): Record<string, unknown> {
  const members: Record<string, unknown> = {};
  for (let left = reader.varint(); left > 0; left -= 1) {
    const name = reader.text();
    setOwn(members, name, read(reader, depth + 1));
  }
  return members;
}
