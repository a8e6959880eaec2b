/**
 * UpdateTable and DescribeTable of an engine that can replicate: they take the place of those that
 * every engine has (operation/table), and add regions to what these do.
 *
 * A table's first region turns replication on, as a device that comes to a hub does: the database
 * is a hub from then on, and the items that the table has are entered in its feed by a job.
 */
import { validation } from '../../base/errors.ts';
import { findSelf } from '../../replica/self.ts';
import { oneOf, struct, type StructShape } from '../../shape/constructors.ts';
import type { TableState } from '../../table/state.ts';
import { putTable } from '../../table/system-items.ts';
import type { TreeReader } from '../../tree/reader.ts';
import { type DecideContext, type Effect, type Operation, operation } from '../operation.ts';
import { beginReplica, replicateTable } from '../replica/open-replica.ts';
import { DescribeTable } from '../table/describe-table.ts';
import { settingsOf, storedSettings } from '../table/settings.ts';
import { changeStream } from '../table/stream-change.ts';
import { knownTable, systemCommit } from '../table/stored.ts';
import { describeTable } from '../table/table-description.ts';
import { checkUpdate, type TableUpdate } from '../table/update-checks.ts';
import { checkStatus, UpdateTable } from '../table/update-table.ts';
import { Ahead } from './ahead.ts';
import { globalMembers, type ReplicaStatus } from './global-description.ts';
import {
  type Action,
  actionsOf,
  changedReplicas,
  notScaled,
  type ReplicaUpdate,
  replicaUpdates,
} from './replica-updates.ts';

interface GlobalUpdate extends TableUpdate {
  readonly ReplicaUpdates?: readonly ReplicaUpdate[] | undefined;
}

interface GlobalPlan {
  readonly table: TableState;
  readonly input: GlobalUpdate;
  /** Undefined of a call that is of something else. */
  readonly actions: readonly Action[] | undefined;
  readonly rest: unknown;
}

const { fields } = UpdateTable.input as StructShape;

export const UpdateGlobalTableReplicas: Operation = operation({
  name: 'UpdateTable',
  kind: 'write',
  input: struct({
    ...fields,
    ReplicaUpdates: replicaUpdates,
    MultiRegionConsistency: oneOf('EVENTUAL', 'STRONG'),
  } as Parameters<typeof struct>[0]),
  check(checked) {
    const input = checked as unknown as GlobalUpdate;
    checkUpdate(input);
    const { ReplicaUpdates: updates, MultiRegionConsistency: consistency } = input;
    if (consistency === 'STRONG') {
      throw validation('Regions that are strongly consistent with one another are not done here');
    }
    if (consistency !== undefined && updates === undefined) {
      throw validation('MultiRegionConsistency parameter is unsupported on existing global table');
    }
    return { input, actions: updates && actionsOf(updates) };
  },
  plan({ input, actions }, context): GlobalPlan {
    const table = knownTable(context.catalog, input.TableName);
    if (actions === undefined) {
      checkOfGlobal(table, input);
      return { table, input, actions, rest: UpdateTable.plan(input, context) };
    }
    checkStatus(table);
    changedReplicas(table, actions);
    return { table, input, actions, rest: undefined };
  },
  decide({ table, actions, rest }, context): Effect {
    if (actions !== undefined) return changeReplicas(table, actions, context);
    const effect = UpdateTable.decide(rest, context);
    return withGlobal(effect, 'TableDescription', table, context.reader);
  },
});

export const DescribeGlobalReplicas: Operation = operation({
  name: 'DescribeTable',
  kind: 'read',
  input: DescribeTable.input,
  check: (input) => input,
  plan: (input, context) => DescribeTable.plan(input, context) as TableState,
  decide: (table, context) =>
    withGlobal(DescribeTable.decide(table, context), 'Table', table, context.reader),
  consistent: () => true,
});

/** What a table of several regions cannot be without. */
function checkOfGlobal(table: TableState, input: GlobalUpdate): void {
  if (settingsOf(table).Replicas === undefined) return;
  if (input.StreamSpecification?.StreamEnabled === false) {
    throw validation('Disabling Stream is not allowed for a Global Table replica.');
  }
  if (input.BillingMode === 'PROVISIONED') throw notScaled();
}

function withGlobal(effect: Effect, member: string, table: TableState, reader: TreeReader): Effect {
  const output = effect.output as Readonly<Record<string, object>>;
  const described = { ...output[member], ...globalMembers(table, reader) };
  return { ...effect, output: { ...output, [member]: described } };
}

const shownAs: Readonly<Record<Action['kind'], ReplicaStatus>> = {
  Create: 'CREATING',
  Update: 'UPDATING',
  Delete: 'DELETING',
};

function changeReplicas(
  table: TableState,
  actions: readonly Action[],
  context: DecideContext,
): Effect {
  const { nowMs } = context;
  const ahead = new Ahead(context.reader);
  const next = changedReplicas(table, actions);
  const streamed = withStream(table, ahead, nowMs);
  const replicated = replicate(streamed, context, ahead);
  const settings = storedSettings({
    ...settingsOf(replicated),
    Replicas: next.length === 0 ? undefined : next,
  });
  const now = { ...replicated, settings };
  ahead.write([putTable(ahead, now)]);
  const changing = actions.map(({ kind, replica }) => ({ replica, status: shownAs[kind] }));
  const TableDescription = {
    ...describeTable(now, context.reader, nowMs, { status: 'UPDATING' }),
    ...globalMembers(now, ahead, changing),
  };
  return { output: { TableDescription }, commits: [systemCommit(ahead.mutations())] };
}

/** Replicas follow a stream with both images, whether or not anybody has asked for one. */
function withStream(table: TableState, ahead: Ahead, nowMs: number): TableState {
  const stream = settingsOf(table).StreamSpecification;
  if (stream !== undefined) {
    if (stream.StreamViewType === 'NEW_AND_OLD_IMAGES') return table;
    throw validation(
      'The stream of a table with replicas must be of the view type NEW_AND_OLD_IMAGES',
    );
  }
  const input = { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' } as const;
  const streamed = changeStream(table, input, ahead, nowMs);
  ahead.write(streamed.mutations);
  return streamed.table;
}

function replicate(table: TableState, { random }: DecideContext, ahead: Ahead): TableState {
  let self = findSelf(ahead);
  if (self?.role === 'device') throw validation('The replicas of this table are made at its hub');
  if (self === undefined) {
    const begun = beginReplica(ahead, 'hub', random().bytes(16));
    ahead.write(begun.mutations);
    self = begun.self;
  }
  if (table.replica !== undefined) return table;
  const replicated = replicateTable(ahead, self, table, table.id);
  ahead.write(replicated.mutations);
  return replicated.table;
}
