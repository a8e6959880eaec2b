/**
 * What a commit writes of a change of a replicated table besides the change: the item's version; on
 * a device the entry of the outbox, its image, and the item as it was (the base); on a hub the
 * item's new place in the feed. All of it is in the commit itself, so that it is there exactly when
 * the change is, in every tab and after every crash.
 *
 * All reads come before anything is answered: a page that is absent changes nothing.
 * Invariants
 * - A stamp is above every stamp that its book has seen, and is saved with what it stamps.
 * - The commits of a transaction share a stamp and an entry; any other commit has its own.
 */
import { assert, must } from '../base/assert.ts';
import { mapKey } from '../base/bytes.ts';
import { type ClockReading, compareStamps, latest, type Stamp, tick } from '../base/hlc.ts';
import { DynamoError } from '../base/errors.ts';
import { outboxEntriesMax } from '../base/replica-limits.ts';
import type { Prng } from '../base/prng.ts';
import type { CallerKind, Mutation } from '../log/commit.ts';
import { beingMended } from '../table/damage.ts';
import type { ItemPlace, ReplicatedChange } from '../table/replicated.ts';
import type { TreeReader } from '../tree/reader.ts';
import {
  baseKey,
  type BookState,
  decodeJoined,
  encodeJoined,
  encodePlace,
  encodeState,
  entryKey,
  feedKey,
  imageKey,
  type Joined,
  joinedKey,
  put,
  readState,
  remove,
  stateKey,
  versioned,
} from './book.ts';
import { isAbsenceKnown } from './absence.ts';
import { encodeBase } from './base.ts';
import { askedOf, type Known, type PlacedChange, type RecordCall } from './asked.ts';
import { type Base, decodeEntry, encodeEntry, type Entry } from './entry.ts';
import { moveInLead } from './lead.ts';
import { findSelf, type ReplicaSelf } from './self.ts';
import { decodeVersion, encodeVersion } from './version.ts';

export interface RecordContext {
  readonly reader: TreeReader;
  /** Wall time of this database. */
  readonly nowMs: number;
  readonly caller: { readonly kind: CallerKind };
  random(): Prng;
}

/** An expired item is deleted by this replica, whoever carries it out: all make the same write. */
const expiryReplica = new Uint8Array(16);

/**
 * What each change's commit writes besides. Each group is a transaction, or one commit. Throws
 * PageFault.
 */
export function recordChanges(
  groups: readonly (readonly PlacedChange[])[],
  context: RecordContext,
  call: RecordCall,
): ReadonlyMap<ReplicatedChange, readonly Mutation[]> {
  const self = must(findSelf(context.reader), 'a replicated table in a database that is none');
  // What is lost is made anew by changes of the engine's own.
  if (self.isMending === true && context.caller.kind !== 'engine')
    throw beingMended('a part of it');
  const recorder = self.role === 'hub' ? new Feed(self, context) : new Outbox(self, context, call);
  const alike = self.role === 'hub' ? groups.flatMap(byStamp) : groups;
  return new Map(alike.flatMap((group) => [...recorder.record(group)]));
}

/**
 * What was taken from another hub in one commit has the stamps of many. Their order stays: the next
 * finds the book as the one before it has left it.
 */
function byStamp(group: readonly PlacedChange[]): readonly (readonly PlacedChange[])[] {
  const runs: PlacedChange[][] = [];
  for (const one of group) {
    const run = runs.at(-1);
    if (run !== undefined && isAlike(run[0]?.change.taken, one.change.taken)) run.push(one);
    else runs.push([one]);
  }
  return runs;
}

function isAlike(a: ReplicatedChange['taken'], b: ReplicatedChange['taken']): boolean {
  return a === undefined || b === undefined ? a === b : compareStamps(a.stamp, b.stamp) === 0;
}

type Recorded = Map<ReplicatedChange, Mutation[]>;

/** The state of the book, as the changes of one request move it. */
class StateWriter {
  readonly #book: number;
  state: BookState;
  #bytes: Uint8Array;

  constructor(book: number, reader: TreeReader) {
    this.#book = book;
    this.state = readState(reader, book);
    this.#bytes = encodeState(this.state);
  }

  move(state: BookState): Mutation {
    const before = this.#bytes;
    this.state = state;
    this.#bytes = encodeState(state);
    return put(this.#book, stateKey, before, this.#bytes);
  }
}

const none: Base = { kind: 'none' };

interface Entered {
  readonly seq: number;
  readonly stamp: Stamp;
  readonly written: readonly Mutation[];
}

class Outbox {
  readonly #self: ReplicaSelf;
  readonly #context: RecordContext;
  readonly #state: StateWriter;
  /** One for all entries of the request: another would give the same ids again. */
  readonly #ids: Prng;
  readonly #call: RecordCall;

