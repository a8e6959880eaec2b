/**
 * ListContributorInsights: the tables and indexes whose hottest keys are counted, or were, in the
 * order of names. The token names the last of a page.
 */
import { decodeBase64, encodeBase64 } from '../../base/base64.ts';
import { textOf, utf8 } from '../../base/bytes.ts';
import { validation } from '../../base/errors.ts';
import { listInsightsMax, tablesMax } from '../../base/limits.ts';
import { integer, ownTableName, string, struct } from '../../shape/constructors.ts';
import type { Catalog } from '../../table/catalog.ts';
import type { TableState } from '../../table/state.ts';
import { type Operation, operation } from '../operation.ts';
import { knownTable } from '../table/stored.ts';
import type { InsightSettings } from '../table/settings.ts';
import { insightsOf } from './insight-settings.ts';

interface Place {
  readonly table: string;
  readonly index: string;
}

interface Found extends Place {
  readonly insight: InsightSettings;
}

export const ListContributorInsights: Operation = operation({
  name: 'ListContributorInsights',
  kind: 'read',
  input: struct({
    TableName: ownTableName,
    NextToken: string(),
    MaxResults: integer({ max: listInsightsMax }),
  }),
  check(input) {
    const { NextToken: token } = input;
    return { input, after: token === undefined ? undefined : placeOf(token) };
  },
  plan: (checked) => checked,
  decide({ input, after }, { catalog }) {
    const limit = Math.max(1, input.MaxResults ?? listInsightsMax);
    const all = tablesOf(catalog, input.TableName).flatMap(foundIn);
    const left = after === undefined ? all : all.filter((one) => isBehind(one, after));
    const page = left.slice(0, limit);
    const last = left.length > page.length ? page.at(-1) : undefined;
    return {
      output: {
        ContributorInsightsSummaries: page.map(({ table, index, insight }) => ({
          TableName: table,
          ...(index !== '' && { IndexName: index }),
          ContributorInsightsStatus: insight.Enabled ? 'ENABLED' : 'DISABLED',
          ContributorInsightsMode: insight.Mode,
        })),
        ...(last && { NextToken: encodeBase64(utf8(JSON.stringify([last.table, last.index]))) }),
      },
    };
  },
  consistent: () => true,
});

function tablesOf(catalog: Catalog, name: string | undefined): readonly TableState[] {
  if (name !== undefined) return [knownTable(catalog, name)];
  return catalog.names(undefined, tablesMax).flatMap((one) => catalog.find(one) ?? []);
}

function foundIn(table: TableState): readonly Found[] {
  return insightsOf(table).map((insight) => {
    return { table: table.name, index: insight.IndexName, insight };
  });
}

function isBehind({ table, index }: Place, after: Place): boolean {
  return table > after.table || (table === after.table && index > after.index);
}

function placeOf(token: string): Place {
  try {
    const bytes = decodeBase64(token);
    const [table, index] = JSON.parse(bytes === undefined ? '' : textOf(bytes)) as unknown[];
    if (typeof table === 'string' && typeof index === 'string') return { table, index };
  } catch {
    // It was not written here.
  }
  throw validation('Invalid NextToken');
}
