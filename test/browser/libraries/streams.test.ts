/** The streams client of the AWS SDK in the page, over a worker, and the methods beside it. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBStreamsClient } from '@aws-sdk/client-dynamodb-streams';
import { open } from 'tidetable';
import { clientConfig } from 'tidetable/aws';
import { expect, test } from 'vitest';
import { useStreams } from '../../libraries/streams-use.ts';

test('a consumer of a stream runs to its end', { timeout: 60_000 }, async () => {
  const db = await open(`streams-${crypto.randomUUID()}`);
  const config = clientConfig(db);
  await useStreams(new DynamoDBClient(config), new DynamoDBStreamsClient(config));
  const { Streams } = await db.listStreams();
  const [{ StreamArn = '' } = {}] = Streams;
  const { StreamDescription } = await db.describeStream({ StreamArn });
  const [{ ShardId = '' } = {}] = StreamDescription.Shards;
  const type = { ShardIteratorType: 'TRIM_HORIZON' } as const;
  const { ShardIterator } = await db.getShardIterator({ StreamArn, ShardId, ...type });
  const { Records, NextShardIterator } = await db.getRecords({ ShardIterator });
  expect(Records[0]?.dynamodb.NewImage).toEqual({ p: 'k0', n: 0, b: Uint8Array.of(0) });
  expect(Records).toHaveLength(9);
  expect(NextShardIterator).toBeUndefined();
  await db.close();
});
