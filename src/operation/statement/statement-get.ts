/**
 * A SELECT that must name one item by its whole key, as batches and transactions want it.
 */
import { validation } from '../../base/errors.ts';
import { onlyKeyOf } from '../../partiql/branches.ts';
import type { CompiledSelect } from '../../partiql/compile.ts';
import type { TableState } from '../../table/state.ts';
import type { Item } from '../../value/value.ts';
import { planSelect } from './select-plan.ts';
import { keyNames } from './statement-input.ts';

/** The key, of whatever types; throws when the statement asks for anything else. */
export function onlyKey(
  select: CompiledSelect,
  table: TableState,
  operation: 'BatchExecuteStatement' | 'ExecuteTransaction',
): Item {
  const names = keyNames(table.keys);
  const isPlain = select.index === undefined && select.columnFault === undefined;
  const key = select.where && isPlain ? onlyKeyOf(select.where, names) : undefined;
  if (key !== undefined && select.orderBy.length === 0) return key;
  // What is wrong with it anyway is told first.
  planSelect(select, table, false);
  if (key !== undefined) return key;
  throw validation(
    `Select statements within ${operation} must specify the primary key in the where clause.`,
  );
}
