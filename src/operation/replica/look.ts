/**
 * What hosts that sync ask about replication, and what changes nothing: DescribeReplica says what
 * the database is and how far it is, ListReplicated which tables take part.
 *
 * JudgeEntry and JudgeReplicate answer nothing: they are asked with a caller's judge
 * (operation/access/questions.ts), who refuses them where the caller may not write what is in an
 * entry, or let a table take part.
 */
import { hexOf } from '../../base/bytes.ts';
import { quarantineListMax } from '../../base/replica-limits.ts';
import { conflictsTable } from '../../replica/conflict.ts';
import { readState } from '../../replica/book.ts';
import { lastPlace } from '../../replica/epochs.ts';
import { floorOf } from '../../replica/floor.ts';
import { readHoldings } from '../../replica/holding.ts';
import { readLink } from '../../replica/link.ts';
import { entriesFrom } from '../../replica/outbox.ts';
import { findSelf, type ReplicaSelf } from '../../replica/self.ts';
import { quarantineKey } from '../../replica/quarantine.ts';
import { holdsRange } from '../../replica/range.ts';
import { rangesOfScope, readScope } from '../../replica/scope.ts';
import {
  byTree,
  formerNames,
  type ReplicatedTable,
  replicatedTables,
} from '../../replica/tables.ts';
import { boolean, bytes, string, struct } from '../../shape/constructors.ts';
import type { Catalog } from '../../table/catalog.ts';
import type { TreeReader } from '../../tree/reader.ts';
import { type Operation, operation } from '../operation.ts';

export const DescribeReplica: Operation = operation({
  name: 'DescribeReplica',
  kind: 'read',
  internal: true,
  // All that is in quarantine is counted if so wished: it takes as long as it is.
  input: struct({ CountAll: boolean }),
  consistent: () => true,
  check: (input) => input,
  plan: (input) => input,
  decide({ CountAll }, { reader, catalog }) {
    const self = findSelf(reader);
    if (self === undefined) return { output: { Role: 'none' } };
    const { role: Role, id } = self;
    const output = { Role, ReplicaId: hexOf(id) };
    if (Role === 'hub') return { output: { ...output, Place: lastPlace(reader, self.book) } };
    const log = catalog.find(conflictsTable);
    const Conflicts = log === undefined ? 0 : reader.counters(log.tree).entries;
    const Quarantined = countQuarantine(reader, self.book, CountAll === true);
    return { output: { ...output, ...deviceState(reader, self, catalog), Quarantined, Conflicts } };
  },
});

function deviceState(
  reader: TreeReader,
  { book, offsetMs }: ReplicaSelf,
  catalog: Catalog,
): object {
  const { link } = readLink(reader, book);
  const { next } = readState(reader, book);
  const [oldest] = entriesFrom(reader, book, 0);
  return {
    Epoch: hexOf(link.epoch),
    Cursor: link.cursor,
    Principal: link.principal,
    // Entries are dense: what is between the oldest and the next waits.
    Pending: oldest === undefined ? 0 : next - oldest.entry.seq,
    NextSeq: next,
    // What was answered, and ends with what the hub runs on.
    Unsafe: Math.max(0, (oldest?.entry.seq ?? next) - 1 - link.safe),
    OldestMs: oldest?.entry.stamp.ms,
    OffsetMs: offsetMs,
    Ranges: rangesOf(reader, book, byTree(catalog)),
  };
}

/** How far each table is, as far as it may be read. */
function rangesOf(
  reader: TreeReader,
  book: number,
  tables: ReadonlyMap<number, ReplicatedTable>,
): readonly object[] {
  const holdings = readHoldings(reader, book, tables);
  const { scope } = readScope(reader, book);
  return [...tables.values()].map(({ name, replica: { global } }) => {
    const own = holdings.filter(({ table }) => table === global);
    const complete = own.filter(({ state }) => state === 'complete');
    const isComplete = rangesOfScope(scope, [global]).every((one) => holdsRange(complete, one));
    const State = isComplete ? 'complete' : own.length === 0 ? 'absent' : 'loading';
    return { TableName: name, State };
  });
}

/** As many as a list of them has at most, or all. */
function countQuarantine(reader: TreeReader, book: number, isAll: boolean): number {
  const range = { from: quarantineKey(0), to: quarantineKey(Number.MAX_SAFE_INTEGER) };
  const cursor = reader.range(book, range);
  let count = 0;
  const most = isAll ? Number.POSITIVE_INFINITY : quarantineListMax;
  while (count < most && cursor.next()) count += 1;
  return count;
}

export const ListReplicated: Operation = operation({
  name: 'ListReplicated',
  kind: 'read',
  internal: true,
  input: struct({}),
  consistent: () => true,
  check: (input) => input,
  plan: (_, { catalog }) => replicatedTables(catalog),
  decide(tables, { reader }) {
    const Tables = tables.map((table) => {
      const { name, replica } = table;
      const Mode = replica.role === 'hub' ? floorOf(table) : replica.mode;
      return { TableName: name, Global: replica.global, ...(Mode && { Mode }) };
    });
    const self = findSelf(reader);
    const Former = self === undefined ? [] : formerNames(reader, self.book);
    return { output: { Tables, Former } };
  },
});

export const JudgeEntry: Operation = judged('JudgeEntry', { Entry: bytes.required });
export const JudgeReplicate: Operation = judged('JudgeReplicate', { TableName: string().required });

function judged(name: string, fields: Parameters<typeof struct>[0]): Operation {
  return operation({
    name,
    kind: 'read',
    internal: true,
    input: struct(fields),
    check: (input) => input,
    plan: (input) => input,
    decide: () => ({ output: {} }),
  });
}
