/**
 * UpdateTable's ReplicaUpdates: what they may say (reference/streams-ttl-backup-globaltables.md,
 * section 7; operations.md, section 12), and the list of a table's replicas after them.
 *
 * A replica is a region by its name, with what it has of its own. Who keeps a replica there is a
 * hub of that region that pulls this one's feed (docs/sync.md); nothing here waits for it.
 */
import { fromHex, textOf } from '../../base/bytes.ts';
import { invalid, validation } from '../../base/errors.ts';
import { indexName, list, long, type Shape, string, struct } from '../../shape/constructors.ts';
import { parseArn } from '../../table/arn.ts';
import type { TableState } from '../../table/state.ts';
import { type ReplicaSettings, settingsOf } from '../table/settings.ts';
import { tableClass } from '../table/shapes.ts';

const readOverride = struct({ ReadCapacityUnits: long({ min: 1 }) }, 'ProvisionedThroughput');
const onDemandOverride = struct({ MaxReadRequestUnits: long() }, 'OnDemandThroughputOverride');
const indexOverride = struct(
  {
    IndexName: indexName.required,
    ProvisionedThroughputOverride: readOverride,
    OnDemandThroughputOverride: onDemandOverride,
  },
  'ReplicaGlobalSecondaryIndex',
);
const memberFields = {
  RegionName: string().required,
  KMSMasterKeyId: string(),
  ProvisionedThroughputOverride: readOverride,
  OnDemandThroughputOverride: onDemandOverride,
  GlobalSecondaryIndexes: list(indexOverride, { min: 1 }),
  TableClassOverride: tableClass,
};

export type ReplicaInput = ReplicaSettings;

export interface ReplicaUpdate {
  readonly Create?: ReplicaInput | undefined;
  readonly Update?: ReplicaInput | undefined;
  readonly Delete?: { readonly RegionName: string } | undefined;
}

export const replicaUpdates: Shape<readonly ReplicaUpdate[]> = list(
  struct(
    {
      Create: struct(memberFields, 'CreateReplicationGroupMemberAction'),
      Update: struct(memberFields, 'UpdateReplicationGroupMemberAction'),
      Delete: struct({ RegionName: string().required }, 'DeleteReplicationGroupMemberAction'),
    },
    'ReplicationGroupUpdate',
  ),
  { min: 1 },
);

type Kind = 'Create' | 'Update' | 'Delete';

export interface Action {
  readonly kind: Kind;
  readonly replica: ReplicaInput;
}

/** Each update as the one action that it is. Throws the refusals that need no table. */
export function actionsOf(updates: readonly ReplicaUpdate[]): readonly Action[] {
  const actions = updates.flatMap(actionsIn);
  const making = actions.filter(({ kind }) => kind !== 'Update');
  if (making.length > 1) {
    throw validation(
      'Update table operation with more than one create or delete replica actions not allowed',
    );
  }
  if (new Set(actions.map(({ kind }) => kind)).size > 1) {
    throw validation(
      'Update table operation with more than one type of replica actions not allowed.',
    );
  }
  const isEmpty = updates.some((one) => actionsIn(one).length === 0);
  const saysNothing = actions.some(({ kind, replica }) => kind === 'Update' && isBare(replica));
  if (isEmpty || saysNothing) {
    throw validation('There are no actions specified in the Replica Update Action of the request.');
  }
  return actions;
}

function actionsIn({ Create, Update, Delete }: ReplicaUpdate): readonly Action[] {
  const given = { Create, Update, Delete };
  return (['Create', 'Update', 'Delete'] as const).flatMap((kind): readonly Action[] => {
    const replica = given[kind];
    return replica === undefined ? [] : [{ kind, replica }];
  });
}

function isBare(replica: ReplicaInput): boolean {
  return Object.entries(replica).every(([name, value]) => {
    return name === 'RegionName' || value === undefined;
  });
}

/** The replicas after the actions. Throws what they are refused with by this table. */
export function changedReplicas(
  table: TableState,
  actions: readonly Action[],
): readonly ReplicaSettings[] {
  const known = settingsOf(table).Replicas ?? [];
  const own = parseArn(table.arn)?.region;
  for (const { kind, replica } of actions) {
    const { RegionName: region } = replica;
    if (region === own) {
      throw validation(
        'Cannot add or delete the local region through ReplicaUpdates. Use CreateTable, ' +
          'DeleteTable, or UpdateTable as required.',
      );
    }
    const isMember = known.some(({ RegionName }) => RegionName === region);
    if (kind === 'Create' && isMember) {
      throw validation(
        `Failed to create a the new replica of table with name: ${quoted(table.name)} because ` +
          'one or more replicas already existed as tables.',
      );
    }
    if (kind !== 'Create' && !isMember) {
      throw validation(
        'Update global table operation failed because one or more replicas were not part of the ' +
          `global table. Please retry the request without these replicas: [${region}].`,
      );
    }
    checkUnits(table, replica);
  }
  return actions.reduce(changed, known);
}

/** A global table is on demand here: nothing scales provisioned writes by itself. */
function checkUnits({ billing }: TableState, replica: ReplicaInput): void {
  if (billing === 'PROVISIONED') throw notScaled();
  if (replica.ProvisionedThroughputOverride === undefined) return;
  throw invalid(
    'Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is ' +
      'PAY_PER_REQUEST',
  );
}

export function notScaled(): Error {
  return validation('Table write capacity should either be Pay-Per-Request or AutoScaled.');
}

function changed(
  replicas: readonly ReplicaSettings[],
  { kind, replica }: Action,
): readonly ReplicaSettings[] {
  const { RegionName: region } = replica;
  const others = replicas.filter(({ RegionName }) => RegionName !== region);
  if (kind === 'Delete') return others;
  if (kind === 'Create') return [...others, replica];
  return replicas.map((one) => (one.RegionName === region ? { ...one, ...replica } : one));
}

/** In DynamoDB's quotation marks, U+2018 and U+2019: not written down, docs/adr/0037. */
function quoted(name: string): string {
  return textOf(fromHex('e28098')) + name + textOf(fromHex('e28099'));
}
