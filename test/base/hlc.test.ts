import { describe, expect, test } from 'vitest';
import {
  type ClockReading,
  clockZero,
  compareReadings,
  compareStamps,
  latest,
  stampBytes,
  stampOf,
  tick,
  tickedBy,
} from '../../src/base/hlc.ts';
import { compareBytes, hexOf } from '../../src/base/bytes.ts';
import { prng } from '../../src/base/prng.ts';

describe('a tick', () => {
  const rows: readonly (readonly [string, ClockReading, number, ClockReading])[] = [
    ['takes a later wall clock', { ms: 5, counter: 7 }, 6, { ms: 6, counter: 0 }],
    ['counts within a millisecond', { ms: 5, counter: 7 }, 5, { ms: 5, counter: 8 }],
    ['counts when the wall clock is behind', { ms: 5, counter: 7 }, 1, { ms: 5, counter: 8 }],
    ['borrows a millisecond', { ms: 5, counter: 65_535 }, 5, { ms: 6, counter: 0 }],
  ];
  test.each(rows)('%s', (_, last, now, expected) => {
    expect(tick(last, now)).toEqual(expected);
  });

  test('is greater than the last, whatever the wall clock does', () => {
    const chance = prng(3);
    let last = clockZero;
    for (let step = 0; step < 2000; step += 1) {
      const next = tick(last, chance.below(50));
      expect(compareReadings(next, last)).toBeGreaterThan(0);
      last = next;
    }
  });
});

describe('many ticks at once', () => {
  test.each([0, 1, 3, 65_535, 65_536, 200_000])(
    '%i of them end where each alone would',
    (count) => {
      let one: ClockReading = { ms: 40, counter: 65_530 };
      const all = tickedBy(one, count);
      for (let at = 0; at < count; at += 1) one = tick(one, 7);
      expect(all).toEqual(one);
    },
  );
});

describe('the order of stamps', () => {
  const replica = (byte: number): Uint8Array => new Uint8Array(16).fill(byte);
  // Each row sorts before the next.
  const ordered = [
    { ms: 1, counter: 9, replica: replica(9) },
    { ms: 2, counter: 0, replica: replica(1) },
    { ms: 2, counter: 0, replica: replica(200) },
    { ms: 2, counter: 1, replica: replica(0) },
    { ms: 10, counter: 0, replica: replica(0) },
  ];
  test('goes by time, then counter, then replica', () => {
    for (const [i, a] of ordered.entries()) {
      for (const [j, b] of ordered.entries()) {
        expect(Math.sign(compareStamps(a, b))).toBe(Math.sign(i - j));
      }
    }
  });

  test('makes the greater reading the latest', () => {
    const a = { ms: 2, counter: 1 };
    const b = { ms: 2, counter: 2 };
    expect(latest(a, b)).toBe(b);
    expect(latest(b, a)).toBe(b);
  });
});

describe('the bytes of a stamp', () => {
  const random = prng(8);
  const stamps = Array.from({ length: 50 }, () => ({
    ms: random.chance(0.5) ? random.below(3) : 2 ** 48 - 1 - random.below(3),
    counter: random.chance(0.5) ? random.below(2) : 65_535,
    replica: new Uint8Array(16).fill(random.below(2)),
  }));

  test('compare as stamps do, and are read back', () => {
    for (const a of stamps) {
      expect(stampOf(stampBytes(a))).toEqual(a);
      for (const b of stamps) {
        const order = Math.sign(compareStamps(a, b));
        expect(compareBytes(stampBytes(a), stampBytes(b))).toBe(order);
      }
    }
  });

  test('are those of docs/formats/replica.md', () => {
    const replica = new Uint8Array(16).fill(0xab);
    const golden = `0102030405060708${'ab'.repeat(16)}`;
    expect(hexOf(stampBytes({ ms: 0x010203040506, counter: 0x0708, replica }))).toBe(golden);
    expect(() => stampBytes({ ms: -1, counter: 0, replica })).toThrow('a stamp of -1 ms');
    expect(() => stampOf(replica)).toThrow('another length');
  });
});
