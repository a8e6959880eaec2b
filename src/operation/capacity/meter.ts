/**
 * What stands for capacity units where they are enforced; elsewhere a call has no meter.
 *
 * A table's units carry its local indexes too; a global index has units of its own.
 */
import type { DynamoError } from '../../base/errors.ts';
import type { Catalog } from '../../table/catalog.ts';
import type { IndexState, TableState } from '../../table/state.ts';
import type { Item } from '../../value/value.ts';

export type UnitKind = 'Read' | 'Write';

/** An item with its keys, or the beginning of all keys of a partition; none of a Scan's page. */
export type Place = Item | Uint8Array | undefined;

/** Of one call; it may be asked again from the start when the call is run again. */
export interface Meter {
  /** Why a request is refused that wants units of a table, or of its global index, at a place. */
  refusal(
    table: TableState,
    index: IndexState | undefined,
    kind: UnitKind,
    place: Place,
  ): DynamoError | undefined;
  spend(
    table: TableState,
    index: IndexState | undefined,
    kind: UnitKind,
    units: number,
    place: Place,
  ): void;
  /** Throws where a shard, by its tree, has been read as often as it may be in a second. */
  readShard(tree: number, shardId: string): void;
  /** Throws where a table may not be made, changed to `next`, or deleted now. */
  checkChange(catalog: Catalog, table: TableState | undefined, next: TableState | undefined): void;
  /** Gives back what the call has taken. */
  undo(): void;
}

/** What one engine enforces. */
export interface EnforcedCapacity {
  /** For a call that came at this wall time, milliseconds. Throws where such calls are too many. */
  begin(nowMs: number, operation: string): Meter;
}