  constructor(self: ReplicaSelf, context: RecordContext, call: RecordCall) {
    this.#self = self;
    this.#call = call;
    this.#context = context;
    this.#state = new StateWriter(self.book, context.reader);
    this.#ids = context.random();
  }

  /**
   * One entry. Before a request go the items that it was made on and the hub has not, as they were:
   * an entry each, which the hub takes where the key is free.
   */
  record(group: readonly PlacedChange[]): Recorded {
    const { book } = this.#self;
    const { reader } = this.#context;
    if (isFull(reader, book, this.#state.state.next)) throw outboxFull();
    const recorded: Recorded = new Map();
    const knowns = group.map(({ change }) => findVersion(reader, change));
    const isDoubtful = group.some((one, at) => isAbsenceDoubtful(reader, book, one, knowns[at]));
    const call = { ...this.#call, isDoubtful };
    const asked = askedOf(group, knowns, call, (seq) => {
      const bytes = reader.get(book, entryKey(seq));
      return bytes && decodeEntry(bytes).confirm;
    });
    const first: Mutation[] = [];
    const bases = group.map(({ change }, at): Base => {
      const known = knowns[at] as Known;
      const { key, replica: table, before } = change;
      const isOlder = before !== undefined && known.version === undefined;
      if (!isOlder || asked.confirm !== 'request') return baseOf(change, known);
      const item = { table: table.global, key, base: none, isDeleted: false };
      const { seq, written } = this.#enter({ confirm: 'free', mutations: [item] });
      first.push(put(book, imageKey(seq, 0), undefined, before), ...written);
      return { kind: 'on', seq, isRead: true };
    });
    const mutations = group.map(({ change: { key, replica: table, after } }, at) => {
      const base = bases[at] as Base;
      return { table: table.global, key, base, isDeleted: after === undefined };
    });
    const { seq, stamp, written: last } = this.#enter({ ...asked, mutations });
    this.#call.request.entries?.push(seq);
    for (const [index, { change }] of group.entries()) {
      const { tree, key, replica: table, before, after } = change;
      const known = knowns[index] as Known;
      const isDeleted = after === undefined;
      const isGuess = asked.confirm !== undefined;
      const members = group.length;
      const version = encodeVersion({ stamp, isDeleted, pending: seq, isGuess, members });
      const written = [versioned(put(table.versions, key, known.bytes, version))];
      if (known.version !== undefined && known.version.pending === undefined) {
        const base = encodeBase({ stamp: known.version.stamp, image: before });
        written.push(put(book, baseKey({ tree, key }), undefined, base));
      }
      if (after !== undefined) written.unshift(put(book, imageKey(seq, index), undefined, after));
      recorded.set(change, written);
    }
    lastOf(recorded, group).push(...first, ...last);
    return recorded;
  }

  /** The next entry, under the next stamp. */
  #enter(said: Pick<Entry, 'confirm' | 'mutations'>): Entered {
    const { id: replica, book, offsetMs = 0 } = this.#self;
    const { next: seq, clock: before } = this.#state.state;
    const clock = tick(before, Math.max(0, this.#context.nowMs + offsetMs));
    const stamp = { ...clock, replica };
    const entry = encodeEntry({ seq, id: this.#ids.bytes(16), stamp, ...said });
    const moved = this.#state.move({ next: seq + 1, clock });
    return { seq, stamp, written: [put(book, entryKey(seq), undefined, entry), moved] };
  }
}

/** Whether the oldest entry that waits is as old as the outbox may be long. */
function isFull(reader: TreeReader, book: number, next: number): boolean {
  if (next <= outboxEntriesMax) return false;
  const to = entryKey(next - outboxEntriesMax);
  return reader.range(book, { from: entryKey(0), to, toClosed: true }).next();
}

function outboxFull(): DynamoError {
  const text = `${outboxEntriesMax} writes are waiting to be sent; nothing was written`;
  return new DynamoError('LimitExceededException', text);
}

class Feed {
  readonly #self: ReplicaSelf;
  readonly #context: RecordContext;
  readonly #state: StateWriter;
  /** As the changes before have left them. */
  readonly #joined = new Map<string, { bytes: Uint8Array; now: Joined } | undefined>();

  constructor(self: ReplicaSelf, context: RecordContext) {
    this.#self = self;
    this.#context = context;
    this.#state = new StateWriter(self.book, context.reader);
  }

  record(group: readonly PlacedChange[]): Recorded {
    const { book } = this.#self;
    const { reader } = this.#context;
    const recorded: Recorded = new Map();
    const knowns = group.map(({ change }) => findVersion(reader, change));
    const stamps = this.#stampsOf(group, knowns);
    const taken = group[0]?.change.taken;
    const members = taken?.members ?? (group.length > 1 ? group.map(({ change }) => change) : []);
    for (const [index, { change, sequence: place }] of group.entries()) {
      const { key, tree, replica, after } = change;
      const { bytes, version } = knowns[index] as Known;
      const stamp = stamps[index] as Stamp;
      const isJoined = members.length > 1;
      const now = encodeVersion({ stamp, isDeleted: after === undefined, isJoined, place });
      const spot = encodePlace({ tree, key });
      const written = [versioned(put(replica.versions, key, bytes, now))];
      if (version?.place !== undefined) written.push(remove(book, feedKey(version.place), spot));
      written.push(put(book, feedKey(place), undefined, spot));
      written.push(...moveInLead(book, replica, { tree, key }, version?.place, place));
      if (version?.isJoined === true) written.push(this.#leave(version.stamp));
      recorded.set(change, written);
    }
    const clock = stamps.reduce<ClockReading>(latest, this.#state.state.clock);
    const last = lastOf(recorded, group);
    if (members.length > 1) last.push(this.#join(stamps[0] as Stamp, group.length, members));
    last.push(this.#state.move({ ...this.#state.state, clock: { ...pick(clock) } }));
    return recorded;
  }

  #stampsOf(group: readonly PlacedChange[], knowns: readonly Known[]): readonly Stamp[] {
    const { nowMs, caller } = this.#context;
    const local = { ...tick(this.#state.state.clock, nowMs), replica: this.#self.id };
    return group.map(({ change }, index) => {
      const { stamp } = knowns[index]?.version ?? {};
      // Any later edit wins over the deletion of what expired, whenever it arrives.
      if (caller.kind === 'ttl' && stamp !== undefined) {
        return { ...tick(stamp, 0), replica: expiryReplica };
      }
      return change.taken?.stamp ?? local;
    });
  }

  /** Of what another hub has told, some items may have come before. */
  #join(stamp: Stamp, more: number, members: readonly ItemPlace[]): Mutation {
    const key = joinedKey(stamp);
    const there = this.#readJoined(key);
    return this.#putJoined(key, there, { live: (there?.now.live ?? 0) + more, members });
  }

  /** An item is not at the version of its transaction any more: after the last, it is forgotten. */
  #leave(stamp: Stamp): Mutation {
    const key = joinedKey(stamp);
    const there = must(this.#readJoined(key), 'a transaction without its items');
    const now = { ...there.now, live: there.now.live - 1 };
    assert(now.live >= 0, 'an item left a transaction twice');
    if (now.live > 0) return this.#putJoined(key, there, now);
    this.#joined.set(mapKey(key), undefined);
    return remove(this.#self.book, key, there.bytes);
  }

  #readJoined(key: Uint8Array): { bytes: Uint8Array; now: Joined } | undefined {
    const name = mapKey(key);
    if (this.#joined.has(name)) return this.#joined.get(name);
    const bytes = this.#context.reader.get(this.#self.book, key);
    return bytes && { bytes, now: decodeJoined(bytes) };
  }

  #putJoined(key: Uint8Array, there: { bytes: Uint8Array } | undefined, now: Joined): Mutation {
    const bytes = encodeJoined(now);
    this.#joined.set(mapKey(key), { bytes, now });
    return put(this.#self.book, key, there?.bytes, bytes);
  }
}

function pick({ ms, counter }: ClockReading): ClockReading {
  return { ms, counter };
}

/** It looked for an item, found none, and the hub may have one: the hub is to say. */
function isAbsenceDoubtful(
  reader: TreeReader,
  book: number,
  { change }: PlacedChange,
  known: Known | undefined,
): boolean {
  const isFound = change.before !== undefined || known?.version !== undefined;
  return !isFound && change.isBlind !== true && !isAbsenceKnown(reader, book, change);
}

function findVersion(reader: TreeReader, { replica, key }: ReplicatedChange): Known {
  const bytes = reader.get(replica.versions, key);
  return { bytes, version: bytes && decodeVersion(bytes) };
}

function baseOf({ isBlind }: ReplicatedChange, { version }: Known): Base {
  if (version === undefined) return none;
  const { pending, stamp } = version;
  if (pending === undefined) return { kind: 'stamp', stamp };
  return { kind: 'on', seq: pending, isRead: isBlind !== true };
}

function lastOf(recorded: Recorded, group: readonly PlacedChange[]): Mutation[] {
  return must(recorded.get((group.at(-1) as PlacedChange).change), 'a group of nothing');
}
