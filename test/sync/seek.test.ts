import { afterEach, describe, expect, test } from 'vitest';
import { openNodeDatabase } from '../../src/host/node.ts';
import type { Engine } from '../../src/engine/engine-types.ts';
import { owner } from '../../src/operation/request.ts';
import { decodeFrame } from '../../src/replica/wire.ts';
import type { Fetch } from '../../src/sync/http-link.ts';
import { syncCaller } from '../../src/sync/tables.ts';
import { SyncClient } from '../../src/sync/client.ts';
import { withSyncServer } from '../../src/sync/with-sync-server.ts';
import { type NearHub, openNearHub, portsOf } from '../support/hubs.ts';

const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

interface Loading {
  readonly near: NearHub;
  readonly engine: Engine;
  call(operation: string, input: object): Promise<object>;
  /** The rest of the table comes. */
  open(): void;
  isCut: boolean;
  isSlow: boolean;
}

/** A page whose tables are held back, but for what is asked for by its key. */
async function loading(): Promise<Loading> {
  const near = await openNearHub();
  (await near.hub.listen(() => undefined))();
  const table = { operation: 'ReplicateTable', input: { TableName: 'Notes' } } as const;
  await near.engine.call({ ...table, form: 'plain', caller: syncCaller });
  for (let n = 0; n < 500; n += 1) await near.put(`k${n}`, 'of before');
  await near.put('settings', 'real');
  await near.put('other', 'one');
  const engine = await openNodeDatabase({ memory: true });
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  let held: () => void = () => undefined;
  const isHeld = new Promise<void>((resolve) => {
    held = resolve;
  });
  const fetch: Fetch = async (url, init) => {
    const message = url.endsWith('/pokes') ? undefined : decodeFrame(init.body).message;
    const isWhole = message?.kind === 'snapshot' && message.After.length === 0;
    if (isWhole) held();
    if (isWhole || (at.isSlow && message?.kind === 'snapshot')) await opened;
    if (at.isCut) throw new TypeError('no network');
    return near.fetch(url, init);
  };
  const calls = withSyncServer(portsOf(engine, fetch), engine);
  const call = (operation: string, input: object): Promise<object> =>
    new Promise((resolve, reject) => {
      calls.submit({ operation, input, form: 'json', caller: owner }, ({ output, error }) => {
        if (error === undefined) resolve(output);
        else reject(error);
      });
    });
  const at: Loading = { near, engine, call, open, isCut: false, isSlow: false };
  ends.push(
    () => near.engine.close(),
    () => engine.close(),
    () => calls.end(),
    async () => open(),
  );
  await call('SyncOpen', { Url: 'http://hub', Tables: ['Notes'], HasToken: false });
  await isHeld;
  return at;
}

const keyOf = (id: string): object => ({ TableName: 'Notes', Key: { id: { S: id } } });
const create = (id: string): object => ({
  TableName: 'Notes',
  Item: { id: { S: id }, v: { S: 'default' } },
  ConditionExpression: 'attribute_not_exists(id)',
});

function textOf(output: object): unknown {
  const { Item } = output as { readonly Item?: { item(): Map<string, { value: unknown }> } };
  return Item?.item().get('v')?.value;
}

async function live({ call, open }: Loading): Promise<void> {
  open();
  await expect
    .poll(async () => ((await call('SyncRefresh', {})) as never)['Status']['state'])
    .toBe('live');
}

describe('L1: while a table loads, and the hub is there', () => {
  test('what is asked for comes first, and conditions are judged on it', async () => {
    const at = await loading();
    expect(textOf(await at.call('GetItem', keyOf('settings')))).toBe('real');
    await expect(at.call('PutItem', create('settings'))).rejects.toThrow('conditional request');
    await expect(at.call('SyncCall', { Operation: 'PutItem', Input: create('other') }))
      .rejects //
      .toThrow('conditional request');
    await at.call('PutItem', create('mine'));
    await live(at);
    const all = { TableName: 'Notes' };
    const [here, there] = await Promise.all([at.call('Scan', all), near(at).call(scan(all))]);
    expect((here as { Count: number }).Count).toBe(503);
    expect((there as { Count: number }).Count).toBe(503);
  });

  test('cut off, it is decided on what is here at once, and the hub has the last word', async () => {
    const at = await loading();
    at.isCut = true;
    at.open();
    await expect
      .poll(async () => ((await at.call('SyncRefresh', {})) as never)['Status']['state'])
      .toBe('offline');
    await at.call('PutItem', create('settings'));
    expect(textOf(await at.call('GetItem', keyOf('settings')))).toBe('default');
    at.isCut = false;
    await at.call('SyncResume', {});
    await live(at);
    expect(textOf(await at.call('GetItem', keyOf('settings')))).toBe('real');
  });

  test('a hub that is slow is waited for once', async () => {
    const at = await loading();
    at.isSlow = true;
    const since = performance.now();
    expect(textOf(await at.call('GetItem', keyOf('settings')))).toBe(undefined);
    const waited = performance.now() - since;
    for (let n = 0; n < 5; n += 1) await at.call('GetItem', keyOf(`none${n}`));
    expect(performance.now() - since - waited).toBeLessThan(waited);
    await live(at);
    expect(textOf(await at.call('GetItem', keyOf('settings')))).toBe('real');
  });
});

test('nothing is due without a hub, for what is no call of items, or for sync itself', async () => {
  const engine = await openNodeDatabase({ memory: true });
  const fetch: Fetch = () => Promise.reject(new TypeError('no network'));
  const token = async (): Promise<undefined> => undefined;
  const client = new SyncClient({ ...portsOf(engine, fetch), url: 'http://hub', token });
  const call = { operation: 'GetItem', input: {}, form: 'json', caller: owner } as const;
  expect(client.seeker.isDue(call)).toBe(false);
  await client.seeker.seek(call);
  await engine.close();
});

const near = ({ near: { engine } }: Loading): Engine => engine;
const scan = (input: object) =>
  ({ operation: 'Scan', input, form: 'json', caller: owner }) as const;
