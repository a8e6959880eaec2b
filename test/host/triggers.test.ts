/** Triggers in Node: in the engine's own process, over a folder that outlives it. */
import { expect, test } from 'vitest';
import type { TriggerEvent } from '../../src/engine/trigger-types.ts';
import { openNodeDatabase } from '../../src/host/node.ts';
import { trigger } from '../../src/host/triggers.ts';
import { owner } from '../../src/operation/request.ts';
import { temporaryFolder } from '../support/folder.ts';

const table = {
  TableName: 'Tab',
  AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
  KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
  BillingMode: 'PAY_PER_REQUEST',
  StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_IMAGE' },
};

async function until(holds: () => boolean): Promise<void> {
  for (let look = 0; look < 800; look += 1) {
    if (holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new Error('it did not come about');
}

test('a handler gets Lambda’s form, or plain values, and goes on after a restart', async () => {
  const data = temporaryFolder();
  const call = (engine: Awaited<ReturnType<typeof openNodeDatabase>>, n: number) =>
    engine.call({
      operation: 'PutItem',
      input: { TableName: 'Tab', Item: { pk: 'a', b: new Uint8Array([n]) } },
      form: 'plain',
      caller: owner,
    });
  const first = await openNodeDatabase({ data });
  await first.call({ operation: 'CreateTable', input: table, form: 'plain', caller: owner });
  const events: TriggerEvent[] = [];
  const one = await trigger(first, 'Tab', (event) => void events.push(event));
  await call(first, 1);
  await until(() => events.length === 1);
  expect(events[0]?.Records[0]?.dynamodb).toMatchObject({
    Keys: { pk: { S: 'a' } },
    NewImage: { pk: { S: 'a' }, b: { B: 'AQ==' } },
  });
  await one.close();
  await call(first, 2);
  await first.close();
  const second = await openNodeDatabase({ data });
  const again = await trigger(second, 'Tab', (event) => void events.push(event), { plain: true });
  await until(() => events.length === 2);
  expect(events[1]?.Records[0]?.dynamodb.NewImage).toEqual({ pk: 'a', b: new Uint8Array([2]) });
  await again.close();
  await second.close();
});

test('plain values say which changes of a replicated table were made here', async () => {
  const engine = await openNodeDatabase({ memory: true });
  const as = (kind: 'user' | 'engine', operation: string, input: object) =>
    engine.call({ operation, input, form: 'plain', caller: { ...owner, kind } });
  await as('user', 'CreateTable', table);
  await as('engine', 'OpenReplica', { Role: 'hub' });
  await as('engine', 'ReplicateTable', { TableName: 'Tab' });
  await as('user', 'PutItem', { TableName: 'Tab', Item: { pk: 'a' } });
  const records: TriggerEvent['Records'][number][] = [];
  for (const plain of [true, false]) {
    const take = ({ Records }: TriggerEvent): unknown => records.push(...Records);
    const opened = await trigger(engine, 'Tab', take, { name: `${plain}`, plain });
    await until(() => records.length === (plain ? 1 : 2));
    await opened.close();
  }
  const stamp = { counter: 0, replica: expect.stringMatching(/^[0-9a-f]{32}$/) };
  expect(records[0]).toMatchObject({ dynamodb: { Keys: { pk: 'a' } }, origin: 'here', stamp });
  expect(records[1]).toMatchObject({ dynamodb: { Keys: { pk: { S: 'a' } } } });
  expect(records[1]).not.toHaveProperty('origin');
  expect(records[1]).not.toHaveProperty('stamp');
  await engine.close();
});
