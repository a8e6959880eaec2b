import { afterEach, describe, expect, test } from 'vitest';
import { type LiveAnswer, type LiveServed, withLive } from '../../src/wire/live.ts';
import { ask, makeTable, openRig, put, quiet, requestOf, type Rig } from '../support/engine.ts';

const rigs: Rig[] = [];

async function served(): Promise<{
  rig: Rig;
  calls: LiveServed;
  call: (operation: string, input: object) => Promise<LiveAnswer>;
}> {
  const rig = await openRig();
  rigs.push(rig);
  await makeTable(rig);
  const calls = withLive(rig.engine, rig.engine);
  const call = (operation: string, input: object): Promise<LiveAnswer> =>
    new Promise((resolve, reject) => {
      calls.submit(requestOf(operation, input), ({ output, error }) => {
        if (error === undefined) resolve(output);
        else reject(error);
      });
    });
  return { rig, calls, call };
}

afterEach(async () => {
  for (const { engine } of rigs.splice(0)) await engine.close();
});

const scan = { Id: 1, Operation: 'Scan', Input: { TableName: 'Things' } };

describe('live queries over the channel', () => {
  test('are answered with the first result, then with each that differs', async () => {
    const { rig, call } = await served();
    await put(rig, 'a');
    expect(await call('LiveOpen', scan)).toMatchObject({ Splices: [0, 0, 1], Count: 1 });
    const next = call('LiveNext', { Id: 1 });
    await put(rig, 'b');
    const { Count, Items } = await next;
    expect([Count, Items?.length]).toEqual([2, 1]);
  });

  test('leave other calls to the engine', async () => {
    const { call } = await served();
    expect(await call('ListTables', {})).toMatchObject({ TableNames: ['Things'] });
    await expect(call('NoSuch', {})).rejects.toThrow(expect.objectContaining({}));
  });

  test.each([
    [
      'closed',
      async (call: (operation: string, input: object) => Promise<object>) => {
        await call('LiveClose', { Id: 1 });
      },
    ],
    [
      'of a page that left',
      async (_call: unknown, { calls }: { calls: LiveServed }) => calls.end(),
    ],
    [
      'of an engine that is closed',
      async (_call: unknown, { rig }: { rig: Rig }) => rig.engine.close(),
    ],
  ])('%s are answered with an end', async (_name, end) => {
    const all = await served();
    await all.call('LiveOpen', scan);
    const next = all.call('LiveNext', { Id: 1 });
    await end(all.call, all);
    expect(await next).toEqual({ End: true });
    expect(await all.call('LiveNext', { Id: 1 })).toEqual({ End: true });
  });

  test('that the engine refuses are answered with its error', async () => {
    const { call } = await served();
    const input = { ...scan, Input: { TableName: 'Nothing' } };
    await expect(call('LiveOpen', input)).rejects.toThrow('Requested resource not found');
    const write = { Id: 2, Operation: 'PutItem', Input: { TableName: 'Things', Item: {} } };
    await expect(call('LiveOpen', write)).rejects.toThrow('A live query is a GetItem');
  });

  test('end when their table does', async () => {
    const { rig, call } = await served();
    await call('LiveOpen', scan);
    const next = call('LiveNext', { Id: 1 });
    next.catch(() => undefined);
    await ask(rig, 'DeleteTable', { TableName: 'Things' });
    await quiet();
    await expect(next).rejects.toThrow('Requested resource not found');
  });
});
