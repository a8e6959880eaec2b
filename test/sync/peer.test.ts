/** Two regions: hubs in processes of their own that pull one another, and a device at each. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Engine } from '../../src/engine/engine-types.ts';
import { type HttpServer, serve } from '../../src/host/http.ts';
import { openHub, openNodeDatabase } from '../../src/host/node.ts';
import { owner } from '../../src/operation/request.ts';
import type { Hub } from '../../src/sync/hub.ts';
import { Cable } from '../support/cable.ts';
import {
  converged,
  type Device,
  type HubProcess,
  notes,
  openDevice,
  startHub,
} from '../support/sync.ts';

let folder = '';
const open: { close(): Promise<void> }[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tidetable-'));
});
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
  rmSync(folder, { recursive: true, force: true });
});

async function device(...args: Parameters<typeof openDevice>): Promise<Device> {
  const one = await openDevice(...args);
  open.push(one);
  return one;
}

async function process(name: string, port: number, ...more: string[]): Promise<HubProcess> {
  const hub = await startHub(['--port', String(port), '--data', join(folder, name), ...more]);
  open.push({ close: () => hub.kill() });
  return hub;
}

interface Region {
  readonly engine: Engine;
  readonly hub: Hub;
  readonly server: HttpServer;
  readonly url: string;
}

async function region(...peers: readonly string[]): Promise<Region> {
  const engine = await openNodeDatabase({ memory: true });
  const hub = await openHub(engine, { peers: peers.map((url) => ({ url })) });
  const server = await serve({ engine, port: 0, hub });
  open.push(engine, hub, server);
  return { engine, hub, server, url: `http://127.0.0.1:${server.port}` };
}

function call(engine: Engine, operation: string, input: object): Promise<object> {
  return engine.call({ operation, input, form: 'plain', caller: owner });
}
const live = (hub: Hub) =>
  expect.poll(() => hub.peers.map(({ state }) => state), { timeout: 20_000 });

describe('two hubs in processes of their own', () => {
  const name = 'bring what one device writes to the device of the other, killed or not';
  test(name, { timeout: 120_000 }, async () => {
    let a = await process('a', 0);
    const b = await process('b', 0, '--peer', a.url);
    const { port } = a;
    await a.kill();
    a = await process('a', port, '--peer', b.url);
    const ofA = await device(a.url);
    await ofA.settled();
    await ofA.put('one', 'of a');
    const ofB = await device(b.url);
    await ofB.settled();
    await ofB.put('two', 'of b');
    await converged(ofA.engine, ofB.engine);
    expect([await ofB.note('one'), await ofA.note('two')]).toEqual(['of a', 'of b']);
    await a.kill();
    await Promise.all(Array.from({ length: 50 }, (_, n) => ofA.put(`a${n}`, 'while one is gone')));
    await Promise.all(Array.from({ length: 50 }, (_, n) => ofB.put(`b${n}`, 'while one is gone')));
    await ofB.settled();
    await process('a', port, '--peer', b.url);
    ofA.client.resume();
    await ofA.settled();
    await converged(ofA.engine, ofB.engine);
    expect([await ofB.note('a49'), await ofA.note('b49')]).not.toContain(undefined);
  });
});

describe('a hub with peers', () => {
  test('takes tables of one name for one, whoever made them first', async () => {
    const a = await region();
    await call(a.engine, 'CreateTable', notes);
    const ofA = await device(a.url);
    await ofA.settled();
    await ofA.put('x', 'of a');
    const b = await region(a.url);
    await live(b.hub).toEqual(['live']);
    const c = await region(a.url, b.url);
    await live(c.hub).toEqual(['live', 'live']);
    await converged(a.engine, b.engine, c.engine);
    expect(b.hub.peers[0]?.tables).toContain('Notes');
    // What is made on the last comes to nobody who does not pull it.
    await call(c.engine, 'PutItem', { TableName: 'Notes', Item: { id: 'y', v: 'of c' } });
    expect(await ofA.note('y')).toBeUndefined();
  });

  test('leaves a table of another key schema as it is, and says so', async () => {
    const a = await region();
    const ofA = await device(a.url);
    await ofA.settled();
    const engine = await openNodeDatabase({ memory: true });
    const AttributeDefinitions = [{ AttributeName: 'other', AttributeType: 'S' }];
    const KeySchema = [{ AttributeName: 'other', KeyType: 'HASH' }];
    await call(engine, 'CreateTable', { ...notes, AttributeDefinitions, KeySchema });
    const hub = await openHub(engine, { peers: [{ url: a.url }] });
    open.push(engine, hub);
    await live(hub).toEqual(['live']);
    expect(hub.peers[0]?.detached).toMatchObject([{ table: 'Notes' }]);
    expect(hub.peers[0]?.tables).not.toContain('Notes');
  });

  test('goes on by itself when the other one is out of reach for a while', async () => {
    const a = await region();
    const ofA = await device(a.url);
    await ofA.settled();
    const cable = new Cable(() => a.server.port);
    open.push(cable);
    const b = await region(await cable.open());
    await live(b.hub).toEqual(['live']);
    cable.weather = 'cut';
    await ofA.put('x', 'meanwhile');
    await live(b.hub).toEqual(['offline']);
    cable.weather = 'fair';
    await converged(a.engine, b.engine);
    await live(b.hub).toEqual(['live']);
  });
});
