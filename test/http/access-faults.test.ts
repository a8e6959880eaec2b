/**
 * Hostile clients of a server that is reached by others: the faults F23 to F30 of the fault table,
 * as far as they concern DynamoDB's protocol, and the limits that stand before parsing.
 */
import { connect } from 'node:net';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { requestBytesMax } from '../../src/base/limits.ts';
import { OpenServer, serve, type Waits } from '../../src/host/http.ts';
import {
  type AccessServer,
  adminSecret,
  makeTables,
  openAccessServer,
  type Told,
} from '../support/access-server.ts';
import { fakeEngine } from '../support/fake-engine.ts';
import { signedHeaders } from '../support/signing.ts';
import { openIssuer } from '../support/tokens.ts';

let world: AccessServer;
beforeAll(async () => {
  world = await openAccessServer();
  await makeTables(world);
});
afterAll(() => world.close());

const S = (text: string): object => ({ S: text });
const json = 'application/x-amz-json-1.0';

async function as(sub: string, org: string, target: string, input: object): Promise<Told> {
  return world.bearer(await world.issuer.token({ sub, org }), target, input);
}

describe('F23: who asks is what the verified token says, and nothing else', () => {
  test('headers and members that name another principal or tenant change nothing', async () => {
    const seen: unknown[] = [];
    const engine = fakeEngine(({ caller }) => {
      seen.push([caller.principal, caller.tenant]);
      return {};
    });
    const server = await openAccessServer({}, { engine });
    onTestFinished(() => server.close());
    const token = await server.issuer.token({ org: 'acme' });
    await server.post(
      {
        authorization: `Bearer ${token}`,
        'content-type': json,
        'x-amz-target': 'DynamoDB_20120810.ListTables',
        'x-amz-user': 'root',
        'x-tenant': 'zeta',
        'x-forwarded-user': 'root',
      },
      JSON.stringify({
        caller: { kind: 'engine', principal: 'root' },
        principal: 'root',
        judge: 1,
      }),
    );
    expect(seen).toEqual([['arn:aws:sts::000000000000:assumed-role/tokens/ada', 'acme']]);
  });

  test('a token that another issuer signed is not taken', async () => {
    const forger = await openIssuer('one');
    const told = await world.bearer(await forger.token({ org: 'acme' }), 'ListTables', {});
    expect(told.error).toBe('UnrecognizedClientException');
  });
});

describe('F24: sizes are checked before and after a body is inflated', () => {
  const signing = () => ({ id: 'ADMIN', secret: adminSecret, atMs: Date.now() });

  test.each([
    ['gzip', (bytes: Buffer) => gzipSync(bytes), 413],
    ['br', (bytes: Buffer) => brotliCompressSync(bytes), 500],
  ])('a bomb of %s is not inflated beyond the limit', async (coding, compress, status) => {
    const bomb = compress(Buffer.alloc(8 * requestBytesMax));
    expect(bomb.length).toBeLessThan(requestBytesMax / 10);
    const { authorization: _, ...rest } = signedHeaders('h', '', signing());
    const token = await world.issuer.token({ org: 'acme' });
    const { host: __, ...headers } = rest;
    const response = await fetch(world.url, {
      method: 'POST',
      headers: { ...headers, authorization: `Bearer ${token}`, 'content-encoding': coding },
      body: bomb as BodyInit,
    });
    expect(response.status).toBe(status);
  });

  test('the body of a stranger is refused by its head, unread and unparsed', async () => {
    const length = requestBytesMax - 1;
    const head =
      `POST / HTTP/1.1\r\nHost: x\r\nContent-Type: ${json}\r\nContent-Length: ${length}\r\n` +
      'X-Amz-Target: DynamoDB_20120810.ListTables\r\n\r\n';
    // The answer comes though the body never does.
    const answer = await sendRaw(world.port, head);
    expect(answer).toMatch(/^HTTP\/1\.1 400 [\s\S]*connection: close/i);
    expect(answer).toContain('MissingAuthenticationTokenException');
  });

  test.each([0.99, 1, 1.01])('a body of %d times the limit', async (times) => {
    const length = Math.floor(requestBytesMax * times);
    const body = `{"a":"${'x'.repeat(length - 8)}"}`;
    const token = await world.issuer.token({ org: 'acme' });
    const response = await fetch(world.url, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': json,
        'x-amz-target': 'DynamoDB_20120810.DescribeTable',
      },
      body,
    });
    expect(response.status).toBe(times > 1 ? 413 : 400);
  });
});

