/**
 * Which keys a request consumed units of: what operations tell of where contributor insights are
 * on, and where capacity is enforced. Where neither is so this costs a look at the table's
 * settings.
 *
 * What is told is what ConsumedCapacity says, by key: the units of a write are those of its item,
 * and of its keys in global indexes; those of a Query or Scan of its partition key, and of its
 * items by their share of what was read. Local indexes count with their table.
 */
import { equalBytes } from '../../base/bytes.ts';
import type { Access, Rule } from '../../insight/contributor.ts';
import { indexEntry, type WholeItem } from '../../table/indexes.ts';
import type { ItemChange } from '../../table/items.ts';
import { keyValues } from '../../table/keys.ts';
import type { IndexState, KeySchema, TableState } from '../../table/state.ts';
import { writeUnits } from '../../table/write-units.ts';
import { encodeItem, StoredItem } from '../../value/codec.ts';
import { hashPrefix, joinKey } from '../../value/key.ts';
import type { Item } from '../../value/value.ts';
import { settingsOf } from '../table/settings.ts';
import type { Meter, UnitKind } from '../capacity/meter.ts';
import { insightOf } from './insight-settings.ts';

/** What a request's context offers, while somebody counts. */
export interface AccessSink {
  access?(access: Access): void;
  readonly meter?: Meter | undefined;
}

export interface WrittenItem {
  readonly before: StoredItem | undefined;
  readonly after: Item | undefined;
  readonly change: ItemChange;
}

/** An item, or an entry of an index, that a read came upon, and its size. */
export interface ReadEntry {
  readonly entry: StoredItem;
  readonly size: number;
}

/** Units of one item of a table. */
export function countItem(
  sink: AccessSink,
  table: TableState,
  item: Item,
  units: number,
  kind: UnitKind = 'Read',
): void {
  sink.meter?.spend(table, undefined, kind, units, item);
  if (counts(table, '')) tell(sink, countedOf(table), item, units);
}

/** A write's units: of the item, times `factor` in a transaction, and of its entries. */
export function countWrite(
  sink: AccessSink,
  table: TableState,
  keyItem: Item,
  { before, after, change: { units } }: WrittenItem,
  factor = 1,
): void {
  if (sink.meter === undefined && settingsOf(table).ContributorInsights === undefined) return;
  countItem(sink, table, keyItem, units.table * factor, 'Write');
  for (const index of table.indexes) {
    const consumed = units.indexes.get(index.name);
    if (consumed === undefined) continue;
    const global = index.kind === 'global' ? index : undefined;
    sink.meter?.spend(table, global, 'Write', consumed, after ?? before?.item());
    if (global === undefined || !counts(table, index.name)) continue;
    const is = after && new StoredItem(encodeItem(after));
    countEntries(sink, table, index, before, is, consumed);
  }
}

/** Where an entry moves, each key has the units of its own. */
function countEntries(
  sink: AccessSink,
  table: TableState,
  index: IndexState,
  before: WholeItem | undefined,
  after: WholeItem | undefined,
  units: number,
): void {
  const was = before && indexEntry(table, index, before);
  const is = after && indexEntry(table, index, after);
  const moves = was !== undefined && is !== undefined && !equalBytes(was.key, is.key);
  const own = moves ? writeUnits(is.size) : units;
  const whole = is === undefined ? before : after;
  const counted = countedOf(table, index);
  if (whole !== undefined) tell(sink, counted, whole.item(), own);
  if (before !== undefined && own < units) {
    tell(sink, counted, before.item(), units - own);
  }
}

/**
 * A page of a Query, whose keys begin with `partition`, or of a Scan. Of what was read nothing is
 * left untold: a Query that found nothing counts for its partition.
 */
export function countPage(
  sink: AccessSink,
  table: TableState,
  index: IndexState | undefined,
  partition: Uint8Array | undefined,
  entries: readonly ReadEntry[],
  units: number,
): void {
  const global = index?.kind === 'global' ? index : undefined;
  if (!counts(table, global?.name ?? '')) return;
  const counted = countedOf(table, global);
  const whole = entries.reduce((sum, { size }) => sum + size, 0);
  // A local index has its table's partitions.
  if (partition !== undefined) told(sink, counted, 'PKC', partition, units);
  for (const { entry, size } of entries) {
    const item = entry.item();
    const amount = (units * size) / whole;
    if (partition === undefined) tellPartition(sink, counted, item, amount);
    tellItem(sink, counted, item, amount);
  }
}

/** A request for an item, in a table or the index of that name, was refused for want of units. */
export function countThrottled(
  sink: AccessSink,
  table: TableState,
  item: Item,
  indexName: string = '',
): void {
  const index = table.indexes.find(({ name }) => name === indexName);
  if (!isOn(table, indexName) || (indexName !== '' && index === undefined)) return;
  const counted = countedOf(table, index);
  tellPartition(sink, counted, item, 1, 'PKT');
  tellItem(sink, counted, item, 1, 'SKT');
}

/** A page of a Query, whose keys begin with `partition`, or of a Scan was refused so. */
export function countThrottledPage(
  sink: AccessSink,
  table: TableState,
  index: IndexState | undefined,
  partition: Uint8Array | undefined,
): void {
  const isCounted = partition !== undefined && isOn(table, index?.name ?? '');
  if (isCounted) told(sink, countedOf(table, index), 'PKT', partition, 1);
}

function isOn(table: TableState, indexName: string): boolean {
  const { ContributorInsights: insights } = settingsOf(table);
  return insights?.find(({ IndexName }) => IndexName === indexName)?.Enabled === true;
}

/** Whether units of a table, or of its index of that name, are counted by key. */
export function counts(table: TableState, index: string): boolean {
  if (settingsOf(table).ContributorInsights === undefined) return false;
  const insight = insightOf(table, index);
  return insight?.Enabled === true && insight.Mode === 'ACCESSED_AND_THROTTLED_KEYS';
}

/** A table or index whose keys are counted, and since when. */
interface Counted {
  readonly tree: number;
  readonly keys: KeySchema;
  readonly since: number;
}

function countedOf(table: TableState, index?: IndexState): Counted {
  const { tree, keys } = index ?? table;
  return { tree, keys, since: insightOf(table, index?.name ?? '')?.EnabledMs ?? 0 };
}

function tell(sink: AccessSink, counted: Counted, item: Item, amount: number): void {
  tellPartition(sink, counted, item, amount);
  tellItem(sink, counted, item, amount);
}

function tellPartition(
  sink: AccessSink,
  counted: Counted,
  item: Item,
  amount: number,
  rule: Rule = 'PKC',
): void {
  told(sink, counted, rule, hashPrefix(keyValues(counted.keys.hash, item)), amount);
}

function tellItem(
  sink: AccessSink,
  counted: Counted,
  item: Item,
  amount: number,
  rule: Rule = 'SKC',
): void {
  const { hash, range } = counted.keys;
  if (range.length === 0) return;
  told(sink, counted, rule, joinKey(keyValues(hash, item), keyValues(range, item)), amount);
}

function told(
  sink: AccessSink,
  { tree, since }: Counted,
  rule: Rule,
  key: Uint8Array,
  amount: number,
): void {
  sink.access?.({ tree, since, rule, key, amount });
}
