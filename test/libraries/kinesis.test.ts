/** Kinesis destinations by the AWS SDK, over the HTTP endpoint and in process. */
import {
  CreateTableCommand,
  DescribeKinesisStreamingDestinationCommand,
  DisableKinesisStreamingDestinationCommand,
  DynamoDBClient,
  EnableKinesisStreamingDestinationCommand,
  PutItemCommand,
  UpdateKinesisStreamingDestinationCommand,
} from '@aws-sdk/client-dynamodb';
import { expect, test } from 'vitest';
import { openInMemory } from '../../src/client/in-memory.ts';
import { clientConfig } from '../../src/client/sdk.ts';
import { serve } from '../../src/host/http.ts';
import { openNodeDatabase } from '../../src/host/node.ts';
import type { DestinationRecord } from '../../src/stream/destination.ts';

const StreamArn = 'arn:aws:kinesis:us-east-1:111122223333:stream/one';
const TableName = 'Orders';

async function useDestination(
  client: DynamoDBClient,
  got: readonly DestinationRecord[],
): Promise<void> {
  await client.send(
    new CreateTableCommand({
      TableName,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
    }),
  );
  const where = { TableName, StreamArn };
  const enabled = await client.send(new EnableKinesisStreamingDestinationCommand(where));
  expect(enabled.DestinationStatus).toBe('ENABLING');
  const updated = await client.send(
    new UpdateKinesisStreamingDestinationCommand({
      ...where,
      UpdateKinesisStreamingConfiguration: { ApproximateCreationDateTimePrecision: 'MICROSECOND' },
    }),
  );
  expect(updated.DestinationStatus).toBe('UPDATING');
  const Item = { id: { S: 'a' }, bytes: { B: new Uint8Array([1, 2]) } };
  await client.send(new PutItemCommand({ TableName, Item }));
  for (let look = 0; look < 400 && got.length === 0; look += 1) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  expect(got[0]?.data).toMatchObject({
    eventName: 'INSERT',
    tableName: TableName,
    dynamodb: {
      NewImage: { id: { S: 'a' }, bytes: { B: 'AQI=' } },
      ApproximateCreationDateTimePrecision: 'MICROSECOND',
    },
  });
  await client.send(new DisableKinesisStreamingDestinationCommand(where));
  const described = await client.send(
    new DescribeKinesisStreamingDestinationCommand({ TableName }),
  );
  expect(described.KinesisDataStreamDestinations).toMatchObject([
    { StreamArn, DestinationStatus: 'DISABLED' },
  ]);
  await expect(
    client.send(new DisableKinesisStreamingDestinationCommand(where)),
  ).rejects.toMatchObject({ name: 'ValidationException' });
}

test('a server delivers what changes', { timeout: 60_000 }, async () => {
  const got: DestinationRecord[] = [];
  const engine = await openNodeDatabase({ memory: true });
  const destinations = {
    [StreamArn]: (records: readonly DestinationRecord[]) => got.push(...records),
  };
  const server = await serve({ engine, port: 0, destinations });
  const client = new DynamoDBClient({
    endpoint: `http://127.0.0.1:${server.port}`,
    region: 'us-east-1',
    credentials: { accessKeyId: 'x', secretAccessKey: 'y' },
  });
  try {
    await useDestination(client, got);
  } finally {
    client.destroy();
    await server.close();
    await engine.close();
  }
});

test('a database in process delivers what changes', { timeout: 60_000 }, async () => {
  const got: DestinationRecord[] = [];
  const db = await openInMemory({
    destinations: { [StreamArn]: (records) => got.push(...records) },
  });
  await useDestination(new DynamoDBClient(clientConfig(db)), got);
  await db.close();
});
