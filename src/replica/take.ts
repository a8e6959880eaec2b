/**
 * A hub consumes an entry of a replica: once, in order, in one commit with the replica's mark.
 *
 * Refused is consumed too: it blocks nothing. What comes again is answered as it was the first
 * time. Whenever the version replaced is not what the entry was made on, the one that loses is
 * logged (shared/SYNC.md, Semantics 1 and Protocol).
 */
import { equalBytes, mapKey } from '../base/bytes.ts';
import { compareStamps, type Stamp, tick } from '../base/hlc.ts';
import { clockAheadMsMax } from '../base/replica-limits.ts';
import type { Mutation } from '../log/commit.ts';
import { findItem } from '../table/items.ts';
import type { TreeReader } from '../tree/reader.ts';
import type { StoredItem } from '../value/codec.ts';
import { put, readState } from './book.ts';
import type { LostVersion } from './conflict.ts';
import { type Entry, type EntryMutation, isGuessed, isOffered } from './entry.ts';
import { readEpochs } from './epochs.ts';
import { floorOf } from './floor.ts';
import { readChange } from './image.ts';
import type { SentRequest } from './request.ts';
import {
  decodeMark,
  encodeMark,
  isPlain,
  type Mark,
  markKey,
  type Outcome,
  unmarked,
} from './mark.ts';
import { compareWritten, type Written } from './resolve.ts';
import type { ReplicaSelf } from './self.ts';
import type { ReplicatedTable } from './tables.ts';
import { decodeVersion, unknownStamp } from './version.ts';

/** What stops a batch, instead of an outcome. `fork`: the mark has another entry of this number. */
export type Stop = 'gap' | 'fork';

export interface TakeContext {
  readonly reader: TreeReader;
  readonly self: ReplicaSelf;
  /** By their names among replicas. */
  readonly tables: ReadonlyMap<string, ReplicatedTable>;
  readonly nowMs: number;
  /** Who speaks: the replica that the session is of. */
  readonly replica: Uint8Array;
  /** Who the caller is. */
  readonly principal?: string | undefined;
  /** Why the session may not have this entry; undefined when it may. */
  readonly refusal: string | undefined;
  /** Id of the entry that went before it in a push whose entries were not waited for. */
  readonly after?: Uint8Array | undefined;
  /** The entry up to which the session knows that the mark is of what it has itself. */
  readonly knownSeq?: number | undefined;
  /** Executes a request on this hub's items: why it is refused, or undefined when it is done. */
  execute(request: SentRequest): string | undefined;
}

export interface TakenItem {
  readonly table: ReplicatedTable;
  readonly key: Uint8Array;
  readonly before: StoredItem | undefined;
  /** Undefined: it is deleted. */
  readonly after: StoredItem | undefined;
}

export interface Taken {
  readonly outcome: Outcome | Stop;
  /** Items that the entry changes, all under the outcome's stamp. */
  readonly items: readonly TakenItem[];
  /** What lost unseen. */
  readonly lost: readonly LostVersion[];
  /** The mark. */
  readonly mutations: readonly Mutation[];
}

interface Standing {
  readonly mutation: EntryMutation;
  readonly table: ReplicatedTable;
  readonly held: Written | undefined;
  readonly place: number;
  readonly before: StoredItem | undefined;
  readonly after: StoredItem | undefined;
}

/** The items of an entry's mutations, or why it is refused. */
type Read = readonly (StoredItem | undefined)[] | string;

export function readMark(
  reader: TreeReader,
  book: number,
  replica: Uint8Array,
  principal?: string,
): { readonly mark: Mark; readonly bytes: Uint8Array | undefined } {
  const bytes = reader.get(book, markKey(replica, principal));
  return { mark: bytes === undefined ? unmarked : decodeMark(bytes), bytes };
}

