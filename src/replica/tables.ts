/** The replicated tables of a catalog, by their names among replicas and by their trees. */
import { tablesMax } from '../base/limits.ts';
import type { Catalog } from '../table/catalog.ts';
import type { TableReplica, TableState } from '../table/state.ts';

export interface ReplicatedTable extends TableState {
  readonly replica: TableReplica;
}

export function replicatedTables(catalog: Catalog): readonly ReplicatedTable[] {
  return catalog.names(undefined, tablesMax).flatMap((name): ReplicatedTable[] => {
    const table = catalog.find(name);
    return table?.replica === undefined ? [] : [{ ...table, replica: table.replica }];
  });
}

export function byGlobal(catalog: Catalog): ReadonlyMap<string, ReplicatedTable> {
  return new Map(replicatedTables(catalog).map((table) => [table.replica.global, table]));
}

export function byTree(catalog: Catalog): ReadonlyMap<number, ReplicatedTable> {
  return new Map(replicatedTables(catalog).map((table) => [table.tree, table]));
}
