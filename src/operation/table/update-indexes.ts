/**
 * What UpdateTable does to global indexes: judged against the table, then done to its description.
 *
 * A new index is stored as CREATING and backfilling, so that every write keeps it from this commit
 * on, beside the job that fills it with what was there before. A deleted one leaves the description
 * at once, its tree and its job with it.
 */
import { invalid, resourceNotFound, validation } from '../../base/errors.ts';
import type { Mutation } from '../../log/commit.ts';
import { backfillJobId, putBackfill } from '../../table/jobs.ts';
import type { IndexState, KeySchema, TableState } from '../../table/state.ts';
import { jobKey, jobsTree } from '../../table/system.ts';
import { dropTrees, removeSystemItem, takeTreeIds } from '../../table/system-items.ts';
import type { TreeReader } from '../../tree/reader.ts';
import { checkGlobalCount } from './create-checks.ts';
import {
  checkGlobalIndex,
  checkGlobalUnits,
  checkProjectedTotal,
  globalIndexOf,
  projectionOf,
} from './index-input.ts';
import { checkGlobalParts, keySchemaOf } from './key-schema.ts';
import {
  checkOnDemand,
  checkWarmEnough,
  checkWarmer,
  indexSettings,
  mergedOnDemand,
  settingsOf,
  storedSettings,
  type TableSettings,
  warmOf,
  withIndexSettings,
  withoutIndex,
} from './settings.ts';
import type { BillingMode, DefinitionInput, GlobalIndexInput, IndexUpdateInput } from './shapes.ts';
import { indexWarmThroughputOf, naturalWarmth } from './table-description.ts';
import {
  changedThroughput,
  checkChanges,
  checkIndexUnits,
  countedDecrease,
  noThroughput,
  throughputOf,
} from './throughput.ts';
import { oneIndexAtATime, type TableUpdate } from './update-checks.ts';

/** Throws what the table as it is has against the actions; `billing` is the mode after the call. */
export function checkIndexActions(
  table: TableState,
  input: TableUpdate,
  billing: BillingMode,
): void {
  for (const { Update, Create, Delete } of input.GlobalSecondaryIndexUpdates ?? []) {
    if (Update !== undefined) checkIndexUpdate(table, Update, billing);
    if (Create !== undefined) checkIndexCreate(table, Create, input.AttributeDefinitions, billing);
    if (Delete !== undefined) checkIndexDelete(table, Delete.IndexName);
  }
}

function checkIndexUpdate(table: TableState, input: IndexUpdateInput, billing: BillingMode): void {
  const { IndexName: name, ProvisionedThroughput: units, WarmThroughput: warm } = input;
  const index = table.indexes.find((one) => one.name === name && one.kind === 'global');
  if (index === undefined) throw resourceNotFound();
  const isOther = warm !== undefined || input.OnDemandThroughput !== undefined;
  if (units !== undefined || !isOther) checkIndexUnits(name, units, billing);
  if (units !== undefined && billing === table.billing) {
    checkChanges(index.throughput ?? noThroughput, units, `index ${name}`, 'index');
  }
  checkOnDemand(input.OnDemandThroughput, billing === 'PAY_PER_REQUEST', `index ${name}`);
  if (warm !== undefined) {
    checkWarmer(warm, indexWarmThroughputOf(table, index), `index ${name}`);
  }
}

function checkIndexCreate(
  table: TableState,
  input: GlobalIndexInput,
  definitions: readonly DefinitionInput[] | undefined,
  billing: BillingMode,
): void {
  const { IndexName: name, KeySchema: keys } = input;
  const shown = table.indexes.filter(({ kind }) => kind !== 'system');
  if (shown.some((index) => index.name === name)) {
    throw validation('Attempting to create an index which already exists');
  }
  if (shown.some(isUnderWay)) throw oneIndexAtATime();
  if (definitions === undefined || definitions.length === 0) {
    throw validation(`AttributeDefinitions is not specified for index: ${name}`);
  }
  checkGlobalIndex(input, definitions);
  checkGlobalUnits(input, billing);
  checkGlobalParts(keys);
  checkOnDemand(input.OnDemandThroughput, billing === 'PAY_PER_REQUEST', `index ${name}`);
  const natural = naturalWarmth({ billing }, throughputOf(input.ProvisionedThroughput));
  checkWarmEnough(input.WarmThroughput, natural, billing === 'PAY_PER_REQUEST', `index ${name}`);
  checkGlobalCount(shown.filter(({ kind }) => kind === 'global').length + 1);
  const projections = shown.map(({ projection }) => projection);
  checkProjectedTotal([...projections, projectionOf(input.Projection)]);
  checkTypes(table, keySchemaOf(keys, definitions));
}

/** An attribute that is a key already keeps its type. */
function checkTypes(table: TableState, added: KeySchema): void {
  const shown = table.indexes.filter(({ kind }) => kind !== 'system');
  for (const schema of [table.keys, ...shown.map(({ keys }) => keys)]) {
    const parts = [...schema.hash, ...schema.range];
    const isOther = [...added.hash, ...added.range].some(({ name, type }) =>
      parts.some((part) => part.name === name && part.type !== type),
    );
    if (!isOther) continue;
    throw validation(
      'Attributes cannot be redefined. Please check that your attribute has the same type as ' +
        `previously defined. Existing schema: ${schemaText(schema)} New schema: ` +
        `${schemaText(added)}`,
    );
  }
}

