/**
 * What operations ask where capacity is enforced: before an item or page is touched whether there
 * are units for it. What it cost is told with its keys (operation/insight/accesses.ts).
 *
 * A write is asked about twice: for its table before its condition is tested, and for the global
 * indexes it comes to when those are known. Where nothing is enforced these functions do nothing.
 */
import type { DynamoError } from '../../base/errors.ts';
import type { IndexState, TableState } from '../../table/state.ts';
import type { WriteUnits } from '../../table/write-units.ts';
import type { StoredItem } from '../../value/codec.ts';
import type { Item } from '../../value/value.ts';
import { type AccessSink, countThrottled, countThrottledPage } from '../insight/accesses.ts';
import type { UnitKind } from './meter.ts';

/** Why a request for an item of a table is refused, for want of units; counted where keys are. */
export function refusalOf(
  sink: AccessSink,
  table: TableState,
  kind: UnitKind,
  item: Item,
  index?: IndexState,
): DynamoError | undefined {
  const refusal = sink.meter?.refusal(table, index, kind, item);
  if (refusal !== undefined) countThrottled(sink, table, item, index?.name);
  return refusal;
}

/** Throws where there are no units for an item. */
export function admit(
  sink: AccessSink,
  table: TableState,
  kind: UnitKind,
  item: Item,
  index?: IndexState,
): void {
  const refusal = refusalOf(sink, table, kind, item, index);
  if (refusal !== undefined) throw refusal;
}

/** Throws where a global index has no units that a write comes to. */
export function admitEntries(
  sink: AccessSink,
  { table, keyItem }: { readonly table: TableState; readonly keyItem: Item },
  { indexes }: WriteUnits,
  after: Item | undefined,
  before: StoredItem | undefined,
): void {
  if (sink.meter === undefined) return;
  for (const index of table.indexes) {
    if (index.kind !== 'global' || !indexes.has(index.name)) continue;
    admit(sink, table, 'Write', after ?? before?.item() ?? keyItem, index);
  }
}

/** Throws where there are no units for a page; `partition` is of a Query. */
export function admitPage(
  sink: AccessSink,
  table: TableState,
  index: IndexState | undefined,
  partition: Uint8Array | undefined,
): void {
  const global = index?.kind === 'global' ? index : undefined;
  const refusal = sink.meter?.refusal(table, global, 'Read', partition);
  if (refusal === undefined) return;
  countThrottledPage(sink, table, global, partition);
  throw refusal;
}
