/**
 * What a hub asks of its own database for the replicas that connect to it.
 *
 * StartHub: a new epoch. GreetReplica: an answer to a hello. TakeEntry: consumes one entry, in one
 * strict commit with the replica's mark. ReadFeed: the next page of changes.
 */
import { emptyBytes, equalBytes, fromHex, hexOf } from '../../base/bytes.ts';
import type { Mutation } from '../../log/commit.ts';
import { DynamoError, validation } from '../../base/errors.ts';
import { compareStamps } from '../../base/hlc.ts';
import {
  awayMsMax,
  hubMarksMax,
  outcomeBytesMax,
  pullBytesMax,
} from '../../base/replica-limits.ts';
import { put } from '../../replica/book.ts';
import { conflictItem, conflictsTable, loserOf, type LostVersion } from '../../replica/conflict.ts';
import { decodeEntry, type Entry } from '../../replica/entry.ts';
import { beginEpoch, holdOf, isHeld, readEpochs } from '../../replica/epochs.ts';
import { encodeMark, forgetSettled, markKey, type Outcome } from '../../replica/mark.ts';
import {
  encodeChanges,
  type FeedContext,
  type PageChange,
  readCurrent,
  readPage,
} from '../../replica/page.ts';
import { encodePageJoined } from '../../replica/page-joined.ts';
import {
  readRetention,
  type Retention,
  encodeRetention,
  retentionKey,
} from '../../replica/retention.ts';
import { claimReplica, othersOf } from '../../replica/principal.ts';
import { decodeRange } from '../../replica/range.ts';
import { findSelf, type ReplicaSelf } from '../../replica/self.ts';
import { encodeScope, hashOfScope, mayRead } from '../../replica/scope.ts';
import { byGlobal, byTree } from '../../replica/tables.ts';
import { readMark, takeEntry, type TakenItem } from '../../replica/take.ts';
import { decodeVersion } from '../../replica/version.ts';
import { boolean, bytes, long, oneOf, string, struct } from '../../shape/constructors.ts';
import { CollectionLedger } from '../../table/collections.ts';
import { findItem, putItem, replaceItem } from '../../table/items.ts';
import { storedKey } from '../../table/keys.ts';
import { beingMended } from '../../table/damage.ts';
import type { ItemPlace, ReplicatedChange, TakenChange } from '../../table/replicated.ts';
import type { TreeReader } from '../../tree/reader.ts';
import { type CommitDraft, type DecideContext, type Operation, operation } from '../operation.ts';
import { executeRequest } from './execute.ts';

/** What an answer of the hub outlives: nothing, or what befalls the process. */
const safety = oneOf('memory', 'durable');

export const StartHub: Operation = operation({
  name: 'StartHub',
  kind: 'write',
  internal: true,
  input: struct({}),
  check: (input) => input,
  plan: (input) => input,
  decide(_, { reader, random }) {
    const { book } = hubOf(reader);
    const mutations = [beginEpoch(reader, book, random().bytes(16))];
    return { output: {}, strict: true, commits: [{ table: 0, mutations, units: 0 }] };
  },
});

