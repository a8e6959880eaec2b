/**
 * CreateTable: makes a table with its indexes, usable as soon as it is answered.
 *
 * The answer says CREATING, as DynamoDB's does; what is stored says ACTIVE, for there is nothing to
 * wait for. Trees need no making either: one without entries does not exist.
 */
import { limitExceeded, resourceInUse } from '../../base/errors.ts';
import { tablesMax } from '../../base/limits.ts';
import { uuidFrom } from '../../base/prng.ts';
import { type InputOf, newTableName, boolean, string, struct } from '../../shape/constructors.ts';
import { tableArn } from '../../table/arn.ts';
import type { IndexState, StreamView, TableState } from '../../table/state.ts';
import { catalogTree } from '../../table/system.ts';
import { beginStream, freeLabel } from '../../stream/lifecycle.ts';
import { putTable, takeTreeIds } from '../../table/system-items.ts';
import { type Operation, operation, type RequestContext } from '../operation.ts';
import { checkPolicy, nextPolicy } from '../policy/resource-policy.ts';
import { billingOf, checkNewTable } from './create-checks.ts';
import { globalIndexOf, localIndexOf } from './index-input.ts';
import { keySchemaOf } from './key-schema.ts';
import {
  sseOf,
  storedSettings,
  type TableSettings,
  warmOf,
  withIndexSettings,
} from './settings.ts';
import {
  attributeDefinitions,
  billingMode,
  globalIndexes,
  keySchema,
  localIndexes,
  onDemandThroughput,
  provisionedThroughput,
  sseSpecification,
  streamSpecification,
  tableClass,
  tags,
  warmThroughput,
} from './shapes.ts';
import { systemCommit } from './stored.ts';
import { describeTable, naturalWarmth } from './table-description.ts';
import { throughputOf } from './throughput.ts';

const inputShape = struct({
  AttributeDefinitions: attributeDefinitions.required,
  TableName: newTableName.required,
  KeySchema: keySchema.required,
  LocalSecondaryIndexes: localIndexes,
  GlobalSecondaryIndexes: globalIndexes,
  BillingMode: billingMode,
  ProvisionedThroughput: provisionedThroughput,
  StreamSpecification: streamSpecification,
  SSESpecification: sseSpecification,
  Tags: tags,
  TableClass: tableClass,
  DeletionProtectionEnabled: boolean,
  WarmThroughput: warmThroughput,
  ResourcePolicy: string(),
  OnDemandThroughput: onDemandThroughput,
  GlobalTableSourceArn: string(),
});
type Input = InputOf<typeof inputShape>;

export const CreateTable: Operation = operation({
  name: 'CreateTable',
  kind: 'write',
  input: inputShape,
  check(input) {
    checkNewTable(input);
    if (input.ResourcePolicy !== undefined) checkPolicy(input.ResourcePolicy);
    return input;
  },
  plan(input, { catalog, reader }) {
    if (catalog.find(input.TableName) !== undefined) {
      throw resourceInUse(`Table already exists: ${input.TableName}`);
    }
    if (reader.counters(catalogTree).entries >= tablesMax) {
      throw limitExceeded(
        `Subscriber limit exceeded: There is a limit of ${tablesMax} tables per subscriber`,
      );
    }
    return input;
  },
  decide(input, context) {
    const { catalog, reader, nowMs, meter } = context;
    const local = input.LocalSecondaryIndexes ?? [];
    const global = input.GlobalSecondaryIndexes ?? [];
    const trees = 1 + local.length + global.length;
    const view = viewOf(input);
    const { ids, mutation } = takeTreeIds(reader, trees + (view === undefined ? 0 : 1));
    const label = view && freeLabel(reader, input.TableName, nowMs);
    const bare = newTable(input, context, ids.slice(0, trees), label);
    const begun =
      view && label !== undefined
        ? beginStream(reader, bare, label, view, ids[trees] as number, nowMs)
        : undefined;
    const table: TableState = { ...bare, stream: begun?.stream };
    meter?.checkChange(catalog, undefined, table);
    const indexes = new Map(global.map(({ IndexName }) => [IndexName, 'CREATING' as const]));
    return {
      output: {
        TableDescription: describeTable(table, reader, nowMs, { status: 'CREATING', indexes }),
      },
      commits: [systemCommit([mutation, putTable(reader, table), ...(begun?.mutations ?? [])])],
    };
  },
});

function newTable(
  input: Input,
  { region, account, nowMs, random, tableDurability }: RequestContext,
  trees: readonly number[],
  label: string | undefined,
): TableState {
  const billing = billingOf(input);
  const [tree = 0, ...indexTrees] = trees;
  return {
    name: input.TableName,
    id: uuidFrom(random().bytes(16)),
    arn: tableArn(region, account, input.TableName),
    tree,
    status: 'ACTIVE',
    keys: keySchemaOf(input.KeySchema, input.AttributeDefinitions),
    indexes: newIndexes(input, indexTrees),
    createdAt: nowMs / 1000,
    billing,
    throughput: throughputOf(input.ProvisionedThroughput),
    payPerRequestSince: billing === 'PAY_PER_REQUEST' ? nowMs / 1000 : undefined,
    deletionProtection: input.DeletionProtectionEnabled ?? false,
    tableClass: input.TableClass,
    tags: new Map((input.Tags ?? []).map(({ Key, Value }) => [Key, Value])),
    settings: storedSettings(newSettings(input, label, nowMs)),
    durability: tableDurability(input.TableName),
  };
}

function newIndexes(input: Input, trees: readonly number[]): readonly IndexState[] {
  const { AttributeDefinitions: definitions } = input;
  const local = input.LocalSecondaryIndexes ?? [];
  const global = input.GlobalSecondaryIndexes ?? [];
  return [
    ...local.map((index, at) => localIndexOf(index, definitions, trees[at] as number)),
    ...global.map((index, at) =>
      globalIndexOf(index, definitions, {
        tree: trees[local.length + at] as number,
        status: 'ACTIVE',
        backfilling: false,
      }),
    ),
  ];
}

/** The view of the stream that a table begins with, if it does. */
function viewOf({ StreamSpecification: stream }: Input): StreamView | undefined {
  return stream?.StreamEnabled === true ? stream.StreamViewType : undefined;
}

function newSettings(input: Input, label: string | undefined, nowMs: number): TableSettings {
  const billing = billingOf(input);
  let settings: TableSettings = {
    ...(label !== undefined && {
      StreamSpecification: input.StreamSpecification,
      LatestStreamLabel: label,
    }),
    SSESpecification: sseOf(input.SSESpecification),
    WarmThroughput:
      input.WarmThroughput &&
      warmOf(
        input.WarmThroughput,
        naturalWarmth({ billing }, throughputOf(input.ProvisionedThroughput)),
      ),
    OnDemandThroughput: input.OnDemandThroughput,
    ResourcePolicies:
      input.ResourcePolicy === undefined
        ? undefined
        : [nextPolicy(input.ResourcePolicy, '', undefined, nowMs)],
  };
  for (const index of input.GlobalSecondaryIndexes ?? []) {
    const natural = naturalWarmth({ billing }, throughputOf(index.ProvisionedThroughput));
    settings = withIndexSettings(settings, {
      IndexName: index.IndexName,
      WarmThroughput: index.WarmThroughput && warmOf(index.WarmThroughput, natural),
      OnDemandThroughput: index.OnDemandThroughput,
    });
  }
  return settings;
}
