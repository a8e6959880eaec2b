/** The AWS SDK's streams client, over the HTTP endpoint and in process. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBStreamsClient } from '@aws-sdk/client-dynamodb-streams';
import { test } from 'vitest';
import { openInMemory } from '../../src/client/in-memory.ts';
import { clientConfig } from '../../src/client/sdk.ts';
import { openEndpoint } from '../support/endpoint.ts';
import { useStreams } from './streams-use.ts';

test('consumes a stream over HTTP', { timeout: 60_000 }, async () => {
  const endpoint = await openEndpoint();
  const credentials = { accessKeyId: 'x', secretAccessKey: 'y' };
  const config = { endpoint: endpoint.url, region: 'us-east-1', credentials };
  const [client, streams] = [new DynamoDBClient(config), new DynamoDBStreamsClient(config)];
  try {
    await useStreams(client, streams);
  } finally {
    client.destroy();
    streams.destroy();
    await endpoint.close();
  }
});

test('consumes a stream in process', { timeout: 60_000 }, async () => {
  const db = await openInMemory();
  const config = clientConfig(db);
  await useStreams(new DynamoDBClient(config), new DynamoDBStreamsClient(config));
  await db.close();
});
