/**
 * Secondary indexes as requests give them: judged one by one, and made into the engine's form.
 *
 * Rows are those of reference/types-and-limits.md, section 11. CreateTable and UpdateTable share
 * them; what concerns all indexes together (counts, names, unused definitions) is with CreateTable.
 */
import { invalid } from '../../base/errors.ts';
import { nonKeyAttributesTotalMax } from '../../base/limits.ts';
import type { IndexState, Projection } from '../../table/state.ts';
import { checkAllDefined, checkGlobalStart, checkSimpleOrder, keySchemaOf } from './key-schema.ts';
import type {
  BillingMode,
  DefinitionInput,
  GlobalIndexInput,
  KeyElement,
  LocalIndexInput,
  ProjectionInput,
} from './shapes.ts';
import { checkIndexUnits, throughputOf } from './throughput.ts';

/** Rows 15 to 22 of a local index, whose table has the hash key `tableHash`. */
export function checkLocalIndex(
  input: LocalIndexInput,
  definitions: readonly DefinitionInput[],
  tableHash: string,
): void {
  const { IndexName: name, KeySchema: keys } = input;
  checkAllDefined(keys, definitions);
  checkSimpleOrder(keys);
  if (keys.length < 2) {
    throw invalid(`Index KeySchema does not have a range key for index: ${name}`);
  }
  const hash = keys[0]?.AttributeName;
  if (hash !== tableHash) {
    throw invalid(
      'Index KeySchema does not have the same leading hash key as table KeySchema for index: ' +
        `${name}. index hash key: ${hash}, table hash key: ${tableHash}`,
    );
  }
  checkProjection(input.Projection);
}

/** Rows 15, 16 and 19 to 22 of a global index. */
export function checkGlobalIndex(
  input: GlobalIndexInput,
  definitions: readonly DefinitionInput[],
): void {
  checkAllDefined(input.KeySchema, definitions);
  checkGlobalStart(input.KeySchema);
  checkProjection(input.Projection);
}

/** Rows 26 and 27, and row 5 of the index. */
export function checkGlobalUnits(input: GlobalIndexInput, billing: BillingMode): void {
  checkIndexUnits(input.IndexName, input.ProvisionedThroughput, billing);
}

/** Section 10: all INCLUDE projections of a table together. The text is not confirmed. */
export function checkProjectedTotal(projections: readonly Projection[]): void {
  const total = projections.reduce((sum, { names }) => sum + names.length, 0);
  if (total > nonKeyAttributesTotalMax) {
    throw invalid(
      'Number of NonKeyAttributes over all indexes exceeds the per-table limit of ' +
        `${nonKeyAttributesTotalMax}`,
    );
  }
}

/** Rows 19 to 22. */
function checkProjection(input: ProjectionInput): void {
  const { ProjectionType: type, NonKeyAttributes: names } = input;
  if (type === undefined) throw invalid('Unknown ProjectionType: null');
  if (type !== 'INCLUDE' && names !== undefined) {
    throw invalid(`ProjectionType is ${type}, but NonKeyAttributes is specified`);
  }
  if (type === 'INCLUDE' && names === undefined) {
    throw invalid('ProjectionType is INCLUDE, but NonKeyAttributes is not specified');
  }
  const twice = names?.find((name, at) => names.indexOf(name) < at);
  if (twice !== undefined) throw invalid(`Duplicate element in NonKeyAttributes: ${twice}`);
}

interface Place {
  readonly tree: number;
  readonly status: IndexState['status'];
  readonly backfilling: boolean;
}

export function localIndexOf(
  input: LocalIndexInput,
  definitions: readonly DefinitionInput[],
  tree: number,
): IndexState {
  const place: Place = { tree, status: 'ACTIVE', backfilling: false };
  return { ...indexOf(input, definitions, place), kind: 'local' };
}

export function globalIndexOf(
  input: GlobalIndexInput,
  definitions: readonly DefinitionInput[],
  place: Place,
): IndexState {
  const throughput = throughputOf(input.ProvisionedThroughput);
  return { ...indexOf(input, definitions, place), kind: 'global', throughput };
}

export function projectionOf(input: ProjectionInput): Projection {
  return { type: input.ProjectionType ?? 'ALL', names: input.NonKeyAttributes ?? [] };
}

function indexOf(
  input: {
    readonly IndexName: string;
    readonly KeySchema: readonly KeyElement[];
    readonly Projection: ProjectionInput;
  },
  definitions: readonly DefinitionInput[],
  place: Place,
): Omit<IndexState, 'kind'> {
  return {
    name: input.IndexName,
    keys: keySchemaOf(input.KeySchema, definitions),
    projection: projectionOf(input.Projection),
    ...place,
  };
}
