import { afterEach, describe, expect, test } from 'vitest';
import type { Engine } from '../../src/engine/engine-types.ts';
import { type HttpServer, serve } from '../../src/host/http.ts';
import { openHub, openNodeDatabase } from '../../src/host/node.ts';
import { converged, type Device, openDevice } from '../support/sync.ts';

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
});

async function hub(): Promise<{ engine: Engine; server: HttpServer; url: string }> {
  const engine = await openNodeDatabase({ memory: true });
  const server = await serve({ engine, port: 0, hub: await openHub(engine) });
  open.push(engine, server);
  return { engine, server, url: `http://127.0.0.1:${server.port}` };
}

async function device(
  url: string,
  options: Parameters<typeof openDevice>[1] = {},
): Promise<Device> {
  const one = await openDevice(url, options);
  open.push(one);
  return one;
}

describe('two devices of a hub', () => {
  test('become equal, and stay so while both write', async () => {
    const { engine, url } = await hub();
    const a = await device(url);
    await a.settled();
    const b = await device(url, { table: null });
    await b.settled();
    for (let n = 0; n < 20; n += 1) {
      await a.put(`a${n}`, 'of a');
      await b.put(`b${n}`, 'of b');
    }
    await a.settled();
    await b.settled();
    await converged(a.engine, b.engine, engine);
    expect([await a.note('b19'), await b.note('a0')]).toEqual(['of b', 'of a']);
  });

  test('count what waits while they are paused, or the hub is gone', async () => {
    const { url, server } = await hub();
    const a = await device(url);
    await a.settled();
    a.client.pause();
    await a.when(({ state }) => state === 'paused', 'paused');
    await a.put('x', 'while paused');
    await a.put('y', 'while paused');
    await a.when(({ pending }) => pending === 2, 'counted while paused');
    await server.close();
    a.client.resume();
    await a.when(({ state }) => state === 'offline', 'offline');
    await a.put('z', 'while offline');
    const { state } = await a.when(({ pending }) => pending === 3, 'counted while offline');
    expect(['offline', 'connecting']).toContain(state);
  });
});
