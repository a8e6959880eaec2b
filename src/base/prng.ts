/**
 * A seeded generator (xoshiro128**, Blackman and Vigna, public domain): the source of ids inside
 * the pure core, where the seed comes with a Request, and of chance in simulations.
 */

export interface Prng {
  /** 0 to 2^32 - 1. */
  u32(): number;
  /** 0 to below `bound`. */
  below(bound: number): number;
  /** True in a share `p` of calls. */
  chance(p: number): boolean;
  bytes(length: number): Uint8Array;
}

export function prng(seed: number): Prng {
  // splitmix32 spreads a small seed over the whole state, which must not be all zero.
  let mix = seed >>> 0;
  const next = (): number => {
    mix = (mix + 0x9e3779b9) >>> 0;
    let z = mix;
    z = Math.imul(z ^ (z >>> 16), 0x85ebca6b);
    z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
    return (z ^ (z >>> 16)) >>> 0;
  };
  let a = next();
  let b = next();
  let c = next();
  let d = next() | 1;
  const u32 = (): number => {
    const product = Math.imul(b, 5);
    const result = Math.imul((product << 7) | (product >>> 25), 9) >>> 0;
    const shifted = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = (d << 11) | (d >>> 21);
    return result;
  };
  return {
    u32,
    below: (bound) => Math.floor((u32() / 0x100000000) * bound),
    chance: (p) => u32() / 0x100000000 < p,
    bytes: (length) => {
      const bytes = new Uint8Array(length);
      for (let at = 0; at < length; at += 1) bytes[at] = u32() & 0xff;
      return bytes;
    },
  };
}

/** A version 4 UUID from 16 random bytes (RFC 9562, section 5.4). */
export function uuidFrom(bytes: Uint8Array): string {
  const copy = bytes.slice(0, 16);
  copy[6] = ((copy[6] as number) & 0x0f) | 0x40;
  copy[8] = ((copy[8] as number) & 0x3f) | 0x80;
  const hex = [...copy].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    hex.slice(12, 16),
    hex.slice(16, 20),
    hex.slice(20),
  ].join('-');
}