export const GreetReplica: Operation = operation({
  name: 'GreetReplica',
  kind: 'write',
  internal: true,
  input: struct({
    ReplicaId: string().required,
    First: long({ min: 1 }).required,
    Settled: long({ min: 0 }).required,
    Epoch: string().required,
    Cursor: long({ min: 0 }).required,
    /** Up to where the feed is known of all that is held; the cursor unless given. */
    Known: long({ min: 0 }),
    ScopeHash: string(),
    /** Who the caller is, where that is known. */
    Principal: string(),
    Safety: safety,
    AwayMs: long({ min: 1 }),
  }),
  check: (input) => input,
  plan: (input) => input,
  decide(input, context) {
    const { ReplicaId, First, Settled, Epoch, Cursor, Principal, Safety, ScopeHash } = input;
    const { reader, nowMs } = context;
    const Scope = encodeScope(context.scope?.());
    const { id, book } = hubOf(reader);
    const replica = fromHex(ReplicaId);
    const claimed = claimReplica(reader, book, replica, Principal);
    const { mark: known, bytes } = readMark(reader, book, replica, Principal);
    const mark = forgetSettled(known, Settled);
    const { forgotten = 0 } = mark;
    const epoch = hexOf(readEpochs(reader, book).at(-1)?.id ?? new Uint8Array(16));
    // What came before its first entry is settled between the replica and another life of the hub,
    // as soon as the replica has heard that this one's mark is behind.
    const isRaised = First > mark.seq + 1 && epoch === Epoch;
    const hold = holdOf(reader, book, fromHex(Epoch), Cursor, input.Known ?? Cursor);
    const moved = isRaised
      ? { ...mark, seq: First - 1, id: new Uint8Array(16), ms: nowMs }
      : { ...mark, ms: nowMs };
    const output = {
      ReplicaId,
      Epoch: epoch,
      IsHeld: hold === 'held',
      IsBelow: hold === 'below',
      IsRetired: bytes === undefined && hold !== 'lost',
      HubId: hexOf(id),
      Safe: Safety === 'memory' ? 0 : Number.MAX_SAFE_INTEGER,
      AwayMs: input.AwayMs ?? awayMsMax,
      MarkSeq: moved.seq,
      MarkId: hexOf(moved.id),
      Now: nowMs,
      ...(hashOfScope(Scope) === ScopeHash ? {} : { Scope }),
      ...(forgotten > Settled ? { Forgotten: forgotten } : {}),
      ...(bytes === undefined ? tellOthers(reader, book, replica, Principal) : {}),
    };
    // It is told that its mark is gone until it has heard of this life of the hub.
    if (output.IsRetired && epoch !== Epoch) return { output };
    // A mark is made of each replica that was here, though it sends nothing.
    const isKnown = bytes !== undefined && nowMs - mark.ms < dayMs;
    const retention = readRetention(reader, book);
    if (bytes === undefined && retention.marks >= hubMarksMax) {
      throw new DynamoError('ServiceUnavailable', 'The hub knows of too many replicas');
    }
    const isSame = isKnown && !isRaised && mark === known;
    if (isSame && claimed.length === 0) return { output };
    const key = markKey(replica, Principal);
    const more = { ...retention, marks: retention.marks + 1 };
    const counted = bytes === undefined ? [countMarks(reader, book, more)] : [];
    const marked = [put(book, key, bytes, encodeMark(moved)), ...counted];
    const mutations = isSame ? claimed : [...claimed, ...marked];
    // Whose mark falls behind again takes the hub for one that was set back.
    return {
      output,
      strict: isRaised || bytes === undefined,
      commits: [{ table: 0, mutations, units: 0 }],
    };
  },
});

/** To who comes for the first time. */
function tellOthers(
  reader: TreeReader,
  book: number,
  replica: Uint8Array,
  principal: string | undefined,
): { readonly Others?: number } {
  const Others = principal === undefined ? 0 : othersOf(reader, book, replica, principal);
  return Others === 0 ? {} : { Others };
}

