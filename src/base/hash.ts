/**
 * The hash that spreads partition keys over a table's key order.
 *
 * MurmurHash3 (x86, 32 bits), by Austin Appleby, who placed it in the public domain. It is part of
 * the stored form (docs/formats/key.md): changing it would move every item.
 */

/** 32-bit unsigned hash of `bytes`, or of those from `from` to `to`. */
export function hash32(bytes: Uint8Array, seed = 0, from = 0, to: number = bytes.length): number {
  let h = seed;
  const length = to - from;
  const whole = to - (length % 4);
  let at = from;
  for (; at < whole; at += 4) {
    let k =
      (bytes[at] as number) |
      ((bytes[at + 1] as number) << 8) |
      ((bytes[at + 2] as number) << 16) |
      ((bytes[at + 3] as number) << 24);
    k = Math.imul(k, 0xcc9e2d51);
    k = (k << 15) | (k >>> 17);
    h ^= Math.imul(k, 0x1b873593);
    h = (h << 13) | (h >>> 19);
    h = (Math.imul(h, 5) + 0xe6546b64) | 0;
  }
  let tail = 0;
  for (let index = to - 1; index >= whole; index -= 1) {
    tail = (tail << 8) | (bytes[index] as number);
  }
  if (whole < to) {
    tail = Math.imul(tail, 0xcc9e2d51);
    tail = (tail << 15) | (tail >>> 17);
    h ^= Math.imul(tail, 0x1b873593);
  }
  h ^= length;
  h ^= h >>> 16;
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
