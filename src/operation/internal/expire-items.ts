/**
 * ExpireItems: deletes the next items of a table whose time is over, a bounded batch of them.
 *
 * Each is judged by what it is at the head of the log: one whose attribute was moved, or taken
 * away, has left this place of the tree with the same commit. The deletions are commits of their
 * own, told by their caller (`ttl`) to whoever reads the stream, and consume no units. What lies
 * behind damage is passed over.
 */
import { DamagedData } from '../../base/corruption.ts';
import { fromHex, hexOf, mapKey } from '../../base/bytes.ts';
import { expiryBatchBytes, expiryBatchItems } from '../../base/limits.ts';
import { string, struct } from '../../shape/constructors.ts';
import { CollectionLedger } from '../../table/collections.ts';
import { type DueEntry, dueEntries, expiryIndex, isExpired } from '../../table/expiry.ts';
import { findItem, removeItem } from '../../table/items.ts';
import { storedKey } from '../../table/keys.ts';
import { isHome, type TableState } from '../../table/state.ts';
import type { CommitDraft, DecideContext } from '../operation.ts';
import { type Operation, operation } from '../operation.ts';

export interface ExpireItemsOutput {
  readonly Deleted: number;
  /** Undefined when no more are over. */
  readonly Next?: string;
}

export const ExpireItems: Operation = operation({
  name: 'ExpireItems',
  kind: 'write',
  internal: true,
  touchesMany: true,
  input: struct({ Table: string().required, After: string() }),
  check: (input) => input,
  plan: (input) => input,
  decide({ Table, After }, context) {
    const { reader, catalog, nowMs } = context;
    const table = catalog.find(Table);
    const index = table && expiryIndex(table);
    // Of a replicated table the hub alone deletes whose table it is (shared/SYNC.md, TTL).
    const isOurs = table !== undefined && isHome(table);
    const isUsable = isOurs && (table?.status === 'ACTIVE' || table?.status === 'UPDATING');
    if (table === undefined || index === undefined || !isUsable) return { output: { Deleted: 0 } };
    const after = After === undefined ? undefined : fromHex(After);
    const due = dueEntries(reader, index, nowMs, after);
    const ledger = new CollectionLedger(reader, context.collectionBytesMax);
    const commits: CommitDraft[] = [];
    // After damage an item may have an entry of an earlier time too, until a scrub.
    const gone = new Set<string>();
    let bytes = 0;
    let last: Uint8Array | undefined;
    for (const entry of due) {
      const removed = removeDue(table, entry, { ledger, gone }, context);
      if (removed !== undefined) commits.push(removed.draft);
      bytes += removed?.bytes ?? 0;
      last = entry.key;
      if (bytes >= expiryBatchBytes) break;
    }
    const isOver = due.length < expiryBatchItems && last === due.at(-1)?.key;
    const Next = isOver || last === undefined ? {} : { Next: hexOf(last) };
    const output: ExpireItemsOutput = { Deleted: commits.length, ...Next };
    return { output, commits: [...commits, ...ledger.beginnings()], durability: table.durability };
  },
});

interface Removed {
  readonly draft: CommitDraft;
  readonly bytes: number;
}

function removeDue(
  table: TableState,
  { entry }: DueEntry,
  { ledger, gone }: { readonly ledger: CollectionLedger; readonly gone: Set<string> },
  { reader, nowMs }: DecideContext,
): Removed | undefined {
  try {
    const keyItem = entry.item();
    const key = storedKey(table, keyItem);
    const before = gone.has(mapKey(key)) ? undefined : findItem(reader, table, key);
    if (before === undefined || !isExpired(table, before.item(), nowMs)) return undefined;
    const { draft } = removeItem(reader, table, key, before);
    const changed = { table, key, keyItem, before, after: undefined };
    const whole = { ...ledger.add(changed, draft), units: 0 };
    gone.add(mapKey(key));
    return { draft: whole, bytes: before.bytes.length };
  } catch (error) {
    // Out of reach until it is repaired.
    if (error instanceof DamagedData) return undefined;
    throw error;
  }
}
