/**
 * What CreateTable refuses before it looks at any table: the rows of
 * reference/types-and-limits.md, section 11, from the top down, the first failure being the answer.
 */
import { invalid, validation } from '../../base/errors.ts';
import { globalIndexesMax, localIndexesMax } from '../../base/limits.ts';
import {
  checkGlobalIndex,
  checkGlobalUnits,
  checkLocalIndex,
  checkProjectedTotal,
  projectionOf,
} from './index-input.ts';
import {
  checkAllDefined,
  checkGlobalParts,
  checkSimpleOrder,
  checkSomeDefined,
  namesOf,
} from './key-schema.ts';
import { checkOnDemand, checkWarmEnough, sseOf } from './settings.ts';
import type {
  BillingMode,
  DefinitionInput,
  GlobalIndexInput,
  KeyElement,
  LocalIndexInput,
  OnDemandInput,
  SseInput,
  StreamInput,
  TagInput,
  ThroughputInput,
  WarmInput,
} from './shapes.ts';
import { naturalWarmth } from './table-description.ts';
import { checkTags } from './tags.ts';
import { checkBounds, checkNoUnits, throughputOf } from './throughput.ts';

export interface NewTable {
  readonly AttributeDefinitions: readonly DefinitionInput[];
  readonly KeySchema: readonly KeyElement[];
  readonly LocalSecondaryIndexes?: readonly LocalIndexInput[] | undefined;
  readonly GlobalSecondaryIndexes?: readonly GlobalIndexInput[] | undefined;
  readonly BillingMode?: BillingMode | undefined;
  readonly ProvisionedThroughput?: ThroughputInput | undefined;
  readonly StreamSpecification?: StreamInput | undefined;
  readonly SSESpecification?: SseInput | undefined;
  readonly Tags?: readonly TagInput[] | undefined;
  readonly WarmThroughput?: WarmInput | undefined;
  readonly OnDemandThroughput?: OnDemandInput | undefined;
  readonly GlobalTableSourceArn?: string | undefined;
}

export function checkNewTable(input: NewTable): void {
  const { AttributeDefinitions: definitions, KeySchema: keys } = input;
  const { LocalSecondaryIndexes: local, GlobalSecondaryIndexes: global } = input;
  checkBilling(input);
  checkSomeDefined(keys, definitions);
  checkAllDefined(keys, definitions);
  checkSimpleOrder(keys);
  checkDefinedOnce(definitions);
  if (local === undefined && global === undefined && definitions.length !== keys.length) {
    throw invalid(
      'Number of attributes in KeySchema does not exactly match number of attributes defined in ' +
        'AttributeDefinitions',
    );
  }
  const names = new Set<string>();
  if (local !== undefined) checkLocalIndexes(input, local, names);
  if (global !== undefined) checkGlobalIndexes(input, global, names);
  checkProjectedTotal(
    [...(local ?? []), ...(global ?? [])].map((index) => projectionOf(index.Projection)),
  );
  checkDefinitions(input);
  checkStream(input.StreamSpecification);
  sseOf(input.SSESpecification);
  checkMaximumsAndWarmth(input);
  checkTags(input.Tags ?? []);
  if (input.GlobalTableSourceArn !== undefined) {
    throw validation('Replicas of a table are made by synchronization, not by CreateTable');
  }
}

export function billingOf(input: NewTable): BillingMode {
  return input.BillingMode ?? 'PROVISIONED';
}

/** Rows 3 to 5. */
function checkBilling(input: NewTable): void {
  checkNoUnits(input.BillingMode, input.ProvisionedThroughput);
  if (billingOf(input) === 'PROVISIONED' && input.ProvisionedThroughput === undefined) {
    throw invalid(
      'ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is ' +
        'PROVISIONED',
    );
  }
  checkBounds(input.ProvisionedThroughput);
}