describe('F25: nesting is refused, not run into', () => {
  const nest = (depth: number): string =>
    ['{"M":{"a":'.repeat(depth), '{"S":"x"}', '}}'.repeat(depth)].join('');

  // With the text inside, 32 levels are accepted.
  test.each([
    [31, ''],
    [33, 'ValidationException'],
    [1000, 'ValidationException'],
    [5000, 'ValidationException'],
    [100_000, 'ValidationException'],
  ])('%d levels', async (depth, error) => {
    const item = `{"owner":{"S":"ada"},"id":{"S":"deep"},"v":${nest(depth)}}`;
    const body = `{"TableName":"acme-notes","Item":${item}}`;
    const token = await world.issuer.token({ org: 'acme' });
    const told = await world.post(
      {
        authorization: `Bearer ${token}`,
        'content-type': json,
        'x-amz-target': 'DynamoDB_20120810.PutItem',
      },
      body,
    );
    const expected = error === '' ? [200, ''] : [400, error];
    // JSON itself may be too deep for its parser.
    const found = told.error === 'SerializationException' ? 'ValidationException' : told.error;
    expect([told.status, found]).toEqual(expected);
  });
});

describe('F26: names of prototypes are names', () => {
  const names = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'valueOf'];

  test.each(names)('%s as an attribute, a principal and a claim', async (name) => {
    const item = `{"owner":{"S":"${name}"},"id":{"S":"1"},"${name}":{"S":"x"}}`;
    const token = await world.issuer.token({ sub: name, org: 'acme', [name]: name });
    const headers = { authorization: `Bearer ${token}`, 'content-type': json };
    const put = await world.post(
      { ...headers, 'x-amz-target': 'DynamoDB_20120810.PutItem' },
      `{"TableName":"acme-notes","Item":${item}}`,
    );
    expect(put.status).toBe(200);
    const Key = { owner: S(name), id: S('1') };
    const got = await world.bearer(token, 'GetItem', { TableName: 'acme-notes', Key });
    expect(Object.keys(got.body.Item)).toContain(name);
    const other = await world.bearer(token, 'GetItem', {
      TableName: 'acme-notes',
      Key: { ...Key, owner: S('ada') },
    });
    expect(other.error).toBe('AccessDeniedException');
    expect(({} as Record<string, unknown>)['x']).toBeUndefined();
  });
});

test('F27: a long statement of conditions is judged about as fast as it is read', async () => {
  const many = Array.from({ length: 40 }, (_, at) => `a${at} = :v`).join(' OR ');
  const startMs = performance.now();
  for (let n = 0; n < 20; n += 1) {
    const told = await as('ada', 'acme', 'PutItem', {
      TableName: 'acme-notes',
      Item: { owner: S('ada'), id: S('f27') },
      ConditionExpression: `NOT (${many})`,
      ExpressionAttributeValues: { ':v': S('x') },
    });
    expect(told.error).toBe('');
  }
  expect(performance.now() - startMs).toBeLessThan(10_000);
});

