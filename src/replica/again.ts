/**
 * Edits that were refused for want of authorisation are offered once more by themselves when the
 * scope has changed, in their order, where the item is still what they were made on: five minutes
 * of a wrong policy must not be every user's business (shared/SYNC-scenarios.md, L17).
 *
 * It waits until the device has all that the hub has, because what was lost and given back is not
 * known before. The record that says that it is due lies in the book, so that no lost connection
 * forgets it.
 */
import { compareStamps } from '../base/hlc.ts';
import { isInSpans } from '../table/scope.ts';
import type { TreeReader } from '../tree/reader.ts';
import { type EntryMutation, isOffered } from './entry.ts';
import { type Quarantined, quarantinedFrom } from './quarantine.ts';
import { mayRead, type Scope } from './scope.ts';
import type { ReplicatedTable } from './tables.ts';
import { decodeVersion } from './version.ts';

/** The record of a device's book that says that edits are to be offered once more. */
export const againKey: Uint8Array = Uint8Array.of(0x0e, 1);

const ofAccess: ReadonlySet<string> = new Set(['AccessDenied', 'ScopeLost', 'DependsOnRefused']);

export interface AgainContext {
  readonly reader: TreeReader;
  readonly book: number;
  readonly tables: ReadonlyMap<string, ReplicatedTable>;
  readonly scope: Scope | undefined;
  /** Of the next stamp: what was to be done before that is not done any more. */
  readonly nowMs: number;
  /** Entries that were offered once more, and the new numbers that they have. */
  readonly offered: ReadonlyMap<number, number>;
}

/** The first refused edit behind `after` that may be offered; undefined where there is none. */
export function nextAgain(context: AgainContext, after: number): Quarantined | undefined {
  for (const one of quarantinedFrom(context.reader, context.book, after + 1)) {
    const { mutations, confirm, stamp, expiresMs = Number.POSITIVE_INFINITY } = one.entry;
    // It may be a part of a transaction, or taken already; a row may have been deleted since, and
    // under a new stamp it would be back.
    if (confirm === 'unknown' || isOffered(confirm)) continue;
    if (!ofAccess.has(one.code) || mutations.length === 0) continue;
    if (stamp.ms + expiresMs <= context.nowMs) continue;
    if (mutations.every((mutation) => isAsItWas(context, mutation))) return one;
  }
  return undefined;
}

/** Whether there is any edit that was refused so. */
export function isAnyRefused(reader: TreeReader, book: number): boolean {
  for (const { code } of quarantinedFrom(reader, book, 0)) if (ofAccess.has(code)) return true;
  return false;
}

/** It may be written by now, and is what the edit was made on. */
function isAsItWas(
  { reader, tables, scope, offered }: AgainContext,
  { table: name, key, base, isDeleted }: EntryMutation,
): boolean {
  const table = tables.get(name);
  const spans = scope?.tables.get(name)?.[isDeleted ? 'remove' : 'put'];
  if (table === undefined || !mayRead(scope, name, key)) return false;
  if (spans !== undefined && !isInSpans(spans, key)) return false;
  const bytes = reader.get(table.replica.versions, key);
  const version = bytes && decodeVersion(bytes);
  if (base.kind === 'none') return version === undefined;
  if (base.kind === 'on') {
    return version?.pending !== undefined && version.pending === offered.get(base.seq);
  }
  const isFree = version !== undefined && version.pending === undefined;
  return isFree && compareStamps(version.stamp, base.stamp) === 0;
}
