/**
 * Tables as mutations of the catalog, and the long text about a table that is not there.
 */
import { resourceNotFound } from '../../base/errors.ts';
import type { Mutation } from '../../log/commit.ts';
import { tableNameOf } from '../../table/arn.ts';
import type { Catalog } from '../../table/catalog.ts';
import { tableItem } from '../../table/description.ts';
import type { TableState } from '../../table/state.ts';
import { catalogKey, catalogTree } from '../../table/system.ts';
import { putSystemItem } from '../../table/system-items.ts';
import type { TreeReader } from '../../tree/reader.ts';
import type { CommitDraft } from '../operation.ts';

/** By name or ARN; throws the long ResourceNotFoundException. */
export function knownTable(catalog: Catalog, nameOrArn: string): TableState {
  const table = catalog.find(nameOrArn);
  if (table !== undefined) return table;
  const name = tableNameOf(nameOrArn);
  throw resourceNotFound(`Requested resource not found: Table: ${name} not found`);
}

export function putTable(reader: TreeReader, table: TableState): Mutation {
  return putSystemItem(reader, catalogTree, catalogKey(table.name), tableItem(table));
}

/** A commit of the engine's own state, which costs the caller nothing. */
export function systemCommit(mutations: readonly Mutation[]): CommitDraft {
  return { table: 0, mutations, units: 0 };
}
