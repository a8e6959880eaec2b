import { describe, expect, test } from 'vitest';
import { UpdateContributorInsights } from '../../../src/operation/insight/update-contributor-insights.ts';
import { findOperation } from '../../../src/operation/registry.ts';
import { createCatalog } from '../../../src/table/catalog.ts';
import { putTable } from '../../../src/table/system-items.ts';
import { ItemWorld } from '../../support/item-world.ts';

const on = { TableName: 'Tab', ContributorInsightsAction: 'ENABLE' };

function world(): ItemWorld {
  const made = new ItemWorld();
  made.table('Tab', ['p:S']);
  return made;
}

describe('UpdateContributorInsights', () => {
  test('writes nothing when it is so already', () => {
    expect(findOperation('UpdateContributorInsights')).toBe(UpdateContributorInsights);
    const made = world();
    expect(made.effect('UpdateContributorInsights', on).commits).toHaveLength(1);
    made.run('UpdateContributorInsights', on);
    expect(made.effect('UpdateContributorInsights', on).commits).toEqual([]);
  });

  test.each([
    ['CREATING', 'created'],
    ['DELETING', 'deleted'],
  ] as const)('is refused while the table is %s', (status, what) => {
    const made = world();
    const table = createCatalog(made.reader).table('Tab');
    made.reader.apply([putTable(made.reader, { ...table, status })]);
    expect(made.refuse('UpdateContributorInsights', on)).toMatchObject({
      name: 'ResourceInUseException',
      message: `Attempt to change a resource which is still in use: Table is being ${what}: Tab`,
    });
  });
});
