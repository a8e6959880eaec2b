/**
 * Select: which attributes a Query or Scan answers with, and where an index must ask its table
 * (reference/query-scan-indexes.md, section 2).
 */
import { invalid, validation } from '../../base/errors.ts';
import type { Condition } from '../../expression/condition.ts';
import type { Projection } from '../../expression/projection.ts';
import { findIndex, projectedNames } from '../../table/indexes.ts';
import type { IndexState, TableState } from '../../table/state.ts';
import type { Select } from './fields.ts';

export interface SelectInput {
  readonly IndexName?: string | undefined;
  readonly Select?: Select | undefined;
  readonly ConsistentRead?: boolean | undefined;
  readonly ProjectionExpression?: string | undefined;
  readonly AttributesToGet?: readonly string[] | undefined;
}

/** Combinations that need no table to be refused. */
export function checkSelect(operation: 'Query' | 'Scan', input: SelectInput): void {
  const { Select: select } = input;
  const given = projectionMember(input);
  if (given !== undefined && select !== undefined && select !== 'SPECIFIC_ATTRIBUTES') {
    const wanted = select === 'COUNT' ? 'only the Count' : select;
    throw validation(`Cannot specify the ${given} when choosing to get ${wanted}`);
  }
  if (select === 'ALL_PROJECTED_ATTRIBUTES' && input.IndexName === undefined) {
    throw validation('ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName');
  }
  if (select === 'SPECIFIC_ATTRIBUTES' && given === undefined) {
    // Only Query has the envelope of a constraint (reference/protocol.md, section 6).
    throw validation(
      (operation === 'Query' ? '1 validation error detected: ' : '') +
        'Must specify the AttributesToGet or ProjectionExpression when choosing to get ' +
        'SPECIFIC_ATTRIBUTES',
    );
  }
}

/** The index a read names; throws when it is unknown, not ready, or asked to be consistent. */
export function indexToRead(table: TableState, input: SelectInput): IndexState | undefined {
  const { IndexName: name } = input;
  if (name === undefined) return undefined;
  const index = findIndex(table, name);
  if (index === undefined || index.status === 'DELETING') {
    throw validation(`The table does not have the specified index: ${name}`);
  }
  if (index.kind === 'global' && input.ConsistentRead === true) {
    throw validation('Consistent reads are not supported on global secondary indexes');
  }
  if (index.backfilling || index.status === 'CREATING') {
    throw validation(`Cannot read from backfilling global secondary index: ${name}`);
  }
  return index;
}

/** Throws when a global index cannot give what is asked of it. */
export function checkProjected(
  table: TableState,
  index: IndexState | undefined,
  input: SelectInput,
  projection: Projection | undefined,
): void {
  if (index?.kind !== 'global') return;
  const names = projectedNames(table, index);
  if (names === undefined) return;
  if (input.Select === 'ALL_ATTRIBUTES') {
    throw invalid(
      'Select type ALL_ATTRIBUTES is not supported for global secondary index ' +
        `${index.name} because its projection type is not ALL`,
    );
  }
  const missing = [...(projection?.roots ?? [])].filter((name) => !names.has(name));
  if (missing.length > 0) {
    throw invalid(`Global secondary index ${index.name} does not project [${missing.join(', ')}]`);
  }
}

/** What a local index must fetch the whole item from its table for. */
export interface ReachBack {
  readonly forFilter: boolean;
  readonly forResult: boolean;
}

export function reachBackOf(
  table: TableState,
  index: IndexState | undefined,
  select: Select | undefined,
  projection: Projection | undefined,
  filter: Condition | undefined,
): ReachBack {
  const names = index?.kind === 'local' ? projectedNames(table, index) : undefined;
  if (names === undefined) return { forFilter: false, forResult: false };
  const isOutside = (name: string): boolean => !names.has(name);
  return {
    forFilter: [...(filter?.roots ?? [])].some(isOutside),
    forResult: select === 'ALL_ATTRIBUTES' || [...(projection?.roots ?? [])].some(isOutside),
  };
}

function projectionMember(input: SelectInput): string | undefined {
  if (input.ProjectionExpression !== undefined) return 'ProjectionExpression';
  return input.AttributesToGet === undefined ? undefined : 'AttributesToGet';
}
