/**
 * Contributor insights of one engine: what its calls consumed by key, in memory, and the report.
 *
 * Counted is what was answered, once each, however often it was run. Other engines over the store
 * count their own calls; a new engine begins at nothing. Where no table has insights on this holds
 * nothing, and no call tells it anything.
 */
import { validation } from '../base/errors.ts';
import { contributorsTopDefault, contributorsTopMax, contributorWindowMs } from '../base/limits.ts';
import { type Access, Contributors, type Rule } from '../insight/contributor.ts';
import { knownTable } from '../operation/table/stored.ts';
import { insightIndex, insightOf } from '../operation/insight/insight-settings.ts';
import type { KeySchema, TableState } from '../table/state.ts';
import { decodeKey } from '../value/key-decode.ts';
import { type PlainValue, toPlain } from '../value/plain.ts';
import type { Value } from '../value/value.ts';
import type {
  ContributorKey,
  ContributorsOptions,
  ContributorsReport,
  ContributorSums,
} from './engine-types.ts';
import type { PageLoader } from './load.ts';
import type { EngineState } from './state.ts';

export function countAccesses(state: EngineState, accesses: readonly Access[]): void {
  const nowMs = state.options.clock.monoMs();
  state.contributors ??= new Contributors(nowMs);
  for (const access of accesses) state.contributors.note(access, nowMs);
}

/**
 * Rejects with ResourceNotFoundException, with ValidationException where nothing is counted, and
 * with RangeError for a window or a number of keys that is none.
 */
export async function contributorsOf(
  state: EngineState,
  loader: PageLoader,
  options: ContributorsOptions,
): Promise<ContributorsReport> {
  const { clock } = state.options;
  checkAbove0('windowMs', options.windowMs);
  checkAbove0('top', options.top);
  const { tree, keys, enabledMs } = await loader.run(() => countedBy(state, options));
  const { windowMs: wantedMs = contributorWindowMs, top = contributorsTopDefault } = options;
  const nowMs = clock.monoMs();
  const wallMs = clock.wallMs();
  // While it was off nothing was counted, so what was counted before is of no window from then on.
  const windowMs = Math.min(wantedMs, Math.max(0, wallMs - enabledMs));
  const counted = state.contributors ?? new Contributors(nowMs);
  const sumsOf = (rule: Rule): ContributorSums => {
    const most = Math.min(contributorsTopMax, top);
    const report = counted.report({ tree, since: enabledMs }, rule, windowMs, most, nowMs);
    const { total, keys: held, leftOut } = report;
    const parts = partsOf(keys, rule);
    const contributors = report.contributors.map(({ key, most: sum, least }): ContributorKey => {
      return { key: keyOf(key, parts), sum, atLeast: least };
    });
    return { contributors, total, keys: held, leftOut, isExact: leftOut === 0 };
  };
  const { sinceMs } = counted.report({ tree, since: enabledMs }, 'PKC', windowMs, 0, nowMs);
  const hasSort = keys.range.length > 0;
  return {
    sinceMs: Math.max(wallMs - (nowMs - sinceMs), Math.min(enabledMs, wallMs)),
    accessed: { partitionKeys: sumsOf('PKC'), ...(hasSort && { keys: sumsOf('SKC') }) },
    throttled: { partitionKeys: sumsOf('PKT'), ...(hasSort && { keys: sumsOf('SKT') }) },
  };
}

/** The table or index that is asked about. */
function countedBy(
  state: EngineState,
  { table: name, index: indexName }: ContributorsOptions,
): Pick<TableState, 'tree' | 'keys'> & { readonly enabledMs: number } {
  const table = knownTable(state.catalog(), name);
  const index = insightIndex(table, indexName);
  const insight = insightOf(table, indexName ?? '');
  if (insight?.Enabled === true) {
    const { tree, keys } = index ?? table;
    return { tree, keys, enabledMs: insight.EnabledMs };
  }
  const what = indexName === undefined ? name : `${name}, index ${indexName},`;
  throw validation(`Contributor insights of ${what} are not enabled`);
}

function partsOf({ hash, range }: KeySchema, rule: Rule): KeySchema['hash'] {
  return rule === 'PKC' || rule === 'PKT' ? hash : [...hash, ...range];
}

function keyOf(key: Uint8Array, parts: KeySchema['hash']): Readonly<Record<string, PlainValue>> {
  const values = decodeKey(
    key,
    parts.map(({ type }) => type),
  );
  return Object.fromEntries(parts.map(({ name }, at) => [name, toPlain(values[at] as Value)]));
}

function checkAbove0(name: string, value: number | undefined): void {
  if (value === undefined || value > 0) return;
  throw new RangeError(`${name} must be a number above 0`);
}
