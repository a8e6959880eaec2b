/** Triggers on a hub that serves over HTTP and on two devices of it: which of them run. */
import { afterEach, expect, test } from 'vitest';
import type { Engine } from '../../src/engine/engine-types.ts';
import type { Trigger, TriggerEvent } from '../../src/engine/trigger-types.ts';
import { serve } from '../../src/host/http.ts';
import { openHub, openNodeDatabase } from '../../src/host/node.ts';
import { type EngineSync, sync } from '../../src/host/sync-engine.ts';
import { trigger } from '../../src/host/triggers.ts';
import { owner } from '../../src/operation/request.ts';
import { notes } from '../support/sync.ts';

const places = ['origin', 'hub', 'every'] as const;
const StreamSpecification = { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' };
const open: { close(): Promise<unknown> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
});

const call = (engine: Engine, operation: string, input: object): Promise<object> =>
  engine.call({ operation, input, form: 'plain', caller: owner });
const put = (id: string, n: number): object => ({ TableName: 'Notes', Item: { id, n } });

/** What the triggers of a database were given, by where they run. */
type Heard = Readonly<Record<(typeof places)[number], string[]>>;

async function listen(engine: Engine): Promise<Heard> {
  const heard: Heard = { origin: [], hub: [], every: [] };
  for (const on of places) {
    const handle = ({ Records }: TriggerEvent): void => {
      for (const { eventName, dynamodb } of Records) {
        const { Keys, OldImage, NewImage } = dynamodb;
        heard[on].push(
          `${eventName} ${Keys['id']} ${OldImage?.['n'] ?? ''}>${NewImage?.['n'] ?? ''}`,
        );
      }
    };
    const options = { name: on, on, plain: true, startingPosition: 'LATEST' } as const;
    const opened: Trigger = await trigger(engine, 'Notes', handle, options);
    open.push(opened);
  }
  return heard;
}

async function device(url: string): Promise<{ engine: Engine; remote: EngineSync }> {
  const engine = await openNodeDatabase({ memory: true });
  const remote = sync(engine, { url, tables: ['Notes'] });
  open.push(engine, remote);
  await remote.until('live');
  const { Table } = (await call(engine, 'DescribeTable', { TableName: 'Notes' })) as {
    readonly Table: { readonly LatestStreamArn?: string };
  };
  if (Table.LatestStreamArn === undefined) {
    await call(engine, 'UpdateTable', { TableName: 'Notes', StreamSpecification });
  }
  return { engine, remote };
}

test('U16: of three replicas the one where a write was made runs its trigger, once', async () => {
  const hub = await openNodeDatabase({ memory: true });
  await call(hub, 'CreateTable', { ...notes, StreamSpecification });
  const server = await serve({ engine: hub, port: 0, hub: await openHub(hub) });
  open.push(hub, server);
  const url = `http://127.0.0.1:${server.port}`;
  const [a, b] = [await device(url), await device(url)];
  const all = [hub, a.engine, b.engine];
  const heard = await Promise.all(all.map(listen));
  const [atHub, atA, atB] = heard as [Heard, Heard, Heard];

  await call(a.engine, 'PutItem', put('of a', 1));
  await call(b.engine, 'PutItem', put('of b', 1));
  await call(hub, 'PutItem', put('of the hub', 1));
  await a.remote.with({ mode: 'hub' }).call('PutItem', put('asked of the hub', 1));
  const has = (wanted: string, ...some: readonly Heard[]) =>
    expect.poll(() => some.every(({ every }) => every.includes(wanted)), { timeout: 10_000 });
  await has('INSERT of a >1', ...heard).toBe(true);
  await has('INSERT of the hub >1', ...heard).toBe(true);

  // Two guesses of one item: the hub makes of the second what it makes of it.
  for (const one of [a, b]) await one.remote.pause();
  const add = {
    TableName: 'Notes',
    Key: { id: 'of the hub' },
    UpdateExpression: 'ADD n :one',
    ExpressionAttributeValues: { ':one': 1 },
  };
  const guesses = [];
  for (const { remote } of [a, b])
    guesses.push(await remote.with({ mode: 'confirm' }).call('UpdateItem', add));
  for (const [at, { remote }] of [a, b].entries()) {
    await remote.resume();
    expect(await remote.settled(guesses[at] as object)).toBe('hub');
  }
  await has('MODIFY of the hub 2>3', ...heard).toBe(true);
  await has('INSERT asked of the hub >1', ...heard).toBe(true);
  await has('INSERT of b >1', ...heard).toBe(true);

  const made = ['INSERT of the hub >1', 'INSERT asked of the hub >1'];
  await expect.poll(() => atHub.origin.toSorted(), { timeout: 5000 }).toEqual(made.toSorted());
  expect(atA.origin).toEqual(['INSERT of a >1', 'MODIFY of the hub 1>2']);
  const corrected = ['MODIFY of the hub 1>2', 'MODIFY of the hub 2>3'];
  await expect.poll(() => atB.origin, { timeout: 5000 }).toEqual(['INSERT of b >1', ...corrected]);
  const taken = ['INSERT of a >1', 'INSERT of b >1', ...made, ...corrected].toSorted();
  await expect.poll(() => atHub.hub.toSorted(), { timeout: 5000 }).toEqual(taken);
  expect([atA.hub, atB.hub]).toEqual([[], []]);
  for (const { every } of heard) expect(every.toSorted()).toEqual(taken);
});

test('U16: what a hub pulls of another was written there; each runs its triggers of hubs', async () => {
  const east = await openNodeDatabase({ memory: true });
  const server = await serve({ engine: east, port: 0, hub: await openHub(east) });
  const west = await openNodeDatabase({ memory: true });
  for (const engine of [east, west]) {
    await call(engine, 'CreateTable', { ...notes, StreamSpecification });
  }
  const ReplicaUpdates = [{ Create: { RegionName: 'west' } }];
  await call(east, 'UpdateTable', { TableName: 'Notes', ReplicaUpdates });
  const hub = await openHub(west, { peers: [{ url: `http://127.0.0.1:${server.port}` }] });
  open.push(east, west, server, hub);
  const [atEast, atWest] = [await listen(east), await listen(west)];
  await call(east, 'PutItem', put('of the east', 1));
  await call(west, 'PutItem', put('of the west', 1));
  const own = 'INSERT of the west >1';
  const all = ['INSERT of the east >1', own];
  await expect.poll(() => atWest.hub.toSorted(), { timeout: 10_000 }).toEqual(all);
  await expect.poll(() => atWest.every.toSorted(), { timeout: 5000 }).toEqual(all);
  await expect.poll(() => atWest.origin, { timeout: 5000 }).toEqual([own]);
  // It pulls nothing itself.
  for (const on of ['origin', 'hub'] as const) {
    await expect.poll(() => atEast[on], { timeout: 5000 }).toEqual(['INSERT of the east >1']);
  }
});
