/** Contributor insights by the AWS SDK over HTTP, and as a database's own methods. */
import {
  CreateTableCommand,
  DescribeContributorInsightsCommand,
  DynamoDBClient,
  paginateListContributorInsights,
  UpdateContributorInsightsCommand,
} from '@aws-sdk/client-dynamodb';
import { expect, test } from 'vitest';
import { openInMemory } from '../../src/client/in-memory.ts';
import { openEndpoint } from '../support/endpoint.ts';
import { simpleTable } from '../support/table-inputs.ts';

const names = ['One', 'Two', 'Three'];

test('turned on, described and listed over HTTP', { timeout: 60_000 }, async () => {
  const endpoint = await openEndpoint();
  const credentials = { accessKeyId: 'x', secretAccessKey: 'y' };
  const client = new DynamoDBClient({ endpoint: endpoint.url, region: 'us-east-1', credentials });
  try {
    for (const TableName of names) {
      await client.send(
        new CreateTableCommand({
          TableName,
          BillingMode: 'PAY_PER_REQUEST',
          AttributeDefinitions: [{ AttributeName: 'p', AttributeType: 'S' }],
          KeySchema: [{ AttributeName: 'p', KeyType: 'HASH' }],
        }),
      );
      const input = { TableName, ContributorInsightsAction: 'ENABLE' } as const;
      const answer = await client.send(new UpdateContributorInsightsCommand(input));
      expect(answer.ContributorInsightsStatus).toBe('ENABLING');
    }
    const described = await client.send(
      new DescribeContributorInsightsCommand({ TableName: 'One' }),
    );
    expect(described.ContributorInsightsStatus).toBe('ENABLED');
    expect(described.LastUpdateDateTime).toBeInstanceOf(Date);
    expect(described.ContributorInsightsRuleList).toHaveLength(2);
    const listed: unknown[] = [];
    for await (const page of paginateListContributorInsights({ client }, { MaxResults: 2 })) {
      for (const { TableName } of page.ContributorInsightsSummaries ?? []) listed.push(TableName);
    }
    expect(listed).toEqual([...names].sort());
  } finally {
    client.destroy();
    await endpoint.close();
  }
});

test('told of by the database', async () => {
  const db = await openInMemory();
  await db.call('CreateTable', simpleTable());
  const TableName = 'Simple';
  await db.updateContributorInsights({ TableName, ContributorInsightsAction: 'ENABLE' });
  await db.putItem({ TableName, Item: { a: 'hot' } });
  await db.putItem({ TableName, Item: { a: 'hot', n: 1 } });
  await db.putItem({ TableName, Item: { a: 'cold' } });
  const { accessed } = await db.contributors({ table: TableName });
  expect(accessed.partitionKeys.contributors).toEqual([
    { key: { a: 'hot' }, sum: 2, atLeast: 2 },
    { key: { a: 'cold' }, sum: 1, atLeast: 1 },
  ]);
  await db.close();
});
