/**
 * OpenReplica: turns replication on in this database, as a device or as a hub; later calls answer
 * what it is. ReplicateTable: the writes of a table are replicated from now on.
 *
 * A table begins empty: there is nothing yet that could be kept of items from before.
 */
import { validation } from '../../base/errors.ts';
import { hexOf } from '../../base/bytes.ts';
import { beginBook, findSelf, putSelf } from '../../replica/self.ts';
import { oneOf, string, struct } from '../../shape/constructors.ts';
import { putTable, takeTreeIds } from '../../table/system-items.ts';
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
    const { ids, mutation } = takeTreeIds(reader, 1);
    const self = { role, id: random().bytes(16), book: ids[0] as number };
    return {
      output: { ReplicaId: hexOf(self.id) },
      commits: [systemCommit([mutation, putSelf(reader, self), beginBook(self.book)])],
    };
  },
});

export const ReplicateTable: Operation = operation({
  name: 'ReplicateTable',
  kind: 'write',
  internal: true,
  input: struct({
    TableName: string().required,
    /** The hub's TableId; on the hub it is the table's own. */
    Global: string(),
  }),
  check: (input) => input,
  plan: (input, { catalog }) => ({ input, table: knownTable(catalog, input.TableName) }),
  decide({ input, table }, { reader }) {
    const self = findSelf(reader);
    if (self === undefined) throw validation('The database is no replica');
    const global = input.Global ?? table.id;
    if (table.replica?.global === global) return { output: { Global: global } };
    if (table.replica !== undefined) throw validation('The table is replicated already');
    if (reader.counters(table.tree).entries > 0 || table.status !== 'ACTIVE') {
      throw validation('Only an empty table that is ACTIVE can begin to be replicated');
    }
    const { ids, mutation } = takeTreeIds(reader, 1);
    const replica = { role: self.role, versions: ids[0] as number, global };
    const mutations = [mutation, putTable(reader, { ...table, replica })];
    return { output: { Global: global }, commits: [systemCommit(mutations)] };
  },
});
