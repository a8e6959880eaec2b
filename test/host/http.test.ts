import { mkdirSync, writeFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { requestBytesMax } from '../../src/base/limits.ts';
import { type HttpServer, type ServeOptions, serve } from '../../src/host/http.ts';
import { type FakeEngine, fakeEngine } from '../support/fake-engine.ts';
import { temporaryFolder } from '../support/folder.ts';

const headers = {
  'content-type': 'application/x-amz-json-1.0',
  'x-amz-target': 'DynamoDB_20120810.ListTables',
  authorization: 'AWS4-HMAC-SHA256 Credential=x/1/2/3/4, SignedHeaders=host, Signature=abc',
  'x-amz-date': '20260101T000000Z',
};

interface Running {
  readonly server: HttpServer;
  readonly engine: FakeEngine;
  readonly url: string;
}

async function start(
  engine: FakeEngine = fakeEngine(() => ({ TableNames: [] })),
  more: Partial<ServeOptions> = {},
): Promise<Running> {
  const server = await serve({ engine, port: 0, ...more });
  onTestFinished(() => server.close());
  return { server, engine, url: `http://127.0.0.1:${server.port}` };
}

function post(url: string, body: string | Uint8Array, signal?: AbortSignal): Promise<Response> {
  return fetch(url, {
    method: 'POST',
    headers,
    body: body as BodyInit,
    ...(signal === undefined ? {} : { signal }),
  });
}

/** What the server says to bytes sent as they are, once it closes the connection. */
function sendRaw(port: number, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(text));
    socket.setEncoding('utf8');
    socket.on('data', (part: string) => {
      answer += part;
    });
    socket.on('error', reject);
    socket.on('close', () => resolve(answer));
  });
}

describe('the HTTP server', () => {
  test('brings a request to the engine and its answer back', async () => {
    const { url, engine } = await start();
    const response = await post(url, '{"Limit":3}');
    expect([response.status, await response.text()]).toEqual([200, '{"TableNames":[]}']);
    expect(response.headers.get('x-amz-crc32')).toMatch(/^\d+$/);
    expect(response.headers.get('date')).not.toBeNull();
    expect(engine.requests[0]?.input).toEqual({ Limit: 3 });
  });

  test('tells a client that asks first to go on', async () => {
    const { server } = await start();
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    const head = `POST / HTTP/1.1\r\nHost: x\r\n${lines.join('')}Connection: close\r\n`;
    const text = `${head}Expect: 100-continue\r\nContent-Length: 2\r\n\r\n{}`;
    expect(await sendRaw(server.port, text)).toMatch(
      /^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 OK\r\n/,
    );
  });

  test('answers GET / with the health line', async () => {
    const { url } = await start(undefined, { region: 'eu-west-1' });
    for (const accept of ['*/*', 'text/html']) {
      const response = await fetch(url, { headers: { accept } });
      expect(await response.text()).toBe('healthy: dynamodb.eu-west-1.amazonaws.com ');
    }
  });

  test('keeps a connection for the next request, without mixing them', async () => {
    const { url } = await start(fakeEngine(({ input }) => input as object));
    for (let n = 0; n < 20; n += 1) {
      const answers = await Promise.all(
        [1, 2, 3].map(async (m) => (await post(url, `{"Limit":${n * m}}`)).json()),
      );
      expect(answers).toEqual([1, 2, 3].map((m) => ({ Limit: n * m })));
    }
  });

  test('refuses a port that is taken, with its code', async () => {
    const { server, engine } = await start();
    const second = serve({ engine, port: server.port });
    await expect(second).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });
});

