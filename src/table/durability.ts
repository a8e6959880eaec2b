/**
 * What the tables of one write ask for: whether power loss may undo it once it is answered.
 */
import type { TableState } from './state.ts';

/**
 * `strict` if one of them is; `relaxed` if all of them are; undefined leaves it to the database:
 * those that do not say take what it says, which is then the stricter one or the same.
 */
export function durabilityOf(
  tables: readonly Pick<TableState, 'durability'>[],
): TableState['durability'] {
  let all: TableState['durability'] = 'relaxed';
  for (const { durability } of tables) {
    if (durability === 'strict') return 'strict';
    all = durability && all;
  }
  return tables.length === 0 ? undefined : all;
}
