import { expect, test } from 'vitest';
import { Rates } from '../../../src/host/access/rates.ts';

test('a burst is let, then as many as the rate says', () => {
  const rates = new Rates({ perSecond: 10, burst: 3 }, 10);
  const take = (name: string, ms: number): boolean => rates.take(name, ms);
  expect([take('a', 0), take('a', 0), take('a', 0), take('a', 0)]).toEqual([
    true,
    true,
    true,
    false,
  ]);
  expect([take('a', 99), take('a', 100), take('a', 101)]).toEqual([false, true, false]);
  expect(take('b', 0)).toBe(true);
  // A long pause fills the bucket, and no more.
  expect([1, 2, 3, 4].map(() => take('a', 60_000))).toEqual([true, true, true, false]);
});

test('a clock that stands still or falls fills nothing', () => {
  const rates = new Rates({ perSecond: 1000, burst: 1 }, 10);
  expect([rates.take('a', 1000), rates.take('a', 0), rates.take('a', 0)]).toEqual([
    true,
    false,
    false,
  ]);
});

test('as many are remembered as the limit says, the last used longest', () => {
  const rates = new Rates({ perSecond: 0.001, burst: 1 }, 2);
  expect(['a', 'b', 'a'].map((name) => rates.take(name, 0))).toEqual([true, true, false]);
  expect(rates.take('c', 0)).toBe(true);
  // That forgot b, and not a.
  expect(['a', 'b'].map((name) => rates.take(name, 0))).toEqual([false, true]);
});