describe('bounds', () => {
  test('a body over 16 MB is answered with 413, told beforehand or not', async () => {
    const { url, server, engine } = await start();
    const response = await post(url, new Uint8Array(requestBytesMax + 1));
    expect([response.status, await response.text()]).toEqual([413, '']);
    const chunked = await new Promise<number | undefined>((resolve, reject) => {
      const options = { host: '127.0.0.1', port: server.port, method: 'POST', headers };
      const request = httpRequest(options, (answer) => {
        answer.resume();
        resolve(answer.statusCode);
      });
      request.on('error', reject);
      for (let part = 0; part < 17; part += 1) request.write(Buffer.alloc(1024 * 1024));
      request.end();
    });
    expect(chunked).toBe(413);
    expect(engine.requests).toEqual([]);
  });

  test('a body that claims to be far larger is not waited for', async () => {
    const { server } = await start();
    const head = `POST / HTTP/1.1\r\nHost: x\r\nContent-Length: ${100 * requestBytesMax}\r\n\r\n`;
    expect(await sendRaw(server.port, head)).toMatch(/^HTTP\/1\.1 413 /);
  });

  test('headers over 16 KB, and what is not HTTP, are answered with 400', async () => {
    const { server } = await start();
    const long = `GET / HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(17 * 1024)}\r\n\r\n`;
    expect(await sendRaw(server.port, long)).toMatch(/^HTTP\/1\.1 400 /);
    expect(await sendRaw(server.port, 'nonsense\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 /);
  });
});

describe('endings', () => {
  test('a client that goes away aborts its request', async () => {
    const arrived = Promise.withResolvers<AbortSignal>();
    const engine = fakeEngine(async ({ signal }) => {
      if (signal === undefined) throw new Error('no signal');
      arrived.resolve(signal);
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      throw signal.reason;
    });
    const { url } = await start(engine);
    const leaving = new AbortController();
    const call = post(url, '{}', leaving.signal);
    const signal = await arrived.promise;
    expect(signal.aborted).toBe(false);
    leaving.abort();
    await expect(call).rejects.toThrow();
    await expect.poll(() => signal.aborted).toBe(true);
  });

  test('closing waits for the request in flight, and takes no more', async () => {
    const arrived = Promise.withResolvers<void>();
    const release = Promise.withResolvers<void>();
    const engine = fakeEngine(async () => {
      arrived.resolve();
      await release.promise;
      return { TableNames: ['late'] };
    });
    const { url, server } = await start(engine);
    const call = post(url, '{}');
    await arrived.promise;
    let closed = false;
    const closing = server.close().then(() => {
      closed = true;
    });
    await expect(post(url, '{}')).rejects.toThrow();
    expect(closed).toBe(false);
    release.resolve();
    expect(await (await call).json()).toEqual({ TableNames: ['late'] });
    await closing;
    await server.close();
    expect(engine.status().closed).toBe(false);
  });

  test('closing does not wait for connections that never asked anything', async () => {
    const release = Promise.withResolvers<void>();
    const arrived = Promise.withResolvers<void>();
    const engine = fakeEngine(async () => {
      arrived.resolve();
      await release.promise;
      return { TableNames: ['whole'] };
    });
    const { url, server } = await start(engine);
    const silent = connect(server.port, '127.0.0.1');
    const gone = new Promise((resolve) => silent.once('close', resolve));
    await new Promise((resolve) => silent.once('connect', resolve));
    const call = post(url, '{}');
    await arrived.promise;
    const closing = server.close();
    await gone;
    release.resolve();
    expect(await (await call).json()).toEqual({ TableNames: ['whole'] });
    await closing;
  });
});

describe('a folder of pages', () => {
  function pages(): { root: string } {
    const root = temporaryFolder();
    mkdirSync(join(root, 'examples', 'notes'), { recursive: true });
    writeFileSync(join(root, 'index.html'), 'page');
    writeFileSync(join(root, 'main.js'), 'code');
    writeFileSync(join(root, 'examples', 'notes', 'index.html'), 'notes');
    return { root };
  }
  const read = async (url: string, accept: string): Promise<string> =>
    (await fetch(url, { headers: { accept } })).text();

  test('is what a browser sees, and the health line what others see', async () => {
    const { url } = await start(undefined, { assets: pages() });
    const browser = 'text/html,application/xhtml+xml,*/*;q=0.8';
    expect(await read(`${url}/`, browser)).toBe('page');
    expect(await read(`${url}/?a=b`, browser)).toBe('page');
    expect(await read(`${url}/`, '*/*')).toBe('healthy: dynamodb.local.amazonaws.com ');
    expect(await read(`${url}/main.js`, '*/*')).toBe('code');
    expect(await read(`${url}/examples/notes/`, browser)).toBe('notes');
    expect(await read(`${url}/examples/notes`, browser)).toBe('notes');
    expect((await fetch(`${url}/none`)).status).toBe(404);
  });

  test('comes after what the program answers itself, by any method', async () => {
    const site = async (method: string, target: string) => {
      if (target !== '/own?a=b') return undefined;
      return { status: 201, headers: { 'x-own': method }, body: new TextEncoder().encode('own') };
    };
    const { url } = await start(undefined, { assets: pages(), site });
    for (const method of ['GET', 'POST']) {
      const answer = await fetch(`${url}/own?a=b`, { method });
      const { status } = answer;
      expect([status, answer.headers.get('x-own'), await answer.text()]).toEqual([
        201,
        method,
        'own',
      ]);
    }
    expect(await read(`${url}/main.js`, '*/*')).toBe('code');
    expect(await (await post(`${url}/own`, '{}')).json()).toEqual({ TableNames: [] });
  });

  test('answers HEAD without a body, and leaves POST to DynamoDB', async () => {
    const { url } = await start(undefined, { assets: pages() });
    const head = await fetch(`${url}/main.js`, { method: 'HEAD' });
    expect([head.status, head.headers.get('content-length'), await head.text()]).toEqual([
      200,
      '4',
      '',
    ]);
    expect(await (await post(`${url}/main.js`, '{}')).json()).toEqual({ TableNames: [] });
  });
});
