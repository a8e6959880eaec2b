/**
 * A device makes anew what was lost of its versions and its book.
 *
 * An entry of the outbox follows from the versions that wait for it, with the items as they are; a
 * version that waits follows from the outbox. Any other item has an unknown version, and the whole
 * feed is read once more: what the hub has is then known again. Of an entry whose items were all
 * written again later only the number is left: it goes empty, for they are dense. If the hub has
 * had another entry of a number, that is a fork, and the device takes a new id.
 */
import { equalBytes, fromHex, hexOf } from '../base/bytes.ts';
import { latest } from '../base/hlc.ts';
import { mendSliceEntries } from '../base/replica-limits.ts';
import { findItem } from '../table/items.ts';
import { decodeBase } from './base.ts';
import {
  baseKey,
  basePlaceOf,
  encodeState,
  entryKey,
  imageKey,
  imagePlaceOf,
  imagesAndBases,
  readState,
  seqOf,
  stateKey,
} from './book.ts';
import {
  type Confirm,
  decodeEntry,
  encodeEntry,
  type Entry,
  type EntryMutation,
  isGuessed,
} from './entry.ts';
import { holdingsUnderWay } from './holding.ts';
import { encodeLink, linkKey, readLink } from './link.ts';
import {
  counted,
  inPhase,
  type Mend,
  type MendContext,
  type MendStep,
  pastTable,
  seen,
  sliceOf,
  tableAt,
  touch,
} from './mend.ts';
import type { ReplicatedTable } from './tables.ts';
import { decodeVersion, encodeVersion, unknownStamp, type Version } from './version.ts';

const entriesEnd = entryKey(Number.MAX_SAFE_INTEGER);

export function mendDevice(context: MendContext, mend: Mend): MendStep {
  if (context.self.isMending !== true) return enterOlder(context, mend);
  return { next: stepOf(context, mend), touched: [] };
}

/** Items from before the first contact become entries: the hub takes them where keys are free. */
function enterOlder(context: MendContext, mend: Mend): MendStep {
  const { scratch } = context;
  const table = tableAt(context, mend);
  if (table === undefined) return { next: undefined, touched: [] };
  const slice = sliceOf(scratch.reader, table.tree, undefined, undefined, afterOf(mend));
  const touched = slice.entries.flatMap(([key, image]) => {
    const isKnown = scratch.get(table.replica.versions, key) !== undefined;
    return isKnown ? [] : [touch(table, key, image)];
  });
  const past = counted(mend, { unknown: touched.length });
  if (slice.last === undefined) return { next: pastTable(past, table), touched };
  const { global } = table.replica;
  return { next: { ...past, table: global, after: hexOf(slice.last) }, touched };
}

function stepOf(context: MendContext, mend: Mend): Mend | undefined {
  switch (mend.phase) {
    case 'entries':
      return mendEntries(context, mend);
    case 'versions':
      return overTable(context, mend, 'versions', 'items');
    case 'items':
      return overTable(context, mend, 'items', 'holes');
    case 'holes':
      return mendHoles(context, mend);
    case 'left':
      return mendLeft(context, mend);
    default:
      return end(context, mend);
  }
}

/** Images that entries lack, and versions that wait for them. */
function mendEntries(context: MendContext, mend: Mend): Mend {
  const { scratch, self } = context;
  const slice = sliceOf(scratch.reader, self.book, entryKey(0), entriesEnd, afterOf(mend));
  let next = mend;
  for (const [, value] of slice.entries) {
    const entry = decodeEntry(value);
    const whole = withFound(context, entry);
    if (whole.length < entry.mutations.length || whole.some(({ isMade }) => isMade)) {
      write(context, { ...entry, mutations: whole });
      next = counted(next, whole.length === 0 ? { emptied: 1 } : { rebuilt: 1 });
    }
    for (const mutation of whole) {
      const table = tableOf(context, mutation.table);
      if (table === undefined) continue;
      const { versions } = table.replica;
      const version = versionOf(scratch.get(versions, mutation.key));
      if (version !== undefined && (version.pending ?? entry.seq) >= entry.seq) continue;
      const { stamp, seq: pending } = entry;
      const { isDeleted } = mutation;
      const isGuess = isGuessed(entry.confirm);
      scratch.set(versions, mutation.key, encodeVersion({ stamp, isDeleted, pending, isGuess }));
    }
  }
  if (slice.last === undefined) return inPhase(next, 'versions');
  return { ...next, after: hexOf(slice.last) };
}

