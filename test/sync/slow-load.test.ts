/** P3: a new device loads on a link that carries no large message, as one in a train. */
import { expect, test } from 'vitest';
import { systemScheduler } from '../../src/host/ports.ts';
import type { Fetch } from '../../src/sync/http-link.ts';
import { openNearHub, response } from '../support/hubs.ts';
import { converged, openDevice } from '../support/sync.ts';

const carriedMax = 64 * 1024;
const hurried = {
  ...systemScheduler,
  delay: (ms: number, signal?: AbortSignal, isIdle?: boolean) =>
    systemScheduler.delay(ms / 50, signal, isIdle),
};

async function bytesOf(body: ReadableStream<Uint8Array> | null): Promise<Uint8Array> {
  return new Uint8Array(
    await new Response(body as ReadableStream<Uint8Array<ArrayBuffer>>).arrayBuffer(),
  );
}

test('chunks that a link loses are smaller the next time, until they come through', async () => {
  const near = await openNearHub();
  const text = 'x'.repeat(1000);
  for (let n = 0; n < 600; n += 1) await near.put(`note ${n}`, text);
  let lost = 0;
  const fetch: Fetch = async (url, init) => {
    const answer = await near.fetch(url, init);
    if (url.endsWith('/pokes')) return answer;
    const bytes = await bytesOf(answer.body);
    if (bytes.length <= carriedMax) return response(200, bytes);
    lost += 1;
    throw new TypeError('The connection was lost');
  };
  const device = await openDevice('http://hub', { fetch, scheduler: hurried });
  await converged(device.engine, near.engine);
  await device.settled();
  expect(lost).toBeGreaterThan(0);
  await device.close();
  await near.engine.close();
}, 30_000);
