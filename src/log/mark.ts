/**
 * The mark that a barrier leaves: the sequence number up to which it made everything durable.
 *
 * It is a record of its own beside the meta record, so that a barrier meets no other writer; the
 * other engines read in it what they need not cover. A store flushes only a transaction that
 * writes, and every barrier has something new to write. Layout in docs/formats/mark.md.
 */
import { ByteReader, ByteWriter } from '../base/bytes.ts';
import { crc32c } from '../base/checksum.ts';

const magic = 0x42545454; // "TTTB"
const format = 1;
const checksumAt = 6;
const contentAt = 10;

export function encodeMark(sequence: number): Uint8Array {
  const writer = new ByteWriter(contentAt + 8);
  writer.u32(magic);
  writer.u16(format);
  writer.u32(0);
  writer.varint(sequence);
  writer.patchU32(checksumAt, checksumOf(writer.view()));
  return writer.take();
}

/**
 * The sequence number; 0, which claims nothing, where there is no mark, or a damaged one, or one of
 * another format: the next barrier writes it anew.
 */
export function decodeMark(bytes: Uint8Array | undefined): number {
  if (bytes === undefined || bytes.length <= contentAt) return 0;
  const reader = new ByteReader(bytes);
  const known = reader.u32() === magic && reader.u16() === format;
  return known && reader.u32() === checksumOf(bytes) ? reader.varint() : 0;
}

function checksumOf(bytes: Uint8Array): number {
  return crc32c(bytes.subarray(contentAt), crc32c(bytes.subarray(0, checksumAt)));
}
