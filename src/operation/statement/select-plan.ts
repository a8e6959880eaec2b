/**
 * What a SELECT reads: ranges of a table or index where its WHERE clause fixes the partition key,
 * else all of it, with the rest of the clause as a filter
 * (reference/transactions-batch-partiql.md, sections 7 and 8).
 */
import { compareBytes, equalBytes } from '../../base/bytes.ts';
import { invalid, validation } from '../../base/errors.ts';
import { compileCondition } from '../../expression/condition.ts';
import type { KeyTerm } from '../../expression/key-condition.ts';
import { allOf, type Branch, branchesOf } from '../../partiql/branches.ts';
import type { CompiledSelect } from '../../partiql/compile.ts';
import { findIndex, projectedNames } from '../../table/indexes.ts';
import type { IndexState, KeySchema, TableState } from '../../table/state.ts';
import type { KeyRange } from '../../tree/reader.ts';
import { orderValues } from '../../value/compare.ts';
import type { Value } from '../../value/value.ts';
import { keyRange, type QueryRange } from '../item/key-range.ts';
import type { PageRead } from '../item/read-page.ts';
import { checkProjected, reachBackOf } from '../item/select.ts';
import { keyNames } from './statement-input.ts';

export interface SelectRead {
  readonly page: Omit<PageRead, 'limit'>;
  /** Undefined of a scan. */
  readonly query: QueryRange | undefined;
}

/** Throws whatever a SELECT gets wrong about its table. */
export function planSelect(
  select: CompiledSelect,
  table: TableState,
  isConsistent: boolean,
): readonly SelectRead[] {
  const index = indexOf(table, select.index, isConsistent);
  if (select.columnFault !== undefined) throw validation(select.columnFault);
  checkProjected(table, index, {}, select.projection);
  const keys = index?.keys ?? table.keys;
  const branches = select.where && branchesOf(select.where, keyNames(keys));
  checkOrder(select, keys, branches);
  if (branches === undefined) return [scanOf(select, table, index)];
  const isReverse = isReversed(select, keys);
  const reads = withoutOverlap(branches.map((branch) => partOf(branch, keys)));
  return inOrder(reads, select, keys, isReverse).map((part) =>
    readOf(part, select, table, index, isReverse),
  );
}

/** The index a statement names; throws when it is unknown, not ready, or of a kind not read so. */
export function indexOf(
  table: TableState,
  name: string | undefined,
  isConsistent: boolean,
): IndexState | undefined {
  if (name === undefined) return undefined;
  const index = findIndex(table, name);
  if (index === undefined || index.status === 'DELETING') {
    throw validation('The table does not have the specified index');
  }
  if (index.keys.hash.length > 1 || index.keys.range.length > 1) {
    throw validation(
      'PartiQL statements cannot be executed on tables with multi-attribute HASH keys or ' +
        'multi-attribute RANGE keys.',
    );
  }
  if (index.kind === 'global' && isConsistent) {
    throw validation('Strongly consistent read is not supported on Global Secondary Indexes');
  }
  if (index.backfilling || index.status === 'CREATING') {
    throw validation(`Cannot read from backfilling global secondary index: ${name}`);
  }
  return index;
}

/** A branch with the bytes of its keys. */
interface Part extends Branch {
  readonly query: QueryRange;
}

function partOf(branch: Branch, keys: KeySchema): Part {
  const [hash, range] = keyNames(keys);
  const equal: KeyTerm = { name: hash, operator: '=', values: [branch.hash] };
  checkType(keys.hash[0]?.type, equal);
  let query = keyRange(keys, { terms: [equal], legacy: false });
  for (const term of range === undefined ? [] : branch.range) {
    checkType(keys.range[0]?.type, term);
    const other = keyRange(keys, { terms: [equal, term], legacy: false });
    query = {
      partition: query.partition,
      range: common(query.range, other.range),
      isWhole: query.isWhole || other.isWhole,
    };
  }
  return { ...branch, query };
}

function checkType(type: Value['type'] | undefined, { name, values }: KeyTerm): void {
  if (values.every((value) => value.type === type)) return;
  throw validation(
    `Key attribute's data type should match its data type in table's schema: Key ${name}`,
  );
}

/**
 * No item may come twice. Branches that overlap are refused, but for those that exclude sort keys:
 * they are read as one, whose filter is that either holds.
 */
function withoutOverlap(parts: readonly Part[]): readonly Part[] {
  const found: Part[] = [];
  for (const part of parts) {
    let joined = part;
    for (let at = found.length - 1; at >= 0; at -= 1) {
      const other = found[at] as Part;
      if (!overlaps(joined, other)) continue;
      if (!joined.excludes && !other.excludes) {
        throw validation(
          'Overlapping conditions with range keys are not supported in where clause',
        );
      }
      joined = eitherOf(other, joined);
      found.splice(at, 1);
    }
    found.push(joined);
  }
  return found;
}

