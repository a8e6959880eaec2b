/**
 * A hub makes anew what was lost of its versions and its book.
 *
 * Versions name their places, so the feed follows from them; the feed names the keys of lost
 * versions, deleted ones too. What an item's stamp was nobody knows: it is written again as it is,
 * under a new one, so that all replicas come to the same. Edits made before are then older; where
 * they lose they are in the log of conflicts.
 */
import { fromHex, hexOf } from '../base/bytes.ts';
import type { ReplicatedChange } from '../table/replicated.ts';
import {
  decodeJoined,
  decodePlace,
  encodeJoined,
  encodePlace,
  encodeState,
  feedKey,
  joinedKey,
  joinedRange,
  seqOf,
  stateKey,
} from './book.ts';
import { beginEpoch, readEpochs } from './epochs.ts';
import { moveInLead } from './lead.ts';
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
import { decodeVersion, encodeVersion, type Version } from './version.ts';

const none: readonly ReplicatedChange[] = [];

export function mendHub(context: MendContext, mend: Mend): MendStep {
  switch (mend.phase) {
    case 'versions':
      return { next: mendVersions(context, mend), touched: none };
    case 'feed':
      return mendFeed(context, mend);
    case 'items':
      return mendItems(context, mend);
    case 'joined':
      return { next: mendJoined(context, mend), touched: none };
    default:
      return { next: end(context), touched: none };
  }
}

/** Places that the feed lacks, and marks of transactions whose items are not known any more. */
function mendVersions(context: MendContext, mend: Mend): Mend {
  const { scratch, self } = context;
  const table = tableAt(context, mend);
  if (table === undefined) {
    if (scratch.get(self.book, stateKey) === undefined) {
      scratch.set(self.book, stateKey, encodeState({ next: 1, clock: mend.clock }));
    }
    return inPhase(mend, 'feed');
  }
  const { versions } = table.replica;
  const slice = sliceOf(scratch.reader, versions, undefined, undefined, afterOf(mend));
  let next = mend;
  for (const [key, value] of slice.entries) {
    const version = decodeVersion(value);
    next = seen(next, version);
    const { place, stamp, isJoined } = version;
    if (place !== undefined && scratch.get(self.book, feedKey(place)) === undefined) {
      scratch.set(self.book, feedKey(place), encodePlace({ tree: table.tree, key }));
    }
    setLead(context, table, key, place, true);
    if (isJoined === true && scratch.get(self.book, joinedKey(stamp)) === undefined) {
      scratch.set(versions, key, encodeVersion({ ...version, isJoined: false }));
    }
  }
  if (slice.last === undefined) return pastTable({ ...next, table: table.replica.global }, table);
  return { ...next, table: table.replica.global, after: hexOf(slice.last) };
}

/** The place of an item among those of its partition; or that it has none there. */
function setLead(
  { scratch, self }: MendContext,
  { tree, replica }: ReplicatedTable,
  key: Uint8Array,
  place: number | undefined,
  isThere: boolean,
): void {
  for (const { key: at, value } of moveInLead(self.book, replica, { tree, key }, undefined, place))
    scratch.set(self.book, at, isThere ? value : undefined);
}

/** Places of lost versions, each with its item; and places that are not the newest of theirs. */
function mendFeed(context: MendContext, mend: Mend): MendStep {
  const { scratch, self, tables } = context;
  const [from, to] = [feedKey(0), feedKey(Number.MAX_SAFE_INTEGER)];
  const slice = sliceOf(scratch.reader, self.book, from, to, afterOf(mend));
  const touched: ReplicatedChange[] = [];
  for (const [at, value] of slice.entries) {
    const { tree, key } = decodePlace(value);
    const table = tables.find((one) => one.tree === tree);
    if (table === undefined) continue;
    const version = versionOf(scratch.get(table.replica.versions, key));
    if (version?.place !== undefined && sameKey(feedKey(version.place), at)) continue;
    scratch.set(self.book, at, undefined);
    setLead(context, table, key, seqOf(at), false);
    if (version === undefined) touched.push(touch(table, key, scratch.get(tree, key)));
  }
  const past = counted(mend, { unknown: touched.length });
  if (slice.last === undefined) return { next: inPhase(past, 'items'), touched };
  return { next: { ...past, after: hexOf(slice.last) }, touched };
}

/** Items without a version, or without a place. */
function mendItems(context: MendContext, mend: Mend): MendStep {
  const { scratch, self } = context;
  const table = tableAt(context, mend);
  if (table === undefined) {
    return { next: inPhase(mend, self.isMending === true ? 'joined' : 'end'), touched: none };
  }
  const slice = sliceOf(scratch.reader, table.tree, undefined, undefined, afterOf(mend));
  const touched = slice.entries.flatMap(([key, image]): ReplicatedChange[] => {
    const version = versionOf(scratch.get(table.replica.versions, key));
    return version?.place === undefined ? [touch(table, key, image)] : [];
  });
  const past = counted(mend, { unknown: touched.length });
  return { next: afterSlice(past, table, slice.last), touched };
}

/** Transactions: how many of their items are still at their versions. */
function mendJoined({ scratch, self, tables }: MendContext, mend: Mend): Mend {
  const { from, to } = joinedRange;
  const slice = sliceOf(scratch.reader, self.book, from, to, afterOf(mend));
  for (const [at, value] of slice.entries) {
    const { members } = decodeJoined(value);
    const live = members.filter(({ tree, key }) => {
      const table = tables.find((one) => one.tree === tree);
      const version = table && versionOf(scratch.get(table.replica.versions, key));
      return version?.isJoined === true && sameKey(joinedKey(version.stamp), at);
    }).length;
    scratch.set(self.book, at, live === 0 ? undefined : encodeJoined({ live, members }));
  }
  if (slice.last === undefined) return inPhase(mend, 'end');
  return { ...mend, after: hexOf(slice.last) };
}

/** Without an epoch nobody's cursor would ever be good. */
function end({ scratch, self, bytes }: MendContext): undefined {
  if (readEpochs(scratch.reader, self.book).length > 0 || self.isMending !== true) return undefined;
  const { key, value } = beginEpoch(scratch.reader, self.book, bytes(16));
  scratch.set(self.book, key, value);
  return undefined;
}

function afterSlice(mend: Mend, table: ReplicatedTable, last: Uint8Array | undefined): Mend {
  if (last === undefined) return pastTable(mend, table);
  return { ...mend, table: table.replica.global, after: hexOf(last) };
}

function afterOf({ after }: Mend): Uint8Array | undefined {
  return after === '' ? undefined : fromHex(after);
}

function versionOf(bytes: Uint8Array | undefined): Version | undefined {
  return bytes && decodeVersion(bytes);
}

function sameKey(a: Uint8Array, b: Uint8Array): boolean {
  return hexOf(a) === hexOf(b);
}
