/**
 * A device makes anew what was lost of its versions and its book.
 *
 * An entry of the outbox follows from the versions that wait for it, with the items as they are; a
 * version that waits follows from the outbox (mend-entries.ts). Any other item has an unknown
 * version, and all ranges are loaded once more: what the hub has is then known again. Where an item
 * may be one that the hub has never had, it is entered like those from before the first contact. Of
 * an entry whose items were all written again later only the number is left: it goes empty, for
 * they are dense. If the hub has had another of a number, it is a fork: the device takes a new id.
 */
import { fromHex, hexOf } from '../base/bytes.ts';
import { latest } from '../base/hlc.ts';
import { mendSliceEntries } from '../base/replica-limits.ts';
import { forgetRanges } from './absence.ts';
import { lastAnswered } from './answered.ts';
import {
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
import { decodeEntry } from './entry.ts';
import { encodeLink, linkKey, readLink } from './link.ts';
import {
  beginMend,
  counted,
  inPhase,
  type Mend,
  type MendContext,
  mendKey,
  type MendStep,
  olderKind,
  pastTable,
  seen,
  sliceOf,
  tableAt,
  touch,
  versionsKind,
} from './mend.ts';
import { emptyEntry, markGuesses, mendEntry, mendWaiting } from './mend-entries.ts';
import { lastQuarantined } from './quarantine.ts';
import { decodeVersion, encodeVersion, unknownStamp, type Version } from './version.ts';

const entriesEnd = entryKey(Number.MAX_SAFE_INTEGER);

export function mendDevice(context: MendContext, mend: Mend): MendStep {
  if (context.self.isMending !== true) return enterOlder(context, mend);
  const next = stepOf(context, mend);
  if (next !== undefined) return { next, touched: [] };
  const older = mayHaveOlder(mend) ? beginMend('items', [olderKind]) : undefined;
  return { next: older, touched: [], isMended: true };
}

/**
 * Whether an item without a version may be one that the hub has never heard of: versions are all
 * there, or entries may be lost that wrote it, or such items were being entered.
 */
function mayHaveOlder({ kinds }: Mend): boolean {
  const isOfOutbox = [entryKey(0)[0], imageKey(0, 0)[0], mendKey[0], olderKind];
  return !kinds.includes(versionsKind) || kinds.some((kind) => isOfOutbox.includes(kind));
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
  for (const [, value] of slice.entries) next = mendEntry(context, next, decodeEntry(value));
  if (slice.last === undefined) return inPhase(next, 'versions');
  return { ...next, after: hexOf(slice.last) };
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
    if (phase === 'versions') {
      const version = decodeVersion(value);
      next = mendWaiting(context, seen(next, version), table, key, version);
    } else if (!mayHaveOlder(mend) && scratch.get(table.replica.versions, key) === undefined) {
      const version = { stamp: unknownStamp, isDeleted: false };
      scratch.set(table.replica.versions, key, encodeVersion(version));
      next = counted(next, { unknown: 1 });
    }
  }
  if (slice.last === undefined) return pastTable(next, table);
  return { ...next, table: table.replica.global, after: hexOf(slice.last) };
}

/** Numbers of which nothing is left; and what rests on entries that may be refused. */
function mendHoles(context: MendContext, mend: Mend): Mend {
  const { scratch, self } = context;
  const after = afterOf(mend);
  const slice = sliceOf(scratch.reader, self.book, entryKey(0), entriesEnd, after);
  let last = after && seqOf(after);
  let emptied = 0;
  for (const [key, value] of slice.entries) {
    const entry = decodeEntry(value);
    const { seq } = entry;
    while (last !== undefined && last + 1 < seq && emptied < mendSliceEntries) {
      last += 1;
      emptied += 1;
      emptyEntry(context, last, entry.stamp);
    }
    if (last !== undefined && last + 1 < seq) {
      return { ...counted(mend, { emptied }), after: hexOf(entryKey(last)) };
    }
    markGuesses(context, entry);
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
 * Nothing is held any more: all is loaded again, and until then no absence is known. The clock is
 * above all that is there, and so is the next number.
 */
function end({ scratch, self: { book } }: MendContext, mend: Mend): undefined {
  const { reader } = scratch;
  for (const { key } of forgetRanges(reader, book)) scratch.set(book, key, undefined);
  const { link, bytes } = readLink(reader, book);
  const hasState = reader.get(book, stateKey) !== undefined;
  const entries = reader.range(book, { from: entryKey(0), to: entriesEnd }, true);
  const newest = entries.next() ? decodeEntry(entries.value) : undefined;
  const numbered = Math.max(lastAnswered(reader, book), lastQuarantined(reader, book));
  const clock = latest(latest(mend.clock, link.seen), newest?.stamp ?? mend.clock);
  const state = hasState
    ? readState(reader, book)
    : { next: 1 + Math.max(link.sent, newest?.seq ?? 0, numbered), clock: pick(clock) };
  if (!hasState) scratch.set(book, stateKey, encodeState(state));
  // Without the link nobody knows what was sent: all of it may have been.
  const known = bytes === undefined ? { sent: state.next - 1, seen: pick(clock) } : {};
  scratch.set(book, linkKey, encodeLink({ ...link, ...known, cursor: 0 }));
  return undefined;
}

function pick({ ms, counter }: { ms: number; counter: number }): { ms: number; counter: number } {
  return { ms, counter };
}

function afterOf({ after }: Mend): Uint8Array | undefined {
  return after === '' ? undefined : fromHex(after);
}

function versionOf(bytes: Uint8Array | undefined): Version | undefined {
  return bytes && decodeVersion(bytes);
}
