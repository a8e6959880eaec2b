/**
 * A table's settings: what requests said of encryption, streams and throughput that is kept and
 * echoed without acting on it, in DynamoDB's own spelling (`TableState.settings`).
 *
 * Index names are data, so what is kept for each index is a list and not an object.
 */
import { invalid } from '../../base/errors.ts';
import type { OnDemandInput, SseInput, StreamInput, WarmInput } from './shapes.ts';

export interface WarmThroughput {
  readonly ReadUnitsPerSecond: number;
  readonly WriteUnitsPerSecond: number;
}

export interface IndexSettings {
  readonly IndexName: string;
  readonly WarmThroughput?: WarmThroughput | undefined;
  readonly OnDemandThroughput?: OnDemandInput | undefined;
}

/** Where changes of a table go besides its stream. */
export interface KinesisDestination {
  readonly StreamArn: string;
  readonly DestinationStatus: 'ACTIVE' | 'DISABLED';
  readonly ApproximateCreationDateTimePrecision: 'MILLISECOND' | 'MICROSECOND';
}

/** How often provisioned units went down on one UTC day; `IndexName` is empty for the table. */
export interface Decreases {
  readonly IndexName: string;
  readonly Day: number;
  readonly Count: number;
}

/** Of contributor insights (operation/insight). */
export interface InsightSettings {
  /** Empty for the table itself. */
  readonly IndexName: string;
  readonly Enabled: boolean;
  readonly Mode: 'ACCESSED_AND_THROTTLED_KEYS' | 'THROTTLED_KEYS';
  /** Wall time, milliseconds: of the last change, and of when it was turned on. */
  readonly ChangedMs: number;
  readonly EnabledMs: number;
}

/** A region that has a replica of the table (operation/global), in DynamoDB's spelling. */
export interface ReplicaSettings {
  readonly RegionName: string;
  readonly KMSMasterKeyId?: string | undefined;
  readonly ProvisionedThroughputOverride?: object | undefined;
  readonly OnDemandThroughputOverride?: object | undefined;
  readonly GlobalSecondaryIndexes?: readonly object[] | undefined;
  readonly TableClassOverride?: 'STANDARD' | 'STANDARD_INFREQUENT_ACCESS' | undefined;
}

/** Of a table, or of its stream (operation/policy). */
export interface ResourcePolicy {
  /** Of the stream; empty for the table itself. */
  readonly Label: string;
  readonly Policy: string;
  readonly RevisionId: string;
}

export interface TableSettings {
  /** Other regions than the table's own; absent of a table of one. */
  readonly Replicas?: readonly ReplicaSettings[] | undefined;
  /** While a stream is on; what makes the records is `TableState.stream`. */
  readonly StreamSpecification?: StreamInput | undefined;
  /** Once a stream is or was on. */
  readonly LatestStreamLabel?: string | undefined;
  /** When time to live was last turned on or off: wall time, milliseconds. */
  readonly TimeToLiveChangedMs?: number | undefined;
  /** What UpdateContributorInsights was told; absent until then. */
  readonly ContributorInsights?: readonly InsightSettings[] | undefined;
  readonly KinesisDestinations?: readonly KinesisDestination[] | undefined;
  readonly SSESpecification?: SseInput | undefined;
  readonly WarmThroughput?: WarmThroughput | undefined;
  readonly OnDemandThroughput?: OnDemandInput | undefined;
  readonly ResourcePolicies?: readonly ResourcePolicy[] | undefined;
  readonly Indexes?: readonly IndexSettings[] | undefined;
  readonly Decreases?: readonly Decreases[] | undefined;
}

/** The settings of a table, which only these operations write. */
export function settingsOf(table: {
  readonly settings: Readonly<Record<string, unknown>>;
}): TableSettings {
  return table.settings as TableSettings;
}

/** As TableState holds them. */
export function storedSettings(settings: TableSettings): Readonly<Record<string, unknown>> {
  return { ...settings };
}

export function indexSettings(settings: TableSettings, index: string): IndexSettings {
  const found = settings.Indexes?.find(({ IndexName }) => IndexName === index);
  return found ?? { IndexName: index };
}

/** With the settings of one index in place of what was kept for it. */
export function withIndexSettings(settings: TableSettings, index: IndexSettings): TableSettings {
  const rest = withoutIndex(settings, index.IndexName);
  if (index.WarmThroughput === undefined && index.OnDemandThroughput === undefined) return rest;
  return { ...rest, Indexes: [...(rest.Indexes ?? []), index] };
}

