import { describe, expect, test } from 'vitest';
import { World } from '../../support/run.ts';

describe('of the account', () => {
  test('DescribeLimits tells the default quotas', () => {
    expect(new World().run('DescribeLimits', {})).toEqual({
      AccountMaxReadCapacityUnits: 80_000,
      AccountMaxWriteCapacityUnits: 80_000,
      TableMaxReadCapacityUnits: 40_000,
      TableMaxWriteCapacityUnits: 40_000,
    });
  });
});
