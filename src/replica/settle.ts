/**
 * A device takes the hub's answer to one of its entries (shared/SYNC.md, Semantics 5).
 *
 * Taken or superseded, the entry leaves the outbox, and what is shown is the newer of it and the
 * base. Refused, it goes to quarantine with all that read what it wrote, and so on; what shows then
 * is the newest edit that still stands, or the base. Entries are dense, so one that was withdrawn
 * keeps its number, and is sent empty.
 */
import { mapKey } from '../base/bytes.ts';
import { compareStamps, type Stamp } from '../base/hlc.ts';
import type { Mutation } from '../log/commit.ts';
import type { TreeReader } from '../tree/reader.ts';
import { entryKey, put } from './book.ts';
import { encodeEntry, type Entry, type EntryMutation, isGuessed } from './entry.ts';
import type { Outcome } from './mark.ts';
import {
  entriesFrom,
  findEntry,
  type KeptEntry,
  removeEntry,
  removeImages,
  withImages,
} from './outbox.ts';
import { encodeQuarantined, quarantineKey } from './quarantine.ts';
import type { Written } from './resolve.ts';
import { type Display, findHeld, newest, shownOf } from './shown.ts';
import type { ReplicatedTable } from './tables.ts';
import { unknownStamp } from './version.ts';

export interface SettleContext {
  readonly reader: TreeReader;
  readonly book: number;
  /** By their names among replicas. */
  readonly tables: ReadonlyMap<string, ReplicatedTable>;
  readonly display: Display;
}

/** False when the entry is not waited for: it was answered before, or was another one. */
export function settle(context: SettleContext, outcome: Outcome): boolean {
  const { reader, book, display } = context;
  const kept = findEntry(reader, book, outcome.seq);
  if (kept === undefined) return false;
  if (outcome.kind === 'refused' && kept.entry.voidedBy === undefined)
    refuse(context, kept, outcome.code);
  else {
    const entry = withImages(reader, book, kept.entry);
    for (const mutation of entry.mutations) settleItem(context, entry, mutation, outcome);
    display.add(removeEntry(reader, book, kept));
  }
  return true;
}

function settleItem(
  { reader, book, tables, display }: SettleContext,
  { seq, stamp: sent, confirm }: Entry,
  { table: name, key, image }: EntryMutation,
  { stamp }: Outcome,
): void {
  const table = tables.get(name);
  const held = table && findHeld(reader, book, table, key);
  if (held?.version === undefined) return;
  const { version, base } = held;
  // The hub's own result comes with the feed, and stands over the guess.
  const counts = isGuessed(confirm) ? { ...stamp, replica: unknownStamp.replica } : stamp;
  const own = { stamp: counts, image };
  if (version.pending === seq) {
    const isShown = compareStamps(version.stamp, sent) === 0;
    display.show(held, newest(isShown ? own : shownOf(held), base), undefined);
    display.keep(held, undefined);
  } else {
    // A later edit is on top: this is what it gives way to if it is refused. What superseded this
    // one is newer, and comes with the feed if it has not come yet.
    display.keep(held, newest(own, base));
  }
}

function refuse(context: SettleContext, root: KeptEntry, code: string): void {
  const { reader, book, display } = context;
  const { seq } = root.entry;
  const refused = new Map([[seq, root]]);
  const standing: Entry[] = [];
  for (const kept of entriesFrom(reader, book, seq + 1)) {
    const { entry } = kept;
    if (
      entry.mutations.some(({ base }) => base.kind === 'on' && base.isRead && refused.has(base.seq))
    ) {
      refused.set(entry.seq, kept);
    } else standing.push(entry);
  }
  rollBack(context, [...refused.values()], standing);
  for (const kept of refused.values()) {
    const own = kept === root ? code : 'DependsOnRefused';
    const whole = encodeQuarantined({ entry: withImages(reader, book, kept.entry), code: own });
    display.add([put(book, quarantineKey(kept.entry.seq), undefined, whole)]);
    if (kept === root) display.add(removeEntry(reader, book, kept));
    else display.add(withdraw(reader, book, kept, seq));
  }
}

/** Each item that a refused entry wrote shows what stands without it, unless it is in `done`. */
export function rollBack(
  { reader, book, tables, display }: SettleContext,
  refused: readonly KeptEntry[],
  standing: readonly Entry[],
  done: Set<string> = new Set(),
): void {
  for (const { table: name, key } of refused.flatMap(({ entry }) => entry.mutations)) {
    const table = tables.get(name);
    const spot = `${name} ${mapKey(key)}`;
    if (table === undefined || done.has(spot)) continue;
    done.add(spot);
    const held = findHeld(reader, book, table, key);
    const own = newestOwn(reader, book, standing, name, key);
    display.show(held, newest(own?.written, held.base), own?.seq);
    if (own === undefined) display.keep(held, undefined);
  }
}

/** The newest edit of an item among `standing`, with its image. */
export function newestOwn(
  reader: TreeReader,
  book: number,
  standing: readonly Entry[],
  table: string,
  key: Uint8Array,
): { readonly written: Written; readonly seq: number } | undefined {
  const name = mapKey(key);
  for (const entry of standing.toReversed()) {
    const whole = withImages(reader, book, entry);
    const own = whole.mutations.find((one) => one.table === table && mapKey(one.key) === name);
    if (own === undefined) continue;
    const { stamp }: { readonly stamp: Stamp } = entry;
    return { written: { stamp, image: own.image }, seq: entry.seq };
  }
  return undefined;
}

/** The entry goes empty; `voidedBy`: because of which. */
export function withdraw(
  reader: TreeReader,
  book: number,
  { entry, bytes }: KeptEntry,
  voidedBy: number,
): readonly Mutation[] {
  const empty = encodeEntry({ ...entry, voidedBy, mutations: [] });
  return [put(book, entryKey(entry.seq), bytes, empty), ...removeImages(reader, book, entry)];
}
