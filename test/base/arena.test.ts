import { describe, expect, test } from 'vitest';
import { Arena } from '../../src/base/arena.ts';
import { arenaBytesMax, arenaChunkBytes } from '../../src/base/memory-limits.ts';
import { prng } from '../../src/base/prng.ts';

describe('an arena', () => {
  test('has copies of all that it was given, whatever their lengths', () => {
    const random = prng(5);
    const arena = new Arena();
    const given = Array.from({ length: 500 }, () => random.bytes(random.below(arenaBytesMax + 1)));
    const copies = given.map((bytes) => arena.copy(bytes));
    expect(copies).toEqual(given);
    const bytes = given.reduce((sum, { length }) => sum + length, 0);
    const buffers = new Set(copies.map(({ buffer }) => buffer));
    // The end of a buffer may be too short for what comes next.
    expect(buffers.size).toBeLessThan(1 + bytes / (arenaChunkBytes - arenaBytesMax));
  });

  test('answers what is long as it is', () => {
    const long = new Uint8Array(arenaBytesMax + 1);
    expect(new Arena().copy(long)).toBe(long);
  });
});
