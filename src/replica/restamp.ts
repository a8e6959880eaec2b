/**
 * A device's clock is found to be wrong, or its id to be used twice: entries that were never sent
 * are stamped anew, row, entry and clock in one commit (shared/SYNC.md, Semantics 6).
 *
 * Shifted by what the clock was off, in the order of the commits, above what they were made on and
 * otherwise not above the hub's now. Only here may the clock fall, to the greatest stamp held.
 */
import { equalBytes } from '../base/bytes.ts';
import {
  type ClockReading,
  clockZero,
  compareReadings,
  compareStamps,
  type Stamp,
  tick,
} from '../base/hlc.ts';
import { encodeState, entryKey, put, readState, stateKey } from './book.ts';
import { encodeEntry, type Entry, isOffered } from './entry.ts';
import type { Link } from './link.ts';
import { entriesFrom, withImages } from './outbox.ts';
import { later } from './receive.ts';
import { findHeld, newest, type SettleContext, shownOf } from './shown.ts';
import { unknownStamp } from './version.ts';

export interface Correction {
  /** What is added to stamps of entries that were never sent, milliseconds. */
  readonly shiftMs: number;
  /** The hub's now. */
  readonly hubNowMs: number;
  /** 16 bytes: that of the stamps from now on. */
  readonly replica: Uint8Array;
  /** The id is a new one: entries that may have been sent take it too. */
  readonly isFork: boolean;
  /** The hub has forgotten what it took: entries that may have been sent are for the user. */
  readonly isRetired: boolean;
  /** 16 random bytes: another stamp is not what the other half of a clone may send as this one. */
  newId(): Uint8Array;
}

export function restamp(context: SettleContext, link: Link, correction: Correction): void {
  const { reader, book, display } = context;
  const { replica, isFork } = correction;
  let last: ClockReading = { ms: 0, counter: 0 };
  for (const { entry, bytes } of entriesFrom(reader, book, 0)) {
    const mayBeTaken = entry.seq <= link.sent;
    // What is offered is of the time of its row, whoever's clock that was.
    const isSent = mayBeTaken || isOffered(entry.confirm);
    const floor = isSent ? last : later(last, madeOn(context, entry));
    const reading = isSent ? entry.stamp : shifted(entry, floor, correction);
    // Nothing is written under the stamp of a number that went empty: it may be the hub's.
    if (mayWrite(entry)) last = later(last, reading);
    if (isSent && !isFork) continue;
    const stamp = { ms: reading.ms, counter: reading.counter, replica };
    const confirm = correction.isRetired && mayBeTaken ? 'unknown' : entry.confirm;
    const id = compareReadings(reading, entry.stamp) === 0 ? entry.id : correction.newId();
    const now = encodeEntry({ ...entry, id, stamp, confirm });
    display.add([put(book, entryKey(entry.seq), bytes, now)]);
    restampItems(context, entry, stamp);
  }
  const state = readState(reader, book);
  const clock = later(link.seen, last);
  display.add([put(book, stateKey, encodeState(state), encodeState({ ...state, clock }))]);
}

function mayWrite({ mutations, request }: Entry): boolean {
  return mutations.length > 0 || request !== undefined;
}

function shifted(
  entry: Entry,
  floor: ClockReading,
  { shiftMs, hubNowMs }: Correction,
): ClockReading {
  const { ms, counter } = entry.stamp;
  const wished = { ms: Math.max(0, Math.min(ms + shiftMs, hubNowMs)), counter };
  return compareReadings(wished, floor) > 0 ? wished : tick(floor, 0);
}

/** The greatest of what it was made on; an entry that was answered is the base of its items now. */
function madeOn(
  { reader, book, tables }: SettleContext,
  { stamp, mutations }: Entry,
): ClockReading {
  let greatest = clockZero;
  for (const { base, table: name, key } of mutations) {
    if (base.kind === 'stamp') greatest = later(greatest, base.stamp);
    const table = base.kind === 'on' ? tables.get(name) : undefined;
    const kept = table && findHeld(reader, book, table, key).base;
    // A guess of this replica's own is under nobody's id.
    const own = [stamp.replica, unknownStamp.replica];
    if (kept !== undefined && own.some((id) => equalBytes(kept.stamp.replica, id))) {
      greatest = later(greatest, kept.stamp);
    }
  }
  return greatest;
}

/** The rows that show this entry; one whose base is newer by now shows that. */
function restampItems(
  { reader, book, tables, display }: SettleContext,
  entry: Entry,
  stamp: Stamp,
): void {
  for (const { table: name, key, image } of withImages(reader, book, entry).mutations) {
    const table = tables.get(name);
    const held = table && findHeld(reader, book, table, key);
    if (held?.version?.pending !== entry.seq) continue;
    const isShown = compareStamps(held.version.stamp, entry.stamp) === 0;
    display.show(held, newest(isShown ? { stamp, image } : shownOf(held), held.base), entry.seq);
  }
}
