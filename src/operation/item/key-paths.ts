/**
 * Paths into keys: a key attribute is a scalar, so nothing of a request may reach into one.
 *
 * It holds for every expression, of keys of the table and of its indexes, whatever is stored
 * (reference/expressions.md, section 6, for updates; the same text answers conditions, filters and
 * projections).
 */
import { validation } from '../../base/errors.ts';
import type { Condition } from '../../expression/condition.ts';
import { partsOf, shownIndexes } from '../../table/index-checks.ts';
import type { TableState } from '../../table/state.ts';
import type { ItemWrite } from './item-write.ts';

/** What an expression says of its nested paths. */
interface Nested {
  readonly nestedRoots: ReadonlySet<string>;
}

/** Throws ValidationException when one of the expressions reaches into a key. */
export function checkKeyPaths(
  table: TableState,
  ...expressions: readonly (Nested | undefined)[]
): void {
  if (!expressions.some((expression) => expression && expression.nestedRoots.size > 0)) return;
  const isNested = ({ name }: { readonly name: string }): boolean => {
    return expressions.some((expression) => expression?.nestedRoots.has(name));
  };
  const key = [...table.keys.hash, ...table.keys.range].find(isNested);
  if (key !== undefined) throw keysAreScalars(`Key: ${key.name}`);
  const indexKey = shownIndexes(table).flatMap(partsOf).find(isNested);
  if (indexKey !== undefined) throw keysAreScalars(`IndexKey: ${indexKey.name}`);
}

/** The write under its condition. Throws when the condition reaches into a key. */
export function underCondition(
  write: ItemWrite,
  condition: Condition | undefined,
  wish: 'ALL_OLD' | 'NONE' | undefined,
): ItemWrite {
  checkKeyPaths(write.table, condition);
  return { ...write, condition, tellsOld: wish === 'ALL_OLD' };
}

export function keysAreScalars(key: string): Error {
  return validation(
    'Key attributes must be scalars; list random access ' +
      `'[]' and map lookup '.' are not allowed: ${key}`,
  );
}