export function takeEntry(context: TakeContext, entry: Entry): Taken {
  const { mark, bytes } = readMark(
    context.reader,
    context.self.book,
    context.replica,
    context.principal,
  );
  const known = answered(mark, entry, context);
  if (known !== undefined) return { outcome: known, items: [], lost: [], mutations: [] };
  const stamp = stampFor(context, entry);
  const read = context.refusal ?? readItems(context, mark, entry);
  const isRefused = typeof read === 'string';
  const found = isRefused ? [] : entry.mutations.map((one, at) => find(context, one, read[at]));
  const { request } = entry;
  const objection = isRefused ? read : objectionOf(context, entry, found);
  const code = objection ?? (request && context.execute(request));
  // What is executed counts, and not what the device has guessed.
  const standing = code === undefined && request === undefined ? found : [];
  const winning = standing.filter(
    ({ mutation: { image }, held }) =>
      held === undefined || compareWritten({ stamp, image }, held) > 0,
  );
  const isWhole = winning.length === standing.length;
  const kind = code !== undefined ? 'refused' : isWhole ? 'applied' : 'superseded';
  const outcome: Outcome = { seq: entry.seq, kind, stamp, code: code ?? '' };
  const outcomes = isPlain(outcome, entry.stamp) ? mark.outcomes : [...mark.outcomes, outcome];
  const { seq, id } = entry;
  const moved = encodeMark({ ...mark, seq, id, ms: context.nowMs, outcomes });
  return {
    outcome,
    items: winning.map(({ table, mutation: { key }, before, after }) => {
      return { table, key, before, after };
    }),
    lost: standing.flatMap((one, index) => conflictOf(context, entry, stamp, one, index)),
    mutations: [put(context.self.book, markKey(context.replica, context.principal), bytes, moved)],
  };
}

/** Of an entry that was consumed before, or whose time has not come. */
function answered(
  mark: Mark,
  { seq, id, stamp, mutations }: Entry,
  { after, knownSeq = Number.POSITIVE_INFINITY }: TakeContext,
): Outcome | Stop | undefined {
  if (seq > mark.seq + 1) return 'gap';
  // What stopped the one before it stops it too.
  if (seq > mark.seq && after !== undefined && !equalBytes(after, mark.id)) return 'gap';
  // Who has settled what it has read, or what it is itself, does not send it: another half does.
  const { forgotten = 0 } = mark;
  const isOnForgotten = ({ base }: EntryMutation): boolean =>
    base.kind === 'on' && base.isRead && base.seq <= forgotten;
  if (seq > mark.seq) return mutations.some(isOnForgotten) ? 'fork' : undefined;
  if (seq <= forgotten) return 'fork';
  if (seq === mark.seq && !equalBytes(id, mark.id)) return 'fork';
  // The mark has moved since the session was greeted: what it was moved by may be a clone's. At the
  // next greeting the device sees whether it was its own.
  if (seq < mark.seq && seq > knownSeq) return 'fork';
  const outcome = mark.outcomes.find((one) => one.seq === seq);
  return outcome ?? { seq, kind: 'applied', stamp, code: '' };
}

/**
 * A stamp of the future is replaced by the next of the hub's own clock, in order; so is that of an
 * entry that the hub decides on, for it comes after what was looked at.
 */
function stampFor({ reader, self, nowMs }: TakeContext, { stamp, confirm }: Entry): Stamp {
  if (!isGuessed(confirm) && stamp.ms <= nowMs + clockAheadMsMax) return stamp;
  return { ...tick(readState(reader, self.book).clock, nowMs), replica: stamp.replica };
}

/** Bytes that come from elsewhere are believed only when they are what they should be. */
function readItems(context: TakeContext, mark: Mark, entry: Entry): Read {
  const { confirm, expiresMs = Number.POSITIVE_INFINITY, stamp } = entry;
  if (!equalBytes(stamp.replica, context.replica)) return 'Malformed';
  if (context.nowMs > stamp.ms + expiresMs) return 'Expired';
  const isSent = confirm === 'request';
  const items: (StoredItem | undefined)[] = [];
  const places = new Set<string>();
  for (const { base, table: name, key, image, isDeleted } of entry.mutations) {
    const on = base.kind === 'on' && base.isRead ? base.seq : undefined;
    const below = mark.outcomes.find(({ seq }) => seq === on);
    if (below?.kind === 'refused') return 'DependsOnRefused';
    const table = context.tables.get(name);
    if (table === undefined) return 'TableGone';
    const mode = floorOf(table);
    // The hub's floor counts, whatever the device has been told of it.
    if (mode === 'hub' || (mode === 'confirm' && confirm === undefined)) return 'ModeTooLow';
    if (!isSent && isDeleted !== (image === undefined)) return 'Malformed';
    const change = readChange(table, key, image);
    if (change === undefined) return 'Malformed';
    items.push(change.after);
    // What no commit does: each change would take the other's place without having seen it.
    if (places.size === places.add(`${table.tree} ${mapKey(key)}`).size) return 'Malformed';
    if (base.kind === 'stamp' && !isKnown(context.reader, table, key)) return 'StaleBase';
  }
  return items;
}

