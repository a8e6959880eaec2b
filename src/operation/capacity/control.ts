/**
 * What an account may ask of the control plane, where capacity is enforced: how often a second, how
 * many tables at once, how many units, and how often a table may change
 * (reference/types-and-limits.md, section 10). Which words are known and which are ours is told in
 * docs/choices.md, Capacity.
 *
 * Decreases are counted in the table, for DescribeTable tells of them; other changes are remembered
 * by one engine, in memory.
 */
import { DynamoError, limitExceeded } from '../../base/errors.ts';
import { dayOf } from '../../base/iso.ts';
import {
  bucketsMax,
  changingIndexedMax,
  changingTablesMax,
  classChangesMax,
  controlCallsMax,
  decreaseEveryMs,
  decreasesFreelyMax,
  describeLimitsMax,
  encryptionChangesMax,
  onDemandSwitchesMax,
} from '../../base/capacity-limits.ts';
import { accountCapacityMax, tableCapacityMax, tablesMax } from '../../base/limits.ts';
import { Bucket } from '../../capacity/bucket.ts';
import { wordyDate } from '../../capacity/wordy-date.ts';
import type { Catalog } from '../../table/catalog.ts';
import type { TableState, Throughput } from '../../table/state.ts';
import { settingsOf } from '../table/settings.ts';
import { decreasesToday, isDecrease, noThroughput } from '../table/throughput.ts';

const dayMs = 24 * 60 * 60 * 1000;

/** When a table was changed, by its id and what changed; the newest last. */
export type ChangeTimes = Map<string, readonly number[]>;

export interface TableChange {
  readonly catalog: Catalog;
  readonly table: TableState | undefined;
  readonly next: TableState | undefined;
}

/** Operations on items, statements and records; all others are the control plane's. */
const dataPlane: ReadonlySet<string> = new Set([
  ...['GetItem', 'PutItem', 'UpdateItem', 'DeleteItem', 'Query', 'Scan'],
  ...['BatchGetItem', 'BatchWriteItem', 'TransactGetItems', 'TransactWriteItems'],
  ...['ExecuteStatement', 'BatchExecuteStatement', 'ExecuteTransaction'],
  ...['ListStreams', 'DescribeStream', 'GetShardIterator', 'GetRecords'],
]);

/** Throws ThrottlingException where there are more calls in a second than the service takes. */
export function checkControlCall(
  buckets: Map<string, Bucket>,
  operation: string,
  nowMs: number,
): void {
  if (dataPlane.has(operation)) return;
  takeCall(buckets, '', controlCallsMax, nowMs);
  if (operation === 'DescribeLimits') takeCall(buckets, operation, describeLimitsMax, nowMs);
}

function takeCall(
  buckets: Map<string, Bucket>,
  name: string,
  perSecond: number,
  nowMs: number,
): void {
  const bucket = buckets.get(name) ?? new Bucket(perSecond, 1, nowMs, 1);
  buckets.set(name, bucket);
  if (!bucket.hasUnits(perSecond, nowMs)) {
    throw new DynamoError(
      'ThrottlingException',
      'Rate of requests exceeds the allowed throughput.',
    );
  }
  bucket.take(1);
}

/**
 * Throws LimitExceededException where a table may not be made, changed or deleted now. What it
 * remembers of the change, the function that it returns takes back.
 */
export function checkTableChange(
  times: ChangeTimes,
  change: TableChange,
  nowMs: number,
): () => void {
  const { table, next } = change;
  checkAtOnce(change);
  if (next !== undefined) checkUnits(change, next);
  if (table === undefined || next === undefined) return () => undefined;
  checkDecreases(table, next, nowMs);
  const kinds = changedKinds(table, next);
  const known = kinds.map((kind) => [kind, times.get(`${kind.name} ${table.id}`) ?? []] as const);
  for (const [kind, before] of known) checkOften(kind, before, nowMs);
  for (const [{ name, most }, before] of known) {
    if (times.size >= bucketsMax) times.clear();
    times.set(`${name} ${table.id}`, [...before, nowMs].slice(-most));
  }
  return () => {
    for (const [{ name }, before] of known) times.set(`${name} ${table.id}`, before);
  };
}

/** A kind of change that a table may have so often in so many days. */
interface Kind {
  readonly name: string;
  readonly most: number;
  readonly days: number;
}

const toOnDemand: Kind = { name: 'PayPerRequest mode', most: onDemandSwitchesMax, days: 1 };
const ofClass: Kind = { name: 'TableClass', most: classChangesMax, days: 30 };
const ofEncryption: Kind = { name: 'SSESpecification', most: encryptionChangesMax, days: 1 };

function changedKinds(table: TableState, next: TableState): readonly Kind[] {
  const { SSESpecification: before } = settingsOf(table);
  const { SSESpecification: after } = settingsOf(next);
  const isOtherKey =
    before?.Enabled !== after?.Enabled || before?.KMSMasterKeyId !== after?.KMSMasterKeyId;
  const classOf = ({ tableClass }: TableState): string => tableClass ?? 'STANDARD';
  return [
    ...(next.billing !== table.billing && next.billing === 'PAY_PER_REQUEST' ? [toOnDemand] : []),
    ...(classOf(table) !== classOf(next) ? [ofClass] : []),
    ...(isOtherKey ? [ofEncryption] : []),
  ];
}