export function withoutIndex(settings: TableSettings, index: string): TableSettings {
  const isOther = ({ IndexName }: { readonly IndexName: string }): boolean => IndexName !== index;
  return {
    ...settings,
    Indexes: settings.Indexes?.filter(isOther),
    Decreases: settings.Decreases?.filter(isOther),
  };
}

/**
 * What encryption a specification asks for; undefined is the engine's own key, not described.
 * Row 36 of reference/types-and-limits.md, section 11.
 */
export function sseOf(input: SseInput | undefined): SseInput | undefined {
  if (input === undefined) return undefined;
  const { Enabled, SSEType, KMSMasterKeyId } = input;
  if (Enabled !== true && SSEType !== undefined) {
    throw invalid('SSEType can not be specified if Enabled is false');
  }
  if (SSEType === 'AES256') throw invalid('SSEType AES256 is not supported');
  if (SSEType === undefined && KMSMasterKeyId !== undefined) {
    throw invalid('SSEType KMS is required if KMSMasterKeyId is specified');
  }
  return Enabled === true ? { Enabled, SSEType: 'KMS', KMSMasterKeyId } : undefined;
}

/**
 * Refuses maximums of requests on demand where the units are provisioned, or that are neither a
 * number of requests nor -1. `what` is `table` or `index <name>`; a new table has words of its own.
 */
export function checkOnDemand(
  input: OnDemandInput | undefined,
  isOnDemand: boolean,
  what: string,
  isNew = false,
): void {
  for (const member of ['MaxReadRequestUnits', 'MaxWriteRequestUnits'] as const) {
    const units = input?.[member];
    if (units === undefined) continue;
    const one = `${member} for OnDemandThroughput`;
    if (!isOnDemand) {
      throw invalid(
        `${one} cannot be specified when ${isNew ? '' : 'the '}table BillingMode is PROVISIONED` +
          (isNew ? '.' : ''),
      );
    }
    if (units < 1 && units !== -1) {
      throw invalid(`Requested ${one} for ${what} is outside of valid range`);
    }
  }
}

/** Maximums after a request: -1 takes one away, and what is not mentioned stays. */
export function mergedOnDemand(
  current: OnDemandInput | undefined,
  input: OnDemandInput | undefined,
): OnDemandInput | undefined {
  if (input === undefined) return current;
  const read = input.MaxReadRequestUnits ?? current?.MaxReadRequestUnits ?? -1;
  const write = input.MaxWriteRequestUnits ?? current?.MaxWriteRequestUnits ?? -1;
  if (read < 0 && write < 0) return undefined;
  return {
    ...(read >= 0 && { MaxReadRequestUnits: read }),
    ...(write >= 0 && { MaxWriteRequestUnits: write }),
  };
}

/** What a request asks to be warm for; the member left out stays at `current`. */
export function warmOf(input: WarmInput, current: WarmThroughput): WarmThroughput {
  return {
    ReadUnitsPerSecond: input.ReadUnitsPerSecond ?? current.ReadUnitsPerSecond,
    WriteUnitsPerSecond: input.WriteUnitsPerSecond ?? current.WriteUnitsPerSecond,
  };
}

/** Refuses to make a table or index less warm. `what` is `table` or `index <name>`. */
export function checkWarmer(input: WarmInput, current: WarmThroughput, what: string): void {
  for (const member of ['ReadUnitsPerSecond', 'WriteUnitsPerSecond'] as const) {
    if ((input[member] ?? current[member]) >= current[member]) continue;
    throw invalid(
      `Requested ${member} for WarmThroughput for ${what} is lower than current WarmThroughput, ` +
        'decreasing WarmThroughput is not supported',
    );
  }
}

/** Refuses to make something less warm than it is by itself. The words on demand are cut short. */
export function checkWarmEnough(
  input: WarmInput | undefined,
  natural: WarmThroughput,
  isOnDemand: boolean,
  what: string,
): void {
  for (const kind of ['Read', 'Write'] as const) {
    const member = `${kind}UnitsPerSecond` as const;
    if ((input?.[member] ?? natural[member]) >= natural[member]) continue;
    const least = isOnDemand
      ? 'initial throughput for OnDemand'
      : `${kind}CapacityUnits of ProvisionedThroughput`;
    throw invalid(`Requested ${member} for WarmThroughput for ${what} is lower than ${least}`);
  }
}
