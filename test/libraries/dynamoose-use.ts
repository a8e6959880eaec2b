/** Dynamoose as its users use it: a model that makes its table, queries, updates, transactions. */
import type { DynamoDB } from '@aws-sdk/client-dynamodb';
import dynamoose from 'dynamoose';
import { Item } from 'dynamoose/dist/Item.js';
import { expect } from 'vitest';

class Cat extends Item {
  declare owner: string;
  declare name: string;
  declare colour: string;
  declare lives: number;
  declare toys: string[];
  declare born: Date;
}

export async function useDynamoose(client: DynamoDB): Promise<void> {
  dynamoose.aws.ddb.set(client);
  const schema = new dynamoose.Schema({
    owner: { type: String, hashKey: true },
    name: { type: String, rangeKey: true },
    colour: { type: String, index: { name: 'byColour', type: 'global' } },
    lives: { type: Number, default: 9 },
    toys: { type: Array, schema: [String] },
    born: Date,
  });
  const Cats = dynamoose.model<Cat>('Cats', schema);
  const table = new dynamoose.Table('Cats', [Cats], {
    initialize: false,
    throughput: 'ON_DEMAND',
    waitForActive: { enabled: true, check: { timeout: 10_000, frequency: 50 } },
  });
  await table.initialize();

  const born = new Date(1_700_000_000_000);
  const cat = { owner: 'ada', name: 'Tom', colour: 'grey', toys: ['ball'], born };
  await Cats.create(cat);
  await expect(Cats.create(cat)).rejects.toMatchObject({ name: 'ConditionalCheckFailedException' });
  const found = await Cats.get({ owner: 'ada', name: 'Tom' });
  expect({ ...found }).toMatchObject({ ...cat, lives: 9 });

  const litter = Array.from({ length: 15 }, (_unused, at) => {
    return {
      owner: 'bob',
      name: `Cat${String(at).padStart(2, '0')}`,
      colour: at < 5 ? 'red' : 'white',
    };
  });
  const { unprocessedItems } = await Cats.batchPut(litter);
  expect(unprocessedItems).toEqual([]);
  const changed = await Cats.update(
    { owner: 'ada', name: 'Tom' },
    { $ADD: { lives: -1, toys: ['mouse'] }, $SET: { colour: 'black' } },
    { condition: new dynamoose.Condition().where('lives').gt(1) },
  );
  expect({ ...changed }).toMatchObject({ lives: 8, toys: ['ball', 'mouse'], colour: 'black' });

  const page = await Cats.query('owner').eq('bob').where('name').beginsWith('Cat').limit(6).exec();
  expect([page.count, page[0]?.name]).toEqual([6, 'Cat00']);
  const next = await Cats.query('owner')
    .eq('bob')
    .startAt(page.lastKey ?? {})
    .sort('ascending')
    .exec();
  expect(next.map(({ name }) => name)).toEqual(litter.slice(6).map(({ name }) => name));
  const reds = await Cats.query('colour').eq('red').using('byColour').exec();
  expect(reds).toHaveLength(5);
  expect((await Cats.scan().where('lives').lt(9).exec()).map(({ name }) => name)).toEqual(['Tom']);
  const several = await Cats.batchGet([
    { owner: 'bob', name: 'Cat01' },
    { owner: 'bob', name: 'none' },
  ]);
  expect(several.map(({ name }) => name)).toEqual(['Cat01']);

  const refused = dynamoose.transaction([
    Cats.transaction.delete({ owner: 'bob', name: 'Cat01' }),
    Cats.transaction.create(cat),
  ]);
  await expect(refused).rejects.toMatchObject({ name: 'TransactionCanceledException' });
  await dynamoose.transaction([
    Cats.transaction.delete({ owner: 'bob', name: 'Cat01' }),
    Cats.transaction.update({ owner: 'bob', name: 'Cat02' }, { lives: 3 }),
  ]);
  expect(await Cats.get({ owner: 'bob', name: 'Cat01' })).toBeUndefined();
  expect((await Cats.get({ owner: 'bob', name: 'Cat02' })).lives).toBe(3);
  await Cats.delete({ owner: 'ada', name: 'Tom' });
  expect((await Cats.scan().count().exec()).count).toBe(14);
}
