/** DescribeContributorInsights: whether the hottest keys of a table or an index are counted. */
import { indexName, ownTableName, struct } from '../../shape/constructors.ts';
import { type Operation, operation } from '../operation.ts';
import { knownTable } from '../table/stored.ts';
import { insightIndex, insightOf, ruleNames } from './insight-settings.ts';

export const DescribeContributorInsights: Operation = operation({
  name: 'DescribeContributorInsights',
  kind: 'read',
  input: struct({ TableName: ownTableName.required, IndexName: indexName }),
  check: (input) => input,
  plan(input, { catalog }) {
    const table = knownTable(catalog, input.TableName);
    return { table, index: insightIndex(table, input.IndexName) };
  },
  decide({ table, index }) {
    const identity = { TableName: table.name, ...(index && { IndexName: index.name }) };
    const insight = insightOf(table, index?.name ?? '');
    if (insight === undefined) {
      return { output: { ...identity, ContributorInsightsStatus: 'DISABLED' } };
    }
    const { Enabled, ChangedMs, Mode } = insight;
    const keys = index?.keys ?? table.keys;
    return {
      output: {
        ...identity,
        ContributorInsightsRuleList: Enabled ? ruleNames(table, keys, insight) : [],
        ContributorInsightsStatus: Enabled ? 'ENABLED' : 'DISABLED',
        LastUpdateDateTime: ChangedMs / 1000,
        ContributorInsightsMode: Mode,
      },
    };
  },
  consistent: () => true,
});
