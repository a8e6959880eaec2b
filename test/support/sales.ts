/** Stock that devices sell with the hub's word. */
import type { Request } from '../../src/operation/request.ts';
import { decodeQuarantined } from '../../src/replica/quarantine.ts';
import type { Outcomes } from '../../src/replica/message.ts';
import { ask, type Output, type Rig } from './engine.ts';
import { Stored } from './replica.ts';
import { keyOf, Pair, putText } from './replica-pair.ts';

export const storedOf = (rig: Rig): Promise<Stored> => Stored.of(rig.store.disk);
export const waitingOf = async (rig: Rig): Promise<readonly string[]> =>
  (await storedOf(rig)).entries().map(({ confirm = 'local' }) => confirm);
export const refusedAt = async (rig: Rig): Promise<readonly string[]> =>
  (await storedOf(rig)).book(8).map(([, value]) => decodeQuarantined(value).code);
export const lastOutcomes = (pair: Pair): Outcomes =>
  pair.said.findLast(({ kind }) => kind === 'outcomes') as Outcomes;

export const confirm: Partial<Request> = { mode: 'confirm' };

export async function stocked(count: number): Promise<{ pair: Pair; a: Rig; b: Rig }> {
  const pair = await Pair.open();
  await putText(pair.hub, 'other', 'there');
  await ask(pair.hub, 'PutItem', { TableName: 'Things', Item: stock(count) });
  const devices = { a: await pair.device(), b: await pair.device() };
  await pair.sync(devices.a);
  await pair.sync(devices.b);
  return { pair, ...devices };
}

export const stock = (count: number): object => ({ p: { S: 'stock' }, n: { N: String(count) } });

export const sold: object = {
  ...keyOf('stock'),
  UpdateExpression: 'SET n = n - :one',
  ConditionExpression: 'n > :zero',
  ExpressionAttributeValues: { ':one': { N: '1' }, ':zero': { N: '0' } },
};

export function sell(rig: Rig, more: Partial<Request> = confirm): Promise<Output> {
  return ask(rig, 'UpdateItem', sold, more);
}

export async function left(rig: Rig): Promise<string | undefined> {
  const { Item } = await ask(rig, 'GetItem', keyOf('stock'));
  const item = Item as { item(): ReadonlyMap<string, { value: unknown }> } | undefined;
  return item && String(item.item().get('n')?.value);
}
