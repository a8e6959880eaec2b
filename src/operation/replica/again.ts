/**
 * OfferAgain: the next edit that was refused for want of authorisation, and may be taken by now,
 * becomes a new entry, and leaves quarantine (src/replica/again.ts). Answers what it was and is;
 * nothing when there is no more.
 */
import { validation } from '../../base/errors.ts';
import { tick } from '../../base/hlc.ts';
import { againKey, nextAgain } from '../../replica/again.ts';
import { readState, remove } from '../../replica/book.ts';
import { type Entry, type EntryMutation, isOffered } from '../../replica/entry.ts';
import { encodeQuarantined, quarantineKey } from '../../replica/quarantine.ts';
import { readScope } from '../../replica/scope.ts';
import { findSelf } from '../../replica/self.ts';
import { byGlobal, type ReplicatedTable } from '../../replica/tables.ts';
import { list, long, struct } from '../../shape/constructors.ts';
import { CollectionLedger } from '../../table/collections.ts';
import { findItem, replaceItem } from '../../table/items.ts';
import type { AskedAgain } from '../../table/replicated.ts';
import type { TreeReader } from '../../tree/reader.ts';
import { StoredItem } from '../../value/codec.ts';
import { type CommitDraft, type Effect, type Operation, operation } from '../operation.ts';

export const OfferAgain: Operation = operation({
  name: 'OfferAgain',
  kind: 'write',
  internal: true,
  input: struct({
    After: long({ min: 0 }).required,
    /** Numbers before and after, one pair behind the other. */
    Offered: list(long({ min: 1 })).required,
  }),
  check: ({ After, Offered }) => {
    const offered = new Map<number, number>();
    for (let at = 0; at + 1 < Offered.length; at += 2) {
      offered.set(Offered[at] as number, Offered[at + 1] as number);
    }
    return { after: After, offered };
  },
  plan: (checked) => checked,
  decide({ after, offered }, context): Effect {
    const { reader, catalog } = context;
    const self = findSelf(reader);
    if (self?.role !== 'device') throw validation('The database is no device of a hub');
    const { book, offsetMs = 0 } = self;
    const { next, clock } = readState(reader, book);
    const nowMs = tick(clock, context.nowMs + offsetMs).ms;
    const tables = byGlobal(catalog);
    const { scope } = readScope(reader, book);
    const found = nextAgain({ reader, book, tables, scope, nowMs, offered }, after);
    if (found === undefined) {
      const due = reader.get(book, againKey);
      const mutations = due === undefined ? [] : [remove(book, againKey, due)];
      return { output: {}, commits: mutations.length === 0 ? [] : [systemDraft(mutations)] };
    }
    const { entry } = found;
    const output = { Old: entry.seq, New: next };
    const ledger = new CollectionLedger(reader, context.collectionBytesMax);
    const again = askedOf(entry, nowMs);
    const drafts = entry.mutations.map((one) => {
      const draft = draftOf(reader, ledger, tables, one);
      const { replicated } = draft;
      return replicated && { ...draft, replicated: { ...replicated, again } };
    });
    // What is there already needs no offer; it stays for the user to see.
    if (!drafts.every((draft) => draft !== undefined)) return { output: { Old: entry.seq } };
    const taken = remove(book, quarantineKey(entry.seq), encodeQuarantined(found));
    const commits = [...drafts, ...ledger.beginnings(), systemDraft([taken])];
    return { output, commits, transaction: true };
  },
});

/**
 * What the device had guessed of a request is no write of anybody's: it is asked again. Nor does a
 * condition fall, for the hub may have more by now than has come, or the time that it had grow.
 */
function askedOf(entry: Entry, nowMs: number): AskedAgain | undefined {
  const { confirm, expiresMs, request, stamp } = entry;
  if (confirm === undefined || confirm === 'unknown' || isOffered(confirm)) return undefined;
  return { confirm, expiresMs: expiresMs && stamp.ms + expiresMs - nowMs, request };
}

function systemDraft(mutations: CommitDraft['mutations']): CommitDraft {
  return { table: 0, mutations, units: 0 };
}

/** A write of the device's own, like any other. */
function draftOf(
  reader: TreeReader,
  ledger: CollectionLedger,
  tables: ReadonlyMap<string, ReplicatedTable>,
  { table: name, key, image }: EntryMutation,
): CommitDraft {
  const table = tables.get(name) as ReplicatedTable;
  const before = findItem(reader, table, key);
  const after = image && new StoredItem(image);
  const { draft } = replaceItem(reader, table, key, before, after);
  if (before === undefined && after === undefined) return draft;
  const counted = ledger.addReplaced(table, key, before, after, draft);
  return { ...counted, units: 0, caller: 'engine' };
}
