import { describe, expect, test } from 'vitest';
import {
  readUnits,
  transactionReadUnits,
  transactionWriteUnits,
} from '../../src/capacity/units.ts';

describe('read units', () => {
  // reference/streams-ttl-backup-globaltables.md, section 14.
  test.each([
    [0, 0.5, 1, 2],
    [1, 0.5, 1, 2],
    [4096, 0.5, 1, 2],
    [4097, 1, 2, 4],
    [409_600, 50, 100, 200],
  ])('%i bytes cost %f eventually, %i strongly, %i in a transaction', (bytes, half, one, two) => {
    expect(readUnits(bytes, false)).toBe(half);
    expect(readUnits(bytes, true)).toBe(one);
    expect(transactionReadUnits(bytes)).toBe(two);
  });
});

test('a transaction doubles the units of the table and not those of its indexes', () => {
  const units = { table: 3, indexes: new Map([['g', 2]]) };
  expect(transactionWriteUnits(units)).toEqual({ table: 6, indexes: new Map([['g', 2]]) });
});
