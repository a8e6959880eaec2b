import { describe, expect, test } from 'vitest';
import { Growth } from '../../src/capacity/growth.ts';

const halfHour = 30 * 60 * 1000;

/** How many requests of `each` units are let in at one moment, at most a hundred. */
function letIn(growth: Growth, each: number, nowMs: number, least = 0): number {
  let count = 0;
  while (count < 100 && growth.hasUnits(least, nowMs)) {
    growth.take(each);
    count += 1;
  }
  return count;
}

describe('a table on demand', () => {
  test('takes what it starts with in every second, and keeps nothing of an idle one', () => {
    const growth = new Growth(4000, 0);
    expect(letIn(growth, 1000, 0)).toBe(4);
    expect(letIn(growth, 1000, 500)).toBe(2);
    expect(letIn(growth, 1000, 60_000)).toBe(4);
  });

  test('takes twice its peak half an hour after it, and never less again', () => {
    const growth = new Growth(4000, 0);
    letIn(growth, 1000, 0);
    expect(letIn(growth, 1000, halfHour - 1000)).toBe(4);
    // The peak of 4,000 counts now.
    expect(letIn(growth, 1000, halfHour)).toBe(8);
    expect(letIn(growth, 1000, halfHour + 1000)).toBe(8);
    expect(letIn(growth, 1000, 2 * halfHour)).toBe(16);
    // Half an hour of nothing.
    expect(letIn(growth, 1000, 9 * halfHour)).toBe(32);
    expect(letIn(growth, 1000, 10 * halfHour)).toBe(64);
  });

  test('takes what it is warm for, whatever its peak was', () => {
    const growth = new Growth(4000, 0);
    expect(letIn(growth, 1000, 0, 10_000)).toBe(4);
    expect(letIn(growth, 1000, 1000, 10_000)).toBe(10);
  });

  test('is given back what a call did not use after all', () => {
    const growth = new Growth(2, 0);
    growth.take(2);
    expect(growth.hasUnits(0, 0)).toBe(false);
    growth.take(-2);
    expect(letIn(growth, 1, 0)).toBe(2);
  });
});
