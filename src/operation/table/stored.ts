/**
 * Commits of the engine's own state, and the long text about a table that is not there.
 */
import { resourceNotFound } from '../../base/errors.ts';
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

/** A commit of the engine's own state, which costs the caller nothing. */
export function systemCommit(mutations: readonly Mutation[]): CommitDraft {
  return { table: 0, mutations, units: 0 };
}
