/**
 * CRC-32 in two polynomials, by tables made at first use.
 *
 * `crc32c` (Castagnoli) guards our log records and pages; `crc32` (IEEE) is DynamoDB's
 * `x-amz-crc32` header (reference/protocol.md, section 2). Slicing by 4: about 1 byte a nanosecond.
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

type Tables = readonly [Uint32Array, Uint32Array, Uint32Array, Uint32Array];
let castagnoli: Tables | undefined;
let ieee: Tables | undefined;

function makeTables(polynomial: number): Tables {
  const tables: Tables = [
    new Uint32Array(256),
    new Uint32Array(256),
    new Uint32Array(256),
    new Uint32Array(256),
  ];
  for (let index = 0; index < 256; index += 1) {
    let value = index;
    for (let bit = 0; bit < 8; bit += 1) {
      value = value & 1 ? (value >>> 1) ^ polynomial : value >>> 1;
    }
    tables[0][index] = value;
  }
  for (let index = 0; index < 256; index += 1) {
    for (let slice = 1; slice < 4; slice += 1) {
      const before = (tables[slice - 1] as Uint32Array)[index] as number;
      (tables[slice] as Uint32Array)[index] = (before >>> 8) ^ (tables[0][before & 0xff] as number);
    }
  }
  return tables;
}

function checksum([t0, t1, t2, t3]: Tables, bytes: Uint8Array, seed: number): number {
  let crc = ~seed;
  let at = 0;
  const whole = bytes.length - (bytes.length % 4);
  for (; at < whole; at += 4) {
    crc ^=
      (bytes[at] as number) |
      ((bytes[at + 1] as number) << 8) |
      ((bytes[at + 2] as number) << 16) |
      ((bytes[at + 3] as number) << 24);
    crc =
      (t3[crc & 0xff] as number) ^
      (t2[(crc >>> 8) & 0xff] as number) ^
      (t1[(crc >>> 16) & 0xff] as number) ^
      (t0[crc >>> 24] as number);
  }
  for (; at < bytes.length; at += 1) {
    crc = (crc >>> 8) ^ (t0[(crc ^ (bytes[at] as number)) & 0xff] as number);
  }
  return ~crc >>> 0;
}