export const TakeEntry: Operation = operation({
  name: 'TakeEntry',
  kind: 'write',
  internal: true,
  touchesMany: true,
  input: struct({
    ReplicaId: string().required,
    Entry: bytes.required,
    /** Id of the entry before it in its push, where that was not waited for. */
    After: bytes,
    /** The entry up to which its session knows that the hub has had what it has. */
    Known: long({ min: 0 }),
    /** Why this replica may not have it; absent when it may. */
    Refusal: string(),
    Principal: string(),
  }),
  check: (input) => ({ ...input, entry: decodeEntry(input.Entry) }),
  plan: (input) => input,
  decide({ ReplicaId, Refusal, Principal: principal, After: after, entry, ...told }, context) {
    const { reader, nowMs, catalog } = context;
    const self = hubOf(reader);
    const tables = byGlobal(catalog);
    const replica = fromHex(ReplicaId);
    // Whose it is is written with a hello alone: a gap asks for one.
    const claimed = claimReplica(reader, self.book, replica, principal);
    if (claimed.length > 0) return { output: { Stop: 'gap' } };
    const { Known: knownSeq } = told;
    const from = { replica, principal, refusal: Refusal, after, knownSeq };
    const known = { reader, self, tables, nowMs, ...from };
    let executed: readonly CommitDraft[] = [];
    const execute = (request: Parameters<typeof executeRequest>[0]): string | undefined => {
      const done = executeRequest(request, context);
      if ('code' in done) return done.code;
      executed = done.commits;
      return undefined;
    };
    const { outcome, items, lost, mutations } = takeEntry({ ...known, execute }, entry);
    if (typeof outcome === 'string') return { output: { Stop: outcome } };
    const { seq: Seq, kind: Kind, stamp, code: Code } = outcome;
    const feed = { reader, book: self.book, tables: byTree(catalog), scope: context.scope?.() };
    const shown = shownWith(feed, entry, outcome, executed);
    const Changes = shown.length === 0 ? {} : { Changes: encodeChanges(shown) };
    const output = { Seq, Kind, Code, Ms: stamp.ms, Counter: stamp.counter, ...Changes };
    if (mutations.length === 0) return { output, strict: true };
    const marked = { table: 0, mutations, units: 0 };
    if (executed.length > 0) {
      const commits = [...underStamp(executed, stamp), marked];
      return { output, commits, transaction: true, strict: true };
    }
    const all = entry.mutations.flatMap(({ table, key }) => {
      const tree = tables.get(table)?.tree;
      return tree === undefined ? [] : [{ tree, key }];
    });
    const taken = { stamp, members: all.length > 1 ? all : [] };
    const ledger = new CollectionLedger(reader, context.collectionBytesMax);
    const drafts = items.map((item) => draftOf(reader, ledger, item, taken));
    const log = lost.flatMap((one) => logged(context, self, one));
    const commits = [...drafts, marked, ...log, ...ledger.beginnings()];
    return { output, commits, transaction: true, strict: true };
  },
});

export const ReadFeed: Operation = operation({
  name: 'ReadFeed',
  kind: 'read',
  internal: true,
  touchesMany: true,
  input: struct({
    Epoch: string().required,
    Cursor: long({ min: 0 }).required,
    /** The greatest place of what the device has taken. */
    Reach: long({ min: 0 }),
    /** What the device asks for alone. */
    Range: bytes,
    WithJoined: boolean,
    Bytes: long(),
  }),
  consistent: () => true,
  check: ({ Range, ...input }) => ({ ...input, range: Range && decodeRange(Range) }),
  plan: (input) => input,
  decide({ Epoch, Cursor, Reach = 0, range: only, WithJoined, ...asked }, context) {
    const { Bytes = pullBytesMax } = asked;
    const { reader, catalog } = context;
    const { book } = hubOf(reader);
    const furthest = Math.max(Cursor, Reach);
    if (!isHeld(reader, book, fromHex(Epoch), furthest)) return { output: notHeld };
    const scope = context.scope?.();
    const tables = byTree(catalog);
    const bytesMax = Math.min(Bytes, pullBytesMax);
    const page = readPage({ reader, book, tables, cursor: Cursor, scope, only }, bytesMax);
    const output = {
      IsHeld: true,
      // What there is no more of, there is none of up to all that the device has heard of.
      Cursor: page.upToDate ? Math.max(page.cursor, furthest) : page.cursor,
      Changes: encodeChanges(page.changes),
      UpToDate: page.upToDate,
      Through: Math.max(page.through, furthest),
      ScopeHash: hashOfScope(encodeScope(scope)),
    };
    const Joined = WithJoined === true ? { Joined: encodePageJoined(page.joined) } : {};
    return { output: { ...output, ...Joined } };
  },
});

/**
 * What the device is to show now, of what its caller may read: the items of an entry that was
 * refused, or executed, with all that must come with them. Of one that is superseded the later
 * deletions where the device knew of nothing: no page has those of before a range was loaded.
 */
