/** Time to live in the page, over a worker that deletes what is over by itself. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBStreamsClient } from '@aws-sdk/client-dynamodb-streams';
import { open } from 'tidetable';
import { clientConfig } from 'tidetable/aws';
import { expect, test } from 'vitest';
import { useTimeToLive } from '../../libraries/ttl-use.ts';

test('items expire', { timeout: 60_000 }, async () => {
  const db = await open(`ttl-${crypto.randomUUID()}`);
  const config = clientConfig(db);
  await useTimeToLive(new DynamoDBClient(config), new DynamoDBStreamsClient(config));
  const TableName = 'Sessions';
  expect(await db.describeTimeToLive({ TableName })).toMatchObject({
    TimeToLiveDescription: { TimeToLiveStatus: 'ENABLED' },
  });
  await db.putItem({ TableName, Item: { id: 'x', until: Math.floor(Date.now() / 1000) - 10 } });
  const input = { TableName, Key: { id: 'x' } };
  expect(await db.getItem(input, { hideExpired: true })).toEqual({});
  await db.close();
});
