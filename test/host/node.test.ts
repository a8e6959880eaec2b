import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Engine } from '../../src/engine/engine-types.ts';
import { type NodeDatabaseOptions, openNodeDatabase } from '../../src/host/node.ts';
import { owner } from '../../src/operation/request.ts';
import { outputToJson } from '../../src/wire/json.ts';
import { temporaryFolder } from '../support/folder.ts';

async function open(options: NodeDatabaseOptions): Promise<Engine> {
  const engine = await openNodeDatabase(options);
  onTestFinished(() => engine.close());
  return engine;
}

/** What the operation answers, as its JSON says. */
async function call(engine: Engine, operation: string, input: object): Promise<unknown> {
  const output = await engine.call({ operation, input, form: 'json', caller: owner });
  return JSON.parse(outputToJson(output));
}

const table = {
  TableName: 'Notes',
  AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
  KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
  BillingMode: 'PAY_PER_REQUEST',
};
const item = { id: { S: '1' }, blob: { B: 'AAEC/w==' }, n: { N: '1.5' } };
const get = { TableName: 'Notes', Key: { id: { S: '1' } } };

describe('a database in Node', () => {
  test('in memory is gone when it is closed', async () => {
    const first = await open({ memory: true });
    await call(first, 'CreateTable', table);
    await call(first, 'PutItem', { TableName: 'Notes', Item: item });
    expect(await call(first, 'GetItem', get)).toEqual({ Item: item });
    await first.close();
    const second = await open({ memory: true });
    expect(await call(second, 'ListTables', {})).toEqual({ TableNames: [] });
  });

  test('enforces capacity where that is asked for', async () => {
    const units = { ReadCapacityUnits: 1, WriteCapacityUnits: 1 };
    const provisioned = { BillingMode: 'PROVISIONED', ProvisionedThroughput: units };
    const puts = async (options: NodeDatabaseOptions): Promise<unknown> => {
      const engine = await open(options);
      await call(engine, 'CreateTable', { ...table, ...provisioned });
      // 20 units, of one that there is.
      const Item = { ...item, text: { S: 'x'.repeat(20_000) } };
      const put = (): Promise<unknown> => call(engine, 'PutItem', { TableName: 'Notes', Item });
      return Promise.all([put(), put(), put()]);
    };
    await puts({ memory: true });
    await expect(puts({ memory: true, capacity: 'enforced' })).rejects.toMatchObject({
      name: 'ProvisionedThroughputExceededException',
    });
  });

  test('in a folder, which is made, is there again', async () => {
    const data = join(temporaryFolder(), 'a', 'b');
    const first = await open({ data });
    await call(first, 'CreateTable', table);
    await call(first, 'PutItem', { TableName: 'Notes', Item: item });
    await first.close();
    expect(await call(await open({ data }), 'GetItem', get)).toEqual({ Item: item });
  });

  test.runIf(process.platform === 'linux')(
    'in a folder that cannot be made is refused',
    async () => {
      await expect(openNodeDatabase({ data: '/proc/nope/deeper' })).rejects.toMatchObject({
        code: 'ENOENT',
      });
    },
  );

  test('has one owner', async () => {
    const data = temporaryFolder();
    const first = await open({ data });
    await expect(openNodeDatabase({ data })).rejects.toMatchObject({ why: 'denied' });
    await first.close();
    await open({ data });
  });

  test('has the region and account it is given', async () => {
    const engine = await open({ memory: true, region: 'eu-west-1', account: '123456789012' });
    expect(await call(engine, 'CreateTable', table)).toMatchObject({
      TableDescription: { TableArn: 'arn:aws:dynamodb:eu-west-1:123456789012:table/Notes' },
    });
  });

  test.each([{}, { memory: true, data: 'x' }, { memory: false }])(
    'is in one place, and not in %j',
    async (options) => {
      await expect(openNodeDatabase(options)).rejects.toThrow(TypeError);
    },
  );

  test('cannot be where a file is', async () => {
    const file = join(temporaryFolder(), 'file');
    writeFileSync(file, '');
    await expect(openNodeDatabase({ data: file })).rejects.toThrow();
  });

  test.each(['cacheBytes', 'tailBytes', 'checkpointBytes', 'replayMs'] as const)(
    '%s reaches its engine',
    async (name) => {
      const opening = openNodeDatabase({ memory: true, [name]: -1 });
      await expect(opening).rejects.toThrow(`${name} must be a whole number of`);
    },
  );
});
