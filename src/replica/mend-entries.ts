/**
 * Entries of a device's outbox, made anew of what is left: an entry that is there and lacks images,
 * or the versions that wait for one that is gone, with the items as they are.
 *
 * What cannot be said again is not said in part. A request is gone with its entry, and what shows
 * of it is a guess; a transaction of which some is lost must not be seen in half. Such an entry is
 * of the kind `unknown`: the hub answers it as it did if it has had it, and refuses it else, so
 * that it goes to quarantine with all that was made on it.
 */
import { equalBytes } from '../base/bytes.ts';
import { compareStamps, type Stamp } from '../base/hlc.ts';
import { findItem } from '../table/items.ts';
import { answeredKey, refusedFate } from './answered.ts';
import { decodeBase } from './base.ts';
import { baseKey, entryKey, imageKey } from './book.ts';
import {
  type Confirm,
  decodeEntry,
  encodeEntry,
  type Entry,
  type EntryMutation,
  isGuessed,
} from './entry.ts';
import { counted, type Mend, type MendContext, type MendTally } from './mend.ts';
import type { ReplicatedTable } from './tables.ts';
import { decodeVersion, encodeVersion, type Version } from './version.ts';

/** An entry that is there: its images, and the versions of its items that are lost. */
export function mendEntry(context: MendContext, mend: Mend, entry: Entry): Mend {
  const { mutations } = entry;
  const found = mutations.flatMap((mutation, index) => withImage(context, entry, mutation, index));
  let now = entry;
  let next = mend;
  // The hub executes a request whatever its guess was.
  const isPart = found.length < mutations.length && entry.confirm !== 'request';
  if (isPart || found.some(({ isMade }) => isMade)) {
    const confirm = isPart && found.length > 0 ? 'unknown' : entry.confirm;
    now = { ...entry, confirm, mutations: isPart ? found : withAll(mutations, found) };
    writeEntry(context, now);
    next = counted(mend, tallyOf(now));
  }
  for (const mutation of now.mutations) waitFor(context, now, mutation);
  return next;
}

/** A number of which nothing is left: it goes empty, for numbers are dense. */
export function emptyEntry(context: MendContext, seq: number, { ms, counter }: Stamp): void {
  const stamp = { ms, counter, replica: context.self.id };
  writeEntry(context, { seq, id: context.bytes(16), stamp, mutations: [] });
}

/**
 * A version whose entry is gone: the entry is made anew of the item. It grows with each of its
 * items that is found.
 */
export function mendWaiting(
  context: MendContext,
  mend: Mend,
  table: ReplicatedTable,
  key: Uint8Array,
  version: Version,
): Mend {
  const { scratch, self } = context;
  const { book } = self;
  const { pending: seq, stamp, members = 1 } = version;
  if (seq === undefined) return mend;
  const there = scratch.get(book, entryKey(seq));
  const known = there && decodeEntry(there);
  const { global } = table.replica;
  if (known?.mutations.some((one) => one.table === global && equalBytes(one.key, key))) return mend;
  const baseAt = baseKey({ tree: table.tree, key });
  const baseBytes = scratch.get(book, baseAt);
  const base = baseBytes && decodeBase(baseBytes);
  const isOwn = equalBytes(stamp.replica, self.id);
  if (!isOwn || (base !== undefined && compareStamps(base.stamp, stamp) === 0)) {
    // What is shown is the hub's: of the edit that waited below it nothing is left.
    scratch.set(table.replica.versions, key, encodeVersion({ ...version, pending: undefined }));
    scratch.set(book, baseAt, undefined);
    if (known !== undefined) return mend;
    emptyEntry(context, seq, stamp);
    return counted(mend, { emptied: 1 });
  }
  const item = findItem(scratch.reader, table, key);
  const mutation: EntryMutation = {
    table: global,
    key,
    base: base === undefined ? { kind: 'none' } : { kind: 'stamp', stamp: base.stamp },
    isDeleted: item === undefined,
    image: item?.bytes,
  };
  const kept = (known?.mutations ?? []).map((one, index) => {
    return { ...one, image: scratch.get(book, imageKey(seq, index)) };
  });
  const mutations = [...kept, mutation];
  const isWhole = mutations.length >= members;
  const confirm = isWhole ? askedAnew(context, version) : 'unknown';
  const entry = known ?? { seq, id: context.bytes(16), stamp };
  writeEntry(context, { ...entry, confirm, mutations });
  return known === undefined ? counted(mend, { rebuilt: 1 }) : mend;
}

/** No request was sent before the first contact: then what it had guessed may be taken. */
function askedAnew({ self }: MendContext, { isGuess }: Version): Confirm | undefined {
  if (isGuess !== true) return undefined;
  return self.offsetMs === undefined ? 'unchanged' : 'unknown';
}

