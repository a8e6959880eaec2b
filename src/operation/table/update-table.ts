/**
 * UpdateTable: one change of a table's throughput, billing, stream, indexes, encryption, class or
 * protection.
 *
 * All but the filling of a new index is done when it is answered; the answer says UPDATING, as
 * DynamoDB's does. Encryption is recorded and echoed; units too, unless capacity is enforced.
 */
import { invalid, resourceInUse, validation } from '../../base/errors.ts';
import {
  boolean,
  type InputOf,
  list,
  oneOf,
  ownTableName,
  struct,
} from '../../shape/constructors.ts';
import type { TableState } from '../../table/state.ts';
import { type Operation, operation } from '../operation.ts';
import {
  checkOnDemand,
  checkWarmer,
  mergedOnDemand,
  settingsOf,
  sseOf,
  storedSettings,
  type TableSettings,
  warmOf,
} from './settings.ts';
import {
  attributeDefinitions,
  type BillingMode,
  billingMode,
  globalIndexUpdates,
  onDemandThroughput,
  provisionedThroughput,
  type StreamInput,
  sseSpecification,
  streamSpecification,
  tableClass,
  warmThroughput,
} from './shapes.ts';
import { changeStream } from './stream-change.ts';
import { knownTable, systemCommit } from './stored.ts';
import { describeTable, warmThroughputOf } from './table-description.ts';
import {
  changedThroughput,
  checkChanges,
  checkNoUnits,
  countedDecrease,
  noThroughput,
} from './throughput.ts';
import { checkBillingAlone, checkUpdate, type TableUpdate } from './update-checks.ts';
import { changeIndexes, checkAllIndexUnits, checkIndexActions } from './update-indexes.ts';
import { putTable } from '../../table/system-items.ts';

const inputShape = struct({
  AttributeDefinitions: attributeDefinitions,
  TableName: ownTableName.required,
  BillingMode: billingMode,
  ProvisionedThroughput: provisionedThroughput,
  GlobalSecondaryIndexUpdates: globalIndexUpdates,
  StreamSpecification: streamSpecification,
  SSESpecification: sseSpecification,
  ReplicaUpdates: list(struct({}, 'ReplicationGroupUpdate'), { min: 1 }),
  TableClass: tableClass,
  DeletionProtectionEnabled: boolean,
  MultiRegionConsistency: oneOf('EVENTUAL', 'STRONG'),
  OnDemandThroughput: onDemandThroughput,
  WarmThroughput: warmThroughput,
});

export const UpdateTable: Operation = operation({
  name: 'UpdateTable',
  kind: 'write',
  mayBeOther: true,
  input: inputShape,
  check(input: InputOf<typeof inputShape>): TableUpdate {
    checkUpdate(input);
    // An engine that can replicate has a row of its own for it (operation/global).
    if (input.ReplicaUpdates !== undefined || input.MultiRegionConsistency !== undefined) {
      throw validation('Replicas of a table are made by synchronization, not by UpdateTable');
    }
    return input;
  },
  plan(input, { catalog }) {
    const table = knownTable(catalog, input.TableName);
    checkStatus(table);
    const billing = input.BillingMode ?? table.billing;
    checkUnits(table, input, billing);
    checkIndexActions(table, input, billing);
    checkStream(table, input.StreamSpecification);
    if (input.WarmThroughput !== undefined) {
      checkWarmer(input.WarmThroughput, warmThroughputOf(table), 'table');
    }
    checkOnDemand(input.OnDemandThroughput, billing === 'PAY_PER_REQUEST', 'table');
    return { table, input };
  },
  decide({ table, input }, { catalog, reader, nowMs, meter }) {
    const billed = changeBilling(table, input, nowMs);
    const settled = changeSettings(billed, input);
    const streamed = changeStream(settled, input.StreamSpecification, reader, nowMs);
    const indexed = changeIndexes(streamed.table, input, reader, nowMs);
    const { table: next, mutations, shown, deleted } = indexed;
    meter?.checkChange(catalog, table, next);
    // A deleted index is answered once more; nobody will see it again.
    const answered =
      deleted === undefined ? next : { ...next, indexes: [...next.indexes, deleted] };
    return {
      output: {
        TableDescription: describeTable(answered, reader, nowMs, {
          status: 'UPDATING',
          indexes: shown,
        }),
      },
      commits: [systemCommit([putTable(reader, next), ...streamed.mutations, ...mutations])],
    };
  },
});

