/**
 * Capacity units of reads, and what a transaction makes of units
 * (reference/streams-ttl-backup-globaltables.md, section 8).
 *
 * A read unit is 4 KB read strongly; read eventually they cost half. Write units are in
 * table/write-units.ts, since commits carry them.
 */
import type { WriteUnits } from '../table/write-units.ts';

const readUnitBytes = 4096;

/** Units of reading `bytes` of items together; at least one block, also when nothing was found. */
export function readUnits(bytes: number, isConsistent: boolean): number {
  return blocks(bytes) * (isConsistent ? 1 : 0.5);
}

/** Units of one item read in a transaction. */
export function transactionReadUnits(bytes: number): number {
  return blocks(bytes) * 2;
}

/** Units of a write in a transaction: the table's part is doubled, index parts are not. */
export function transactionWriteUnits({ table, indexes }: WriteUnits): WriteUnits {
  return { table: table * 2, indexes };
}

function blocks(bytes: number): number {
  return Math.max(1, Math.ceil(bytes / readUnitBytes));
}
