/** Time to live by the AWS SDK, over the HTTP endpoint and in process. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBStreamsClient } from '@aws-sdk/client-dynamodb-streams';
import { expect, test } from 'vitest';
import { openInMemory } from '../../src/client/in-memory.ts';
import { clientConfig } from '../../src/client/sdk.ts';
import { openEndpoint } from '../support/endpoint.ts';
import { useTimeToLive } from './ttl-use.ts';

test('items expire over HTTP', { timeout: 60_000 }, async () => {
  const endpoint = await openEndpoint();
  const credentials = { accessKeyId: 'x', secretAccessKey: 'y' };
  const config = { endpoint: endpoint.url, region: 'us-east-1', credentials };
  const [client, streams] = [new DynamoDBClient(config), new DynamoDBStreamsClient(config)];
  try {
    await useTimeToLive(client, streams);
  } finally {
    client.destroy();
    streams.destroy();
    await endpoint.close();
  }
});

test('items expire in process', { timeout: 60_000 }, async () => {
  const db = await openInMemory();
  const config = clientConfig(db);
  await useTimeToLive(new DynamoDBClient(config), new DynamoDBStreamsClient(config));
  await db.close();
});

test('native methods turn it on, and reads hide what is over', async () => {
  const db = await openInMemory();
  const TableName = 'Notes';
  await db.createTable({
    TableName,
    AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
    KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
    BillingMode: 'PAY_PER_REQUEST',
  });
  const TimeToLiveSpecification = { Enabled: true, AttributeName: 'until' };
  expect(await db.updateTimeToLive({ TableName, TimeToLiveSpecification })).toEqual({
    TimeToLiveSpecification,
  });
  expect(await db.describeTimeToLive({ TableName })).toEqual({
    TimeToLiveDescription: { TimeToLiveStatus: 'ENABLED', AttributeName: 'until' },
  });
  const now = Math.floor(Date.now() / 1000);
  await db.putItem({ TableName, Item: { id: 'a', until: now - 1000 } });
  const input = { TableName, Key: { id: 'a' } };
  expect(await db.getItem(input, { hideExpired: true })).toEqual({});
  expect(await db.scan({ TableName }, { hideExpired: true })).toMatchObject({ Count: 0 });
  await db.close();
});
