/** The replicated tables of a catalog, by their names among replicas and by their trees. */
import { concatBytes, textOf, utf8 } from '../base/bytes.ts';
import { tablesMax } from '../base/limits.ts';
import type { Mutation } from '../log/commit.ts';
import type { Catalog } from '../table/catalog.ts';
import type { TableReplica, TableState } from '../table/state.ts';
import type { TreeReader } from '../tree/reader.ts';
import { put } from './book.ts';

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

const formerKind = 0x22;

/** Names among replicas of all tables that were ever replicated here, of a hub. */
export function formerNames(reader: TreeReader, book: number): readonly string[] {
  const range = { from: Uint8Array.of(formerKind), to: Uint8Array.of(formerKind + 1) };
  const cursor = reader.range(book, range);
  const names: string[] = [];
  while (names.length < tablesMax && cursor.next()) names.push(textOf(cursor.key.subarray(1)));
  return names;
}

/** Such a name is not given again: a table that was dropped is another one than the next. */
export function rememberName(
  reader: TreeReader,
  book: number,
  { name, global }: { readonly name: string; readonly global: string },
): readonly Mutation[] {
  const key = concatBytes(Uint8Array.of(formerKind), utf8(global));
  const before = reader.get(book, key);
  return before === undefined ? [put(book, key, undefined, utf8(name))] : [];
}
