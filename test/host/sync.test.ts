import { afterEach, describe, expect, test } from 'vitest';
import { serve } from '../../src/host/http.ts';
import { openHub, openNodeDatabase } from '../../src/host/node.ts';
import { pokesPath, syncPath } from '../../src/host/sync.ts';
import { decodeFrame, encodeFrame, syncProtocol } from '../../src/replica/wire.ts';
import type { Hub } from '../../src/sync/hub.ts';
import { type AccessServer, openAccessServer } from '../support/access-server.ts';

let server: AccessServer | undefined;
afterEach(() => server?.close());

async function open(): Promise<AccessServer> {
  const engine = await openNodeDatabase({ memory: true });
  server = await openAccessServer({}, { engine, hub: await openHub(engine) });
  return server;
}

const replicaId = 'ab'.repeat(16);
const tables = encodeFrame({ replicaId, message: { kind: 'tables', number: 1, Tables: '[]' } });

async function post(
  { url, issuer }: AccessServer,
  body: Uint8Array,
  { path = syncPath, token }: { readonly path?: string; readonly token?: string | null } = {},
): Promise<Response> {
  const bearer = token === undefined ? await issuer.token({ org: 'acme' }) : token;
  const headers: Record<string, string> =
    bearer === null ? {} : { authorization: `Bearer ${bearer}` };
  return fetch(url + path, { method: 'POST', headers, body: body as Uint8Array<ArrayBuffer> });
}

describe('the endpoint of devices', () => {
  test('answers a frame of who has a token, and nothing is to be kept of it', async () => {
    const at = await open();
    const answer = await post(at, tables);
    expect([answer.status, answer.headers.get('cache-control')]).toEqual([200, 'no-store']);
    const { message } = decodeFrame(new Uint8Array(await answer.arrayBuffer()));
    expect(message).toMatchObject({ kind: 'catalog', number: 1, Tables: '[]' });
  });

  test('refuses all others by the status', async () => {
    const at = await open();
    const old = await at.issuer.token({ exp: 1000, iat: 900 });
    const newer = tables.slice();
    newer[2] = syncProtocol + 1;
    const rows: readonly (readonly [number, Promise<Response>])[] = [
      [401, post(at, tables, { token: null })],
      [401, post(at, tables, { token: 'no token' })],
      [401, post(at, tables, { token: old })],
      [400, post(at, new Uint8Array(100))],
      [426, post(at, newer)],
      [401, post(at, tables, { token: null, path: pokesPath })],
    ];
    for (const [status, answer] of rows) expect((await answer).status).toBe(status);
    const body = (await (await post(at, new Uint8Array(3))).json()) as object;
    expect(Object.keys(body)).toEqual(['name', 'message']);
  });

  test('can ask who comes where the rest of the server asks nobody', async () => {
    const strict = await open();
    const { engine, access: hubAccess, issuer } = strict;
    const near = await serve({ engine, port: 0, hub: await openHub(engine), hubAccess });
    try {
      const url = `http://127.0.0.1:${near.port}`;
      const devices = { ...strict, url, issuer };
      expect((await post(devices, tables, { token: null })).status).toBe(401);
      expect((await post(devices, tables)).status).toBe(200);
      const headers = {
        'content-type': 'application/x-amz-json-1.0',
        'x-amz-target': 'DynamoDB_20120810.ListTables',
        authorization: 'AWS4-HMAC-SHA256 Credential=x/1/2/3/4, SignedHeaders=host, Signature=abc',
        'x-amz-date': '20260101T000000Z',
      };
      expect((await fetch(url, { method: 'POST', headers, body: '{}' })).status).toBe(200);
    } finally {
      await near.close();
    }
  });

  test('a page of another origin may ask', async () => {
    const at = await open();
    const headers = {
      origin: 'https://app.example',
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'authorization,content-type',
    };
    const answer = await fetch(at.url + syncPath, { method: 'OPTIONS', headers });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('access-control-allow-headers')).toBe('authorization,content-type');
  });

  test('a stream begins with a poke, and ends with the server', async () => {
    const at = await open();
    const answer = await post(at, new Uint8Array(), { path: pokesPath });
    const reader = answer.body?.getReader();
    const first = await reader?.read();
    expect(new TextDecoder().decode(first?.value)).toBe('data:\n\n');
    const closing = at.server.close();
    expect((await reader?.read())?.done).toBe(true);
    await closing;
  });

  test('a device that is gone before its stream began is told nothing, and forgotten', async () => {
    const engine = await openNodeDatabase({ memory: true });
    const asked = Promise.withResolvers<void>();
    const left = Promise.withResolvers<void>();
    const started = Promise.withResolvers<() => void>();
    // As a hub that is being started, and makes anew what was damaged.
    const listen: Hub['listen'] = () => {
      asked.resolve();
      return started.promise;
    };
    const near = await serve({ engine, port: 0, hub: { listen } as Hub });
    const over = new AbortController();
    const url = `http://127.0.0.1:${near.port}${pokesPath}`;
    const gone = fetch(url, { method: 'POST', signal: over.signal }).catch(() => 'gone');
    await asked.promise;
    over.abort();
    expect(await gone).toBe('gone');
    await new Promise((resolve) => setTimeout(resolve, 100));
    started.resolve(left.resolve);
    await left.promise;
    await near.close();
    await engine.close();
  });
});
