/** OneTable in the page, over a worker's database. */
import './node-globals.ts';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { open } from 'tidetable';
import { clientConfig } from 'tidetable/aws';
import { test } from 'vitest';
import { useOneTable } from '../../libraries/onetable-use.ts';

test('a program of OneTable runs to its end', { timeout: 60_000 }, async () => {
  const db = await open(`onetable-${crypto.randomUUID()}`);
  await useOneTable(new DynamoDBClient(clientConfig(db)));
  await db.close();
});
