/**
 * The catalog: the tables there are at one position of the log, read from the system trees.
 *
 * Invariants
 * - A Catalog belongs to one state of its reader; the engine makes a new one when a system tree
 *   changed, so lookups are remembered without asking.
 */
import type { TableState } from './state.ts';

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
