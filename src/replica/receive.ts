/**
 * A device takes a page of its hub's feed: in one commit with the cursor, so that a page is taken
 * whole or not at all.
 *
 * An item with unanswered entries keeps its pending image on top while that is newer; what the hub
 * has always reaches the base (shared/SYNC.md, Semantics 5).
 */
import { equalBytes } from '../base/bytes.ts';
import { type ClockReading, latest } from '../base/hlc.ts';
import type { Mutation } from '../log/commit.ts';
import { encodeState, put, readState, stateKey } from './book.ts';
import type { ReplicaSelf } from './self.ts';
import { encodeLink, isOpenAt, type Link, linkKey, readLink } from './link.ts';
import type { PageChange } from './page.ts';
import { compareWritten } from './resolve.ts';
import { type Display, findHeld, type Held, newest, shownOf } from './shown.ts';
import type { ReplicatedTable } from './tables.ts';
import type { TreeReader } from '../tree/reader.ts';

export function takeChanges(
  reader: TreeReader,
  { book, id }: Pick<ReplicaSelf, 'book' | 'id'>,
  tables: ReadonlyMap<string, ReplicatedTable>,
  changes: readonly PageChange[],
  display: Display,
): void {
  for (const change of changes) {
    const table = tables.get(change.table);
    if (table === undefined) continue;
    showChange(findHeld(reader, book, table, change.key), change, display, id);
  }
}

/**
 * The newer one stands, over what waits for its answer too; what the hub has is the base. `own`: id
 * of this replica, under which comes what the hub has executed for it.
 */
export function showChange(
  held: Held,
  change: PageChange,
  display: Display,
  own?: Uint8Array,
): void {
  const { version, base } = held;
  const shown = shownOf(held);
  const pending = version?.pending;
  if (pending !== undefined) {
    const kept = newest(base, change);
    if (kept !== base) display.keep(held, kept);
  }
  const isNewer = shown === undefined || compareWritten(change, shown) > 0;
  if (!isNewer) return;
  if (own !== undefined && equalBytes(own, change.stamp.replica)) {
    display.showOwn(held, change, pending);
  } else display.show(held, change, pending);
}

/**
 * The cursor moves, and the clock is above all that was taken. `reach`: the greatest place of the
 * feed that the hub has told of. `isOpen`: of the page that ends at the cursor, if there is one.
 */
export function moveCursor(
  reader: TreeReader,
  { book }: ReplicaSelf,
  { isOpen, ...now }: Pick<Link, 'cursor' | 'reach' | 'syncedMs' | 'isOpen'>,
  changes: readonly PageChange[],
): readonly Mutation[] {
  const { link, bytes } = readLink(reader, book);
  const seen = changes.reduce<ClockReading>((max, { stamp }) => later(max, stamp), link.seen);
  const moved = {
    reach: Math.max(link.reach, now.cursor, now.reach),
    isOpen: isOpen ?? isOpenAt(link, now.cursor),
  };
  return [
    put(book, linkKey, bytes, encodeLink({ ...link, ...now, ...moved, seen })),
    ...raiseClock(reader, book, seen),
  ];
}

/** The clock of the book is not below `seen`. */
export function raiseClock(
  reader: TreeReader,
  book: number,
  seen: ClockReading,
): readonly Mutation[] {
  const state = readState(reader, book);
  const clock = later(state.clock, seen);
  if (clock === state.clock) return [];
  return [put(book, stateKey, encodeState(state), encodeState({ ...state, clock }))];
}

/** Without the replica of a stamp. */
export function later(a: ClockReading, { ms, counter }: ClockReading): ClockReading {
  return latest(a, { ms, counter });
}
