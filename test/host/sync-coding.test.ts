import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterEach, describe, expect, test } from 'vitest';
import { syncCodedBytesMin, wireBytesMax } from '../../src/base/replica-limits.ts';
import { serve } from '../../src/host/http.ts';
import { openHub, openNodeDatabase } from '../../src/host/node.ts';
import { systemScheduler } from '../../src/host/ports.ts';
import { codedFor } from '../../src/host/sync-coding.ts';
import { decodeFrame } from '../../src/replica/wire.ts';
import { HttpLink } from '../../src/sync/http-link.ts';
import { converged, openDevice } from '../support/sync.ts';

const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

const far = { 'x-forwarded-for': '203.0.113.7' };
const gzip = { 'accept-encoding': 'gzip, br' };

describe('an answer', () => {
  const long = new Uint8Array(4 * syncCodedBytesMin).fill(7);
  test.each([
    ['to who is far is compressed', gzip, '203.0.113.7', long, true],
    ['through a proxy on this machine too', { ...gzip, ...far }, '127.0.0.1', long, true],
    ['on this machine goes as it is', gzip, '127.0.0.1', long, false],
    ['and by its other names', gzip, '::ffff:127.0.0.1', long, false],
    ['and by IPv6', gzip, '::1', long, false],
    ['goes as it is to who does not ask', {}, '203.0.113.7', long, false],
    ['and to who takes another coding', { 'accept-encoding': 'br' }, '10.0.0.1', long, false],
    ['that is short goes as it is', gzip, '10.0.0.1', long.subarray(0, 100), false],
  ] as const)('%s', async (_, headers, address, answer, isCoded) => {
    const { bytes, headers: coding } = await codedFor(headers, address, answer);
    expect('content-encoding' in coding).toBe(isCoded);
    expect(isCoded ? new Uint8Array(gunzipSync(bytes)) : bytes).toEqual(answer);
  });

  test('that becomes no shorter goes as it is', async () => {
    const noise = crypto.getRandomValues(new Uint8Array(2 * syncCodedBytesMin));
    expect(await codedFor(gzip, '10.0.0.1', noise)).toEqual({ bytes: noise, headers: {} });
  });
});

/** The body as it came, without what `fetch` does to it. */
function raw(url: string, body: Uint8Array): Promise<{ coding: string; bytes: Buffer }> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method: 'POST', headers: { ...gzip, ...far } }, (answer) => {
      const parts: Buffer[] = [];
      answer.on('data', (part: Buffer) => parts.push(part));
      answer.on('end', () => {
        const coding = answer.headers['content-encoding'] ?? '';
        resolve({ coding, bytes: Buffer.concat(parts) });
      });
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

const note = (n: number): string =>
  `Visited plot ${n} of the southern field; the soil is dry, the fence needs mending. `.repeat(8);

test('a snapshot of notes takes less than half of its bytes on the wire', async () => {
  const engine = await openNodeDatabase({ memory: true });
  const server = await serve({ engine, port: 0, hub: await openHub(engine) });
  ends.push(
    () => engine.close(),
    () => server.close(),
  );
  const url = `http://127.0.0.1:${server.port}`;
  const a = await openDevice(url);
  ends.push(() => a.close());
  await Promise.all(Array.from({ length: 500 }, (_, n) => a.put(`n${n}`, note(n))));
  await a.settled();
  const chunks: { coded: number; whole: number }[] = [];
  const b = await openDevice(url, {
    table: null,
    fetch: async (to, init) => {
      const isChunk = !to.endsWith('/pokes') && decodeFrame(init.body).message.kind === 'snapshot';
      if (isChunk) {
        const { coding, bytes } = await raw(to, init.body);
        if (coding === 'gzip')
          chunks.push({ coded: bytes.length, whole: gunzipSync(bytes).length });
      }
      return fetch(to, { ...init, headers: { ...init.headers, ...far } });
    },
  });
  ends.push(() => b.close());
  await b.settled();
  await converged(a.engine, b.engine, engine);
  const coded = chunks.reduce((sum, one) => sum + one.coded, 0);
  const whole = chunks.reduce((sum, one) => sum + one.whole, 0);
  expect(whole).toBeGreaterThan(250_000);
  expect(coded / whole).toBeLessThan(0.5);
});

test('F24: what a hub’s answer inflates to is bounded while it comes', async () => {
  const bomb = gzipSync(new Uint8Array(16 * wireBytesMax), { level: 9 });
  let written = 0;
  const server: Server = createServer((asked, answer) => {
    asked.resume();
    answer.writeHead(200, { 'content-encoding': 'gzip' });
    written = bomb.length;
    answer.end(bomb);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  ends.push(() => new Promise((resolve) => server.close(resolve)));
  const { port } = server.address() as AddressInfo;
  const link = new HttpLink({
    url: `http://127.0.0.1:${port}`,
    fetch: (to, init) => fetch(to, init),
    scheduler: systemScheduler,
    token: async () => undefined,
  });
  const pull = { kind: 'pull', number: 1, Epoch: '', Cursor: 0, Reach: 0 } as const;
  const before = process.memoryUsage().arrayBuffers;
  const told = link.tell('ab'.repeat(16), pull, new AbortController().signal);
  await expect(told).rejects.toMatchObject({ why: 'blocked', message: 'The answer is too long' });
  expect(written).toBeLessThan(wireBytesMax);
  // What was kept of it is no more than a frame, and what was on its way.
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(3 * wireBytesMax);
  server.closeAllConnections();
});
