/**
 * What UpdateTable refuses before it looks at the table: reference/types-and-limits.md, section 12.
 *
 * A call has one concern. What two concerns may share a call is judged first, then each alone.
 */
import { type DynamoError, invalid, limitExceeded, validation } from '../../base/errors.ts';
import { sseOf } from './settings.ts';
import type {
  BillingMode,
  DefinitionInput,
  IndexActionInput,
  OnDemandInput,
  SseInput,
  StreamInput,
  ThroughputInput,
  WarmInput,
} from './shapes.ts';
import { checkBounds, checkNoUnits } from './throughput.ts';

export interface TableUpdate {
  readonly TableName: string;
  readonly AttributeDefinitions?: readonly DefinitionInput[] | undefined;
  readonly BillingMode?: BillingMode | undefined;
  readonly ProvisionedThroughput?: ThroughputInput | undefined;
  readonly GlobalSecondaryIndexUpdates?: readonly IndexActionInput[] | undefined;
  readonly StreamSpecification?: StreamInput | undefined;
  readonly SSESpecification?: SseInput | undefined;
  readonly ReplicaUpdates?: readonly object[] | undefined;
  readonly TableClass?: 'STANDARD' | 'STANDARD_INFREQUENT_ACCESS' | undefined;
  readonly DeletionProtectionEnabled?: boolean | undefined;
  readonly MultiRegionConsistency?: 'EVENTUAL' | 'STRONG' | undefined;
  readonly OnDemandThroughput?: OnDemandInput | undefined;
  readonly WarmThroughput?: WarmInput | undefined;
}

const iopsAndIndexes = 'You cannot create or delete index while updating table IOPS';

export function checkUpdate(input: TableUpdate): void {
  const actions = input.GlobalSecondaryIndexUpdates ?? [];
  checkConcerns(input);
  if (input.BillingMode === 'PROVISIONED' && input.ProvisionedThroughput === undefined) {
    throw invalid('ProvisionedThroughput must be specified when BillingMode is PROVISIONED');
  }
  checkNoUnits(input.BillingMode, input.ProvisionedThroughput);
  checkBounds(input.ProvisionedThroughput);
  for (const action of actions) checkOneAction(action);
  checkIndexesOnce(actions);
  if (actions.filter(isMaking).length > 1) throw oneIndexAtATime();
  checkStreamView(input.StreamSpecification);
  sseOf(input.SSESpecification);
}

/** A change of the billing mode, known once the table is, is one of the table's IOPS too. */
export function checkBillingAlone(input: TableUpdate): void {
  if (input.GlobalSecondaryIndexUpdates?.some(isMaking) === true) throw validation(iopsAndIndexes);
}

export function oneIndexAtATime(): DynamoError {
  return limitExceeded(
    'Subscriber limit exceeded: Only 1 online index can be created or deleted simultaneously per ' +
      'table',
  );
}

function isMaking({ Create, Delete }: IndexActionInput): boolean {
  return Create !== undefined || Delete !== undefined;
}

/** The first rows: something to do, and no two things that exclude each other. */
function checkConcerns(input: TableUpdate): void {
  const concerns = concernsOf(input);
  if (concerns.size === 0) {
    throw validation(
      'At least one of ProvisionedThroughput, BillingMode, UpdateStreamEnabled, ' +
        'GlobalSecondaryIndexUpdates, SSESpecification, ReplicaUpdates, ' +
        'MultiAccountReplicaReady, ReplicaTransitRoleArn, MultiRegionConsistency, ' +
        'DeletionProtectionEnabled, OnDemandThroughput, WarmThroughput or TableClass is required',
    );
  }
  for (const [concern, name] of lonely) {
    if (concerns.has(concern) && concerns.size > 1) {
      throw validation(`${name} must be the only operation in the request`);
    }
  }
  const others = [...concerns].filter((name) => name !== 'onDemand' && name !== 'billing');
  if (concerns.has('onDemand') && others.length > 0) {
    throw validation(
      'OnDemandThroughput can only be combined with BillingMode in an UpdateTable request',
    );
  }
  const makes = input.GlobalSecondaryIndexUpdates?.some(isMaking) === true;
  if (concerns.has('throughput') && concerns.has('stream')) {
    throw validation('You cannot modify stream status while updating table IOPS');
  }
  if (concerns.has('throughput') && makes) throw validation(iopsAndIndexes);
  if (concerns.has('stream') && makes) {
    throw validation('You cannot create or delete index while changing stream status');
  }
}

type Concern =
  | 'throughput'
  | 'billing'
  | 'stream'
  | 'indexes'
  | 'sse'
  | 'replicas'
  | 'protection'
  | 'onDemand'
  | 'warm'
  | 'class';

const lonely: readonly (readonly [Concern, string])[] = [
  ['sse', 'Server-Side Encryption modification'],
  ['class', 'TableClass'],
  ['protection', 'DeletionProtection'],
  ['replicas', 'Replica'],
  ['warm', 'WarmThroughput'],
];

function concernsOf(input: TableUpdate): ReadonlySet<Concern> {
  const members: readonly (readonly [Concern, unknown])[] = [
    ['throughput', input.ProvisionedThroughput],
    ['billing', input.BillingMode],
    ['stream', input.StreamSpecification],
    ['indexes', input.GlobalSecondaryIndexUpdates?.[0]],
    ['sse', input.SSESpecification],
    ['replicas', input.ReplicaUpdates ?? input.MultiRegionConsistency],
    ['protection', input.DeletionProtectionEnabled],
    ['onDemand', input.OnDemandThroughput],
    ['warm', input.WarmThroughput],
    ['class', input.TableClass],
  ];
  return new Set(members.filter(([, given]) => given !== undefined).map(([name]) => name));
}

function checkOneAction({ Update, Create, Delete }: IndexActionInput): void {
  const given = [Update, Create, Delete].filter((action) => action !== undefined);
  if (given.length === 0) {
    throw invalid(
      'One of GlobalSecondaryIndexUpdate.Update, GlobalSecondaryIndexUpdate.Create, ' +
        'GlobalSecondaryIndexUpdate.Delete must not be null',
    );
  }
  if (given.length > 1) {
    throw invalid(
      'Only one global secondary index action is allowed per GlobalSecondaryIndexUpdate object',
    );
  }
}

function checkIndexesOnce(actions: readonly IndexActionInput[]): void {
  const names = actions.map(
    ({ Update, Create, Delete }) => (Update ?? Create ?? Delete)?.IndexName,
  );
  const twice = names.find((name, at) => names.indexOf(name) < at);
  if (twice !== undefined) {
    throw invalid(
      `Only one global secondary index update per index is allowed simultaneously. Index: ${twice}`,
    );
  }
}

function checkStreamView(stream: StreamInput | undefined): void {
  if (stream === undefined) return;
  if (stream.StreamEnabled && stream.StreamViewType === undefined) {
    throw invalid('If stream is being enabled then UpdateViewType is required');
  }
  if (!stream.StreamEnabled && stream.StreamViewType !== undefined) {
    throw invalid('If stream is being disabled, then UpdateViewType must not be specified');
  }
}
