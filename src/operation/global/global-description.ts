/**
 * What a description says of a table that is replicated to other regions
 * (reference/streams-ttl-backup-globaltables.md, section 7).
 *
 * A replica is CREATING until the items that the table had are in the feed that it follows.
 */
import { readMend } from '../../replica/mend.ts';
import { findSelf } from '../../replica/self.ts';
import { parseArn, tableArn } from '../../table/arn.ts';
import type { TableState } from '../../table/state.ts';
import type { TreeReader } from '../../tree/reader.ts';
import { type ReplicaSettings, settingsOf } from '../table/settings.ts';

export type ReplicaStatus = 'CREATING' | 'UPDATING' | 'DELETING' | 'ACTIVE';

/** A region as it changes: the status that is shown of it, whatever is stored. */
export interface ReplicaTransition {
  readonly replica: ReplicaSettings;
  readonly status: ReplicaStatus;
}

/** Nothing for a table of one region. Throws PageFault. */
export function globalMembers(
  table: TableState,
  reader: TreeReader,
  changing: readonly ReplicaTransition[] = [],
): object {
  const stored = settingsOf(table).Replicas ?? [];
  const regions = new Set(stored.map(({ RegionName }) => RegionName));
  const gone = changing.filter(({ replica }) => !regions.has(replica.RegionName));
  const all = [...stored, ...gone.map(({ replica }) => replica)];
  if (all.length === 0) return {};
  const usual = statusOf(reader);
  const Replicas = all.map((replica) => {
    const own = changing.find((one) => one.replica.RegionName === replica.RegionName);
    return describeReplica(table, replica, own?.status ?? usual);
  });
  return { GlobalTableVersion: '2019.11.21', Replicas, MultiRegionConsistency: 'EVENTUAL' };
}

export function statusOf(reader: TreeReader): ReplicaStatus {
  const self = findSelf(reader);
  const isFilling = self !== undefined && readMend(reader, self.book) !== undefined;
  return isFilling ? 'CREATING' : 'ACTIVE';
}

function describeReplica(
  { arn, name }: TableState,
  { TableClassOverride, ...replica }: ReplicaSettings,
  ReplicaStatus: ReplicaStatus,
): object {
  const { account = '' } = parseArn(arn) ?? {};
  return {
    ...replica,
    ReplicaStatus,
    ReplicaArn: tableArn(replica.RegionName, account, name),
    ...(TableClassOverride && { ReplicaTableClassSummary: { TableClass: TableClassOverride } }),
  };
}
