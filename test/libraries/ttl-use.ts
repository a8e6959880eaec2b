/**
 * A program that lets items expire, with the AWS SDK: it turns time to live on, waits until what is
 * over is gone, and reads from the stream who deleted it.
 */
import {
  CreateTableCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  ScanCommand,
  UpdateTimeToLiveCommand,
} from '@aws-sdk/client-dynamodb';
import type { DynamoDBStreamsClient } from '@aws-sdk/client-dynamodb-streams';
import { expect } from 'vitest';
import { StreamConsumer } from './streams-use.ts';

const TableName = 'Sessions';
const TimeToLiveSpecification = { Enabled: true, AttributeName: 'until' };
const looksMax = 200;

export async function useTimeToLive(
  client: DynamoDBClient,
  streams: DynamoDBStreamsClient,
): Promise<void> {
  await client.send(
    new CreateTableCommand({
      TableName,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      StreamSpecification: { StreamEnabled: true, StreamViewType: 'OLD_IMAGE' },
    }),
  );
  const now = Math.floor(Date.now() / 1000);
  const put = async (id: string, until: number): Promise<void> => {
    const Item = { id: { S: id }, until: { N: String(until) } };
    await client.send(new PutItemCommand({ TableName, Item }));
  };
  await put('over', now - 60);
  await put('there', now + 3600);
  await turnOn(client);
  expect(await goneAfter(client, 'over')).toBeGreaterThan(0);
  await put('over too', now - 30);
  expect(await goneAfter(client, 'over too')).toBeGreaterThan(0);
  const { Items = [] } = await client.send(new ScanCommand({ TableName }));
  expect(Items.map(({ id }) => id)).toEqual([{ S: 'there' }]);
  await readRemovals(client, streams);
}

async function turnOn(client: DynamoDBClient): Promise<void> {
  const before = await client.send(new DescribeTimeToLiveCommand({ TableName }));
  expect(before.TimeToLiveDescription).toEqual({ TimeToLiveStatus: 'DISABLED' });
  const update = new UpdateTimeToLiveCommand({ TableName, TimeToLiveSpecification });
  const answer = await client.send(update);
  expect(answer.TimeToLiveSpecification).toEqual(TimeToLiveSpecification);
  for (let look = 0; look < looksMax; look += 1) {
    const told = await client.send(new DescribeTimeToLiveCommand({ TableName }));
    if (told.TimeToLiveDescription?.TimeToLiveStatus === 'ENABLED') break;
    expect(told.TimeToLiveDescription?.TimeToLiveStatus).toBe('ENABLING');
    await pause();
  }
  const after = await client.send(new DescribeTimeToLiveCommand({ TableName }));
  expect(after.TimeToLiveDescription).toEqual({
    TimeToLiveStatus: 'ENABLED',
    AttributeName: 'until',
  });
  await expect(client.send(update)).rejects.toMatchObject({
    name: 'ValidationException',
    message: 'TimeToLive is already enabled',
  });
}

/** How many looks it took until the item was gone; 0 when it stayed. */
async function goneAfter(client: DynamoDBClient, id: string): Promise<number> {
  for (let look = 1; look < looksMax; look += 1) {
    const Key = { id: { S: id } };
    const { Item } = await client.send(
      new GetItemCommand({ TableName, Key, ConsistentRead: true }),
    );
    if (Item === undefined) return look;
    await pause();
  }
  return 0;
}

async function readRemovals(client: DynamoDBClient, streams: DynamoDBStreamsClient): Promise<void> {
  const { Table } = await client.send(new DescribeTableCommand({ TableName }));
  const records = await new StreamConsumer(streams, Table?.LatestStreamArn ?? '').read();
  const removals = records.filter(({ eventName }) => eventName === 'REMOVE');
  const service = { PrincipalId: 'dynamodb.amazonaws.com', Type: 'Service' };
  expect(removals.map(({ dynamodb, userIdentity }) => [dynamodb?.Keys, userIdentity])).toEqual([
    [{ id: { S: 'over' } }, service],
    [{ id: { S: 'over too' } }, service],
  ]);
}

function pause(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, 50);
  });
}
