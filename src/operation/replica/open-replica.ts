/**
 * OpenReplica: turns replication on in this database, as a device or as a hub; later calls answer
 * what it is. ReplicateTable: the writes of a table are replicated from now on.
 *
 * Items that it has already get versions by a job (src/replica/mend.ts). On a hub they are those of
 * the hub; on a device they are offered to it, and nothing is taken of the feed before all are.
 */
import { validation } from '../../base/errors.ts';
import { hexOf } from '../../base/bytes.ts';
import { tablesMax } from '../../base/limits.ts';
import type { Mutation } from '../../log/commit.ts';
import { put } from '../../replica/book.ts';
import { beginMend, encodeMend, mendKey, olderKind } from '../../replica/mend.ts';
import { readScope, scopeOfTable } from '../../replica/scope.ts';
import { formerNames, rememberName } from '../../replica/tables.ts';
import { beginBook, findSelf, putSelf, type ReplicaSelf } from '../../replica/self.ts';
import { oneOf, string, struct } from '../../shape/constructors.ts';
import type { TableReplica, TableState } from '../../table/state.ts';
import { putTable, takeTreeIds } from '../../table/system-items.ts';
import type { TreeReader } from '../../tree/reader.ts';
import { type Operation, operation } from '../operation.ts';
import { knownTable, systemCommit } from '../table/stored.ts';

export const OpenReplica: Operation = operation({
  name: 'OpenReplica',
  kind: 'write',
  internal: true,
  input: struct({ Role: oneOf('device', 'hub').required }),
  check: (input) => input,
  plan: (input) => input,
  decide({ Role: role }, { reader, random }) {
    const known = findSelf(reader);
    if (known !== undefined) {
      if (known.role === role) return { output: { ReplicaId: hexOf(known.id) } };
      throw validation(`The database is a ${known.role} already`);
    }
    const { self, mutations } = beginReplica(reader, role, random().bytes(16));
    return { output: { ReplicaId: hexOf(self.id) }, commits: [systemCommit(mutations)] };
  },
});

export const ReplicateTable: Operation = operation({
  name: 'ReplicateTable',
  kind: 'write',
  internal: true,
  input: struct({
    TableName: string().required,
    /**
     * The hub's TableId. On the hub it is the table's own, or the name by which devices know the
     * table from a hub that is gone.
     */
    Global: string({ min: 1, max: 64 }),
    /** On a device: what writes of it ask for at least; absent: nothing. */
    Mode: oneOf('confirm', 'hub'),
  }),
  check: (input) => input,
  plan: (input, { catalog }) => ({ input, table: knownTable(catalog, input.TableName) }),
  decide({ input, table }, { reader, catalog }) {
    const self = findSelf(reader);
    if (self === undefined) throw validation('The database is no replica');
    // Neither a name that was given before, nor what another table is to be named.
    const ids = catalog.names(undefined, tablesMax).map((name) => catalog.find(name)?.id);
    const known = self.role === 'hub' ? [...formerNames(reader, self.book), ...ids] : [];
    const isGiven = input.Global !== undefined && !known.includes(input.Global);
    const wanted = isGiven ? input.Global : undefined;
    const global = wanted ?? table.replica?.global ?? table.id;
    const { Mode: mode } = input;
    if (table.replica?.global === global) {
      const output = { Global: global };
      const { mode: before, ...replica } = table.replica;
      if (before === mode || self.role === 'hub') return { output };
      const now = { ...replica, ...(mode === undefined ? {} : { mode }) };
      return { output, commits: [systemCommit([putTable(reader, { ...table, replica: now })])] };
    }
    if (table.replica !== undefined) throw validation('The table is replicated already');
    if (table.status !== 'ACTIVE') {
      throw validation('Only a table that is ACTIVE can begin to be replicated');
    }
    const { mutations } = replicateTable(reader, self, table, global, mode);
    return { output: { Global: global }, commits: [systemCommit(mutations)] };
  },
});

/** The database as a replica from now on, which it was not. */
export function beginReplica(
  reader: TreeReader,
  role: ReplicaSelf['role'],
  id: Uint8Array,
): { readonly self: ReplicaSelf; readonly mutations: readonly Mutation[] } {
  const { ids, mutation } = takeTreeIds(reader, 1);
  const self = { role, id, book: ids[0] as number };
  return { self, mutations: [mutation, putSelf(reader, self), beginBook(self.book)] };
}

/** The table as one that takes part from now on, which it did not. */
export function replicateTable(
  reader: TreeReader,
  self: ReplicaSelf,
  table: TableState,
  global: string,
  mode?: TableReplica['mode'],
): { readonly table: TableState; readonly mutations: readonly Mutation[] } {
  const { ids, mutation } = takeTreeIds(reader, 1);
  const known = self.role === 'device' ? readScope(reader, self.book).scope : undefined;
  const scope = scopeOfTable(known, global);
  const floor = mode === undefined || self.role === 'hub' ? {} : { mode };
  const replica = { role: self.role, versions: ids[0] as number, global, scope, ...floor };
  const next = { ...table, replica };
  const remembered =
    self.role === 'hub' ? rememberName(reader, self.book, { name: table.name, global }) : [];
  const mutations = [mutation, putTable(reader, next), ...remembered];
  // A walk that is under way begins anew: what it has done it finds done.
  if (reader.counters(table.tree).entries > 0 && self.isMending !== true) {
    const before = reader.get(self.book, mendKey);
    mutations.push(put(self.book, mendKey, before, encodeMend(beginMend('items', [olderKind]))));
  }
  return { table: next, mutations };
}
