/** What became of the writes of two devices of one hub, told to who asks. */
import { expect, test } from 'vitest';
import type { Engine } from '../../src/engine/engine-types.ts';
import { openNodeDatabase } from '../../src/host/node.ts';
import { owner } from '../../src/operation/request.ts';
import { SyncServer } from '../../src/sync/serve-sync.ts';
import type { SyncCallOutput } from '../../src/sync/settled.ts';
import { openNearHub, portsOf, type NearHub } from '../support/hubs.ts';
import { notes } from '../support/sync.ts';

interface Page {
  readonly engine: Engine;
  call(operation: string, input?: object): Promise<object>;
  write(Operation: string, Input: object, more?: object): Promise<readonly number[]>;
  as(seqs: readonly number[]): Promise<string>;
  close(): Promise<void>;
}

async function page(near: NearHub): Promise<Page> {
  const engine = await openNodeDatabase({ memory: true });
  const server = new SyncServer(portsOf(engine, near.fetch));
  const call: Page['call'] = (operation, input = {}) =>
    new Promise((resolve, reject) => {
      server.submit({ operation, input, form: 'plain', caller: owner }, ({ output, error }) => {
        if (error === undefined) resolve(output);
        else reject(error);
      });
    });
  await call('SyncOpen', { Url: 'http://hub', Tables: ['Notes'], HasToken: false });
  const isLive = async (): Promise<boolean> => {
    const { Status } = (await call('SyncRefresh')) as { Status?: { state: string } };
    return Status?.state === 'live';
  };
  for (let turn = 0; turn < 500 && !(await isLive()); turn += 1) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return {
    engine,
    call,
    write: async (Operation, Input, more = {}) => {
      const output = (await call('SyncCall', { Operation, Input, ...more })) as SyncCallOutput;
      return output.Seqs;
    },
    as: async (Seqs) => ((await call('SyncSettled', { Seqs })) as { readonly As: string }).As,
    close: async () => {
      await server.end();
      await engine.close();
    },
  };
}

const sale = {
  TableName: 'Notes',
  Key: { id: 'stock' },
  UpdateExpression: 'SET n = n - :one',
  ConditionExpression: 'n > :zero',
  ExpressionAttributeValues: { ':one': 1, ':zero': 0 },
};

test('U27: a write is local, the hub’s, or rejected, and the last unit is sold once', async () => {
  const near = await openNearHub();
  const item = { TableName: 'Notes', Item: { id: 'stock', n: 1 } };
  await near.engine.call({ operation: 'PutItem', input: item, form: 'plain', caller: owner });
  const [a, b] = [await page(near), await page(near)];
  await a.engine.call({
    operation: 'CreateTable',
    input: { ...notes, TableName: 'Mine' },
    form: 'plain',
    caller: owner,
  });
  expect(await a.as(await a.write('PutItem', { TableName: 'Mine', Item: { id: 'x' } }))).toBe(
    'local',
  );
  for (const one of [a, b]) await one.call('SyncPause');
  const Mode = 'confirm';
  const sold = await a.write('UpdateItem', sale, { Mode });
  const late = await b.write('UpdateItem', sale, { Mode, ExpiresMs: 60_000 });
  expect([sold, late]).toEqual([[1], [1]]);
  await a.call('SyncResume');
  expect(await a.as(sold)).toBe('hub');
  const settling = b.as(late);
  await b.call('SyncResume');
  expect(await settling).toBe('rejected');
  const Key = { id: 'stock' };
  for (const { engine } of [near, a, b]) {
    const got = (await engine.call({
      operation: 'GetItem',
      input: { TableName: 'Notes', Key },
      form: 'plain',
      caller: owner,
      consistency: 'strong',
    })) as { Item: { item(): ReadonlyMap<string, { readonly value: unknown }> } };
    expect(got.Item.item().get('n')?.value).toBe('0');
  }
  await Promise.all([a.close(), b.close()]);
  await near.engine.close();
});

test('what is no mode, or no time, is refused; who waits when it ends is told', async () => {
  const near = await openNearHub();
  const a = await page(near);
  await expect(a.write('UpdateItem', sale, { Mode: 'always' })).rejects.toThrow(TypeError);
  await expect(a.write('UpdateItem', sale, { ExpiresMs: 0 })).rejects.toThrow(TypeError);
  await a.call('SyncPause');
  const seqs = await a.write('PutItem', { TableName: 'Notes', Item: { id: 'x' } });
  const settling = a.as(seqs).catch((error: Error) => error.message);
  await a.close();
  expect(await settling).toMatch(/closed/);
  await near.engine.close();
});

test('U4: a device is told what a table asks for, and when that changes', async () => {
  const near = await openNearHub();
  const { Table } = (await near.engine.call({
    operation: 'DescribeTable',
    input: { TableName: 'Notes' },
    form: 'plain',
    caller: owner,
  })) as { readonly Table: { readonly TableArn: string } };
  const Tags = [{ Key: 'tidetable:mode', Value: 'confirm' }];
  const input = { ResourceArn: Table.TableArn, Tags };
  await near.engine.call({ operation: 'TagResource', input, form: 'plain', caller: owner });
  const a = await page(near);
  const modeOf = async (): Promise<unknown> => {
    const caller = { kind: 'sync', principal: 'sync' } as const;
    const request = { operation: 'ListReplicated', input: {}, form: 'plain', caller } as const;
    const { Tables } = (await a.engine.call(request)) as { Tables: { TableName: string }[] };
    return Tables.find(({ TableName }) => TableName === 'Notes');
  };
  expect(await modeOf()).toMatchObject({ Mode: 'confirm' });
  await a.close();
  await near.engine.close();
});