export function checkStatus({ name, status }: TableState): void {
  if (status === 'ACTIVE') return;
  const prefix = 'Attempt to change a resource which is still in use: ';
  if (status === 'UPDATING') {
    throw resourceInUse(`${prefix}Table: ${name} is in the process of being updated.`);
  }
  const what = status === 'DELETING' ? 'deleted' : 'created';
  throw resourceInUse(`${prefix}Table is being ${what}: ${name}`);
}

/** Units of table and indexes against the billing after the call. */
function checkUnits(table: TableState, input: TableUpdate, billing: BillingMode): void {
  const units = input.ProvisionedThroughput;
  if (billing !== table.billing) checkBillingAlone(input);
  if (billing === 'PROVISIONED' && table.billing === 'PAY_PER_REQUEST') {
    if (units === undefined) {
      throw invalid('ProvisionedThroughput must be specified when BillingMode is PROVISIONED');
    }
    checkAllIndexUnits(table, input);
  }
  checkNoUnits(billing, units);
  if (units !== undefined && table.billing === 'PROVISIONED') {
    checkChanges(table.throughput, units, 'table', 'table');
  }
}

function checkStream({ name, settings }: TableState, stream: StreamInput | undefined): void {
  if (stream === undefined) return;
  const isOn = settingsOf({ settings }).StreamSpecification !== undefined;
  if (stream.StreamEnabled && isOn) {
    throw validation(`Table already has an enabled stream: TableName: ${name}`);
  }
  if (!stream.StreamEnabled && !isOn) {
    throw validation(`Table has no stream to disable: TableName: ${name}`);
  }
}

/** Billing mode and the table's own units. On demand, neither table nor index has units. */
function changeBilling(table: TableState, input: TableUpdate, nowMs: number): TableState {
  const billing = input.BillingMode ?? table.billing;
  const units = input.ProvisionedThroughput;
  if (billing === 'PAY_PER_REQUEST') {
    if (table.billing === billing) return table;
    return {
      ...table,
      billing,
      payPerRequestSince: nowMs / 1000,
      throughput: noThroughput,
      indexes: table.indexes.map((index) =>
        index.kind === 'global' ? { ...index, throughput: noThroughput } : index,
      ),
    };
  }
  const settings = settingsOf(table);
  const provisioned = table.billing === billing ? settings : withoutOnDemand(settings);
  if (units === undefined) return table;
  const throughput = changedThroughput(table.throughput, units, nowMs);
  const { Decreases } = settings;
  return {
    ...table,
    billing,
    throughput,
    settings: storedSettings({
      ...provisioned,
      Decreases: countedDecrease(Decreases, '', table.throughput, throughput, nowMs),
    }),
  };
}

function withoutOnDemand(settings: TableSettings): TableSettings {
  const Indexes = settings.Indexes?.map(({ IndexName, WarmThroughput }) => ({
    IndexName,
    WarmThroughput,
  }));
  return { ...settings, OnDemandThroughput: undefined, Indexes };
}

/** Encryption, class, protection, and what the table is warm for. */
function changeSettings(table: TableState, input: TableUpdate): TableState {
  const settings = settingsOf(table);
  const { SSESpecification: sse, WarmThroughput: warm } = input;
  return {
    ...table,
    tableClass: input.TableClass ?? table.tableClass,
    deletionProtection: input.DeletionProtectionEnabled ?? table.deletionProtection,
    settings: storedSettings({
      ...settings,
      ...(sse !== undefined && { SSESpecification: sseOf(sse) }),
      ...(warm !== undefined && { WarmThroughput: warmOf(warm, warmThroughputOf(table)) }),
      OnDemandThroughput: mergedOnDemand(settings.OnDemandThroughput, input.OnDemandThroughput),
    }),
  };
}