/** Rows 13 to 24. */
function checkLocalIndexes(
  input: NewTable,
  indexes: readonly LocalIndexInput[],
  names: Set<string>,
): void {
  if (indexes.length === 0) throw invalid('List of LocalSecondaryIndexes is empty');
  const [hash, range] = input.KeySchema;
  if (hash === undefined || range === undefined) {
    throw invalid(
      'Table KeySchema does not have a range key, which is required when specifying a ' +
        'LocalSecondaryIndex',
    );
  }
  for (const index of indexes) {
    checkLocalIndex(index, input.AttributeDefinitions, hash.AttributeName);
    checkName(index.IndexName, names);
  }
  if (indexes.length > localIndexesMax) {
    throw invalid(`Number of LocalSecondaryIndexes exceeds per-table limit of ${localIndexesMax}`);
  }
}

/** Rows 25 to 28 and 31 to 33, and 15 to 23 of the global indexes. */
function checkGlobalIndexes(
  input: NewTable,
  indexes: readonly GlobalIndexInput[],
  names: Set<string>,
): void {
  if (indexes.length === 0) throw invalid('List of GlobalSecondaryIndexes is empty');
  for (const index of indexes) {
    checkGlobalIndex(index, input.AttributeDefinitions);
    checkName(index.IndexName, names);
    checkGlobalUnits(index, billingOf(input));
  }
  for (const { KeySchema } of indexes) checkGlobalParts(KeySchema);
  checkGlobalCount(indexes.length);
}

/** Row 28. */
export function checkGlobalCount(count: number): void {
  if (count > globalIndexesMax) {
    throw invalid(`GlobalSecondaryIndex count exceeds the per-table limit of ${globalIndexesMax}`);
  }
}

/** Row 23: local and global indexes share their names. */
function checkName(name: string, names: Set<string>): void {
  if (names.has(name)) throw invalid(`Duplicate index name: ${name}`);
  names.add(name);
}

/** Row 30, which is told before rows 12 and 29 are judged. */
function checkDefinedOnce(definitions: readonly DefinitionInput[]): void {
  const defined = namesOf(definitions);
  const twice = defined.find((name, at) => defined.indexOf(name) < at);
  if (twice !== undefined) throw invalid(`Attribute Name is duplicated: ${twice}`);
}

/** Row 29. */
function checkDefinitions(input: NewTable): void {
  const indexes = [...(input.LocalSecondaryIndexes ?? []), ...(input.GlobalSecondaryIndexes ?? [])];
  const used = new Set([
    ...namesOf(input.KeySchema),
    ...indexes.flatMap(({ KeySchema }) => namesOf(KeySchema)),
  ]);
  const defined = namesOf(input.AttributeDefinitions);
  if (defined.some((name) => !used.has(name))) {
    throw invalid(
      `Some AttributeDefinitions are not used. AttributeDefinitions: [${defined.join(', ')}], ` +
        `keys used: [${[...used].join(', ')}]`,
    );
  }
}

/** Rows 34 and 35. */
function checkStream(stream: StreamInput | undefined): void {
  if (stream === undefined) return;
  const isOn = stream.StreamEnabled;
  if (isOn === (stream.StreamViewType !== undefined)) return;
  throw invalid(
    isOn
      ? 'Table is being created with a stream enabled, UpdateViewType is required'
      : 'Table is being created with a stream disabled, UpdateViewType should not be specified',
  );
}

/** Rows 37 and 38, of the table and then of its indexes. */
function checkMaximumsAndWarmth(input: NewTable): void {
  const billing = billingOf(input);
  const isOnDemand = billing === 'PAY_PER_REQUEST';
  const parts = [
    { what: 'table', given: input },
    ...(input.GlobalSecondaryIndexes ?? []).map((index) => ({
      what: `index ${index.IndexName}`,
      given: index,
    })),
  ];
  for (const { what, given } of parts) {
    checkOnDemand(given.OnDemandThroughput, isOnDemand, what, true);
  }
  for (const { what, given } of parts) {
    const natural = naturalWarmth({ billing }, throughputOf(given.ProvisionedThroughput));
    checkWarmEnough(given.WarmThroughput, natural, isOnDemand, what);
  }
}
