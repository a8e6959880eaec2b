/** ElectroDB in the page, over a worker's database. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { open } from 'tidetable';
import { clientConfig } from 'tidetable/aws';
import { test } from 'vitest';
import { useElectrodb } from '../../libraries/electrodb-use.ts';

test('a program of ElectroDB runs to its end', { timeout: 60_000 }, async () => {
  const db = await open(`electrodb-${crypto.randomUUID()}`);
  await useElectrodb(new DynamoDBClient(clientConfig(db)), 'raw');
  await db.close();
});
