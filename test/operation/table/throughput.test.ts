import { describe, expect, test } from 'vitest';
import {
  changedThroughput,
  countedDecrease,
  decreasesToday,
} from '../../../src/operation/table/throughput.ts';

const current = { read: 5, write: 5, lastIncrease: 1, lastDecrease: 2 };
const to = (
  ReadCapacityUnits: number,
  WriteCapacityUnits: number,
): Parameters<typeof changedThroughput>[1] => ({ ReadCapacityUnits, WriteCapacityUnits });
const dayMs = 86_400_000;

// The refusals are rows of create-checks.test.ts and update-table.test.ts.
describe('a change of units', () => {
  test.each([
    ['up', to(6, 5), { lastIncrease: 9, lastDecrease: 2 }],
    ['down', to(5, 4), { lastIncrease: 1, lastDecrease: 9 }],
    ['both ways', to(6, 4), { lastIncrease: 9, lastDecrease: 9 }],
  ])('%s is remembered as such', (_way, input, times) => {
    expect(changedThroughput(current, input, 9000)).toEqual({
      read: input.ReadCapacityUnits,
      write: input.WriteCapacityUnits,
      ...times,
    });
  });

  test('counts as a decrease of its day and index', () => {
    const less = { read: 4, write: 9 };
    expect(countedDecrease(undefined, '', current, { read: 5, write: 6 }, 0)).toBeUndefined();
    const once = countedDecrease(undefined, '', current, less, 0);
    const twice = countedDecrease(once, '', current, less, dayMs - 1);
    const other = countedDecrease(twice, 'index', current, less, dayMs - 1);
    expect(decreasesToday(other, '', 0)).toBe(2);
    expect(decreasesToday(other, 'index', 0)).toBe(1);
    expect(decreasesToday(other, 'another', 0)).toBe(0);
    expect(decreasesToday(other, '', dayMs)).toBe(0);
    expect(decreasesToday(countedDecrease(other, '', current, less, dayMs), '', dayMs)).toBe(1);
  });
});
