/**
 * The catalog: the tables there are at one position of the log, read from the system trees.
 *
 * Invariants
 * - A Catalog belongs to one state of its reader; the engine makes a new one when a system tree
 *   changed, so lookups are remembered without asking.
 */
import { textOf } from '../base/bytes.ts';
import { resourceNotFound } from '../base/errors.ts';
import { tablesMax } from '../base/limits.ts';
import type { TreeReader } from '../tree/reader.ts';
import { isArn, tableNameOf } from './arn.ts';
import { decodeTable } from './description.ts';
import type { TableState } from './state.ts';
import { catalogKey, catalogTree } from './system.ts';

export interface Catalog {
  /**
   * The table of an item operation, by name or ARN. Throws ResourceNotFoundException with the short
   * text when there is none, or none that can be used yet.
   */
  table(nameOrArn: string): TableState;
  /** By name or ARN; undefined when there is none (a `building` table counts as none). */
  find(nameOrArn: string): TableState | undefined;
  /** Names after `after` in byte order, at most `limit`. */
  names(after: string | undefined, limit: number): readonly string[];
}

/**
 * What stored bytes were decoded to. A value is never changed in place, so the same array says the
 * same table for ever; a new Catalog over a tail that did not change decodes nothing again.
 */
const decoded = new WeakMap<Uint8Array, TableState>();

/** The catalog of one state of `reader`. Its methods throw PageFault as the reader does. */
export function createCatalog(reader: TreeReader): Catalog {
  const remembered = new Map<string, TableState | undefined>();

  const byName = (name: string): TableState | undefined => {
    const known = remembered.get(name);
    if (known !== undefined || remembered.has(name)) return known;
    const bytes = reader.get(catalogTree, catalogKey(name));
    const table = bytes && readTable(bytes);
    const visible = table?.status === 'building' ? undefined : table;
    // Absent names come from callers and are without number; the tables are at most `tablesMax`.
    if (remembered.size < 2 * tablesMax) remembered.set(name, visible);
    return visible;
  };

  const find = (nameOrArn: string): TableState | undefined => {
    const table = byName(tableNameOf(nameOrArn));
    return isArn(nameOrArn) && table?.arn !== nameOrArn ? undefined : table;
  };

  return {
    find,
    table: (nameOrArn) => {
      const table = find(nameOrArn);
      if (table?.status === 'ACTIVE' || table?.status === 'UPDATING') return table;
      throw resourceNotFound();
    },
    names: (after, limit) => {
      const from = after === undefined ? {} : { from: catalogKey(after), fromOpen: true };
      const cursor = reader.range(catalogTree, from);
      const names: string[] = [];
      while (names.length < limit && cursor.next()) {
        const name = textOf(cursor.key);
        if (byName(name) !== undefined) names.push(name);
      }
      return names;
    },
  };
}

function readTable(bytes: Uint8Array): TableState {
  const known = decoded.get(bytes);
  if (known !== undefined) return known;
  const table = decodeTable(bytes);
  decoded.set(bytes, table);
  return table;
}
