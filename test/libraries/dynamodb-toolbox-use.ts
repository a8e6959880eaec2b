/** DynamoDB-Toolbox as its users use it: an entity with a schema, and the actions built on it. */
import { type DynamoDBClient, TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import {
  $add,
  $append,
  BatchGetCommand,
  BatchGetRequest,
  BatchPutRequest,
  BatchWriteCommand,
  ConditionCheck,
  DeleteItemCommand,
  Entity,
  executeBatchGet,
  executeBatchWrite,
  executeTransactWrite,
  GetItemCommand,
  item,
  list,
  map,
  number,
  PutItemCommand,
  PutTransaction,
  QueryCommand,
  ScanCommand,
  set,
  string,
  Table,
  UpdateItemCommand,
} from 'dynamodb-toolbox';
import { expect } from 'vitest';
import { createSingleTable } from './single-table.ts';

export async function useToolbox(client: DynamoDBClient): Promise<void> {
  const name = 'Toolbox';
  await createSingleTable(client, name);
  const table = new Table({
    name,
    documentClient: DynamoDBDocumentClient.from(client),
    partitionKey: { name: 'pk', type: 'string' },
    sortKey: { name: 'sk', type: 'string' },
    indexes: {
      gs1: {
        type: 'global',
        partitionKey: { name: 'gs1pk', type: 'string' },
        sortKey: { name: 'gs1sk', type: 'string' },
      },
    },
  });
  const songs = new Entity({
    name: 'SONG',
    table,
    schema: item({
      artist: string().key().savedAs('pk'),
      title: string().key().savedAs('sk'),
      album: string().savedAs('gs1pk'),
      track: string().savedAs('gs1sk'),
      plays: number().default(0),
      tags: set(string()).optional(),
      credits: map({ writers: list(string()) }).optional(),
    }),
  });
  const song = { artist: 'Ada', title: 'One', album: 'Firsts', track: '01' };
  const key = { artist: 'Ada', title: 'One' };

  await songs
    .build(PutItemCommand)
    .item({ ...song, tags: new Set(['a', 'b']), credits: { writers: ['Ada'] } })
    .options({ condition: { attr: 'artist', exists: false } })
    .send();
  await expect(
    songs
      .build(PutItemCommand)
      .item(song)
      .options({ condition: { attr: 'artist', exists: false } })
      .send(),
  ).rejects.toMatchObject({ name: 'ConditionalCheckFailedException' });

  const { Attributes } = await songs
    .build(UpdateItemCommand)
    .item({ ...key, plays: $add(2), credits: { writers: $append(['Bob']) } })
    .options({ returnValues: 'ALL_NEW' })
    .send();
  expect(Attributes).toMatchObject({ plays: 2, credits: { writers: ['Ada', 'Bob'] } });
  const { Item } = await songs.build(GetItemCommand).key(key).options({ consistent: true }).send();
  expect(Item).toMatchObject({ ...song, plays: 2, tags: new Set(['a', 'b']) });

  const puts = Array.from({ length: 20 }, (_unused, at) => {
    const number = String(at).padStart(2, '0');
    return { artist: 'Bob', title: `T${number}`, album: 'Lasts', track: number };
  }).map((one) => songs.build(BatchPutRequest).item(one));
  await executeBatchWrite(table.build(BatchWriteCommand).requests(...puts));

  const page = await table
    .build(QueryCommand)
    .query({ partition: 'Bob', range: { beginsWith: 'T1' } })
    .entities(songs)
    .options({ limit: 4, reverse: true })
    .send();
  expect(page.Items?.map(({ title }) => title)).toEqual(['T19', 'T18', 'T17', 'T16']);
  const album = await table
    .build(QueryCommand)
    .query({ index: 'gs1', partition: 'Lasts', range: { between: ['03', '05'] } })
    .entities(songs)
    .options({ filters: { SONG: { attr: 'title', ne: 'T04' } } })
    .send();
  expect(album.Items?.map(({ track }) => track)).toEqual(['03', '05']);
  const all = await table.build(ScanCommand).entities(songs).options({ maxPages: 9 }).send();
  expect(all.Items).toHaveLength(21);
  const { Responses } = await executeBatchGet(
    table.build(BatchGetCommand).requests(songs.build(BatchGetRequest).key(key)),
  );
  expect(Responses?.[0]?.[0]).toMatchObject(song);

  const transaction = executeTransactWrite(
    songs.build(PutTransaction).item({ ...song, title: 'Two' }),
    songs.build(ConditionCheck).key(key).condition({ attr: 'plays', gt: 5 }),
  );
  const failed = await transaction.catch((error: unknown) => error);
  expect(failed).toBeInstanceOf(TransactionCanceledException);
  const gone = await songs
    .build(DeleteItemCommand)
    .key(key)
    .options({ returnValues: 'ALL_OLD' })
    .send();
  expect(gone.Attributes).toMatchObject({ title: 'One' });
  expect((await songs.build(GetItemCommand).key(key).send()).Item).toBeUndefined();
}
