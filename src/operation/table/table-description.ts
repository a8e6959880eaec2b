/**
 * TableDescription: a table as CreateTable, DescribeTable, UpdateTable and DeleteTable answer it.
 *
 * Which member appears when is reference/types-and-limits.md, section 11. Counts and sizes are
 * live: DynamoDB's are hours old, ours are the trees' own. What the engine keeps as done is
 * answered by the operation that began it as under way (`Transition`).
 */
import { warmReadUnitsDefault, warmWriteUnitsDefault } from '../../base/limits.ts';
import { indexArn, parseArn, streamArn } from '../../table/arn.ts';
import type { IndexState, KeySchema, Projection, TableState } from '../../table/state.ts';
import type { TreeReader } from '../../tree/reader.ts';
import { indexSettings, settingsOf, type TableSettings, type WarmThroughput } from './settings.ts';
import type { SseInput } from './shapes.ts';
import { decreasesToday, noThroughput } from './throughput.ts';

export type TableStatus = Exclude<TableState['status'], 'building'>;

/** How an answer shows a change that is stored as done. */
export interface Transition {
  readonly status?: TableStatus;
  /** The status of indexes by name, in place of the stored one. */
  readonly indexes?: ReadonlyMap<string, IndexState['status']>;
}

/** `nowMs` tells which day's decreases are today's. */
export function describeTable(
  table: TableState,
  reader: TreeReader,
  nowMs: number,
  shown: Transition = {},
): object {
  const settings = settingsOf(table);
  const { LatestStreamLabel: label, StreamSpecification } = settings;
  const local = table.indexes.filter(({ kind }) => kind === 'local');
  const global = table.indexes.filter(({ kind }) => kind === 'global');
  return {
    ...identity(table, reader, nowMs, shown.status ?? statusOf(table)),
    AttributeDefinitions: definitionsOf(table),
    KeySchema: keySchemaOutput(table.keys),
    CreationDateTime: table.createdAt,
    WarmThroughput: warmOutput(warmThroughputOf(table)),
    ...(table.tableClass !== undefined && { TableClassSummary: { TableClass: table.tableClass } }),
    ...(settings.OnDemandThroughput && { OnDemandThroughput: settings.OnDemandThroughput }),
    ...(settings.SSESpecification && {
      SSEDescription: sseOutput(settings.SSESpecification, table.arn),
    }),
    ...(StreamSpecification && { StreamSpecification }),
    ...(label !== undefined && {
      LatestStreamLabel: label,
      LatestStreamArn: streamArn(table.arn, label),
    }),
    ...(local.length > 0 && {
      LocalSecondaryIndexes: local.map((index) => indexIdentity(table, index, reader)),
    }),
    ...(global.length > 0 && {
      GlobalSecondaryIndexes: global.map((index) => ({
        ...indexIdentity(table, index, reader),
        IndexStatus: shown.indexes?.get(index.name) ?? index.status,
        ...(index.backfilling && { Backfilling: true }),
        ...globalThroughput(table, index, nowMs),
      })),
    }),
  };
}

/** What DeleteTable answers: neither keys nor indexes. */
export function describeDeleted(table: TableState, reader: TreeReader, nowMs: number): object {
  return identity(table, reader, nowMs, 'DELETING');
}

/** Only attributes that are keys: of the table, then of its indexes, each once. */
export function definitionsOf(table: Pick<TableState, 'keys' | 'indexes'>): readonly object[] {
  const shown = table.indexes.filter(({ kind }) => kind !== 'system');
  const types = new Map<string, string>();
  for (const keys of [table.keys, ...shown.map((index) => index.keys)]) {
    for (const { name, type } of [...keys.hash, ...keys.range]) types.set(name, type);
  }
  return [...types].map(([AttributeName, AttributeType]) => ({ AttributeName, AttributeType }));
}

/** What a table is warm for: as asked, else its provisioned units, else the default on demand. */
export function warmThroughputOf(table: TableState): WarmThroughput {
  const asked = settingsOf(table).WarmThroughput;
  return asked ?? naturalWarmth(table, table.throughput);
}

export function indexWarmThroughputOf(table: TableState, index: IndexState): WarmThroughput {
  const asked = indexSettings(settingsOf(table), index.name).WarmThroughput;
  return asked ?? naturalWarmth(table, index.throughput ?? noThroughput);
}

