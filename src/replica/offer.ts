/**
 * A device answers to what its hub lacks (survey.ts): it makes entries of its rows, under their own
 * time and its own id, or lets go of what the hub has deleted and forgotten.
 *
 * Rows of one stamp are of one transaction, and are one entry. The newest go first: of items that a
 * transaction wrote the hub has what came later, when that is there, before it has the rest. A row
 * that waits for an answer by now is left until it has that, and compared again: what it was made
 * on may be all that is left.
 */
import { compareStamps, type Stamp, stampBytes } from '../base/hlc.ts';
import { mapKey } from '../base/bytes.ts';
import type { Prng } from '../base/prng.ts';
import { transactionActionsMax } from '../base/limits.ts';
import { encodeState, entryKey, imageKey, put, readState, stateKey } from './book.ts';
import { encodeEntry, type EntryMutation, type Offered } from './entry.ts';
import type { PageChange } from './page.ts';
import type { SettleContext } from './shown.ts';
import { findHeld, type Held } from './shown.ts';

/** Forgets rows that the hub has nothing of. */
export function dropRows(context: SettleContext, rows: readonly PageChange[]): void {
  for (const held of standing(context, rows)) context.display.show(held, undefined, undefined);
}

export interface Offering {
  readonly kind: Offered;
  /** 16 bytes: this replica's. */
  readonly replica: Uint8Array;
  readonly ids: Prng;
}

export function offerRows(
  context: SettleContext,
  rows: readonly PageChange[],
  { kind, replica, ids }: Offering,
): void {
  const { reader, book, display } = context;
  const groups = new Map<string, WithVersion[]>();
  for (const held of standing(context, rows)) {
    const name = mapKey(stampBytes(held.version.stamp));
    groups.set(name, [...(groups.get(name) ?? []), held]);
  }
  const state = readState(reader, book);
  let seq = state.next;
  const newestFirst = [...groups.values()].sort(([a], [b]) => {
    return compareStamps((b as WithVersion).version.stamp, (a as WithVersion).version.stamp);
  });
  for (const group of newestFirst) {
    for (let at = 0; at < group.length; at += transactionActionsMax) {
      const part = group.slice(at, at + transactionActionsMax);
      const stamp = { ...(part[0] as WithVersion).version.stamp, replica };
      const mutations = part.map((held, index): EntryMutation => {
        const { table, key, item } = held;
        const image = item?.bytes;
        display.show(held, { stamp, image }, seq);
        if (image !== undefined) display.add([put(book, imageKey(seq, index), undefined, image)]);
        const isDeleted = image === undefined;
        return { table: table.replica.global, key, base: { kind: 'none' }, isDeleted };
      });
      const entry = encodeEntry({ seq, id: ids.bytes(16), stamp, confirm: kind, mutations });
      display.add([put(book, entryKey(seq), undefined, entry)]);
      seq += 1;
    }
  }
  const moved = encodeState({ ...state, next: seq });
  if (seq > state.next) display.add([put(book, stateKey, encodeState(state), moved)]);
}

type WithVersion = Held & { readonly version: { readonly stamp: Stamp } };

/** Whether one of them was written since it was compared, and the hub has not answered that. */
export function isAnyWaiting(
  { reader, book, tables }: SettleContext,
  rows: readonly PageChange[],
): boolean {
  return rows.some(({ table: name, key }) => {
    const table = tables.get(name);
    return table && findHeld(reader, book, table, key).version?.pending !== undefined;
  });
}

/** Those that are as they were when they were compared. */
function standing(
  { reader, book, tables }: SettleContext,
  rows: readonly PageChange[],
): readonly WithVersion[] {
  return rows.flatMap(({ table: name, key, stamp }): readonly WithVersion[] => {
    const table = tables.get(name);
    const held = table && findHeld(reader, book, table, key);
    const { version } = held ?? {};
    if (held === undefined || version === undefined || version.pending !== undefined) return [];
    return compareStamps(version.stamp, stamp) === 0 ? [{ ...held, version }] : [];
  });
}