function schemaText({ hash, range }: KeySchema): string {
  const elements = [
    ...hash.map(({ name, type }) => `SchemaElement: key{${name}:${type}:HASH}`),
    ...range.map(({ name, type }) => `SchemaElement: key{${name}:${type}:RANGE}`),
  ];
  return `Schema:[${elements.join(', ')}]`;
}

function checkIndexDelete(table: TableState, name: string): void {
  const index = table.indexes.find((one) => one.name === name && one.kind !== 'system');
  if (index?.kind === 'local') {
    throw validation(`Cannot delete an index that is not a GlobalSecondaryIndex: ${name}`);
  }
  if (index === undefined) throw resourceNotFound();
  if (table.indexes.some((other) => other !== index && isUnderWay(other))) throw oneIndexAtATime();
}

function isUnderWay({ status }: IndexState): boolean {
  return status === 'CREATING' || status === 'DELETING';
}

/** Switching to provisioned billing, every index needs units. */
export function checkAllIndexUnits(table: TableState, input: TableUpdate): void {
  const given = new Set(
    (input.GlobalSecondaryIndexUpdates ?? [])
      .filter(({ Update }) => Update?.ProvisionedThroughput !== undefined)
      .map(({ Update }) => Update?.IndexName),
  );
  const lacking = table.indexes.filter(({ kind, name }) => kind === 'global' && !given.has(name));
  if (lacking.length > 0) {
    const names = lacking.map(({ name }) => name).join(',');
    throw invalid(`ProvisionedThroughput must be specified for index: ${names}`);
  }
}

/** A description with index actions done to it, what else they change, and how they are shown. */
export interface IndexChange {
  readonly table: TableState;
  readonly mutations: readonly Mutation[];
  readonly shown: ReadonlyMap<string, IndexState['status']>;
  readonly deleted: IndexState | undefined;
}

/** Does the actions, which were checked, to `table`, whose billing is that after the call. */
export function changeIndexes(
  table: TableState,
  input: TableUpdate,
  reader: TreeReader,
  nowMs: number,
): IndexChange {
  let changed = table;
  let deleted: IndexState | undefined;
  const mutations: Mutation[] = [];
  const shown = new Map<string, IndexState['status']>();
  for (const { Update, Create, Delete } of input.GlobalSecondaryIndexUpdates ?? []) {
    if (Update !== undefined) {
      changed = updatedIndex(changed, Update, nowMs);
      shown.set(Update.IndexName, 'UPDATING');
    }
    if (Create !== undefined) {
      const { ids, mutation } = takeTreeIds(reader, 1);
      const place = { tree: ids[0] as number, status: 'CREATING', backfilling: true } as const;
      const index = globalIndexOf(Create, input.AttributeDefinitions ?? [], place);
      changed = createdIndex(changed, Create, index);
      mutations.push(mutation, putBackfill(reader, changed, index));
    }
    if (Delete !== undefined) {
      deleted = changed.indexes.find(({ name }) => name === Delete.IndexName);
      changed = deletedIndex(changed, Delete.IndexName);
      shown.set(Delete.IndexName, 'DELETING');
    }
  }
  if (deleted !== undefined) {
    const job = jobKey(backfillJobId(deleted.tree));
    mutations.push(
      ...removeSystemItem(reader, jobsTree, job),
      ...dropTrees(reader, [deleted.tree]),
    );
  }
  return { table: changed, mutations, shown, deleted };
}

function updatedIndex(table: TableState, input: IndexUpdateInput, nowMs: number): TableState {
  const { IndexName: name, ProvisionedThroughput: units, WarmThroughput } = input;
  const index = table.indexes.find((one) => one.name === name);
  if (index === undefined) return table;
  const current = index.throughput ?? noThroughput;
  const throughput = units === undefined ? current : changedThroughput(current, units, nowMs);
  const settings = settingsOf(table);
  const kept = indexSettings(settings, name);
  const next: TableSettings = withIndexSettings(settings, {
    IndexName: name,
    WarmThroughput:
      WarmThroughput === undefined
        ? kept.WarmThroughput
        : warmOf(WarmThroughput, indexWarmThroughputOf(table, index)),
    OnDemandThroughput: mergedOnDemand(kept.OnDemandThroughput, input.OnDemandThroughput),
  });
  const Decreases = countedDecrease(settings.Decreases, name, current, throughput, nowMs);
  return {
    ...table,
    indexes: table.indexes.map((one) => (one === index ? { ...one, throughput } : one)),
    settings: storedSettings({ ...next, Decreases }),
  };
}

function createdIndex(table: TableState, input: GlobalIndexInput, index: IndexState): TableState {
  const natural = naturalWarmth(table, throughputOf(input.ProvisionedThroughput));
  const settings = withIndexSettings(settingsOf(table), {
    IndexName: index.name,
    WarmThroughput: input.WarmThroughput && warmOf(input.WarmThroughput, natural),
    OnDemandThroughput: input.OnDemandThroughput,
  });
  return {
    ...table,
    indexes: [...table.indexes, index],
    settings: storedSettings(settings),
  };
}

function deletedIndex(table: TableState, name: string): TableState {
  return {
    ...table,
    indexes: table.indexes.filter((index) => index.name !== name),
    settings: storedSettings({
      ...withoutIndex(settingsOf(table), name),
      ContributorInsights: settingsOf(table).ContributorInsights?.filter(
        ({ IndexName }) => IndexName !== name,
      ),
    }),
  };
}
