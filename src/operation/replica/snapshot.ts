/**
 * Snapshots: ReadSnapshot asks a hub what it holds of a range, TakeChunk gives a device the answer,
 * in one commit. Each may come twice, late, or from two tabs at once (src/replica/load.ts).
 * FindRanges says which ranges items are in that a program would have first.
 */
import {
  compareBytes,
  emptyBytes,
  equalBytes,
  fromHex,
  hexOf,
  prefixEnd,
} from '../../base/bytes.ts';
import { DynamoError, validation } from '../../base/errors.ts';
import { rangesFirstMax, snapshotBytesMax, snapshotKeysMax } from '../../base/replica-limits.ts';
import { readChunk } from '../../replica/chunk.ts';
import { isHeld } from '../../replica/epochs.ts';
import { overlay, readHoldings, writeHoldings } from '../../replica/holding.ts';
import { readLink } from '../../replica/link.ts';
import { answeredUpTo, takeChunk } from '../../replica/load.ts';
import { readMend } from '../../replica/mend.ts';
import { ShortNames } from '../../replica/names.ts';
import { decodeChanges, encodeChanges } from '../../replica/page.ts';
import {
  decodeRange,
  encodeRange,
  holdsRange,
  type KeyRange,
  wholeTable,
} from '../../replica/range.ts';
import { moveCursor } from '../../replica/receive.ts';
import { encodeScope, hashOfScope, readScope, type Scope } from '../../replica/scope.ts';
import { Display } from '../../replica/shown.ts';
import { readSurvey } from '../../replica/survey.ts';
import { byGlobal, byTree } from '../../replica/tables.ts';
import { readMark } from '../../replica/take.ts';
import {
  attributeMap,
  boolean,
  bytes,
  list,
  long,
  string,
  struct,
} from '../../shape/constructors.ts';
import { keyMismatch } from '../../table/keys.ts';
import type { TableState } from '../../table/state.ts';
import { hashPrefix } from '../../value/key.ts';
import type { Item, KeyValue } from '../../value/value.ts';
import type { TreeReader } from '../../tree/reader.ts';
import { type DecideContext, type Effect, type Operation, operation } from '../operation.ts';
import { deviceOf, stillEntering } from './device.ts';
import { hubOf } from './hub.ts';

const nothing = {
  IsHeld: true,
  Refusal: '',
  To: emptyBytes,
  Sequence: 0,
  MarkSeq: 0,
  Items: emptyBytes,
  Count: 0,
  TotalItems: 0,
  TotalBytes: 0,
};

export const ReadSnapshot: Operation = operation({
  name: 'ReadSnapshot',
  kind: 'read',
  internal: true,
  input: struct({
    ReplicaId: string().required,
    Epoch: string().required,
    Reach: long({ min: 0 }).required,
    Range: bytes.required,
    After: bytes.required,
    WithDeleted: boolean.required,
    Bytes: long({ min: 1 }),
    Principal: string(),
  }),
  consistent: () => true,
  check: ({ Range, ...input }) => ({ ...input, range: decodeRange(Range) }),
  plan: (input) => input,
  decide(input, context) {
    const { reader, catalog } = context;
    const { range, Bytes = snapshotBytesMax, After } = input;
    // Wherever it is to go on: the caller may read the range, and not what is in front of it.
    const after = compareBytes(After, range.from) < 0 ? range.from : After;
    const { book } = hubOf(reader);
    if (!isHeld(reader, book, fromHex(input.Epoch), input.Reach)) {
      return { output: { ...nothing, IsHeld: false } };
    }
    const scope = context.scope?.();
    const ScopeHash = hashOfScope(encodeScope(scope));
    const table = byGlobal(catalog).get(range.table);
    if (table === undefined) return { output: { ...nothing, Refusal: 'TableGone', ScopeHash } };
    if (!mayReadAll(scope, range)) {
      return { output: { ...nothing, Refusal: 'OutOfScope', ScopeHash } };
    }
    // An item that has no version yet is in no chunk: nobody may take it for absent.
    if (isEntering(reader, book, range.table)) throw entering();
    const { changes, to, sequence } = readChunk(reader, book, table, {
      after,
      to: range.to,
      withDeleted: input.WithDeleted,
      bytesMax: Math.min(Bytes, snapshotBytesMax),
      keysMax: snapshotKeysMax,
    });
    // Of how many is known of the whole table alone.
    const isWhole = mayReadAll(scope, wholeTable(range.table));
    const total = isWhole ? reader.counters(table.tree) : { entries: 0, bytes: 0 };
    const output = {
      IsHeld: true,
      Refusal: '',
      To: to ?? emptyBytes,
      Sequence: sequence,
      MarkSeq: readMark(reader, book, fromHex(input.ReplicaId), input.Principal).mark.seq,
      Items: encodeChanges(changes, new ShortNames()),
      Count: changes.length,
      TotalItems: total.entries,
      TotalBytes: total.bytes,
      ScopeHash,
    };
    return { output };
  },
});

