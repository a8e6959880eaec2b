/** DescribeLimits: the capacity an account and a table may have; nothing here enforces it. */
import { accountCapacityMax, tableCapacityMax } from '../../base/limits.ts';
import { struct } from '../../shape/constructors.ts';
import { type Operation, operation } from '../operation.ts';

export const DescribeLimits: Operation = operation({
  name: 'DescribeLimits',
  kind: 'read',
  input: struct({}),
  check: (input) => input,
  plan: (input) => input,
  decide: () => ({
    output: {
      AccountMaxReadCapacityUnits: accountCapacityMax,
      AccountMaxWriteCapacityUnits: accountCapacityMax,
      TableMaxReadCapacityUnits: tableCapacityMax,
      TableMaxWriteCapacityUnits: tableCapacityMax,
    },
  }),
});
