/** A hub compares versions of a device with its own (survey.ts), by keys and stamps alone. */
import { compareStamps } from '../base/hlc.ts';
import { findItem } from '../table/items.ts';
import type { TreeReader } from '../tree/reader.ts';
import type { PageChange } from './page.ts';
import { mayRead, type Scope } from './scope.ts';
import type { ReplicatedTable } from './tables.ts';
import { decodeVersion } from './version.ts';

/** Which of the rows, by their numbers. */
export interface Lacking {
  /** There is no version, not even a deleted one's, and no item. */
  readonly absent: readonly number[];
  /** What is there is older. */
  readonly older: readonly number[];
}

export interface CompareContext {
  readonly reader: TreeReader;
  /** By their names among replicas. */
  readonly tables: ReadonlyMap<string, ReplicatedTable>;
  /** What the caller may read: of anything else nothing is said. */
  readonly scope: Scope | undefined;
}

/** Throws PageFault. */
export function compareRows(
  { reader, tables, scope }: CompareContext,
  rows: readonly PageChange[],
): Lacking {
  const absent: number[] = [];
  const older: number[] = [];
  for (const [index, { table: name, key, stamp }] of rows.entries()) {
    const table = tables.get(name);
    if (table === undefined || !mayRead(scope, name, key)) continue;
    const bytes = reader.get(table.replica.versions, key);
    if (bytes === undefined) {
      if (findItem(reader, table, key) === undefined) absent.push(index);
    } else if (compareStamps(decodeVersion(bytes).stamp, stamp) < 0) older.push(index);
  }
  return { absent, older };
}
