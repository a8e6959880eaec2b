/**
 * Making anew what a replica keeps, after a page of its book or of versions was lost: one slice of
 * a walk over all of it at a time (docs/formats/replica.md has the rule for each kind of entry).
 *
 * How far it is lies in the book, so any engine goes on with it after a crash. While a part is lost
 * nobody else changes any of it (`isMending`), so a walk that is run again finds what it left.
 * A hub's walk over items alone (`items`) also gives versions to those of a table that was not
 * empty when it began to be replicated; writes go on meanwhile.
 */
import { textOf, utf8 } from '../base/bytes.ts';
import { type ClockReading, clockZero, latest } from '../base/hlc.ts';
import { mendSliceEntries } from '../base/replica-limits.ts';
import type { Mutation } from '../log/commit.ts';
import type { ReplicatedChange } from '../table/replicated.ts';
import type { TreeReader } from '../tree/reader.ts';
import type { ReplicaSelf } from './self.ts';
import type { Scratch } from './scratch.ts';
import type { ReplicatedTable } from './tables.ts';
import type { Version } from './version.ts';

export type MendPhase =
  | 'entries'
  | 'versions'
  | 'feed'
  | 'items'
  | 'joined'
  | 'holes'
  | 'left'
  | 'end';

/** What a walk found, for whoever is told of it. */
export interface MendTally {
  /** Entries of the outbox that were made anew, at least in part, of the items they wrote. */
  readonly rebuilt: number;
  /** Entries of which nothing is left but the number. */
  readonly emptied: number;
  /** Items of which the version was lost, or was never there. */
  readonly unknown: number;
}

export interface Mend {
  readonly phase: MendPhase;
  /** The table walked over, by its name among replicas; '' before the first. */
  readonly table: string;
  /** In hexadecimal: what to go on after. */
  readonly after: string;
  /** The greatest stamp of the versions seen. */
  readonly clock: ClockReading;
  readonly tally: MendTally;
  /** Kinds of the book's entries that may have been lost (their first bytes); or one of these. */
  readonly kinds: readonly number[];
}

/** Versions may have been lost. */
export const versionsKind = 16;
/** Items from before the first contact were being entered, or are. */
export const olderKind = 17;

export interface MendContext {
  readonly self: ReplicaSelf;
  /** Ascending by their names among replicas. */
  readonly tables: readonly ReplicatedTable[];
  readonly scratch: Scratch;
  readonly nowMs: number;
  bytes(count: number): Uint8Array;
}

export interface MendStep {
  /** Undefined when all is done. */
  readonly next: Mend | undefined;
  /** Writes of a hub's items as they are: they get a version and a place in the feed. */
  readonly touched: readonly ReplicatedChange[];
  /** What was lost is made anew, though there is more to do. */
  readonly isMended?: boolean;
}

export const mendKey: Uint8Array = Uint8Array.of(11);

const nothing: MendTally = { rebuilt: 0, emptied: 0, unknown: 0 };

export function beginMend(phase: MendPhase, kinds: readonly number[]): Mend {
  return { phase, table: '', after: '', clock: clockZero, tally: nothing, kinds };
}

export function readMend(reader: TreeReader, book: number): Mend | undefined {
  const bytes = reader.get(book, mendKey);
  return bytes && decodeMend(bytes);
}

export function decodeMend(bytes: Uint8Array): Mend {
  return JSON.parse(textOf(bytes)) as Mend;
}

export function encodeMend(mend: Mend): Uint8Array {
  return utf8(JSON.stringify(mend));
}

export function counted(mend: Mend, more: Partial<MendTally>): Mend {
  const { rebuilt, emptied, unknown } = mend.tally;
  const tally = {
    rebuilt: rebuilt + (more.rebuilt ?? 0),
    emptied: emptied + (more.emptied ?? 0),
    unknown: unknown + (more.unknown ?? 0),
  };
  return { ...mend, tally };
}

export function seen(mend: Mend, { stamp }: Version): Mend {
  const clock = latest(mend.clock, stamp);
  return { ...mend, clock: { ms: clock.ms, counter: clock.counter } };
}

export interface Slice {
  readonly entries: readonly (readonly [Uint8Array, Uint8Array])[];
  /** Undefined at the end of the range. */
  readonly last: Uint8Array | undefined;
}

/** The next entries of a tree from `from` on, after `after` if that is there. Throws PageFault. */
export function sliceOf(
  reader: TreeReader,
  tree: number,
  from: Uint8Array | undefined,
  to: Uint8Array | undefined,
  after: Uint8Array | undefined,
): Slice {
  const range = after === undefined ? { from, to } : { from: after, fromOpen: true, to };
  const cursor = reader.range(tree, range);
  const entries: (readonly [Uint8Array, Uint8Array])[] = [];
  while (cursor.next()) {
    const key = cursor.key.slice();
    entries.push([key, cursor.value.slice()]);
    if (entries.length >= mendSliceEntries) return { entries, last: key };
  }
  return { entries, last: undefined };
}

/** The table that a walk over tables is at; undefined behind the last. */
export function tableAt({ tables }: MendContext, { table }: Mend): ReplicatedTable | undefined {
  return tables.find(({ replica }) => replica.global >= table);
}

/** Behind that table. */
export function pastTable(mend: Mend, { replica }: ReplicatedTable): Mend {
  return { ...mend, table: `${replica.global}\u0000`, after: '' };
}

export function inPhase(mend: Mend, phase: MendPhase): Mend {
  return { ...mend, phase, table: '', after: '' };
}

/** An item as it is, written by the engine itself. */
export function touch(
  { tree, replica }: ReplicatedTable,
  key: Uint8Array,
  image: Uint8Array | undefined,
): ReplicatedChange {
  return { tree, replica, key, before: image, after: image };
}

/** The last commit's: the walk is over, and all may go on. */
export function endMend(book: number, bytes: Uint8Array): Mutation {
  return {
    tree: book,
    key: mendKey,
    value: undefined,
    sizeBefore: bytes.length,
    sizeAfter: undefined,
  };
}