/** Warm without having been asked for. */
export function naturalWarmth(
  { billing }: Pick<TableState, 'billing'>,
  units: { readonly read: number; readonly write: number },
): WarmThroughput {
  if (billing === 'PROVISIONED') {
    return { ReadUnitsPerSecond: units.read, WriteUnitsPerSecond: units.write };
  }
  return {
    ReadUnitsPerSecond: warmReadUnitsDefault,
    WriteUnitsPerSecond: warmWriteUnitsDefault,
  };
}

function statusOf(table: TableState): TableStatus {
  return table.status === 'building' ? 'CREATING' : table.status;
}

/** The members that every answer has. */
function identity(
  table: TableState,
  reader: TreeReader,
  nowMs: number,
  status: TableStatus,
): object {
  const { entries, bytes } = reader.counters(table.tree);
  return {
    TableName: table.name,
    TableStatus: status,
    TableArn: table.arn,
    TableId: table.id,
    ItemCount: entries,
    TableSizeBytes: bytes,
    ProvisionedThroughput: throughputOutput(table.throughput, settingsOf(table), '', nowMs),
    DeletionProtectionEnabled: table.deletionProtection,
    ...(table.payPerRequestSince !== undefined && {
      BillingModeSummary: {
        BillingMode: table.billing,
        LastUpdateToPayPerRequestDateTime: table.payPerRequestSince,
      },
    }),
  };
}

function indexIdentity(table: TableState, index: IndexState, reader: TreeReader): object {
  const { entries, bytes } = reader.counters(index.tree);
  return {
    IndexName: index.name,
    KeySchema: keySchemaOutput(index.keys),
    Projection: projectionOutput(index.projection),
    IndexSizeBytes: bytes,
    ItemCount: entries,
    IndexArn: indexArn(table.arn, index.name),
  };
}

function globalThroughput(table: TableState, index: IndexState, nowMs: number): object {
  const settings = settingsOf(table);
  const { OnDemandThroughput } = indexSettings(settings, index.name);
  const units = index.throughput ?? noThroughput;
  return {
    ProvisionedThroughput: throughputOutput(units, settings, index.name, nowMs),
    WarmThroughput: warmOutput(indexWarmThroughputOf(table, index)),
    ...(OnDemandThroughput && { OnDemandThroughput }),
  };
}

/** `name` is the index's, or empty for the table. */
function throughputOutput(
  throughput: TableState['throughput'],
  settings: TableSettings,
  name: string,
  nowMs: number,
): object {
  const { read, write, lastIncrease, lastDecrease } = throughput;
  return {
    NumberOfDecreasesToday: decreasesToday(settings.Decreases, name, nowMs),
    ReadCapacityUnits: read,
    WriteCapacityUnits: write,
    ...(lastIncrease !== undefined && { LastIncreaseDateTime: lastIncrease }),
    ...(lastDecrease !== undefined && { LastDecreaseDateTime: lastDecrease }),
  };
}

function warmOutput(warm: WarmThroughput): object {
  return { ...warm, Status: 'ACTIVE' };
}

export function keySchemaOutput({ hash, range }: KeySchema): readonly object[] {
  return [
    ...hash.map(({ name }) => ({ AttributeName: name, KeyType: 'HASH' })),
    ...range.map(({ name }) => ({ AttributeName: name, KeyType: 'RANGE' })),
  ];
}

function projectionOutput({ type, names }: Projection): object {
  return type === 'INCLUDE'
    ? { ProjectionType: type, NonKeyAttributes: names }
    : { ProjectionType: type };
}

/** Without a key of the caller's the key is the one that the service manages. */
function sseOutput(input: SseInput, tableArnText: string): object {
  const { region = '', account = '' } = parseArn(tableArnText) ?? {};
  const key = input.KMSMasterKeyId ?? 'alias/aws/dynamodb';
  const isBare = !key.startsWith('arn:') && !key.startsWith('alias/');
  const path = isBare ? `key/${key}` : key;
  return {
    Status: 'ENABLED',
    SSEType: input.SSEType ?? 'KMS',
    KMSMasterKeyArn: key.startsWith('arn:') ? key : `arn:aws:kms:${region}:${account}:${path}`,
  };
}
