/** Dynamoose over the HTTP endpoint. */
import { DynamoDB } from '@aws-sdk/client-dynamodb';
import { test } from 'vitest';
import { openEndpoint } from '../support/endpoint.ts';
import { useDynamoose } from './dynamoose-use.ts';

test('a program of Dynamoose runs to its end', { timeout: 60_000 }, async () => {
  const endpoint = await openEndpoint();
  const credentials = { accessKeyId: 'x', secretAccessKey: 'y' };
  const client = new DynamoDB({ endpoint: endpoint.url, region: 'us-east-1', credentials });
  try {
    await useDynamoose(client);
  } finally {
    client.destroy();
    await endpoint.close();
  }
});
