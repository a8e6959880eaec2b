/**
 * ListTables: names in byte order, in pages.
 *
 * A page that holds the last name has no LastEvaluatedTableName, even if it is full: to know, one
 * name more than asked for is looked up.
 */
import { listTablesMax } from '../../base/limits.ts';
import { integer, string, struct } from '../../shape/constructors.ts';
import { type Operation, operation } from '../operation.ts';

export const ListTables: Operation = operation({
  name: 'ListTables',
  kind: 'read',
  input: struct({
    ExclusiveStartTableName: string({ min: 3, max: 255, pattern: '[a-zA-Z0-9_.-]+' }),
    Limit: integer({ min: 1, max: listTablesMax }),
  }),
  check: (input) => input,
  plan: (input) => input,
  decide({ ExclusiveStartTableName: after, Limit: limit = listTablesMax }, { catalog }) {
    const found = catalog.names(after, limit + 1);
    const TableNames = found.slice(0, limit);
    const more = found.length > limit;
    return {
      output: { TableNames, ...(more && { LastEvaluatedTableName: TableNames.at(-1) }) },
    };
  },
  consistent: () => true,
});
