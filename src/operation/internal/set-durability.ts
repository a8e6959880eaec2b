/**
 * SetDurability: tables take the durability that the database was opened with for them. It is kept
 * with the table, so every engine follows it. Names that no table has are passed over: CreateTable
 * asks what the database was opened with, too.
 */
import { tablesMax } from '../../base/limits.ts';
import { list, string, struct } from '../../shape/constructors.ts';
import type { TableState } from '../../table/state.ts';
import { type Operation, operation } from '../operation.ts';
import { systemCommit } from '../table/stored.ts';
import { putTable } from '../../table/system-items.ts';

export const SetDurability: Operation = operation({
  name: 'SetDurability',
  kind: 'write',
  internal: true,
  input: struct({ TableNames: list(string().required, { max: tablesMax }).required }),
  check: (input) => input,
  plan({ TableNames }, { catalog, tableDurability }) {
    return TableNames.flatMap((name): TableState[] => {
      const table = catalog.find(name);
      const durability = tableDurability(name);
      return table === undefined || table.durability === durability
        ? []
        : [{ ...table, durability }];
    });
  },
  decide(tables, { reader }) {
    const mutations = tables.map((table) => putTable(reader, table));
    return { output: {}, commits: mutations.length === 0 ? [] : [systemCommit(mutations)] };
  },
});
