/** Delivering to Kinesis destinations: functions and URLs, in order, again after a failure. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { openInMemory, type TestDatabase } from '../../src/client/in-memory.ts';
import type { Destinations } from '../../src/engine/destinations.ts';
import type { DestinationRecord } from '../../src/stream/destination.ts';

const StreamArn = 'arn:aws:kinesis:us-east-1:111122223333:stream/one';
const TableName = 'Tab';
const table = {
  TableName,
  AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
  KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
  BillingMode: 'PAY_PER_REQUEST',
} as const;

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

async function open(destinations: Destinations): Promise<TestDatabase> {
  const db = await openInMemory({ seed: 1, tables: [table], destinations });
  ends.unshift(() => db.close());
  return db;
}

async function until(db: TestDatabase, holds: () => boolean): Promise<void> {
  for (let look = 0; look < 600; look += 1) {
    if (holds()) return;
    db.clock.advance(200);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new Error('it did not come about');
}

function told({ data }: DestinationRecord): string {
  const { dynamodb, eventName } = data as {
    eventName: string;
    dynamodb: { NewImage?: { n: { N: string } } };
  };
  return `${eventName} ${dynamodb.NewImage?.n.N ?? ''}`;
}

test('a function gets what changes from the enabling on, again when it fails', async () => {
  const got: string[] = [];
  let fails = true;
  const db = await open({
    [StreamArn]: (records, { streamArn, tableName }) => {
      expect([streamArn, tableName]).toEqual([StreamArn, TableName]);
      if (fails) {
        fails = false;
        throw new Error('not now');
      }
      got.push(...records.map(told));
    },
  });
  await db.putItem({ TableName, Item: { pk: 'a', n: 0 } });
  await db.enableKinesisStreamingDestination({ TableName, StreamArn });
  for (let n = 1; n <= 3; n += 1) await db.putItem({ TableName, Item: { pk: 'a', n } });
  await db.deleteItem({ TableName, Key: { pk: 'a' } });
  await until(db, () => got.length === 4);
  expect(got).toEqual(['MODIFY 1', 'MODIFY 2', 'MODIFY 3', 'REMOVE ']);
  expect(await db.listStreams()).toEqual({ Streams: [] });
  await db.disableKinesisStreamingDestination({ TableName, StreamArn });
  await db.putItem({ TableName, Item: { pk: 'a', n: 9 } });
  for (let look = 0; look < 20; look += 1) {
    db.clock.advance(500);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  expect(got).toHaveLength(4);
});

test('a URL gets JSON by POST, again while it answers an error', async () => {
  const bodies: { streamArn: string; records: DestinationRecord[] }[] = [];
  let refusals = 1;
  const server: Server = createServer((request, response) => {
    let body = '';
    request.on('data', (part) => {
      body += part;
    });
    request.on('end', () => {
      if (refusals > 0) response.statusCode = 503;
      else bodies.push(JSON.parse(body));
      refusals -= 1;
      response.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  ends.push(() => new Promise((resolve) => server.close(resolve)));
  const { port } = server.address() as AddressInfo;
  const db = await open({ [StreamArn]: `http://127.0.0.1:${port}/changes` });
  await db.enableKinesisStreamingDestination({ TableName, StreamArn });
  await db.putItem({ TableName, Item: { pk: 'a', n: 1 } });
  await until(db, () => bodies.length > 0);
  expect(bodies[0]).toMatchObject({
    streamArn: StreamArn,
    records: [{ data: { eventName: 'INSERT', recordFormat: 'application/json' } }],
  });
  server.closeAllConnections();
});
