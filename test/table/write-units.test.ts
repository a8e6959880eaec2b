import { describe, expect, test } from 'vitest';
import { totalUnits, writeUnits } from '../../src/table/write-units.ts';

describe('write units', () => {
  test.each([
    [0, 1],
    [1, 1],
    [1024, 1],
    [1025, 2],
    [409_600, 400],
  ])('%i bytes cost %i', (bytes, units) => {
    expect(writeUnits(bytes)).toBe(units);
  });

  test('the total is the table and every index', () => {
    const indexes = new Map([
      ['a', 1],
      ['b', 4],
    ]);
    expect(totalUnits({ table: 2, indexes })).toBe(7);
  });
});
