/** DynamoDB-Toolbox in the page, over a worker's database. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { open } from 'tidetable';
import { clientConfig } from 'tidetable/aws';
import { test } from 'vitest';
import { useToolbox } from '../../libraries/dynamodb-toolbox-use.ts';

test('a program of DynamoDB-Toolbox runs to its end', { timeout: 60_000 }, async () => {
  const db = await open(`dynamodb-toolbox-${crypto.randomUUID()}`);
  await useToolbox(new DynamoDBClient(clientConfig(db)));
  await db.close();
});