export const TakeChunk: Operation = operation({
  name: 'TakeChunk',
  kind: 'write',
  internal: true,
  touchesMany: true,
  input: struct({
    /** What was asked, and by whom. */
    ReplicaId: string().required,
    Epoch: string().required,
    Range: bytes.required,
    After: bytes.required,
    WithDeleted: boolean.required,
    /** What the hub said. */
    Refusal: string().required,
    To: bytes.required,
    Sequence: long({ min: 0 }).required,
    MarkSeq: long({ min: 0 }).required,
    Items: bytes.required,
    /** Of the scope under which the hub read it. */
    ScopeHash: string(),
  }),
  check: ({ Range, Items, To, ...input }) => ({
    ...input,
    range: decodeRange(Range),
    to: To.length === 0 ? undefined : To,
    changes: decodeChanges(Items, new ShortNames()),
    bytes: Items.length,
  }),
  plan: (input) => input,
  decide(input, context): Effect {
    const { reader, catalog } = context;
    const self = deviceOf(reader);
    const { book } = self;
    const { link } = readLink(reader, book);
    const isAsked =
      input.ReplicaId === hexOf(self.id) &&
      equalBytes(link.epoch, fromHex(input.Epoch)) &&
      // Before all is compared with a hub that was set back, nothing of it is taken.
      readSurvey(reader, book) === undefined;
    if (!isAsked) return { output: { IsTaken: false } };
    // What was lost meanwhile must not come back by a chunk that is late.
    if (input.ScopeHash !== readScope(reader, book).hash) {
      return { output: { IsTaken: false, IsOfScope: false } };
    }
    if (input.Refusal !== '') return bar(context, book, input.range);
    if (readMend(reader, book) !== undefined) throw stillEntering();
    // It may lack what the hub has taken since; or the hub waits for entries that are gone.
    if (input.MarkSeq < answeredUpTo(reader, book)) {
      return { output: { IsTaken: false, IsBehind: true } };
    }
    const display = new Display(reader, book, context.collectionBytesMax, false);
    const tables = byGlobal(catalog);
    const trees = byTree(catalog);
    const { range, After: after, to, changes, bytes: size, Sequence: sequence } = input;
    const chunk = { range, after, to, changes, bytes: size, sequence, markSeq: input.MarkSeq };
    const taken = takeChunk(
      { reader, book, tables, trees, display, link },
      { ...chunk, isKept: input.WithDeleted },
    );
    if (taken === undefined) return { output: { IsTaken: false } };
    const { cursor, items: Items, bytes: Bytes } = taken;
    const { syncedMs } = link;
    display.add(moveCursor(reader, self, { cursor, reach: sequence, syncedMs }, changes));
    const output = { IsTaken: true, Items, Bytes };
    return { output, commits: display.drafts(), transaction: true };
  },
});

/** Whether items that the table had before it was replicated are still being given versions. */
function isEntering(reader: TreeReader, book: number, table: string): boolean {
  const mend = readMend(reader, book);
  return mend?.phase === 'items' && mend.table <= table;
}

function entering(): DynamoError {
  return new DynamoError('ServiceUnavailable', 'Items of the table are still being entered');
}

/** A chunk is never filtered: who asks for more than they may read gets nothing. */
function mayReadAll(scope: Scope | undefined, range: KeyRange): boolean {
  if (scope === undefined) return true;
  const spans = scope.tables.get(range.table)?.read ?? [];
  return holdsRange(
    spans.map((span) => ({ table: range.table, ...span })),
    range,
  );
}

/** The hub does not let this device have it: it is asked again at the next contact. */
function bar({ reader, catalog }: DecideContext, book: number, range: KeyRange): Effect {
  const holdings = readHoldings(reader, book, byTree(catalog));
  const now = overlay(holdings, { ...range, state: 'barred' });
  const mutations = writeHoldings(reader, book, byGlobal(catalog), holdings, now);
  return { output: { IsTaken: true }, commits: [{ table: 0, mutations, units: 0 }] };
}

export const FindRanges: Operation = operation({
  name: 'FindRanges',
  kind: 'read',
  internal: true,
  input: struct({
    First: list(struct({ TableName: string().required, Key: attributeMap }).required, {
      max: rangesFirstMax,
    }).required,
  }),
  check: ({ First }, { values }) => {
    return First.map(({ TableName, Key }) => ({ TableName, key: Key && values.item(Key) }));
  },
  plan: (wishes, { catalog }) =>
    wishes.flatMap(({ TableName, key }): readonly Uint8Array[] => {
      const table = catalog.find(TableName);
      if (table?.replica === undefined) return [];
      return [encodeRange(rangeOfKey(table, table.replica.global, key))];
    }),
  decide: (Ranges) => ({ output: { Ranges } }),
});

/** The items of a partition key, or of a whole table. */
function rangeOfKey(table: TableState, name: string, key: Item | undefined): KeyRange {
  if (key === undefined) return wholeTable(name);
  const parts = table.keys.hash.map(({ name: attribute, type }) => {
    const value = key.get(attribute);
    if (value?.type !== type) throw validation(keyMismatch);
    return value as KeyValue;
  });
  const from = hashPrefix(parts);
  return { table: name, from, to: prefixEnd(from) };
}
