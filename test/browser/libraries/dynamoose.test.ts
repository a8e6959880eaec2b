/** Dynamoose in the page, over a worker's database. */
import './node-globals.ts';
import { DynamoDB } from '@aws-sdk/client-dynamodb';
import { open } from 'tidetable';
import { clientConfig } from 'tidetable/aws';
import { test } from 'vitest';
import { useDynamoose } from '../../libraries/dynamoose-use.ts';

test('a program of Dynamoose runs to its end', { timeout: 60_000 }, async () => {
  const db = await open(`dynamoose-${crypto.randomUUID()}`);
  await useDynamoose(new DynamoDB(clientConfig(db)));
  await db.close();
});
