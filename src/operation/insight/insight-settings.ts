/**
 * Of which tables and indexes the hottest keys are counted: contributor insights, as a table's
 * settings keep them. An index that was never told is not among them.
 */
import { resourceNotFound } from '../../base/errors.ts';
import { findIndex } from '../../table/indexes.ts';
import type { IndexState, KeySchema, TableState } from '../../table/state.ts';
import { type InsightSettings, settingsOf, storedSettings } from '../table/settings.ts';

/** In the order of names, the table first. */
export function insightsOf(table: TableState): readonly InsightSettings[] {
  return settingsOf(table).ContributorInsights ?? [];
}

export function insightOf(table: TableState, index: string): InsightSettings | undefined {
  return settingsOf(table).ContributorInsights?.find(({ IndexName }) => IndexName === index);
}

export function withInsight(table: TableState, insight: InsightSettings): TableState {
  const others = insightsOf(table).filter(({ IndexName }) => IndexName !== insight.IndexName);
  const all = [...others, insight].sort((a, b) => (a.IndexName < b.IndexName ? -1 : 1));
  const settings = storedSettings({ ...settingsOf(table), ContributorInsights: all });
  return { ...table, settings };
}

/** The global index of that name; throws when there is none. Local ones share their table's. */
export function insightIndex(table: TableState, name: string | undefined): IndexState | undefined {
  if (name === undefined) return undefined;
  const index = findIndex(table, name);
  if (index?.kind === 'global') return index;
  throw resourceNotFound(
    `Requested resource not found: Table: ${table.name} Index: ${name} not found`,
  );
}

/** The names of its rules, as CloudWatch has them. */
export function ruleNames(
  table: TableState,
  keys: KeySchema,
  { IndexName, Mode, EnabledMs }: InsightSettings,
): readonly string[] {
  const counted = Mode === 'THROTTLED_KEYS' ? 'T' : 'CT';
  const resource = IndexName === '' ? table.name : `${table.name}-${IndexName}`;
  return [...counted].flatMap((sum) => {
    const kinds = keys.range.length === 0 ? ['PK'] : ['PK', 'SK'];
    return kinds.map((kind) => {
      return `DynamoDBContributorInsights-${kind}${sum}-${resource}-${EnabledMs}`;
    });
  });
}
