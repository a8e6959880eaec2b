/**
 * What stands for capacity units where they are enforced; elsewhere a call has no meter.
 *
 * A table's units carry its local indexes too; a global index has units of its own.
 */
import type { DynamoError } from '../../base/errors.ts';
import type { IndexState, TableState } from '../../table/state.ts';

export type UnitKind = 'Read' | 'Write';

/** Of one call; it may be asked again from the start when the call is run again. */
export interface Meter {
  /** Why a request is refused that wants units of a table, or of its global index. */
  refusal(
    table: TableState,
    index: IndexState | undefined,
    kind: UnitKind,
  ): DynamoError | undefined;
  spend(table: TableState, index: IndexState | undefined, kind: UnitKind, units: number): void;
  /** Throws where a shard, by its tree, has been read as often as it may be in a second. */
  readShard(tree: number, shardId: string): void;
  /** Throws where UpdateTable may not make `next` of `table` now. */
  checkChange(table: TableState, next: TableState): void;
  /** Gives back what the call has taken. */
  undo(): void;
}

/** What one engine enforces. */
export interface EnforcedCapacity {
  /** For a call that came at this wall time, milliseconds. */
  begin(nowMs: number): Meter;
}
