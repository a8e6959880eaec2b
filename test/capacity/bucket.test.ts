import { describe, expect, test } from 'vitest';
import { burstSeconds } from '../../src/base/capacity-limits.ts';
import { Bucket } from '../../src/capacity/bucket.ts';

/** How many requests of one unit each are let in at one moment. */
function letIn(bucket: Bucket, perSecond: number, nowMs: number): number {
  let count = 0;
  while (bucket.hasUnits(perSecond, nowMs)) {
    bucket.take(1);
    count += 1;
  }
  return count;
}

describe('a bucket of units', () => {
  test.each([
    // Idle for so many seconds it holds so many units, at 5 a second.
    [0, 5],
    [1, 5],
    [10, 50],
    [burstSeconds, 1500],
    [1_000_000, 1500],
  ])('that lay idle for %i seconds has %i', (seconds, units) => {
    expect(letIn(new Bucket(5, seconds, 0), 5, 0)).toBe(units);
  });

  test('fills as time passes, and keeps 300 seconds of what is not used', () => {
    const bucket = new Bucket(2, 0, 0);
    expect(letIn(bucket, 2, 0)).toBe(2);
    expect(letIn(bucket, 2, 999)).toBe(2);
    expect(letIn(bucket, 2, 1000)).toBe(0);
    expect(letIn(bucket, 2, 1001)).toBe(1);
    expect(letIn(bucket, 2, 400_000)).toBe(600);
  });

  test('makes good what a request took beyond what there was', () => {
    const bucket = new Bucket(10, 0, 0);
    expect(bucket.hasUnits(10, 0)).toBe(true);
    bucket.take(40);
    expect([1000, 2000, 3000, 3001].map((ms) => bucket.hasUnits(10, ms))).toEqual([
      false,
      false,
      false,
      true,
    ]);
  });

  test('follows a rate that changes, and a clock that was set back', () => {
    const bucket = new Bucket(100, 300, 10_000);
    // What it held beyond 300 seconds of the new rate is gone.
    expect(letIn(bucket, 1, 10_000)).toBe(300);
    expect(letIn(bucket, 1, 5000)).toBe(0);
    expect(letIn(bucket, 1, 10_000)).toBe(0);
    expect(letIn(bucket, 1, 11_000)).toBe(1);
  });

  test('takes back what was given too early', () => {
    const bucket = new Bucket(1, 0, 0);
    bucket.take(1);
    expect(bucket.hasUnits(1, 0)).toBe(false);
    bucket.take(-1);
    expect(bucket.hasUnits(1, 0)).toBe(true);
  });
});
