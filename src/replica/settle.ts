/**
 * A device takes the hub's answer to one of its entries (shared/SYNC.md, Semantics 5).
 *
 * Taken or superseded, the entry leaves the outbox, and what is shown is the newer of it and the
 * base. What the hub has executed is shown as the hub says, and not as the device had guessed.
 * Refused, it goes to quarantine with all that read what it wrote (withdraw.ts).
 */
import { equalBytes } from '../base/bytes.ts';
import { compareStamps } from '../base/hlc.ts';
import { compareWritten } from './resolve.ts';
import { remember } from './answered.ts';
import { type Entry, type EntryMutation, isGuessed, isImageLost } from './entry.ts';
import { loadAgain } from './load.ts';
import type { Outcome } from './mark.ts';
import { findEntry, removeEntry, withImages } from './outbox.ts';
import type { PageChange } from './page.ts';
import { takeChanges } from './receive.ts';
import { mayRead, readScope } from './scope.ts';
import { findHeld, newest, type SettleContext, shownOf } from './shown.ts';
import { unknownStamp } from './version.ts';
import { refuse, Told } from './withdraw.ts';

/** An answer, and what it tells of items besides. */
export interface Answered extends Outcome {
  readonly changes?: readonly PageChange[];
}

/** False when the entry is not waited for: it was answered before, or was another one. */
export function settle(context: SettleContext, outcome: Answered): boolean {
  const { reader, book, tables, display } = context;
  const told = new Told(outcome.changes ?? []);
  const kept = findEntry(reader, book, outcome.seq);
  if (kept === undefined) return false;
  if (outcome.kind === 'refused' && kept.entry.voidedBy === undefined)
    refuse(context, kept, outcome.code, told);
  else {
    const entry = withImages(reader, book, kept.entry);
    for (const mutation of entry.mutations) settleItem(context, entry, mutation, outcome, told);
    display.add(removeEntry(reader, book, kept));
    if (outcome.kind === 'superseded')
      display.add(remember(reader, book, outcome.seq, outcome.kind));
  }
  const rest = told.rest();
  // A chunk may have lacked since what is told of and not here.
  for (const { table: name, key } of rest) {
    const versions = tables.get(name)?.replica.versions;
    if (versions !== undefined && reader.get(versions, key) === undefined)
      display.lacked.push({ table: name, key, after: outcome.seq });
  }
  takeChanges(reader, { book, id: outcome.stamp.replica }, tables, rest, display);
  loadAgain(context, outcome);
  return true;
}

function settleItem(
  { reader, book, tables, display }: SettleContext,
  { seq, stamp: sent, confirm }: Entry,
  mutation: EntryMutation,
  { stamp, kind }: Outcome,
  told: Told,
): void {
  const { table: name, key, image } = mutation;
  const table = tables.get(name);
  const held = table && findHeld(reader, book, table, key);
  if (held?.version?.pending === undefined) return;
  const { version, base } = held;
  const executed = told.take(name, key);
  // What superseded it is another's, but where it is what was made here before.
  const isOthers = executed !== undefined && !equalBytes(executed.stamp.replica, sent.replica);
  const caller = kind === 'superseded' && isOthers ? undefined : 'engine';
  // The hub's own result comes with the feed, and stands over the guess.
  const counts = isGuessed(confirm) ? { ...stamp, replica: unknownStamp.replica } : stamp;
  // Where that is too much to be told, what it left as it was does not: no guess stands over it.
  const isUntold =
    confirm === 'request' && !executed && mayRead(readScope(reader, book).scope, name, key);
  const own = isUntold || isImageLost(mutation) ? undefined : { stamp: counts, image };
  if (version.pending === seq) {
    const isShown = compareStamps(version.stamp, sent) === 0;
    // The hub may have put it over what stands over it here.
    const now = executed ?? newest(own, isShown ? undefined : shownOf(held));
    display.show(held, newest(now, base), undefined, undefined, caller);
    display.keep(held, undefined);
  } else {
    // A later edit is on top: this is what it gives way to if it is refused. What superseded this
    // one is newer, and comes with the feed if it has not come yet.
    display.keep(held, newest(executed ?? own, base));
    const shown = shownOf(held);
    const isNewer = executed && (shown === undefined || compareWritten(executed, shown) > 0);
    if (isNewer === true) display.show(held, executed, version.pending, undefined, caller);
  }
}
