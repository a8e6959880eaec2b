import { describe, expect, test } from 'vitest';
import { prng } from '../../src/base/prng.ts';
import { KeyCounters } from '../../src/insight/key-counters.ts';

const key = (name: number): Uint8Array => Uint8Array.of(name >> 8, name & 0xff);

function sumsOf(counters: KeyCounters): ReadonlyMap<string, readonly [number, number]> {
  return new Map([...counters.sums()].map((one) => [String(one.key), [one.sum, one.least]]));
}

describe('sums by key', () => {
  test('are exact while the keys fit', () => {
    const counters = new KeyCounters(3);
    for (const [name, amount] of [
      [1, 2],
      [2, 0.5],
      [1, 3],
      [3, 1],
      [2, 0.5],
    ] as const) {
      counters.add(key(name), amount);
    }
    expect(counters).toMatchObject({ total: 7, replaced: 0, floor: 0, size: 3 });
    expect(sumsOf(counters)).toEqual(
      new Map([
        ['0,1', [5, 5]],
        ['0,2', [1, 1]],
        ['0,3', [1, 1]],
      ]),
    );
  });

  test('say how far off they may be when the keys do not fit', () => {
    const counters = new KeyCounters(2);
    for (const name of [1, 1, 1, 2, 3]) counters.add(key(name), 1);
    expect(counters).toMatchObject({ total: 5, replaced: 1, floor: 2, size: 2 });
    expect(sumsOf(counters).get('0,3')).toEqual([2, 1]);
  });

  test('find a key that becomes hot after all places are taken', () => {
    const counters = new KeyCounters(10);
    for (let name = 0; name < 500; name += 1) counters.add(key(name), 1);
    for (let times = 0; times < 200; times += 1) counters.add(key(999), 1);
    const [most] = [...counters.sums()].sort((a, b) => b.sum - a.sum);
    expect(String(most?.key)).toBe('3,231');
    expect(most?.least).toBe(200);
    expect(counters.replaced).toBeGreaterThan(0);
  });

  test.each([1, 2, 3, 4, 5])('keep their bounds over random additions (seed %i)', (seed) => {
    const random = prng(seed);
    const counters = new KeyCounters(8);
    const truth = new Map<number, number>();
    let total = 0;
    for (let step = 0; step < 2000; step += 1) {
      const name = random.chance(0.5) ? random.below(4) : random.below(40);
      const amount = random.below(8) / 2;
      truth.set(name, (truth.get(name) ?? 0) + amount);
      total += amount;
      counters.add(key(name), amount);
    }
    const held = sumsOf(counters);
    expect(counters.total).toBe(total);
    expect([...held.values()].reduce((sum, [most]) => sum + most, 0)).toBe(total);
    for (const [name, sum] of truth) {
      const [most, least] = held.get(String(key(name))) ?? [counters.floor, 0];
      expect(sum).toBeLessThanOrEqual(most);
      expect(sum).toBeGreaterThanOrEqual(least);
    }
  });

  test('need a place', () => {
    expect(() => new KeyCounters(0)).toThrow('counters for no key');
  });
});
