/**
 * The base of an item that a device has changed and the hub has not answered for: what the hub has,
 * as far as is known. A refused change gives way to it. Layout in docs/formats/replica.md.
 *
 * Where a chunk lacked the item nothing is known but that: what the hub had done with it before the
 * chunk was read comes with no page. So a note is kept in the place of a base.
 */
import { ByteReader, ByteWriter, equalBytes } from '../base/bytes.ts';
import { stampBytes, stampLength, stampOf } from '../base/hlc.ts';
import type { Written } from './resolve.ts';

export function encodeBase({ stamp, image }: Written): Uint8Array {
  const writer = new ByteWriter(stampLength + 1 + (image?.length ?? 0));
  writer.raw(stampBytes(stamp));
  if (image !== undefined) writer.raw(image);
  return writer.take();
}

/** No replica has this id. */
const nobody = new Uint8Array(16).fill(0xff);

/** The note that a chunk lacked the item, read when the hub had consumed so many entries. */
export function lackedAfter(markSeq: number): Written {
  return { stamp: { ms: markSeq, counter: 0, replica: nobody }, image: undefined };
}

/** How many entries that were; undefined of a base. */
export function lackedOf(bytes: Uint8Array): number | undefined {
  const { ms, replica } = stampOf(new ByteReader(bytes).raw(stampLength));
  return equalBytes(replica, nobody) ? ms : undefined;
}

/** Undefined of a note. */
export function decodeBase(bytes: Uint8Array): Written | undefined {
  if (lackedOf(bytes) !== undefined) return undefined;
  const reader = new ByteReader(bytes);
  const stamp = stampOf(reader.raw(stampLength));
  return { stamp, image: reader.done ? undefined : bytes.subarray(reader.at) };
}
