/** Contributor insights of a worker, as the page asks for them. */
import { open } from 'tidetable';
import { expect, test } from 'vitest';

test('the hottest keys of a worker are told to the page', { timeout: 60_000 }, async () => {
  const TableName = 'Hot';
  const table = {
    TableName,
    AttributeDefinitions: [{ AttributeName: 'p', AttributeType: 'S' }],
    KeySchema: [{ AttributeName: 'p', KeyType: 'HASH' }],
    BillingMode: 'PAY_PER_REQUEST',
  } as const;
  const db = await open(`insights-${crypto.randomUUID()}`, { tables: [table] });
  await db.updateContributorInsights({ TableName, ContributorInsightsAction: 'ENABLE' });
  for (const p of ['a', 'b', 'b']) await db.putItem({ TableName, Item: { p, at: Math.random() } });
  const { accessed } = await db.contributors({ table: TableName, top: 1 });
  expect(accessed.partitionKeys).toMatchObject({
    contributors: [{ key: { p: 'b' }, sum: 2 }],
    total: 3,
    isExact: true,
  });
  await expect(db.contributors({ table: 'None' })).rejects.toThrow('None not found');
  await db.close();
});
