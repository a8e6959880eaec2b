/**
 * A device takes another scope, in one commit (shared/SYNC.md, Semantics 10): edits of what it may
 * not write any more, or read, go to quarantine; what it has of ranges that it may not read any
 * more goes from items, indexes, versions and bases; ranges that it may read from now on are
 * absent, and are loaded.
 *
 * Entries are dense: one that goes to quarantine keeps its number and is sent empty. If the hub has
 * had it already, it is answered as it was then.
 * Invariants
 * - Each item and each record is written once: the commit is one.
 */
import { mapKey } from '../base/bytes.ts';
import { isInSpans } from '../table/scope.ts';
import { remember } from './answered.ts';
import { put } from './book.ts';
import type { Entry, EntryMutation } from './entry.ts';
import { entriesFrom, type KeptEntry, withImages } from './outbox.ts';
import { encodeQuarantined, quarantineKey } from './quarantine.ts';
import { joinRanges, type KeyRange, rangeOf, withoutRanges } from './range.ts';
import { rangesOfScope, type Scope } from './scope.ts';
import { findHeld, type SettleContext } from './shown.ts';
import { rollBack, withdraw } from './withdraw.ts';

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
  context: SettleContext,
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
  // What they wrote and that stays in scope shows what stands without them.
  const withdrawn = [...refused.values()].map((one) => one.kept);
  rollBack(context, withdrawn, standingBut(context, refused), { done: gone });
  const gained = before === undefined ? [] : withoutRanges(kept, held);
  return { lost: joinRanges(lost), gained, purged, withdrawn: refused.size };
}

/** Those that may not be sent any more, and those that were made on them, by their numbers. */
function outOfScope(
  { reader, book }: SettleContext,
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

function standingBut(
  { reader, book }: SettleContext,
  refused: ReadonlyMap<number, unknown>,
): readonly Entry[] {
  const standing: Entry[] = [];
  for (const { entry } of entriesFrom(reader, book, 0)) {
    if (!refused.has(entry.seq)) standing.push(entry);
  }
  return standing;
}

function quarantine(
  { reader, book, display }: SettleContext,
  refused: ReturnType<typeof outOfScope>,
): void {
  for (const [seq, { kept, code }] of refused) {
    const entry = withImages(reader, book, kept.entry);
    const bytes = encodeQuarantined({ entry, code });
    display.add([put(book, quarantineKey(seq), undefined, bytes)]);
    display.add(remember(reader, book, seq, 'refused'));
    display.add(withdraw(reader, book, kept, seq));
  }
}

/** All that is held of a range goes; answers how many items that were. */
function purge(
  { reader, book, tables, display }: SettleContext,
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
