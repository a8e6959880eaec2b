/**
 * The base of an item that a device has changed and the hub has not answered for: what the hub has,
 * as far as is known. A refused change gives way to it. Layout in docs/formats/replica.md.
 */
import { ByteReader, ByteWriter } from '../base/bytes.ts';
import { stampBytes, stampLength, stampOf } from '../base/hlc.ts';
import type { Written } from './resolve.ts';

export function encodeBase({ stamp, image }: Written): Uint8Array {
  const writer = new ByteWriter(stampLength + 1 + (image?.length ?? 0));
  writer.raw(stampBytes(stamp));
  if (image !== undefined) writer.raw(image);
  return writer.take();
}

export function decodeBase(bytes: Uint8Array): Written {
  const reader = new ByteReader(bytes);
  const stamp = stampOf(reader.raw(stampLength));
  return { stamp, image: reader.done ? undefined : bytes.subarray(reader.at) };
}
