/** Stock that two devices sell through a hub in a process of its own: nothing is mocked. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Engine } from '../../src/engine/engine-types.ts';
import { openNodeDatabase } from '../../src/host/node.ts';
import { type EngineSync, sync } from '../../src/host/sync-engine.ts';
import { owner } from '../../src/operation/request.ts';
import { Cable } from '../support/cable.ts';
import { type HubProcess, notes, startHub } from '../support/sync.ts';

let folder = '';
const open: { close(): Promise<void> }[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tidetable-'));
});
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
  rmSync(folder, { recursive: true, force: true });
});

interface Shop {
  readonly cable: Cable;
  readonly engine: Engine;
  readonly remote: EngineSync;
  call(operation: string, input: object): Promise<object>;
}

async function shop(port: number): Promise<Shop> {
  const cable = new Cable(() => port);
  open.push(cable);
  const engine = await openNodeDatabase({ memory: true });
  open.push(engine);
  const call = async (operation: string, input: object): Promise<object> =>
    engine.call({ operation, input, form: 'plain', caller: owner });
  await call('CreateTable', notes);
  const remote = sync(engine, { url: await cable.open(), tables: ['Notes'] });
  open.push(remote);
  await remote.until('live');
  return { cable, engine, remote, call };
}

const Key = { id: 'stock' };
const sale = {
  ...{ TableName: 'Notes', Key },
  UpdateExpression: 'SET n = n - :one',
  ConditionExpression: 'n >= :one',
  ExpressionAttributeValues: { ':one': 1 },
  ReturnValues: 'UPDATED_NEW',
};
const confirm = { mode: 'confirm' } as const;
const hub = { mode: 'hub' } as const;

type Attributes = ReadonlyMap<string, { readonly value: unknown }>;

function left(output: object): string {
  const { Attributes, Item } = output as { Attributes?: Attributes; Item?: { item(): Attributes } };
  return String((Attributes ?? Item?.item())?.get('n')?.value);
}

/** As a program with the AWS SDK asks it. */
async function leftAtHub({ url }: HubProcess): Promise<string> {
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': 'DynamoDB_20120810.GetItem',
      authorization: 'AWS4-HMAC-SHA256 Credential=x/1/2/3/4, SignedHeaders=host, Signature=abc',
      'x-amz-date': '20260101T000000Z',
    },
    body: JSON.stringify({ TableName: 'Notes', Key: { id: { S: 'stock' } } }),
  });
  const { Item } = (await response.json()) as { readonly Item: { readonly n: { N: string } } };
  return Item.n.N;
}

test('the last unit is sold once, offline and across a kill, and the hub answers for itself', async () => {
  const args = ['--data', join(folder, 'hub')];
  let process = await startHub(['--port', '0', ...args]);
  open.push({ close: () => process.kill() });
  const { port } = process;
  const a = await shop(port);
  await a.call('PutItem', { TableName: 'Notes', Item: { ...Key, n: 2 } });
  await a.remote.drain();
  const b = await shop(port);
  for (const { cable } of [a, b]) cable.weather = 'cut';

  // Two are left, and three are sold without a network; each shop believes its own.
  const sold = [
    await a.remote.with(confirm).call('UpdateItem', sale),
    await b.remote.with(confirm).call('UpdateItem', sale),
    await b.remote.with(confirm).call('UpdateItem', sale),
  ];
  expect(sold.map(left)).toEqual(['1', '1', '0']);
  await expect(b.remote.with(confirm).call('UpdateItem', sale)).rejects.toMatchObject({
    name: 'ConditionalCheckFailedException',
  });
  await a.remote.until('offline');
  await expect(a.remote.with(hub).call('UpdateItem', sale)).rejects.toMatchObject({
    name: 'HubError',
    mayHaveBeenApplied: false,
  });
  expect(await leftAtHub(process)).toBe('2');

  // The first travels, and the hub is killed as it comes: it comes once more.
  const before = a.cable.bytes;
  const killed = new Promise<void>((resolve) => {
    a.cable.sent = (bytes) => {
      if (bytes - before < 500) return;
      a.cable.sent = undefined;
      resolve(process.kill());
    };
  });
  a.cable.weather = 'fair';
  a.remote.resume();
  await killed;
  process = await startHub(['--port', String(port), ...args]);
  a.remote.resume();
  expect(await a.remote.settled(sold[0] as object)).toBe('hub');
  expect(await leftAtHub(process)).toBe('1');
  b.cable.weather = 'fair';
  b.remote.resume();
  const rest = sold.slice(1).map((one) => b.remote.settled(one));
  expect(await Promise.all(rest)).toEqual(['hub', 'rejected']);
  expect(await leftAtHub(process)).toBe('0');
  expect(await b.remote.quarantine()).toMatchObject([
    { code: 'ConditionalCheckFailedException', operation: 'UpdateItem' },
  ]);

  // More comes in through one shop, and the hub itself says how many there are.
  const delivery = {
    ...{ TableName: 'Notes', Key, UpdateExpression: 'ADD n :more' },
    ...{ ExpressionAttributeValues: { ':more': 5 }, ReturnValues: 'UPDATED_NEW' },
  };
  const answer = await a.remote.with(hub).call('UpdateItem', delivery);
  expect([left(answer), await a.remote.settled(answer)]).toEqual(['5', 'hub']);
  expect(left(await b.remote.with(hub).call('GetItem', { TableName: 'Notes', Key }))).toBe('5');
  expect(left(await a.call('GetItem', { TableName: 'Notes', Key }))).toBe('5');
  // What was refused is asked again, now that there is something to sell.
  await expect
    .poll(() => b.call('GetItem', { TableName: 'Notes', Key }).then(left), { timeout: 10_000 })
    .toBe('5');
  const [refused] = await b.remote.quarantine();
  await b.remote.retry([refused?.seq ?? 0]);
  await b.remote.drain();
  expect(await leftAtHub(process)).toBe('4');
}, 60_000);

test('a call whose answer was lost with the hub is carried out once, and answered', async () => {
  const args = ['--data', join(folder, 'hub')];
  let process = await startHub(['--port', '0', ...args]);
  open.push({ close: () => process.kill() });
  const { port } = process;
  const a = await shop(port);
  await a.call('PutItem', { TableName: 'Notes', Item: { ...Key, n: 2 } });
  await a.remote.drain();
  // Whatever the hub says from now on is lost, until it is killed.
  const before = a.cable.bytes;
  a.cable.sent = (bytes) => {
    if (bytes - before < 200) return;
    a.cable.sent = undefined;
    a.cable.weather = 'deaf';
  };
  const sold = a.remote.with(hub).call('UpdateItem', sale);
  await expect.poll(() => leftAtHub(process), { timeout: 10_000 }).toBe('1');
  await process.kill();
  process = await startHub(['--port', String(port), ...args]);
  a.cable.weather = 'fair';
  expect(left(await sold)).toBe('1');
  expect(await leftAtHub(process)).toBe('1');
}, 60_000);