function checkOften({ name, most, days }: Kind, times: readonly number[], nowMs: number): void {
  const recent = times.filter((ms) => nowMs - ms < days * dayMs);
  const [first] = recent;
  if (first === undefined || recent.length < most) return;
  throw limitExceeded(
    `Subscriber limit exceeded: Update to ${name} are limited to ${most} times in ${days} day(s). ` +
      `Last update at ${wordyDate(recent.at(-1) ?? first)}. ` +
      `Next update can be made at ${wordyDate(first + days * dayMs)}`,
  );
}

/** Tables that are being made, changed or deleted, and those whose indexes are. */
function checkAtOnce({ catalog, table, next }: TableChange): void {
  let tables = 0;
  let indexed = 0;
  for (const other of tablesOf(catalog)) {
    const hasIndexes = isIndexing(other);
    if (hasIndexes) indexed += 1;
    if (hasIndexes || other.status !== 'ACTIVE') tables += 1;
  }
  const changesIndexes = table === undefined || next === undefined || isIndexing(next);
  if (changesIndexes && (next?.indexes.length ?? 0) > 0 && indexed >= changingIndexedMax) {
    throw limitExceeded(
      'Subscriber limit exceeded: You have exceeded the maximum number of indexed tables that can ' +
        'be created simultaneously',
    );
  }
  if (tables < changingTablesMax) return;
  throw limitExceeded(
    `Subscriber limit exceeded: Only ${changingTablesMax} tables can be created, updated, or ` +
      'deleted simultaneously',
  );
}

function isIndexing({ indexes }: TableState): boolean {
  return indexes.some(({ kind, status }) => kind === 'global' && status !== 'ACTIVE');
}

function tablesOf(catalog: Catalog): readonly TableState[] {
  return catalog.names(undefined, tablesMax).flatMap((name) => catalog.find(name) ?? []);
}

/** Units of a table and its indexes, each; and of all tables together. */
function checkUnits({ catalog, table }: TableChange, next: TableState): void {
  for (const kind of ['read', 'write'] as const) {
    const word = kind === 'read' ? 'ReadCapacityUnits' : 'WriteCapacityUnits';
    const wanted = unitsOf(next, kind);
    if (table !== undefined && wanted <= unitsOf(table, kind)) continue;
    const most = Math.max(0, ...partsOf(next).map((units) => units[kind]));
    if (most > tableCapacityMax) {
      throw limitExceeded(
        `Subscriber limit exceeded: There is a limit of ${tableCapacityMax} ${word} per table`,
      );
    }
    const others = tablesOf(catalog).filter(({ id }) => id !== next.id);
    const all = others.reduce((sum, other) => sum + unitsOf(other, kind), wanted);
    if (all <= accountCapacityMax) continue;
    throw limitExceeded(
      `Subscriber limit exceeded: There is a limit of ${accountCapacityMax} ${word} per subscriber`,
    );
  }
}

function unitsOf(table: TableState, kind: 'read' | 'write'): number {
  return partsOf(table).reduce((sum, units) => sum + units[kind], 0);
}

function partsOf({ throughput, indexes }: TableState): readonly Throughput[] {
  return [throughput, ...indexes.map((index) => index.throughput ?? noThroughput)];
}

function checkDecreases(table: TableState, next: TableState, nowMs: number): void {
  checkDecrease(table, '', table.throughput, next.throughput, nowMs);
  for (const { name, throughput } of next.indexes) {
    const before = table.indexes.find((index) => index.name === name)?.throughput;
    const after = throughput ?? noThroughput;
    if (before !== undefined) checkDecrease(table, name, before, after, nowMs);
  }
}

/** A change to on demand takes all units away, and is none of those that are counted. */
function checkDecrease(
  table: TableState,
  name: string,
  current: Throughput,
  next: Throughput,
  nowMs: number,
): void {
  if (next.read === 0 || !isDecrease(current, next)) return;
  const count = decreasesToday(settingsOf(table).Decreases, name, nowMs);
  const lastMs = (current.lastDecrease ?? 0) * 1000;
  const againMs = Math.min(lastMs + decreaseEveryMs, (dayOf(nowMs) + 1) * dayMs);
  if (count < decreasesFreelyMax || nowMs >= againMs) return;
  throw limitExceeded(
    'Subscriber limit exceeded: Provisioned throughput decreases are limited within a given ' +
      `UTC day. After the first ${decreasesFreelyMax} decreases, each subsequent decrease in ` +
      `the same UTC day can be performed at most once every ${decreaseEveryMs / 1000} seconds. ` +
      `Number of decreases today: ${count}. Last decrease at ${wordyDate(lastMs)}. ` +
      `Next decrease can be made at ${wordyDate(againMs)}`,
  );
}
