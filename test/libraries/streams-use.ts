/**
 * A program that consumes a stream with the AWS SDK's streams client, as programs do: it lists the
 * shards, reads parents before children, and goes on from where it was.
 */
import {
  CreateTableCommand,
  DeleteItemCommand,
  DescribeTableCommand,
  type DynamoDBClient,
  PutItemCommand,
  UpdateTableCommand,
} from '@aws-sdk/client-dynamodb';
import {
  type _Record,
  DescribeStreamCommand,
  type DynamoDBStreamsClient,
  GetRecordsCommand,
  GetShardIteratorCommand,
  ListStreamsCommand,
  ResourceNotFoundException,
  type Shard,
  type ShardIteratorType,
} from '@aws-sdk/client-dynamodb-streams';
import { expect } from 'vitest';

const TableName = 'Streamed';
const pagesMax = 100;

/** Reads what has come since it was last asked. */
export class StreamConsumer {
  readonly #client: DynamoDBStreamsClient;
  readonly #arn: string;
  /** Where it goes on in each shard; undefined at the end of one. */
  readonly #iterators = new Map<string, string | undefined>();

  constructor(client: DynamoDBStreamsClient, arn: string) {
    this.#client = client;
    this.#arn = arn;
  }

  async read(type: ShardIteratorType = 'TRIM_HORIZON'): Promise<readonly _Record[]> {
    const records: _Record[] = [];
    for (const { ShardId = '' } of await this.#shards()) {
      if (!this.#iterators.has(ShardId)) {
        const input = { StreamArn: this.#arn, ShardId, ShardIteratorType: type };
        const { ShardIterator } = await this.#client.send(new GetShardIteratorCommand(input));
        this.#iterators.set(ShardId, ShardIterator);
      }
      records.push(...(await this.#readShard(ShardId)));
    }
    return records;
  }

  async #shards(): Promise<readonly Shard[]> {
    const shards: Shard[] = [];
    let ExclusiveStartShardId: string | undefined;
    for (let page = 0; page < pagesMax; page += 1) {
      const input = { StreamArn: this.#arn, Limit: 2, ExclusiveStartShardId };
      const { StreamDescription } = await this.#client.send(new DescribeStreamCommand(input));
      shards.push(...(StreamDescription?.Shards ?? []));
      ExclusiveStartShardId = StreamDescription?.LastEvaluatedShardId;
      if (ExclusiveStartShardId === undefined) return shards;
    }
    throw new Error('a stream without end');
  }

  async #readShard(shard: string): Promise<readonly _Record[]> {
    const records: _Record[] = [];
    for (let page = 0; page < pagesMax; page += 1) {
      const ShardIterator = this.#iterators.get(shard);
      if (ShardIterator === undefined) break;
      const answer = await this.#client.send(new GetRecordsCommand({ ShardIterator, Limit: 3 }));
      this.#iterators.set(shard, answer.NextShardIterator);
      records.push(...(answer.Records ?? []));
      if (answer.Records?.length === 0) break;
    }
    return records;
  }
}

const key = (p: string) => ({ p: { S: p } });

/** Makes a table, changes items, and consumes the stream in two goes. */
export async function useStreams(
  client: DynamoDBClient,
  streams: DynamoDBStreamsClient,
): Promise<void> {
  await client.send(
    new CreateTableCommand({
      TableName,
      AttributeDefinitions: [{ AttributeName: 'p', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'p', KeyType: 'HASH' }],
      BillingMode: 'PAY_PER_REQUEST',
      StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' },
    }),
  );
  const { Table } = await client.send(new DescribeTableCommand({ TableName }));
  const arn = Table?.LatestStreamArn ?? '';
  const { Streams } = await streams.send(new ListStreamsCommand({ TableName }));
  expect(Streams).toEqual([{ StreamArn: arn, TableName, StreamLabel: Table?.LatestStreamLabel }]);
  const consumer = new StreamConsumer(streams, arn);
  for (let id = 0; id < 7; id += 1) {
    const Item = { ...key(`k${id}`), n: { N: String(id) }, b: { B: Uint8Array.of(id) } };
    await client.send(new PutItemCommand({ TableName, Item }));
  }
  const first = await consumer.read();
  expect(first.map(({ eventName }) => eventName)).toEqual(Array(7).fill('INSERT'));
  expect(first[6]?.dynamodb).toMatchObject({
    Keys: key('k6'),
    NewImage: { ...key('k6'), n: { N: '6' }, b: { B: Uint8Array.of(6) } },
    ApproximateCreationDateTime: expect.any(Date),
    StreamViewType: 'NEW_AND_OLD_IMAGES',
  });
  await client.send(new PutItemCommand({ TableName, Item: { ...key('k0'), n: { N: '7' } } }));
  await client.send(new DeleteItemCommand({ TableName, Key: key('k1') }));
  const second = await consumer.read();
  expect(second.map(({ eventName, dynamodb }) => [eventName, dynamodb?.Keys])).toEqual([
    ['MODIFY', key('k0')],
    ['REMOVE', key('k1')],
  ]);
  expect(second[1]?.dynamodb?.OldImage?.['n']).toEqual({ N: '1' });
  expect(await consumer.read()).toEqual([]);
  const off = { TableName, StreamSpecification: { StreamEnabled: false } };
  await client.send(new UpdateTableCommand(off));
  expect(await new StreamConsumer(streams, arn).read()).toHaveLength(9);
  const nobody = new DescribeStreamCommand({ StreamArn: `${arn}0` });
  await expect(streams.send(nobody)).rejects.toBeInstanceOf(ResourceNotFoundException);
}
