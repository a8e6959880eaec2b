/**
 * CRC-32 in two polynomials, by tables made at first use.
 *
 * `crc32c` (Castagnoli) guards our log records and pages; `crc32` (IEEE) is DynamoDB's
 * `x-amz-crc32` header (reference/protocol.md, section 2). Slicing by 8, in
 * one array: half again as fast as by 4.
 */

/** CRC-32C of `bytes`, continued from `seed`. An unsigned 32-bit number. */
export function crc32c(bytes: Uint8Array, seed = 0): number {
  castagnoli ??= makeTables(0x82f63b78);
  return checksum(castagnoli, bytes, seed);
}

/** CRC-32 as zip and DynamoDB's header have it. An unsigned 32-bit number. */
export function crc32(bytes: Uint8Array, seed = 0): number {
  ieee ??= makeTables(0xedb88320);
  return checksum(ieee, bytes, seed);
}

/** Eight tables of 256 in one array: entry `index` of table t is at t × 256 + index. */
type Tables = Int32Array;
let castagnoli: Tables | undefined;
let ieee: Tables | undefined;

const slices = 8;

function makeTables(polynomial: number): Tables {
  const tables = new Int32Array(slices * 256);
  for (let index = 0; index < 256; index += 1) {
    let value = index;
    for (let bit = 0; bit < 8; bit += 1) {
      value = value & 1 ? (value >>> 1) ^ polynomial : value >>> 1;
    }
    tables[index] = value;
  }
  for (let at = 256; at < tables.length; at += 1) {
    const before = tables[at - 256] as number;
    tables[at] = (before >>> 8) ^ (tables[before & 0xff] as number);
  }
  return tables;
}

function checksum(tables: Tables, bytes: Uint8Array, seed: number): number {
  let crc = ~seed;
  let at = 0;
  const { length } = bytes;
  const whole = length - (length % slices);
  for (; at < whole; at += slices) {
    crc ^=
      (bytes[at] as number) |
      ((bytes[at + 1] as number) << 8) |
      ((bytes[at + 2] as number) << 16) |
      ((bytes[at + 3] as number) << 24);
    crc =
      (tables[0x700 + (crc & 0xff)] as number) ^
      (tables[0x600 + ((crc >>> 8) & 0xff)] as number) ^
      (tables[0x500 + ((crc >>> 16) & 0xff)] as number) ^
      (tables[0x400 + (crc >>> 24)] as number) ^
      (tables[0x300 + (bytes[at + 4] as number)] as number) ^
      (tables[0x200 + (bytes[at + 5] as number)] as number) ^
      (tables[0x100 + (bytes[at + 6] as number)] as number) ^
      (tables[bytes[at + 7] as number] as number);
  }
  for (; at < length; at += 1) {
    crc = (crc >>> 8) ^ (tables[(crc ^ (bytes[at] as number)) & 0xff] as number);
  }
  return ~crc >>> 0;
}
