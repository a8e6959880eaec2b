/**
 * What a hub forgets: deletions that are older than any device may be away, by slices. Which are is
 * told by places of the feed whose time is known, and not by stamps: a deletion that was made long
 * ago may have come just now.
 *
 * The floor moves first, then what lies below it goes: a cursor below the floor may have missed a
 * deletion, one above it has not. Layout of the record in docs/formats/replica.md.
 */
import { ByteReader, ByteWriter } from '../base/bytes.ts';
import { mendSliceEntries, milestonesMax } from '../base/replica-limits.ts';
import type { TreeReader } from '../tree/reader.ts';
import { decodeJoined, decodePlace, encodeJoined, feedKey, joinedKey, seqOf } from './book.ts';
import { moveInLead } from './lead.ts';
import type { Scratch } from './scratch.ts';
import type { ReplicatedTable } from './tables.ts';
import { decodeVersion } from './version.ts';

export interface Retention {
  /** Deletions at places up to it may be forgotten. */
  readonly floor: number;
  /** They are, up to here. */
  readonly swept: number;
  /** Epoch milliseconds up to which all is in a backup; 0 where nobody has said so. */
  readonly backupMs: number;
  /** Replicas that have a mark. */
  readonly marks: number;
  /** Times, and how far the feed was then; the oldest first. */
  readonly milestones: readonly Milestone[];
}

export interface Milestone {
  readonly ms: number;
  readonly place: number;
}

export const retentionKey: Uint8Array = Uint8Array.of(0x21);

const nothing: Retention = { floor: 0, swept: 0, backupMs: 0, marks: 0, milestones: [] };

export function readRetention(reader: TreeReader, book: number): Retention {
  const bytes = reader.get(book, retentionKey);
  if (bytes === undefined) return nothing;
  const from = new ByteReader(bytes);
  const floor = from.varint();
  const swept = from.varint();
  const backupMs = from.varint();
  const marks = from.varint();
  const milestones: Milestone[] = [];
  while (!from.done) milestones.push({ ms: from.varint(), place: from.varint() });
  return { floor, swept, backupMs, marks, milestones };
}

export function encodeRetention(retention: Retention): Uint8Array {
  const writer = new ByteWriter(64);
  const { floor, swept, backupMs, marks, milestones } = retention;
  for (const value of [floor, swept, backupMs, marks]) writer.varint(value);
  for (const { ms, place } of milestones) {
    writer.varint(ms);
    writer.varint(place);
  }
  return writer.take();
}

export interface Passing {
  readonly nowMs: number;
  /** How long a device may be away. */
  readonly keptMs: number;
  /** The last of the feed. */
  readonly place: number;
}

/** With a milestone of now, where the last is old enough, and the floor where it may be by now. */
export function passTime(retention: Retention, { nowMs, keptMs, place }: Passing): Retention {
  const { milestones } = retention;
  const newest = milestones.at(-1);
  const isDue = newest === undefined || nowMs - newest.ms >= keptMs / milestonesMax;
  const now = { ms: nowMs, place };
  const all = isDue ? [...milestones, now] : milestones;
  const past = all.filter(({ ms }) => ms <= nowMs - keptMs).at(-1);
  // The last that is past stays: it is the floor until the next is.
  const kept = all.filter((one) => past === undefined || one.ms >= past.ms);
  const floor = Math.max(retention.floor, past?.place ?? 0);
  return { ...retention, floor, milestones: kept.slice(-2 * milestonesMax) };
}

/** Forgets the next deletions below the floor, and places of tables that are gone. */
export function sweepBelow(
  scratch: Scratch,
  book: number,
  tables: ReadonlyMap<number, ReplicatedTable>,
  retention: Retention,
): Retention {
  const { floor, swept } = retention;
  const range = { from: feedKey(swept), fromOpen: true, to: feedKey(floor + 1) };
  const cursor = scratch.reader.range(book, range);
  let last = swept;
  for (let count = 0; cursor.next(); count += 1) {
    if (count >= mendSliceEntries) return { ...retention, swept: last };
    const at = cursor.key.slice();
    last = seqOf(at);
    const { tree, key } = decodePlace(cursor.value.slice());
    const table = tables.get(tree);
    if (table === undefined) scratch.set(book, at, undefined);
    else forgetDeleted(scratch, book, table, key, last);
  }
  return { ...retention, swept: floor };
}

function forgetDeleted(
  scratch: Scratch,
  book: number,
  { tree, replica }: ReplicatedTable,
  key: Uint8Array,
  place: number,
): void {
  const bytes = scratch.get(replica.versions, key);
  const version = bytes && decodeVersion(bytes);
  if (version?.isDeleted !== true || version.place !== place) return;
  scratch.set(replica.versions, key, undefined);
  scratch.set(book, feedKey(place), undefined);
  for (const { key: at } of moveInLead(book, replica, { tree, key }, place, undefined)) {
    scratch.set(book, at, undefined);
  }
  if (version.isJoined !== true) return;
  const at = joinedKey(version.stamp);
  const joined = scratch.get(book, at);
  if (joined === undefined) return;
  const { live, members } = decodeJoined(joined);
  scratch.set(book, at, live <= 1 ? undefined : encodeJoined({ live: live - 1, members }));
}