function overlaps(a: Part, b: Part): boolean {
  if (!equalBytes(a.query.partition, b.query.partition)) return false;
  return !isEmpty(common(a.query.range, b.query.range));
}

function eitherOf(a: Part, b: Part): Part {
  const whole = { type: 'or', operands: [a.whole, b.whole] } as const;
  const { partition, range: one } = a.query;
  const two = b.query.range;
  const from = lowest(one.from, two.from);
  const to = one.to && two.to && (compareBytes(one.to, two.to) < 0 ? two.to : one.to);
  return {
    ...a,
    range: [],
    rest: [whole],
    whole,
    query: { partition, range: { from, to }, isWhole: false },
  };
}

/** The parts as ORDER BY wants them; else as they were written. */
function inOrder(
  parts: readonly Part[],
  { orderBy }: CompiledSelect,
  { hash }: KeySchema,
  isReverse: boolean,
): readonly Part[] {
  if (orderBy.length === 0) return parts;
  const isDescending = orderBy.some((term) => term.name === hash[0]?.name && term.isDescending);
  return [...parts].sort((a, b) => {
    const byHash = orderValues(a.hash, b.hash) ?? 0;
    if (byHash !== 0) return isDescending ? -byHash : byHash;
    const byRange = compareBytes(startOf(a), startOf(b));
    return isReverse ? -byRange : byRange;
  });
}

/** ORDER BY without the sort key turns its order round, as a live table was seen to do. */
function isReversed({ orderBy }: CompiledSelect, { range }: KeySchema): boolean {
  const term = orderBy.find(({ name }) => name === range[0]?.name);
  return orderBy.length > 0 && (term?.isDescending ?? true);
}

function checkOrder(
  { orderBy, where }: CompiledSelect,
  keys: KeySchema,
  branches: readonly Branch[] | undefined,
): void {
  if (orderBy.length === 0) return;
  if (where === undefined) {
    throw validation('Must have WHERE clause in the statement when using ORDER BY clause.');
  }
  if (branches === undefined) {
    throw validation(
      'Must have at least one non-optional hash key condition in WHERE clause when using ' +
        'ORDER BY clause.',
    );
  }
  const names = keyNames(keys);
  const stranger = orderBy.find(({ name }) => !names.includes(name));
  if (stranger !== undefined) {
    throw validation(
      `Attribute ${stranger.name} in ORDER BY clause must be part of the primary key`,
    );
  }
  const [first] = branches;
  const isOne = branches.every(({ hash }) => first && orderValues(hash, first.hash) === 0);
  if (isOne || orderBy.some(({ name }) => name === names[0])) return;
  throw validation(
    'Must have hash key in ORDER BY clause when more than one hash key condition specified in ' +
      'WHERE clause.',
  );
}

function readOf(
  { rest, query }: Part,
  { projection }: CompiledSelect,
  table: TableState,
  index: IndexState | undefined,
  isReverse: boolean,
): SelectRead {
  const condition = allOf(rest);
  const filter = condition && compileCondition(condition);
  if (filter !== undefined && index !== undefined) checkFilter(table, index, filter.roots);
  return {
    query,
    page: {
      table,
      index,
      range: isEmpty(query.range) ? { from: query.partition, to: query.partition } : query.range,
      isReverse,
      filter,
      projection,
      isCount: false,
      reachBack: reachBackOf(table, index, undefined, projection, undefined),
      isRestartable: index !== undefined || !query.isWhole,
    },
  };
}

function checkFilter(table: TableState, index: IndexState, roots: ReadonlySet<string>): void {
  const names = projectedNames(table, index);
  const missing = names === undefined ? [] : [...roots].filter((name) => !names.has(name));
  if (missing.length === 0) return;
  throw invalid(
    `Secondary index ${index.name} does not project one or more filter attributes: ` +
      `[${missing.join(', ')}]`,
  );
}

/** The filter of a scan sees what the index holds, and nothing else. */
function scanOf(
  { where, projection }: CompiledSelect,
  table: TableState,
  index: IndexState | undefined,
): SelectRead {
  return {
    query: undefined,
    page: {
      table,
      index,
      range: {},
      isReverse: false,
      filter: where && compileCondition(where),
      projection,
      isCount: false,
      reachBack: reachBackOf(table, index, undefined, projection, undefined),
      isRestartable: true,
    },
  };
}

/** Of ranges of one partition. */
function common(a: KeyRange, b: KeyRange): KeyRange {
  const from = a.from && b.from && (compareBytes(a.from, b.from) < 0 ? b.from : a.from);
  return { from: from ?? a.from ?? b.from, to: lowest(a.to, b.to) ?? a.to ?? b.to };
}

function lowest(a: Uint8Array | undefined, b: Uint8Array | undefined): Uint8Array | undefined {
  return a && b && (compareBytes(a, b) < 0 ? a : b);
}

function isEmpty({ from, to }: KeyRange): boolean {
  return from !== undefined && to !== undefined && compareBytes(from, to) >= 0;
}

function startOf({ query }: Part): Uint8Array {
  return query.range.from ?? query.partition;
}