interface Found extends EntryMutation {
  readonly isMade: boolean;
}

/** The mutations whose image is there, or can be told from the item. */
function withFound(context: MendContext, entry: Entry): readonly Found[] {
  const { scratch, self } = context;
  return entry.mutations.flatMap((mutation, index): Found[] => {
    if (mutation.isDeleted) return [{ ...mutation, isMade: false }];
    const image = scratch.get(self.book, imageKey(entry.seq, index));
    if (image !== undefined) return [{ ...mutation, image, isMade: false }];
    const table = tableOf(context, mutation.table);
    const version = table && versionOf(scratch.get(table.replica.versions, mutation.key));
    // A later entry has what came of it.
    if (version?.pending !== undefined && version.pending !== entry.seq) return [];
    const item = table && findItem(scratch.reader, table, mutation.key);
    return item === undefined ? [] : [{ ...mutation, image: item.bytes, isMade: true }];
  });
}

/** The entry with its images, in the place of what is there of it. */
function write({ scratch, self: { book } }: MendContext, entry: Entry): void {
  const before = scratch.get(book, entryKey(entry.seq));
  const count = before === undefined ? 0 : decodeEntry(before).mutations.length;
  const images = entry.mutations.map(({ image }) => image);
  for (let index = 0; index < Math.max(count, images.length); index += 1) {
    scratch.set(book, imageKey(entry.seq, index), images[index]);
  }
  const mutations = entry.mutations.map(({ image: _, ...mutation }) => mutation);
  scratch.set(book, entryKey(entry.seq), encodeEntry({ ...entry, mutations }));
}

function overTable(
  context: MendContext,
  mend: Mend,
  phase: 'versions' | 'items',
  then: Mend['phase'],
): Mend {
  const { scratch } = context;
  const table = tableAt(context, mend);
  if (table === undefined) return inPhase(mend, then);
  const tree = phase === 'versions' ? table.replica.versions : table.tree;
  const slice = sliceOf(scratch.reader, tree, undefined, undefined, afterOf(mend));
  let next = mend;
  for (const [key, value] of slice.entries) {
    if (phase === 'versions') next = mendWaiting(context, next, table, key, decodeVersion(value));
    else if (scratch.get(table.replica.versions, key) === undefined) {
      const version = { stamp: unknownStamp, isDeleted: false };
      scratch.set(table.replica.versions, key, encodeVersion(version));
      next = counted(next, { unknown: 1 });
    }
  }
  if (slice.last === undefined) return pastTable(next, table);
  return { ...next, table: table.replica.global, after: hexOf(slice.last) };
}

/** A version whose entry is gone: the entry is made anew of the item. */
function mendWaiting(
  context: MendContext,
  mend: Mend,
  table: ReplicatedTable,
  key: Uint8Array,
  version: Version,
): Mend {
  const { scratch, self } = context;
  const { book } = self;
  const next = seen(mend, version);
  const { pending: seq, stamp } = version;
  if (seq === undefined) return next;
  const there = scratch.get(book, entryKey(seq));
  const known = there && decodeEntry(there);
  const { global } = table.replica;
  if (known?.mutations.some((one) => one.table === global && equalBytes(one.key, key))) return next;
  const baseAt = baseKey({ tree: table.tree, key });
  const base = scratch.get(book, baseAt);
  if (!equalBytes(stamp.replica, self.id)) {
    // What is shown is the hub's: of the edit that waited below it nothing is left.
    scratch.set(table.replica.versions, key, encodeVersion({ ...version, pending: undefined }));
    scratch.set(book, baseAt, undefined);
    return counted(next, { emptied: 1 });
  }
  const item = findItem(scratch.reader, table, key);
  const mutation: EntryMutation = {
    table: global,
    key,
    base: base === undefined ? { kind: 'none' } : { kind: 'stamp', stamp: decodeBase(base).stamp },
    isDeleted: item === undefined,
    image: item?.bytes,
  };
  const kept = known?.mutations.map((one, index) => {
    return { ...one, image: scratch.get(book, imageKey(seq, index)) };
  });
  const confirm: Confirm | undefined = version.isGuess === true ? 'unchanged' : undefined;
  const entry = known ?? { seq, id: context.bytes(16), stamp, confirm };
  write(context, { ...entry, mutations: [...(kept ?? []), mutation] });
  return known === undefined ? counted(next, { rebuilt: 1 }) : next;
}