function shownWith(
  context: Omit<FeedContext, 'cursor'>,
  { mutations, request }: Entry,
  { kind, stamp }: Outcome,
  executed: readonly CommitDraft[],
): readonly PageChange[] {
  const isTold = kind === 'refused' || request !== undefined;
  if (!isTold && kind !== 'superseded') return [];
  const { reader, tables, scope } = context;
  const changes = executed.flatMap(({ replicated }) => replicated ?? []);
  const own = changes
    .filter(({ replica, key }) => mayRead(scope, replica.global, key))
    .map(({ replica, key, after: image }) => ({ table: replica.global, key, stamp, image }));
  const trees = new Map([...tables].map(([tree, { replica }]) => [replica?.global, tree]));
  const deletions: PageChange[] = [];
  const spots = mutations.flatMap(({ table, key, base }): ItemPlace[] => {
    const tree = trees.get(table);
    if (tree === undefined) return [];
    const bytes = reader.get(tables.get(tree)?.replica?.versions ?? 0, key);
    const version = bytes && decodeVersion(bytes);
    const isLater = base.kind === 'none' && version && compareStamps(version.stamp, stamp) > 0;
    const isDeleted = version?.isDeleted === true && mayRead(scope, table, key);
    if (isDeleted && (isLater === true || kind === 'refused'))
      deletions.push({ table, key, stamp: version.stamp, image: undefined });
    return isTold || (isDeleted && isLater === true) ? [{ tree, key }] : [];
  });
  const isNew = ({ table, key }: PageChange): boolean =>
    !own.some((one) => one.table === table && equalBytes(one.key, key));
  const current = readCurrent(context, spots, outcomeBytesMax);
  const shown = [...own, ...current.filter(isNew)];
  const size = shown.reduce((sum, { image }) => sum + (image?.length ?? 0), 0);
  // Of what was written with a deletion, too much for an answer, pages or chunks bring the rest.
  return size > outcomeBytesMax || shown.length === 0 ? deletions : shown;
}

/** The commits of a request, under the stamp that its outcome names. */
function underStamp(
  commits: readonly CommitDraft[],
  stamp: TakenChange['stamp'],
): readonly CommitDraft[] {
  const changes = commits.flatMap(({ replicated }) => replicated ?? []);
  const members = changes.length > 1 ? changes.map(({ tree, key }) => ({ tree, key })) : [];
  return commits.map((draft) => {
    const { replicated } = draft;
    if (replicated === undefined) return draft;
    const taken: ReplicatedChange = { ...replicated, taken: { stamp, members } };
    return { ...draft, replicated: taken };
  });
}

const notHeld = {
  IsHeld: false,
  Cursor: 0,
  Changes: emptyBytes,
  UpToDate: false,
  Through: 0,
};

export function hubOf(reader: TreeReader): ReplicaSelf {
  const self = findSelf(reader);
  if (self?.role !== 'hub') throw validation('The database is no hub');
  if (self.isMending === true) throw beingMended('a part of it');
  return self;
}

/** The change with its index entries, under the stamp that counts. */
export function draftOf(
  reader: TreeReader,
  ledger: CollectionLedger,
  { table, key, before, after }: TakenItem,
  taken: TakenChange,
): CommitDraft {
  const { draft } = replaceItem(reader, table, key, before, after);
  const { tree, replica } = table;
  // An equal item under a later stamp is a write like any other.
  const replicated = { tree, replica, key, before: before?.bytes, after: after?.bytes, taken };
  const counted = ledger.addReplaced(table, key, before, after, draft);
  return { ...counted, units: 0, replicated };
}

/** An item of the log of conflicts, under a stamp of the hub's own. */
function logged(
  { reader, catalog, nowMs }: DecideContext,
  { book }: ReplicaSelf,
  lost: LostVersion,
): readonly CommitDraft[] {
  const table = catalog.find(conflictsTable);
  if (table?.replica === undefined) return [];
  const item = conflictItem(lost, loserOf(reader, book, lost.loser.stamp), nowMs);
  const key = storedKey(table, item);
  const { draft } = putItem(reader, table, key, findItem(reader, table, key), item);
  const { replicated } = draft;
  const alone = replicated && { ...replicated, isAlone: true };
  return [{ ...draft, units: 0, replicated: alone, caller: 'engine' }];
}

const dayMs = 24 * 3600 * 1000;

function countMarks(reader: TreeReader, book: number, now: Retention): Mutation {
  return put(book, retentionKey, reader.get(book, retentionKey), encodeRetention(now));
}
