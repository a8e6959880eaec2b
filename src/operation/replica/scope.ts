/**
 * TakeScope: a device takes what its principal may read and write from now on, in one commit with
 * all that follows from it (src/replica/rescope.ts). Records of streams that have what may not be
 * read any more go too.
 *
 * It costs the entries of the ranges that are lost, the outbox, and the records of a day of the
 * streams of tables that lose something.
 */
import { validation } from '../../base/errors.ts';
import { readChange } from '../../log/change.ts';
import type { Mutation } from '../../log/commit.ts';
import { againKey, isAnyRefused } from '../../replica/again.ts';
import { put } from '../../replica/book.ts';
import { readHoldings, writeHoldings } from '../../replica/holding.ts';
import { holdWithout } from '../../replica/load.ts';
import { type KeyRange, rangeOf } from '../../replica/range.ts';
import { rescope } from '../../replica/rescope.ts';
import { decodeScope, readScope, type Scope, scopeKey, scopeOfTable } from '../../replica/scope.ts';
import { findSelf } from '../../replica/self.ts';
import { Display } from '../../replica/shown.ts';
import { byGlobal, byTree, type ReplicatedTable } from '../../replica/tables.ts';
import { bytes, string, struct } from '../../shape/constructors.ts';
import { listShards, listStreams } from '../../stream/streams.ts';
import { beingMended } from '../../table/damage.ts';
import { putTable } from '../../table/system-items.ts';
import type { TreeReader } from '../../tree/reader.ts';
import { StoredItem } from '../../value/codec.ts';
import { type Effect, type Operation, operation } from '../operation.ts';

const all = Number.POSITIVE_INFINITY;

export const TakeScope: Operation = operation({
  name: 'TakeScope',
  kind: 'write',
  internal: true,
  input: struct({
    /** Hash of the scope that the hello named: another one was taken since, if it is not ours. */
    Asked: string(),
    Scope: bytes.required,
  }),
  check: (input) => ({ ...input, scope: decodeScope(input.Scope) }),
  plan: (input) => input,
  decide({ Asked, Scope: bytesNow, scope }, context): Effect {
    const { reader, catalog } = context;
    const self = findSelf(reader);
    if (self?.role !== 'device') throw validation('The database is no device of a hub');
    if (self.isMending === true) throw beingMended('a part of it');
    const { book } = self;
    const before = readScope(reader, book);
    if (before.hash !== Asked) return { output: { IsTaken: false } };
    const tables = byGlobal(catalog);
    const display = new Display(reader, book, context.collectionBytesMax);
    const done = rescope({ reader, book, tables, display }, before.scope, scope);
    const { lost, gained, purged: Purged, withdrawn: Withdrawn } = done;
    display.add([put(book, scopeKey, before.bytes, bytesNow)]);
    display.add(describe(reader, tables, scope));
    display.add(withoutRecords(reader, tables, lost));
    if (done.withdrawn > 0 || isAnyRefused(reader, book))
      display.add([put(book, againKey, reader.get(book, againKey), Uint8Array.of(1))]);
    // What is gained is absent, and is loaded.
    const holdings = readHoldings(reader, book, byTree(catalog));
    const held = holdWithout(holdings, lost);
    display.add(writeHoldings(reader, book, tables, holdings, held));
    const output = { IsTaken: true, Purged, Withdrawn, Gained: gained.length };
    return { output, commits: display.drafts(), transaction: true, strict: true };
  },
});

/** What each table's description says of the scope. */
function describe(
  reader: TreeReader,
  tables: ReadonlyMap<string, ReplicatedTable>,
  scope: Scope | undefined,
): readonly Mutation[] {
  return [...tables.values()].map((table) => {
    const { replica } = table;
    return putTable(reader, {
      ...table,
      replica: { ...replica, scope: scopeOfTable(scope, replica.global) },
    });
  });
}

/** Records of streams that show what was lost. */
function withoutRecords(
  reader: TreeReader,
  tables: ReadonlyMap<string, ReplicatedTable>,
  lost: readonly KeyRange[],
): readonly Mutation[] {
  return [...new Set(lost.map(({ table }) => table))].flatMap((global) => {
    const table = tables.get(global);
    if (table === undefined) return [];
    const streams = listStreams(reader, all, undefined, table.name);
    const shards = streams.flatMap((stream) => listShards(reader, stream, all));
    return shards.flatMap(({ tree }) => recordsIn(reader, tree, global, lost));
  });
}

function recordsIn(
  reader: TreeReader,
  tree: number,
  table: string,
  lost: readonly KeyRange[],
): readonly Mutation[] {
  const cursor = reader.range(tree, {});
  const removed: Mutation[] = [];
  while (cursor.next()) {
    const { key, before, after } = readChange(cursor.key, cursor.value.slice());
    if (rangeOf(lost, table, key) === undefined) continue;
    const sizeBefore = sizeOf(before) + sizeOf(after);
    const at = cursor.key.slice();
    removed.push({ tree, key: at, value: undefined, sizeBefore, sizeAfter: undefined });
  }
  return removed;
}

/** As changeRecord counts it. */
function sizeOf(image: Uint8Array | undefined): number {
  return image === undefined ? 0 : new StoredItem(image).size;
}