test('F28: a path in a URL or in a name reaches no file', async () => {
  for (const path of ['/../../etc/passwd', '/%2e%2e/%2e%2e/etc/passwd', '//etc/passwd']) {
    const answer = await sendRaw(
      world.port,
      `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 404 /);
  }
  for (const TableName of ['../x', '..%2fx', 'a/b', '/etc/passwd', 'a\u0000b']) {
    const told = await world.signed('DescribeTable', { TableName });
    expect([told.status, told.error]).toEqual([400, 'ValidationException']);
  }
});

describe('F29: a signature that was seen does nothing for long, and nothing else', () => {
  const input = { TableName: 'plain', Item: { owner: S('ada'), id: S('f29') } };

  test('it is refused outside its 15 minutes', async () => {
    const body = JSON.stringify(input);
    const signing = { id: 'ADMIN', secret: adminSecret, atMs: Date.now(), target: 'PutItem' };
    const headers = signedHeaders(`127.0.0.1:${world.port}`, body, signing);
    expect((await world.post(headers, body)).status).toBe(200);
    onTestFinished(() => {
      world.wallMs = Date.now;
    });
    for (const [minutes, message] of [
      [16, 'Signature expired: '],
      [-16, 'Signature not yet current: '],
    ] as const) {
      world.wallMs = () => Date.now() + minutes * 60_000;
      const told = await world.post(headers, body);
      expect([told.error, told.message.slice(0, message.length)]).toEqual([
        'InvalidSignatureException',
        message,
      ]);
    }
  });

  test('it holds for a header that is sent in two lines, in their order', async () => {
    const signing = { id: 'ADMIN', secret: adminSecret, atMs: Date.now() };
    const before = { 'accept-encoding': 'gzip,identity' };
    const headers = signedHeaders(`127.0.0.1:${world.port}`, '{}', { ...signing, before });
    const { 'accept-encoding': _, ...rest } = headers;
    const send = (codings: readonly string[]): Promise<string> => {
      const lines = [
        ...Object.entries(rest).map(([name, value]) => `${name}: ${value}`),
        ...codings.map((coding) => `accept-encoding: ${coding}`),
      ];
      const head = `POST / HTTP/1.1\r\n${lines.join('\r\n')}\r\nconnection: close\r\n`;
      return sendRaw(world.port, `${head}content-length: 2\r\n\r\n{}`);
    };
    expect(await send(['gzip', 'identity'])).toMatch(/^HTTP\/1\.1 200 /);
    expect(await send(['identity', 'gzip'])).toContain('InvalidSignatureException');
  });

  test('it does not sign another operation, body or server', async () => {
    const body = JSON.stringify(input);
    const signing = { id: 'ADMIN', secret: adminSecret, atMs: Date.now(), target: 'PutItem' };
    const headers = signedHeaders(`127.0.0.1:${world.port}`, body, signing);
    const target = { 'x-amz-target': 'DynamoDB_20120810.DeleteItem' };
    const foreign = signedHeaders('elsewhere:80', body, signing);
    for (const told of [
      await world.post({ ...headers, ...target }, body),
      await world.post(headers, body.replace('ada', 'eve')),
      await world.post(foreign, body),
    ]) {
      expect(told.error).toBe('InvalidSignatureException');
    }
  });

  test('within them a write with a token of its own is done once', async () => {
    const key = { owner: S('ada'), id: S('count') };
    const Update = {
      TableName: 'plain',
      Key: key,
      UpdateExpression: 'ADD n :one',
      ExpressionAttributeValues: { ':one': { N: '1' } },
    };
    const body = JSON.stringify({ TransactItems: [{ Update }], ClientRequestToken: 'once' });
    const signing = { id: 'ADMIN', secret: adminSecret, atMs: Date.now() };
    const host = `127.0.0.1:${world.port}`;
    const headers = signedHeaders(host, body, { ...signing, target: 'TransactWriteItems' });
    for (let n = 0; n < 3; n += 1) expect((await world.post(headers, body)).status).toBe(200);
    const got = await world.signed('GetItem', { TableName: 'plain', Key: key });
    expect(got.body.Item.n).toEqual({ N: '1' });
  });
});

describe('F30: two tenants, each endpoint, each id swapped', () => {
  const tables = ['acme-notes', 'zeta-notes'];
  const people: readonly (readonly [sub: string, org: string])[] = [
    ['ann', 'acme'],
    ['zoe', 'zeta'],
  ];
  const calls: readonly (readonly [string, (TableName: string, who: string) => object])[] = [
    ['PutItem', (TableName, who) => ({ TableName, Item: key(who) })],
    ['GetItem', (TableName, who) => ({ TableName, Key: key(who) })],
    ['UpdateItem', (TableName, who) => ({ TableName, Key: key(who) })],
    ['Query', (TableName, who) => query(TableName, who)],
    ['BatchGetItem', (table, who) => ({ RequestItems: { [table]: { Keys: [key(who)] } } })],
    [
      'BatchWriteItem',
      (table, who) => ({ RequestItems: { [table]: [{ PutRequest: { Item: key(who) } }] } }),
    ],
    [
      'TransactWriteItems',
      (TableName, who) => ({ TransactItems: [{ Put: { TableName, Item: key(who) } }] }),
    ],
    [
      'TransactGetItems',
      (TableName, who) => ({ TransactItems: [{ Get: { TableName, Key: key(who) } }] }),
    ],
    ['ExecuteStatement', (table, who) => ({ Statement: statement(table, who) })],
    [
      'BatchExecuteStatement',
      (table, who) => ({ Statements: [{ Statement: statement(table, who) }] }),
    ],
    [
      'ExecuteTransaction',
      (table, who) => ({ TransactStatements: [{ Statement: statement(table, who) }] }),
    ],
    ['DeleteItem', (TableName, who) => ({ TableName, Key: key(who) })],
  ];
  const key = (who: string): object => ({ owner: S(who), id: S('1') });
  const query = (TableName: string, who: string): object => ({
    TableName,
    KeyConditionExpression: '#o = :o',
    ExpressionAttributeNames: { '#o': 'owner' },
    ExpressionAttributeValues: { ':o': S(who) },
  });
  const statement = (table: string, who: string): string =>
    `SELECT * FROM "${table}" WHERE owner = '${who}' AND id = '1'`;

  test.each(calls)('%s', async (target, inputOf) => {
    for (const [sub, org] of people) {
      for (const table of tables) {
        for (const [who] of people) {
          const told = await as(sub, org, target, inputOf(table, who));
          const isOwn = table === `${org}-notes` && who === sub;
          const found = [sub, table, who, told.error];
          expect(found).toEqual([sub, table, who, isOwn ? '' : 'AccessDeniedException']);
        }
      }
    }
  });

  test.each([
    ['Scan', { TableName: 'acme-notes' }],
    ['ListTables', {}],
    ['DescribeTable', { TableName: 'acme-notes' }],
    ['DescribeTable', { TableName: 'plain' }],
    ['DeleteTable', { TableName: 'acme-notes' }],
  ])('%s %j is not for the other tenant', async (target, input) => {
    expect((await as('zoe', 'zeta', target, input)).error).toBe('AccessDeniedException');
  });

  test('a place to go on, of one or of the other, opens nothing', async () => {
    const acme = 'acme-notes';
    for (const id of ['1', '2', '3']) {
      await as('ann', 'acme', 'PutItem', { TableName: acme, Item: { ...key('ann'), id: S(id) } });
      await as('bea', 'acme', 'PutItem', { TableName: acme, Item: { ...key('bea'), id: S(id) } });
    }
    const foreign = { ExclusiveStartKey: key('bea') };
    const forged = await as('ann', 'acme', 'Query', { ...query(acme, 'ann'), ...foreign });
    expect(forged.error).toBe('ValidationException');
    const of = (who: string, NextToken?: string): object => ({
      Statement: `SELECT * FROM "${acme}" WHERE owner = '${who}'`,
      Limit: 1,
      NextToken,
    });
    const { body } = await as('bea', 'acme', 'ExecuteStatement', of('bea'));
    expect(body.NextToken).toEqual(expect.any(String));
    const outcomes = [];
    for (const input of [of('bea', body.NextToken), of('ann', body.NextToken)]) {
      outcomes.push((await as('ann', 'acme', 'ExecuteStatement', input)).error);
    }
    expect(outcomes).toEqual(['AccessDeniedException', 'ValidationException']);
  });

  test('what belongs to the other tenant and what is not there are refused alike', async () => {
    const of = async (TableName: string): Promise<string> =>
      (await as('zoe', 'zeta', 'DescribeTable', { TableName })).message.replaceAll(TableName, 'T');
    expect(await of('acme-notes')).toBe(await of('acme-nothing'));
  });
});

/** What the server says to bytes sent as they are, once it closes the connection. */
function sendRaw(port: number, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect(port, '127.0.0.1', () => {
      if (text !== '') socket.write(text);
    });
    socket.setEncoding('utf8');
    socket.on('data', (part: string) => {
      answer += part;
    });
    socket.on('error', reject);
    socket.on('close', () => resolve(answer));
  });
}

const quick: Waits = { headersMs: 200, requestMs: 400, answerMs: 60_000 };

describe('limits before parsing', () => {
  test.each([
    ['sends nothing', ''],
    ['does not end its headers', 'POST / HTTP/1.1\r\nHost: x\r\n'],
  ])('a client that %s is let go', async (_, text) => {
    const slow = await openAccessServer({}, { waits: quick });
    onTestFinished(() => slow.close());
    const startMs = performance.now();
    const answer = await sendRaw(slow.port, text);
    expect(answer).toMatch(/^(HTTP\/1\.1 408 |$)/);
    expect(performance.now() - startMs).toBeLessThan(10_000);
  });

  test('a client that sends byte by byte is let go', async () => {
    const slow = await openAccessServer({}, { waits: quick });
    onTestFinished(() => slow.close());
    const token = await slow.issuer.token({ org: 'acme' });
    const head =
      `POST / HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\n` +
      `Content-Type: ${json}\r\nContent-Length: 1000\r\n\r\n`;
    const ended = new Promise<void>((resolve) => {
      const socket = connect(slow.port, '127.0.0.1', () => socket.write(head));
      const drip = setInterval(() => socket.write(' '), 50);
      socket.on('error', () => undefined);
      socket.on('data', () => undefined);
      socket.on('close', () => {
        clearInterval(drip);
        resolve();
      });
    });
    await ended;
    // It holds nothing any more: a place that it had taken is free.
    expect((await slow.bearer(token, 'ListTables', {})).error).toBe('AccessDeniedException');
  });

  test('a client that does not take its answer is let go', async () => {
    const huge = { text: 'x'.repeat(64 * 1024 * 1024) };
    const engine = fakeEngine(() => huge);
    const slow = await openAccessServer({}, { engine, waits: { ...quick, answerMs: 300 } });
    onTestFinished(() => slow.close());
    const token = await slow.issuer.token({ org: 'acme' });
    const lines = [
      ...['POST / HTTP/1.1', 'Host: x', `Authorization: Bearer ${token}`, `Content-Type: ${json}`],
      ...['X-Amz-Target: DynamoDB_20120810.ListTables', 'Content-Length: 2', '', '{}'],
    ];
    const socket = connect(slow.port, '127.0.0.1', () => socket.write(lines.join('\r\n')));
    socket.on('error', () => undefined);
    // An answer of that length is not made in a moment.
    await expect.poll(() => socket.bytesRead, { timeout: 15_000 }).toBeGreaterThan(0);
    socket.pause();
    await new Promise((resolve) => setTimeout(resolve, 2000));
    let taken = socket.bytesRead;
    const closed = new Promise((resolve) => socket.on('close', resolve));
    socket.on('data', () => {
      taken = socket.bytesRead;
    });
    socket.resume();
    await closed;
    expect(taken).toBeLessThan(huge.text.length);
  });

  test('what is no call is answered to a stranger without its body, and within a rate', async () => {
    const few = await openAccessServer({
      limits: { addressRequestsPerSecond: 0.001, addressBurst: 2 },
    });
    onTestFinished(() => few.close());
    const length = requestBytesMax - 1;
    const put = `PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: ${length}\r\n\r\n`;
    expect(await sendRaw(few.port, put)).toMatch(/^HTTP\/1\.1 404 /);
    expect((await fetch(few.url)).status).toBe(200);
    expect(await (await fetch(few.url)).text()).toContain('ThrottlingException');
  });

  test('connections beyond those of an address are closed', async () => {
    const few = await openAccessServer({ limits: { addressConnections: 1 } });
    onTestFinished(() => few.close());
    const first = connect(few.port, '127.0.0.1');
    await new Promise((resolve) => first.once('connect', resolve));
    await expect.poll(() => sendRaw(few.port, '').catch(() => 'reset')).toMatch(/^(|reset)$/);
    first.destroy();
  });

  test('a rate that is passed is answered as DynamoDB throttles, with when to come again', async () => {
    const slow = await openAccessServer({ limits: { requestsPerSecond: 0.001, burst: 1 } });
    onTestFinished(() => slow.close());
    expect((await slow.signed('ListTables', {})).status).toBe(200);
    const told = await slow.signed('ListTables', {});
    expect([told.status, told.error]).toEqual([400, 'ThrottlingException']);
    expect(told.message).toBe('Rate of requests exceeds the allowed throughput.');
    expect(told.headers.get('retry-after')).toBe('1');
  });

  test('a server for other machines asks who they are, or is none', async () => {
    const engine = fakeEngine(() => ({}));
    for (const host of ['0.0.0.0', '::', '192.0.2.1']) {
      await expect(serve({ engine, port: 0, host })).rejects.toThrow(OpenServer);
    }
    const open = await openAccessServer({}, { host: '0.0.0.0' });
    onTestFinished(() => open.close());
    expect((await open.signed('ListTables', {})).status).toBe(200);
    expect((await open.post({})).error).toBe('MissingAuthenticationTokenException');
  });

  test('health and pages are for everybody, and calls are not', async () => {
    expect(await (await fetch(world.url)).text()).toBe('healthy: dynamodb.local.amazonaws.com ');
    for (const target of ['ListTables', 'Nonsense', '']) {
      const headers = { 'content-type': json, 'x-amz-target': `DynamoDB_20120810.${target}` };
      const told = await world.post(headers, 'no JSON');
      expect(told.error).toBe('MissingAuthenticationTokenException');
    }
  });
});
