/** OneTable as its users use it: a schema of models over one table, made by the library itself. */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { Table } from 'dynamodb-onetable';
import { expect } from 'vitest';

/** OneTable's own reference to an attribute, in its templates. */
const of = (attribute: string): string => `\${${attribute}}`;

const schema = {
  format: 'onetable:1.1.0',
  version: '0.0.1',
  indexes: {
    primary: { hash: 'pk', sort: 'sk' },
    gs1: { hash: 'gs1pk', sort: 'gs1sk', follow: true },
  },
  models: {
    User: {
      pk: { type: String, value: `account#${of('account')}` },
      sk: { type: String, value: `user#${of('email')}` },
      account: { type: String, required: true },
      email: { type: String, required: true },
      handle: { type: String, unique: true },
      name: { type: String, required: true },
      balance: { type: Number, default: 0 },
      tags: { type: Array },
      address: { type: Object, schema: { city: { type: String }, zip: { type: String } } },
      gs1pk: { type: String, value: `name#${of('name')}` },
      gs1sk: { type: String, value: `user#${of('email')}` },
    },
  },
  params: { isoDates: true, timestamps: true },
} as const;

export async function useOneTable(client: DynamoDBClient): Promise<void> {
  const table = new Table({ client, name: 'One', schema, partial: true, logger: false });
  await table.createTable();
  expect(await table.exists()).toBe(true);
  const users = table.getModel('User');
  const given = { account: 'a', email: 'ada@x', name: 'Ada', handle: 'ada' };

  const made = await users.create({ ...given, tags: ['x'], address: { city: 'Rome', zip: '1' } });
  expect(made).toMatchObject({ ...given, balance: 0, address: { city: 'Rome' } });
  await expect(users.create({ ...given, email: 'x@x' })).rejects.toThrow(/unique/i);
  await expect(users.create({ ...given, handle: 'x' })).rejects.toThrow();
  for (let at = 0; at < 12; at += 1) {
    const name = at % 2 === 0 ? 'Bob' : 'Eve';
    await users.create({ account: 'b', email: `u${at}@x`, name });
  }

  expect(await users.get({ account: 'a', email: 'ada@x' })).toMatchObject(given);
  const changed = await users.update(
    { account: 'a', email: 'ada@x', address: { zip: '2' } },
    { add: { balance: 5 }, where: `${of('balance')} < {10}` },
  );
  expect(changed).toMatchObject({ balance: 5, address: { city: 'Rome', zip: '2' } });
  const isRich = `${of('balance')} > {10}`;
  const refused = users.update({ account: 'a', email: 'ada@x' }, { where: isRich });
  await expect(refused).rejects.toThrow(/conditional/i);

  const first = await users.find({ account: 'b' }, { limit: 5 });
  expect(first).toHaveLength(5);
  const rest = await users.find({ account: 'b' }, { next: first.next });
  expect(rest).toHaveLength(7);
  const bobs = await users.find({ name: 'Bob' }, { index: 'gs1' });
  expect(bobs.map(({ name }) => name)).toEqual(Array(6).fill('Bob'));
  expect(await users.scan({ name: 'Eve' })).toHaveLength(6);
  expect(await users.scan({}, { count: true })).toMatchObject({ count: 13 });

  const batch = {};
  await users.get({ account: 'b', email: 'u0@x' }, { batch });
  await users.get({ account: 'b', email: 'u1@x' }, { batch });
  expect(await table.batchGet(batch, { parse: true, hidden: false })).toHaveLength(2);
  const transaction = {};
  await users.update({ account: 'b', email: 'u0@x', balance: 1 }, { transaction });
  await users.update({ account: 'b', email: 'u1@x', balance: 2 }, { transaction });
  await table.transact('write', transaction);
  expect(await users.get({ account: 'b', email: 'u1@x' })).toMatchObject({ balance: 2 });
  await users.remove({ account: 'b', email: 'u1@x' });
  expect(await users.get({ account: 'b', email: 'u1@x' })).toBeUndefined();
  await table.deleteTable('DeleteTableForever');
}
