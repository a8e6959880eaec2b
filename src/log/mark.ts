/**
 * The mark that a barrier leaves: the sequence number up to which it made everything durable.
 *
 * It is a record of its own beside the meta record, so that a barrier meets no other writer; the
 * other engines read in it what they need not cover. A store flushes only a transaction that
 * writes, and every barrier has something new to write. It names its store, so that one that was
 * written behind a store's replacement says nothing of the other. Layout in docs/formats/mark.md.
 */
import { ByteReader, ByteWriter, equalBytes } from '../base/bytes.ts';
import { crc32c } from '../base/checksum.ts';

const magic = 0x42545454; // "TTTB"
const format = 2;
const checksumAt = 6;
const contentAt = 10;
const idBytes = 16;

/** `storeId`: the 16 bytes of the meta record. */
export function encodeMark(storeId: Uint8Array, sequence: number): Uint8Array {
  const writer = new ByteWriter(contentAt + idBytes + 8);
  writer.u32(magic);
  writer.u16(format);
  writer.u32(0);
  writer.raw(storeId);
  writer.varint(sequence);
  writer.patchU32(checksumAt, checksumOf(writer.view()));
  return writer.take();
}

/**
 * The sequence number; 0, which claims nothing, where there is no mark, or a damaged one, or one of
 * another format or store: the next barrier writes it anew.
 */
export function decodeMark(storeId: Uint8Array, bytes: Uint8Array | undefined): number {
  if (bytes === undefined || bytes.length <= contentAt + idBytes) return 0;
  const reader = new ByteReader(bytes);
  const known = reader.u32() === magic && reader.u16() === format;
  if (!known || reader.u32() !== checksumOf(bytes)) return 0;
  return equalBytes(reader.raw(idBytes), storeId) ? reader.varint() : 0;
}

function checksumOf(bytes: Uint8Array): number {
  return crc32c(bytes.subarray(contentAt), crc32c(bytes.subarray(0, checksumAt)));
}
