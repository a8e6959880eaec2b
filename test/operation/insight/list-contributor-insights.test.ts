import { expect, test } from 'vitest';
import { findOperation } from '../../../src/operation/registry.ts';
import { ItemWorld } from '../../support/item-world.ts';

test('ListContributorInsights ends a page only where there is more', () => {
  const row = findOperation('ListContributorInsights');
  expect(row).toMatchObject({ kind: 'read', internal: false });
  expect(row?.consistent?.({})).toBe(true);
  const made = new ItemWorld();
  for (const name of ['Aaa', 'Bbb']) {
    made.table(name, ['p:S']);
    const input = { TableName: name, ContributorInsightsAction: 'ENABLE' };
    made.run('UpdateContributorInsights', input);
  }
  const page = (MaxResults: number): unknown => {
    return made.call('ListContributorInsights', { MaxResults })['NextToken'];
  };
  expect(page(2)).toBeUndefined();
  expect(page(1)).toEqual(expect.any(String));
});