/** Numbers of which nothing is left. */
function mendHoles(context: MendContext, mend: Mend): Mend {
  const { scratch, self } = context;
  const after = afterOf(mend);
  const slice = sliceOf(scratch.reader, self.book, entryKey(0), entriesEnd, after);
  let last = after && seqOf(after);
  let emptied = 0;
  for (const [key, value] of slice.entries) {
    const { seq, stamp } = decodeEntry(value);
    while (last !== undefined && last + 1 < seq && emptied < mendSliceEntries) {
      last += 1;
      emptied += 1;
      write(context, { seq: last, id: context.bytes(16), stamp, mutations: [] });
    }
    if (last !== undefined && last + 1 < seq) {
      return { ...counted(mend, { emptied }), after: hexOf(entryKey(last)) };
    }
    last = seqOf(key);
  }
  const next = counted(mend, { emptied });
  return slice.last === undefined ? inPhase(next, 'left') : { ...next, after: hexOf(slice.last) };
}

/** Images of entries that are gone, and bases of items that wait for nothing. */
function mendLeft(context: MendContext, mend: Mend): Mend {
  const { scratch, self, tables } = context;
  const { from, to } = imagesAndBases;
  const slice = sliceOf(scratch.reader, self.book, from, to, afterOf(mend));
  for (const [at] of slice.entries) {
    const place = imagePlaceOf(at);
    if (place !== undefined) {
      const bytes = scratch.get(self.book, entryKey(place.seq));
      const mutation = bytes && decodeEntry(bytes).mutations[place.index];
      if (mutation === undefined || mutation.isDeleted) scratch.set(self.book, at, undefined);
      continue;
    }
    const { tree, key } = basePlaceOf(at);
    const table = tables.find((one) => one.tree === tree);
    const version = table && versionOf(scratch.get(table.replica.versions, key));
    if (version?.pending === undefined) scratch.set(self.book, at, undefined);
  }
  return slice.last === undefined ? inPhase(mend, 'end') : { ...mend, after: hexOf(slice.last) };
}

/**
 * The whole feed is read once more, and ranges that were under way are loaded again; the clock is
 * above all that is held.
 */
function end({ scratch, self: { book } }: MendContext, mend: Mend): undefined {
  const { reader } = scratch;
  for (const key of holdingsUnderWay(reader, book)) scratch.set(book, key, undefined);
  const { link, bytes } = readLink(reader, book);
  const hasState = reader.get(book, stateKey) !== undefined;
  const entries = reader.range(book, { from: entryKey(0), to: entriesEnd }, true);
  const newest = entries.next() ? decodeEntry(entries.value) : undefined;
  const clock = latest(latest(mend.clock, link.seen), newest?.stamp ?? mend.clock);
  const state = hasState
    ? readState(reader, book)
    : { next: 1 + Math.max(link.sent, newest?.seq ?? 0), clock: pick(clock) };
  if (!hasState) scratch.set(book, stateKey, encodeState(state));
  // Without the link nobody knows what was sent: all of it may have been.
  const known = bytes === undefined ? { sent: state.next - 1, seen: pick(clock) } : {};
  scratch.set(book, linkKey, encodeLink({ ...link, ...known, cursor: 0 }));
  return undefined;
}

function pick({ ms, counter }: { ms: number; counter: number }): { ms: number; counter: number } {
  return { ms, counter };
}

function tableOf({ tables }: MendContext, global: string): ReplicatedTable | undefined {
  return tables.find(({ replica }) => replica.global === global);
}

function afterOf({ after }: Mend): Uint8Array | undefined {
  return after === '' ? undefined : fromHex(after);
}

function versionOf(bytes: Uint8Array | undefined): Version | undefined {
  return bytes && decodeVersion(bytes);
}
