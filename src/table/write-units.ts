/**
 * What a write costs: whole kilobytes of what was there or of what comes, whichever is more
 * (reference/streams-ttl-backup-globaltables.md, section 8).
 *
 * It stands on this floor because a commit carries its units; what is reported to a caller, and
 * what a read costs, is in capacity/.
 */

const writeUnitBytes = 1024;

/** Units of one entry of `bytes`; at least 1. */
export function writeUnits(bytes: number): number {
  return Math.max(1, Math.ceil(bytes / writeUnitBytes));
}

/** Units of one write by tree: the table's own, and those of each index that changed. */
export interface WriteUnits {
  readonly table: number;
  /** By index name. An index with nothing to change is missing. */
  readonly indexes: ReadonlyMap<string, number>;
}

/** All of it together. */
export function totalUnits({ table, indexes }: WriteUnits): number {
  let sum = table;
  for (const units of indexes.values()) sum += units;
  return sum;
}
