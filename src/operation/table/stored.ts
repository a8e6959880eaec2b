/**
 * Commits of the engine's own state, and the texts about a table that is not there, or not ready.
 */
import { resourceInUse, resourceNotFound } from '../../base/errors.ts';
import type { Mutation } from '../../log/commit.ts';
import { tableNameOf } from '../../table/arn.ts';
import type { Catalog } from '../../table/catalog.ts';
import type { TableState } from '../../table/state.ts';
import type { CommitDraft } from '../operation.ts';

/** By name or ARN; throws the long ResourceNotFoundException. */
export function knownTable(catalog: Catalog, nameOrArn: string): TableState {
  const table = catalog.find(nameOrArn);
  if (table !== undefined) return table;
  const name = tableNameOf(nameOrArn);
  throw resourceNotFound(`Requested resource not found: Table: ${name} not found`);
}

/**
 * Throws ResourceInUseException of a table that is not there yet, or not any more. While one is
 * updated its settings may be changed (types-and-limits.md, section 12).
 */
export function checkChangeable({ name, status }: TableState): void {
  if (status === 'ACTIVE' || status === 'UPDATING') return;
  const what = status === 'DELETING' ? 'deleted' : 'created';
  throw resourceInUse(
    `Attempt to change a resource which is still in use: Table is being ${what}: ${name}`,
  );
}

/** A commit of the engine's own state, which costs the caller nothing. */
export function systemCommit(mutations: readonly Mutation[]): CommitDraft {
  return { table: 0, mutations, units: 0 };
}
