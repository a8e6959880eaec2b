/**
 * UpdateContributorInsights: the hottest keys of a table or a global index are counted, or are not
 * any more. It is so when this is answered; the answer shows the way there, as DynamoDB's does.
 */
import { indexName, oneOf, ownTableName, struct } from '../../shape/constructors.ts';
import { putTable } from '../../table/system-items.ts';
import { type Operation, operation } from '../operation.ts';
import { checkChangeable, knownTable, systemCommit } from '../table/stored.ts';
import type { InsightSettings } from '../table/settings.ts';
import { insightIndex, insightOf, withInsight } from './insight-settings.ts';

export const UpdateContributorInsights: Operation = operation({
  name: 'UpdateContributorInsights',
  kind: 'write',
  input: struct({
    TableName: ownTableName.required,
    IndexName: indexName,
    ContributorInsightsAction: oneOf('ENABLE', 'DISABLE').required,
    ContributorInsightsMode: oneOf('ACCESSED_AND_THROTTLED_KEYS', 'THROTTLED_KEYS'),
  }),
  check: (input) => input,
  plan(input, { catalog }) {
    const table = knownTable(catalog, input.TableName);
    checkChangeable(table);
    insightIndex(table, input.IndexName);
    return { table, input };
  },
  decide({ table, input }, { reader, nowMs }) {
    const { IndexName = '', ContributorInsightsAction, ContributorInsightsMode } = input;
    const old = insightOf(table, IndexName);
    const Enabled = ContributorInsightsAction === 'ENABLE';
    const Mode = ContributorInsightsMode ?? old?.Mode ?? 'ACCESSED_AND_THROTTLED_KEYS';
    const isChange = (old?.Enabled ?? false) !== Enabled || old?.Mode !== Mode;
    const EnabledMs = old?.Enabled === true ? old.EnabledMs : nowMs;
    const next: InsightSettings = { IndexName, Enabled, Mode, ChangedMs: nowMs, EnabledMs };
    return {
      output: {
        TableName: table.name,
        ...(IndexName !== '' && { IndexName }),
        ContributorInsightsStatus: Enabled ? 'ENABLING' : 'DISABLING',
        ContributorInsightsMode: Mode,
      },
      commits: isChange ? [systemCommit([putTable(reader, withInsight(table, next))])] : [],
    };
  },
});
