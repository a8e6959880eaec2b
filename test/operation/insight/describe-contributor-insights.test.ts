import { expect, test } from 'vitest';
import { DescribeContributorInsights } from '../../../src/operation/insight/describe-contributor-insights.ts';
import { findOperation } from '../../../src/operation/registry.ts';
import { ItemWorld } from '../../support/item-world.ts';

test('DescribeContributorInsights is a read, by name or ARN', () => {
  expect(findOperation('DescribeContributorInsights')).toBe(DescribeContributorInsights);
  expect(DescribeContributorInsights).toMatchObject({ kind: 'read', internal: false });
  expect(DescribeContributorInsights.consistent?.({})).toBe(true);
  const made = new ItemWorld();
  made.table('Tab', ['p:S']);
  const TableName = 'arn:aws:dynamodb:local:000000000000:table/Tab';
  expect(made.call('DescribeContributorInsights', { TableName })).toEqual({
    TableName: 'Tab',
    ContributorInsightsStatus: 'DISABLED',
  });
});