/** What is made on an entry that may be refused waits as it does. */
export function markGuesses(context: MendContext, { seq, confirm, mutations }: Entry): void {
  if (confirm !== 'unknown') return;
  for (const { table: name, key } of mutations) {
    const table = tableOf(context, name);
    const version = table && findVersion(context, table, key);
    if (table === undefined || version?.pending !== seq || version.isGuess === true) continue;
    setVersion(context, table, key, { ...version, isGuess: true });
  }
}

interface Found extends EntryMutation {
  readonly isMade: boolean;
  readonly index: number;
}

/** With its image, if that is there or can be told from the item; else it is left out. */
function withImage(
  context: MendContext,
  { seq, stamp, confirm }: Entry,
  mutation: EntryMutation,
  index: number,
): readonly Found[] {
  const { scratch, self } = context;
  if (mutation.isDeleted) return [{ ...mutation, isMade: false, index }];
  const image = scratch.get(self.book, imageKey(seq, index));
  if (image !== undefined) return [{ ...mutation, image, isMade: false, index }];
  const table = tableOf(context, mutation.table);
  const version = table && findVersion(context, table, mutation.key);
  const isShown =
    version === undefined || (version.pending === seq && compareStamps(version.stamp, stamp) === 0);
  const item = isShown && table ? findItem(scratch.reader, table, mutation.key) : undefined;
  if (item !== undefined) return [{ ...mutation, image: item.bytes, isMade: true, index }];
  // A later entry has what came of it, or the hub has what is shown.
  if (confirm !== 'request' && table !== undefined && version?.pending === seq) {
    setVersion(context, table, mutation.key, { ...version, pending: undefined });
    scratch.set(self.book, baseKey({ tree: table.tree, key: mutation.key }), undefined);
  }
  return [];
}

function withAll(
  mutations: readonly EntryMutation[],
  found: readonly Found[],
): readonly EntryMutation[] {
  const images = new Map(found.map(({ index, image }) => [index, image]));
  return mutations.map((one, index) => ({ ...one, image: images.get(index) }));
}

/** The version of an item that waits for `entry`, if it is lost or says less. */
function waitFor(context: MendContext, entry: Entry, mutation: EntryMutation): void {
  const { scratch, self } = context;
  const { key, isDeleted } = mutation;
  const table = tableOf(context, mutation.table);
  if (table === undefined) return;
  const version = findVersion(context, table, key);
  if (version !== undefined && (version.pending ?? entry.seq) >= entry.seq) return;
  const { stamp, seq: pending, confirm, mutations } = entry;
  const of = { pending, isGuess: isGuessed(confirm), members: mutations.length };
  const bytes = scratch.get(self.book, baseKey({ tree: table.tree, key }));
  const base = bytes && decodeBase(bytes);
  // What the hub has is shown where it is newer.
  const isBase = base !== undefined && compareStamps(base.stamp, stamp) > 0;
  const shown = isBase
    ? { stamp: base.stamp, isDeleted: base.image === undefined }
    : { stamp, isDeleted };
  setVersion(context, table, key, { ...shown, ...of });
}

/** The entry with its images, in the place of what is there of it. */
function writeEntry({ scratch, self: { book } }: MendContext, entry: Entry): void {
  const { seq } = entry;
  const before = scratch.get(book, entryKey(seq));
  const count = before === undefined ? 0 : decodeEntry(before).mutations.length;
  const images = entry.mutations.map(({ image }) => image);
  for (let index = 0; index < Math.max(count, images.length); index += 1) {
    scratch.set(book, imageKey(seq, index), images[index]);
  }
  const mutations = entry.mutations.map(({ image: _, ...mutation }) => mutation);
  scratch.set(book, entryKey(seq), encodeEntry({ ...entry, mutations }));
  // Who asks what became of it is not told that the hub has it.
  if (mutations.length === 0) scratch.set(book, answeredKey(seq), refusedFate);
}

function tallyOf({ mutations }: Entry): Partial<MendTally> {
  return mutations.length === 0 ? { emptied: 1 } : { rebuilt: 1 };
}

function tableOf({ tables }: MendContext, global: string): ReplicatedTable | undefined {
  return tables.find(({ replica }) => replica.global === global);
}

function findVersion(
  { scratch }: MendContext,
  { replica }: ReplicatedTable,
  key: Uint8Array,
): Version | undefined {
  const bytes = scratch.get(replica.versions, key);
  return bytes && decodeVersion(bytes);
}

function setVersion(
  { scratch }: MendContext,
  { replica }: ReplicatedTable,
  key: Uint8Array,
  version: Version,
): void {
  scratch.set(replica.versions, key, encodeVersion(version));
}
