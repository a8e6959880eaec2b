/**
 * A device takes another scope, in one commit (shared/SYNC.md, Semantics 10): edits of what it may
 * not write any more, or read, go to quarantine; what it has of ranges that it may not read any
 * more goes from items, indexes, versions and bases; ranges that it may read from now on are read
 * by the feed from its beginning.
 *
 * Entries are dense: one that goes to quarantine keeps its number and is sent empty. If the hub has
 * had it already, it is answered as it was then.
 * Invariants
 * - Each item and each record is written once: the commit is one.
 */
import { mapKey } from '../base/bytes.ts';
import { isInSpans } from '../table/scope.ts';
import type { TreeReader } from '../tree/reader.ts';
import { put } from './book.ts';
import type { Entry, EntryMutation } from './entry.ts';
import { entriesFrom, type KeptEntry, withImages } from './outbox.ts';
import { encodeQuarantined, quarantineKey } from './quarantine.ts';
import { joinRanges, type KeyRange, rangeOf, withoutRanges } from './range.ts';
import { rangesOfScope, type Scope } from './scope.ts';
import { newestOwn, withdraw } from './settle.ts';
import { type Display, findHeld, newest } from './shown.ts';
import type { ReplicatedTable } from './tables.ts';

export interface RescopeContext {
  readonly reader: TreeReader;
  readonly book: number;
  /** By their names among replicas. */
  readonly tables: ReadonlyMap<string, ReplicatedTable>;
  readonly display: Display;
}

export interface Rescoped {
  /** What may not be read any more, and what may from now on. */
  readonly lost: readonly KeyRange[];
  readonly gained: readonly KeyRange[];
  /** Items that went, and edits. */
  readonly purged: number;
  readonly withdrawn: number;
}

/** Why an edit is in quarantine: what it is about is the caller's no more. */
const lostCode = 'ScopeLost';

export function rescope(
  context: RescopeContext,
  before: Scope | undefined,
  now: Scope | undefined,
): Rescoped {
  const names = [...context.tables.keys()];
  const held = rangesOfScope(before, names);
  const kept = rangesOfScope(now, names);
  const lost = withoutRanges(held, kept);
  const refused = outOfScope(context, lost, now);
  const gone = new Set<string>();
  quarantine(context, refused);
  let purged = 0;
  for (const range of lost) purged += purge(context, range, gone);
  rollBack(context, refused, gone);
  const gained = before === undefined ? [] : withoutRanges(kept, held);
  return { lost: joinRanges(lost), gained, purged, withdrawn: refused.size };
}

/** Those that may not be sent any more, and those that were made on them, by their numbers. */
function outOfScope(
  { reader, book }: RescopeContext,
  lost: readonly KeyRange[],
  scope: Scope | undefined,
): ReadonlyMap<number, { readonly kept: KeptEntry; readonly code: string }> {
  const refused = new Map<number, { readonly kept: KeptEntry; readonly code: string }>();
  for (const kept of entriesFrom(reader, book, 0)) {
    const { seq, mutations } = kept.entry;
    const isOut = mutations.some((one) => isOutside(one, lost, scope));
    const isOn = mutations.some(
      ({ base }) => base.kind === 'on' && base.isRead && refused.has(base.seq),
    );
    if (isOut) refused.set(seq, { kept, code: lostCode });
    else if (isOn) refused.set(seq, { kept, code: 'DependsOnRefused' });
  }
  return refused;
}

function isOutside(
  { table, key, isDeleted }: EntryMutation,
  lost: readonly KeyRange[],
  scope: Scope | undefined,
): boolean {
  if (rangeOf(lost, table, key) !== undefined) return true;
  const spans = scope?.tables.get(table)?.[isDeleted ? 'remove' : 'put'];
  return spans !== undefined && !isInSpans(spans, key);
}

function quarantine(
  { reader, book, display }: RescopeContext,
  refused: ReturnType<typeof outOfScope>,
): void {
  for (const [seq, { kept, code }] of refused) {
    const entry = withImages(reader, book, kept.entry);
    const bytes = encodeQuarantined({ entry, code });
    display.add([put(book, quarantineKey(seq), undefined, bytes)]);
    display.add(withdraw(reader, book, kept, seq));
  }
}

/** All that is held of a range goes; answers how many items that were. */
function purge(
  { reader, book, tables, display }: RescopeContext,
  range: KeyRange,
  gone: Set<string>,
): number {
  const table = tables.get(range.table);
  if (table === undefined) return 0;
  const keys = new Map<string, Uint8Array>();
  for (const tree of [table.replica.versions, table.tree]) {
    const cursor = reader.range(tree, range);
    while (cursor.next()) keys.set(mapKey(cursor.key), cursor.key.slice());
  }
  let purged = 0;
  for (const [name, key] of keys) {
    const held = findHeld(reader, book, table, key);
    gone.add(`${range.table} ${name}`);
    if (held.item !== undefined) purged += 1;
    display.purge(held);
  }
  return purged;
}

/** What withdrawn edits wrote, and that stays in scope, shows what stands without them. */
function rollBack(
  { reader, book, tables, display }: RescopeContext,
  refused: ReturnType<typeof outOfScope>,
  done: Set<string>,
): void {
  const standing: Entry[] = [];
  for (const { entry } of entriesFrom(reader, book, 0)) {
    if (!refused.has(entry.seq)) standing.push(entry);
  }
  for (const { kept } of refused.values()) {
    for (const { table: name, key } of kept.entry.mutations) {
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
}
