/** DescribeTable: schema, status and live counts of one table. */
import { ownTableName, struct } from '../../shape/constructors.ts';
import { type Operation, operation } from '../operation.ts';
import { knownTable } from './stored.ts';
import { describeTable } from './table-description.ts';

export const DescribeTable: Operation = operation({
  name: 'DescribeTable',
  kind: 'read',
  mayBeOther: true,
  input: struct({ TableName: ownTableName.required }),
  check: (input) => input,
  plan: (input, { catalog }) => knownTable(catalog, input.TableName),
  decide: (table, { reader, nowMs }) => ({
    output: { Table: describeTable(table, reader, nowMs) },
  }),
  // What another tab has created or deleted must be seen by who waits for it.
  consistent: () => true,
});
