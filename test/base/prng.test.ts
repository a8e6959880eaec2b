import { describe, expect, test } from 'vitest';
import { fromHex } from '../../src/base/bytes.ts';
import { prng, uuidFrom } from '../../src/base/prng.ts';

const take = (seed: number, count: number): number[] => {
  const chance = prng(seed);
  return Array.from({ length: count }, () => chance.u32());
};

describe('a generator', () => {
  test('repeats itself from its seed, and differs from others', () => {
    expect(take(7, 20)).toEqual(take(7, 20));
    expect(take(7, 20)).not.toEqual(take(8, 20));
    expect(take(0, 1000).filter((value) => value === 0).length).toBeLessThan(2);
  });

  test('makes unsigned 32-bit integers whose bits are even', () => {
    const values = take(1, 4000);
    for (const value of values) expect(value).toBe(value >>> 0);
    for (let bit = 0; bit < 32; bit += 1) {
      const ones = values.filter((value) => (value >>> bit) & 1).length;
      // Five standard deviations of a fair coin.
      expect(Math.abs(ones - 2000)).toBeLessThan(160);
    }
  });

  test('stays below a bound and reaches all below it', () => {
    const chance = prng(2);
    const seen = new Set(Array.from({ length: 500 }, () => chance.below(6)));
    expect([...seen].sort()).toEqual([0, 1, 2, 3, 4, 5]);
  });

  test('says yes in the share that was asked', () => {
    const chance = prng(4);
    const share = (p: number): number => {
      let yes = 0;
      for (let at = 0; at < 4000; at += 1) if (chance.chance(p)) yes += 1;
      return yes / 4000;
    };
    expect(share(0)).toBe(0);
    expect(share(1)).toBe(1);
    expect(share(0.25)).toBeCloseTo(0.25, 1);
  });

  test('makes bytes', () => {
    expect(prng(5).bytes(9)).toHaveLength(9);
    expect(prng(5).bytes(9)).toEqual(prng(5).bytes(9));
  });
});

describe('a UUID', () => {
  test('has version 4 and its variant over the given bytes', () => {
    const ones = new Uint8Array(16).fill(0xff);
    expect(uuidFrom(ones)).toBe('ffffffff-ffff-4fff-bfff-ffffffffffff');
    expect(uuidFrom(new Uint8Array(16))).toBe('00000000-0000-4000-8000-000000000000');
    expect(uuidFrom(fromHex('00112233445566778899aabbccddeeff'))).toBe(
      '00112233-4455-4677-8899-aabbccddeeff',
    );
    expect(ones).toEqual(new Uint8Array(16).fill(0xff));
  });
});
