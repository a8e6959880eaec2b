import { expect, test } from 'vitest';
import * as limits from '../../src/base/capacity-limits.ts';
import { accountCapacityMax, tableCapacityMax, tablesMax } from '../../src/base/limits.ts';

test('limits of capacity are positive, and the smaller lie within the larger', () => {
  for (const limit of Object.values(limits)) expect(limit).toBeGreaterThan(0);
  expect(limits.partitionReadUnits).toBeLessThan(tableCapacityMax);
  expect(limits.partitionWriteUnits).toBeLessThan(limits.partitionReadUnits);
  expect(tableCapacityMax).toBeLessThan(accountCapacityMax);
  expect(limits.changingIndexedMax).toBeLessThan(limits.changingTablesMax);
  expect(limits.changingTablesMax).toBeLessThan(tablesMax);
  expect(limits.describeLimitsMax).toBeLessThan(limits.controlCallsMax);
});
