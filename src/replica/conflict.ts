/**
 * The log of conflicts: versions that were replaced by a write that had not seen them, as items of
 * a table of the hub that is replicated like any other (shared/SYNC-scenarios.md, U10).
 *
 * Its partition key is the principal who lost, so that who may read what follows from the policies,
 * and an author sees them on every device. It has the image that lost and both stamps, and not what
 * stands, which its reader may not be allowed to see. Items expire after 30 days.
 */
import { hexOf, textOf } from '../base/bytes.ts';
import type { Stamp } from '../base/hlc.ts';
import { conflictKeptMs } from '../base/replica-limits.ts';
import { itemOfKey } from '../table/key-item.ts';
import type { TreeReader } from '../tree/reader.ts';
import { decodeItem } from '../value/codec.ts';
import type { Item, Value } from '../value/value.ts';
import { principalKey } from './principal.ts';
import type { Written } from './resolve.ts';
import type { ReplicatedTable } from './tables.ts';

export const conflictsTable = 'tidetable-conflicts';

/** CreateTable input of the log. */
export const conflictsDefinition: object = {
  TableName: conflictsTable,
  AttributeDefinitions: [
    { AttributeName: 'principal', AttributeType: 'S' },
    { AttributeName: 'id', AttributeType: 'S' },
  ],
  KeySchema: [
    { AttributeName: 'principal', KeyType: 'HASH' },
    { AttributeName: 'id', KeyType: 'RANGE' },
  ],
  BillingMode: 'PAY_PER_REQUEST',
  DeletionProtectionEnabled: true,
};

/** Of its items: the second from which they are over. */
export const conflictExpiry = 'expires';

/** A version that lost, and what to. */
export interface LostVersion {
  readonly table: ReplicatedTable;
  readonly key: Uint8Array;
  readonly loser: Written;
  readonly winner: Stamp;
  /** Of the entry with which the two met, and which of its mutations. */
  readonly entryId: Uint8Array;
  readonly index: number;
}

/** Who lost, as the log names it: what was written at the hub itself is of its replica. */
export function loserOf(reader: TreeReader, book: number, { replica }: Stamp): string {
  const bytes = reader.get(book, principalKey(replica));
  return bytes === undefined ? `replica:${hexOf(replica)}` : textOf(bytes);
}

export function conflictItem(lost: LostVersion, principal: string, nowMs: number): Item {
  const { table, key, loser, winner, entryId, index } = lost;
  const id = `${String(nowMs).padStart(14, '0')}-${hexOf(entryId)}-${index}`;
  const { image } = loser;
  return new Map<string, Value>([
    ['principal', text(principal)],
    ['id', text(id)],
    ['table', text(table.name)],
    ['key', { type: 'M', value: itemOfKey(table, key) }],
    ...(image === undefined ? [] : [['lost', { type: 'M', value: decodeItem(image) }] as const]),
    ['lostAt', number(loser.stamp.ms)],
    ['lostBy', text(hexOf(loser.stamp.replica))],
    ['wonAt', number(winner.ms)],
    ['wonBy', text(hexOf(winner.replica))],
    [conflictExpiry, number(Math.ceil((nowMs + conflictKeptMs) / 1000))],
  ]);
}

function text(value: string): Value {
  return { type: 'S', value };
}

function number(value: number): Value {
  return { type: 'N', value: String(value) };
}
