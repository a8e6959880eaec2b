/** DynamoDB-Toolbox over the HTTP endpoint. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { test } from 'vitest';
import { openEndpoint } from '../support/endpoint.ts';
import { useToolbox } from './dynamodb-toolbox-use.ts';

test('a program of DynamoDB-Toolbox runs to its end', { timeout: 60_000 }, async () => {
  const endpoint = await openEndpoint();
  const credentials = { accessKeyId: 'x', secretAccessKey: 'y' };
  const client = new DynamoDBClient({ endpoint: endpoint.url, region: 'us-east-1', credentials });
  try {
    await useToolbox(client);
  } finally {
    client.destroy();
    await endpoint.close();
  }
});