/** Why what an entry waits for the hub's word on does not hold; undefined when it does. */
function objectionOf(
  { replica }: TakeContext,
  { confirm }: Entry,
  found: readonly Standing[],
): string | undefined {
  if (confirm === undefined || confirm === 'always' || confirm === 'request') return undefined;
  if (confirm === 'offer' || confirm === 'bring') return undefined;
  if (confirm === 'unknown') return 'OutcomeUnknown';
  if (confirm === 'doubt') {
    return found.every(({ held }) => held !== undefined) ? undefined : 'StaleBase';
  }
  if (confirm === 'free') {
    // The same item may be there since an answer was lost, under another id of the device.
    const isTaken = ({ before, mutation: { image } }: Standing): boolean =>
      before !== undefined && (image === undefined || !equalBytes(before.bytes, image));
    return found.some(isTaken) ? 'KeyTaken' : undefined;
  }
  const stands = found.every(({ mutation: { base }, held, before }) => {
    if (base.kind === 'none') return before === undefined;
    if (held === undefined) return false;
    if (base.kind === 'stamp') return compareStamps(base.stamp, held.stamp) === 0;
    return equalBytes(held.stamp.replica, replica);
  });
  return stands ? undefined : 'Changed';
}

/** There is a version, a tombstone's too; or an item that has none yet. */
function isKnown(reader: TreeReader, table: ReplicatedTable, key: Uint8Array): boolean {
  return (
    reader.get(table.replica.versions, key) !== undefined ||
    findItem(reader, table, key) !== undefined
  );
}

function find(
  { reader, tables }: TakeContext,
  mutation: EntryMutation,
  after: StoredItem | undefined,
): Standing {
  const table = tables.get(mutation.table) as ReplicatedTable;
  const before = findItem(reader, table, mutation.key);
  const bytes = reader.get(table.replica.versions, mutation.key);
  const version = bytes && decodeVersion(bytes);
  const held = version && { stamp: version.stamp, image: before?.bytes };
  const unknown = before && { stamp: unknownStamp, image: before.bytes };
  return { mutation, table, held: held ?? unknown, place: version?.place ?? 0, before, after };
}

/** Nothing where the entry was made on what the hub holds, or on nothing and there is nothing. */
function conflictOf(
  context: TakeContext,
  entry: Entry,
  stamp: Stamp,
  standing: Standing,
  index: number,
): readonly LostVersion[] {
  const { mutation, table, held } = standing;
  const { base, image, key } = mutation;
  const { replica } = context;
  if (held === undefined) return [];
  const own = { stamp, image };
  if (isOffered(entry.confirm) && isKnownPast(context, entry, standing, own)) return [];
  const isNewer = compareWritten(own, held) > 0;
  // Own edits follow one another: only a version of another replica is one that it had not seen,
  // but for one of a time when the device's clock was ahead, which it has forgotten.
  const isSeen =
    base.kind === 'stamp'
      ? compareStamps(base.stamp, held.stamp) === 0
      : base.kind === 'on' && isNewer && equalBytes(held.stamp.replica, replica);
  if (isSeen) return [];
  const [winner, loser] = isNewer ? [own, held] : [held, own];
  return [{ table, key, loser, winner: winner.stamp, entryId: entry.id, index }];
}

/**
 * Of a row that is offered to a hub that was set back: what the hub had before it was started is
 * what the row came of. Of another hub it is not.
 */
function isKnownPast(
  { reader, self }: TakeContext,
  { confirm }: Entry,
  { held, place }: Standing,
  own: Written,
): boolean {
  if (held === undefined) return true;
  const { image } = held;
  const isSame =
    image === undefined || own.image === undefined
      ? image === own.image
      : equalBytes(image, own.image);
  if (isSame) return true;
  const after = readEpochs(reader, self.book).at(-1)?.after ?? 0;
  return confirm !== 'bring' && place <= after && compareWritten(own, held) > 0;
}
