import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { crc32 } from '../../src/base/checksum.ts';
import { DynamoError, resourceNotFound } from '../../src/base/errors.ts';
import { jsonElementsMax, jsonLargeBytes, requestBytesMax } from '../../src/base/limits.ts';
import { prng } from '../../src/base/prng.ts';
import { nodeCodings } from '../../src/host/codings.ts';
import { dispatch, type HttpRequest, type HttpResponse } from '../../src/wire/dispatch.ts';
import { fakeEngine } from '../support/fake-engine.ts';

const signature = {
  authorization: 'AWS4-HMAC-SHA256 Credential=x/1/2/3/4, SignedHeaders=host, Signature=abc',
  'x-amz-date': '20260101T000000Z',
};
const json = 'application/x-amz-json-1.0';
const chance = prng(1);
const options = {
  random: { bytes: (length: number) => chance.bytes(length) },
  codings: nodeCodings,
  region: 'us-east-1',
};

interface Row {
  readonly method?: string;
  readonly url?: string;
  readonly headers?: Readonly<Record<string, string | undefined>>;
  readonly body?: string | Uint8Array;
}

function request(row: Row): HttpRequest {
  const { body = '{}' } = row;
  return {
    method: row.method ?? 'POST',
    url: row.url ?? '/',
    headers: {
      'content-type': json,
      'x-amz-target': 'DynamoDB_20120810.ListTables',
      ...signature,
      ...row.headers,
    },
    body: typeof body === 'string' ? new TextEncoder().encode(body) : body,
  };
}

async function send(row: Row, engine = fakeEngine(() => ({}))): Promise<HttpResponse> {
  return dispatch(engine, request(row), options);
}

function textOf(response: HttpResponse): string {
  return new TextDecoder().decode(response.body);
}

const xml = '<UnknownOperationException/>\n';
const unreadable = '{"__type":"com.amazon.coral.service#SerializationException"}';
const unknown = '{"__type":"com.amazon.coral.service#UnknownOperationException"}';
const unsigned = { authorization: undefined };

describe('requests that no operation answers (protocol.md, sections 1 and 4)', () => {
  const rows: readonly (readonly [string, Row, number, string, string])[] = [
    ['GET /', { method: 'GET' }, 200, 'healthy: dynamodb.us-east-1.amazonaws.com ', '3128867991'],
    ['GET elsewhere', { method: 'GET', url: '/x' }, 404, xml, '3552371480'],
    ['PUT', { method: 'PUT' }, 404, xml, '3552371480'],
    ['DELETE', { method: 'DELETE' }, 404, xml, '3552371480'],
    ['OPTIONS without an origin', { method: 'OPTIONS' }, 404, xml, '3552371480'],
    [
      'JSON 1.1',
      { headers: { 'content-type': 'application/x-amz-json-1.1' } },
      404,
      xml,
      '3552371480',
    ],
    ['plain text', { headers: { 'content-type': 'text/plain' } }, 404, xml, '3552371480'],
    ['no content type', { headers: { 'content-type': undefined } }, 404, xml, '3552371480'],
    ['no JSON', { body: '{' }, 400, unreadable, '3948637019'],
    [
      'no JSON, no target',
      { body: '{', headers: { 'x-amz-target': '' } },
      400,
      unreadable,
      '3948637019',
    ],
    ['no target', { headers: { 'x-amz-target': undefined } }, 400, unknown, '1368724161'],
    [
      'an unknown target, unsigned',
      { headers: { 'x-amz-target': 'DynamoDB_20120810.Nothing', ...unsigned } },
      400,
      unknown,
      '1368724161',
    ],
    [
      'an unknown target, no body',
      { body: '', headers: { 'x-amz-target': 'DynamoDB_20120810.' } },
      400,
      unknown,
      '1368724161',
    ],
    ['no body', { body: '' }, 400, unreadable, '3948637019'],
    ['a list as body', { body: '[]' }, 400, unreadable, '3948637019'],
    ['null as body', { body: 'null' }, 400, unreadable, '3948637019'],
  ];
  test.each(rows)('%s', async (_name, row, status, body, crc) => {
    const engine = fakeEngine(() => ({}));
    const response = await send(row, engine);
    expect([response.status, textOf(response)]).toEqual([status, body]);
    expect(response.headers['x-amz-crc32']).toBe(crc);
    expect(response.headers['x-amzn-requestid']).toMatch(/^[0-9A-Z]{52}$/);
    expect(response.headers['content-length']).toBe(String(response.body.length));
    expect(engine.requests).toEqual([]);
  });

  test.each([['{}'], [''], ['[]']])(
    'an unsigned request with body %j is refused for that',
    async (body) => {
      const response = await send({ body, headers: unsigned });
      expect([response.status, textOf(response)]).toEqual([
        400,
        '{"__type":"com.amazon.coral.service#MissingAuthenticationTokenException",' +
          '"message":"Request is missing Authentication Token"}',
      ]);
    },
  );

  test.each(['AdvanceJob', 'toString', '__proto__', 'constructor'])(
    '%s is no operation',
    async (name) => {
      const response = await send({ headers: { 'x-amz-target': `DynamoDB_20120810.${name}` } });
      expect(textOf(response)).toBe(unknown);
    },
  );
});

describe('a call', () => {
  test.each([
    [json, json],
    [`${json}; charset=utf-8`, json],
    ['application/json', 'application/json'],
    ['Application/JSON;x', 'application/json'],
  ])('of type %s is answered with type %s', async (given, answered) => {
    const engine = fakeEngine(() => ({ TableNames: ['a'] }));
    const response = await send(
      { headers: { 'content-type': given }, body: '{"Limit":1}' },
      engine,
    );
    expect([response.status, textOf(response)]).toEqual([200, '{"TableNames":["a"]}']);
    expect(response.headers['content-type']).toBe(answered);
    expect(response.headers['x-amz-crc32']).toBe(String(crc32(response.body)));
    expect(engine.requests[0]).toMatchObject({
      operation: 'ListTables',
      input: { Limit: 1 },
      form: 'json',
    });
  });

  test('may be signed in its query, on any path', async () => {
    const url =
      '//any/path?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=x/1/2/3/4&' +
      'X-Amz-Signature=c&X-Amz-SignedHeaders=d&X-Amz-Date=20260101T000000Z';
    const response = await send({ url, headers: unsigned });
    expect([response.status, textOf(response)]).toEqual([200, '{}']);
  });

  test('signed too long ago is refused where there is a clock', async () => {
    const call = (minutes: number) =>
      dispatch(
        fakeEngine(() => ({})),
        request({
          headers: {
            authorization:
              'AWS4-HMAC-SHA256 Credential=x/20260101/local/dynamodb/aws4_request, ' +
              'SignedHeaders=host, Signature=abc',
          },
        }),
        { ...options, signatureClock: () => Date.UTC(2026, 0, 1, 0, minutes) },
      );
    expect((await call(15)).status).toBe(200);
    expect(textOf(await call(16))).toContain('InvalidSignatureException","message":"Signature exp');
  });

  test('may be compressed', async () => {
    const engine = fakeEngine(() => ({}));
    const body = gzipSync('{"Limit":2}');
    await send({ headers: { 'content-encoding': 'gzip' }, body }, engine);
    expect(engine.requests[0]?.input).toEqual({ Limit: 2 });
  });

  test.each([
    ['gzip', '{}'],
    ['gzip', ''],
    ['deflate', '{}'],
    ['unheard-of', '{}'],
  ])('that is not %s but says so is the failure of the service', async (coding, body) => {
    const engine = fakeEngine(() => ({}));
    const response = await send({ headers: { 'content-encoding': coding }, body }, engine);
    expect([response.status, engine.requests]).toEqual([500, []]);
    expect(textOf(response)).toContain('#InternalServerError"');
  });

  test.each(['TagResource', 'UntagResource'])('of %s is answered with no byte', async (name) => {
    const response = await send({ headers: { 'x-amz-target': `DynamoDB_20120810.${name}` } });
    expect([response.status, textOf(response)]).toEqual([200, '']);
    expect(response.headers).toMatchObject({ 'content-length': '0', 'x-amz-crc32': '0' });
  });

  test('that fails as DynamoDB does has its status and body', async () => {
    const response = await send(
      {},
      fakeEngine(() => {
        throw resourceNotFound();
      }),
    );
    expect([response.status, textOf(response)]).toEqual([
      400,
      '{"__type":"com.amazonaws.dynamodb.v20120810#ResourceNotFoundException",' +
        '"message":"Requested resource not found"}',
    ]);
  });

  test.each([new Error('secret path'), new TypeError('x'), 'text', undefined])(
    'that fails otherwise (%s) says no more than that',
    async (failure) => {
      const response = await send(
        {},
        fakeEngine(() => Promise.reject(failure)),
      );
      expect([response.status, textOf(response)]).toEqual([
        500,
        '{"__type":"com.amazonaws.dynamodb.v20120810#InternalServerError",' +
          '"message":"Internal server error"}',
      ]);
    },
  );

  test('that is unavailable has status 503', async () => {
    const response = await send(
      {},
      fakeEngine(() => {
        throw new DynamoError('ServiceUnavailable', 'M');
      }),
    );
    expect(response.status).toBe(503);
  });

  test('has a request id of its own', async () => {
    const ids = new Set<string | undefined>();
    for (let call = 0; call < 20; call += 1) {
      ids.add((await send({})).headers['x-amzn-requestid']);
    }
    expect(ids.size).toBe(20);
  });
});

describe('sizes', () => {
  const padded = (length: number): Uint8Array => {
    const body = new Uint8Array(length).fill(0x20);
    body.set([0x7b, 0x7d]);
    return body;
  };
  const gzip = { 'content-encoding': 'gzip' };

  test.each([requestBytesMax - 1, requestBytesMax])(
    'a body of %i bytes is read',
    async (length) => {
      expect((await send({ body: padded(length) })).status).toBe(200);
      expect((await send({ body: gzipSync(padded(length)), headers: gzip })).status).toBe(200);
    },
  );

  test('a longer body is refused, before anything else is judged', async () => {
    const body = padded(requestBytesMax + 1);
    const response = await send({ body, headers: { 'content-type': 'text/plain' } });
    expect([response.status, response.body.length]).toEqual([413, 0]);
    expect((await send({ body: gzipSync(body), headers: gzip })).status).toBe(413);
  });
});

describe('an answer', () => {
  // The body is 19 bytes longer than the name.
  const ofLength = (length: number) =>
    fakeEngine(() => ({ TableNames: ['n'.repeat(length - 19)] }));

  test.each(['gzip', 'deflate'] as const)(
    'of more than 4 KB comes as %s to who asks',
    async (coding) => {
      const row = { headers: { 'accept-encoding': coding } };
      const response = await send(row, ofLength(4097));
      expect(response.headers).toMatchObject({
        'content-encoding': coding,
        'content-length': String(response.body.length),
        'x-amz-crc32': String(crc32(response.body)),
      });
      const plain = await nodeCodings.decode(coding, response.body, 5000);
      expect(plain).toHaveLength(4097);
      for (const other of [await send(row, ofLength(4096)), await send({}, ofLength(4097))]) {
        expect(other.headers['content-encoding']).toBeUndefined();
        expect(other.body[0]).toBe(0x7b);
      }
    },
  );
});

describe('requests from pages', () => {
  const exposed =
    'x-amzn-RequestId,x-amzn-ErrorType,x-amz-request-id,x-amz-id-2,x-amzn-ErrorMessage,Date';

  test('are told that they may read the answer', async () => {
    for (const row of [{}, { method: 'PUT' }, { body: '{' }]) {
      const response = await send({ ...row, headers: { origin: 'https://a.example' } });
      expect(response.headers['access-control-allow-origin']).toBe('*');
      expect(response.headers['access-control-expose-headers']).toBe(exposed);
    }
  });

  test('without an origin are told nothing', async () => {
    const names = Object.keys((await send({})).headers);
    expect(names.filter((name) => name.startsWith('access-control'))).toEqual([]);
  });

  test('ask before', async () => {
    const response = await send({
      method: 'OPTIONS',
      body: '',
      headers: {
        origin: 'https://a.example',
        'access-control-request-headers': 'x-amz-target',
        'access-control-request-method': 'POST',
      },
    });
    expect([response.status, response.body.length]).toEqual([200, 0]);
    expect(response.headers).toMatchObject({
      'access-control-allow-origin': '*',
      'access-control-expose-headers': exposed,
      'access-control-max-age': '172800',
      'access-control-allow-headers': 'x-amz-target',
      'access-control-allow-methods': 'POST',
      'content-length': '0',
    });
  });
});

describe('a large body', () => {
  const large = `{"Limit":1,"x":[${'{"S":"x"},'.repeat(jsonLargeBytes / 5)}{}]}`;
  const last = '{"Limit":2}';

  test('lets other requests be answered while it is read', async () => {
    const asked: unknown[] = [];
    const engine = fakeEngine(({ input }) => {
      asked.push((input as { Limit: number }).Limit);
      return {};
    });
    const breathe = (): Promise<void> => new Promise(setImmediate);
    const first = dispatch(engine, request({ body: large }), { ...options, breathe });
    const second = dispatch(engine, request({ body: last }), { ...options, breathe });
    expect((await second).status).toBe(200);
    expect(asked).toEqual([2]);
    expect((await first).status).toBe(200);
    expect(asked).toEqual([2, 1]);
  });

  test('is read at once where nobody says how to let others have their turn', async () => {
    let asked = 0;
    const engine = fakeEngine(() => {
      asked += 1;
      return {};
    });
    const first = send({ body: large }, engine);
    await Promise.resolve();
    expect(asked).toBe(1);
    expect((await first).status).toBe(200);
  });

  const breathe = async (): Promise<void> => undefined;
  const vast = `{"a":[${'1,'.repeat(jsonElementsMax)}1]}`;
  const rows: [string, Row, string][] = [
    ['no JSON', { body: `${large}}` }, 'SerializationException'],
    ['no object', { body: `[${large}]` }, 'SerializationException'],
    ['too many members', { body: vast }, 'ValidationException'],
    [
      'too many members for an unknown target',
      { body: vast, headers: { 'x-amz-target': 'DynamoDB_20120810.Nothing' } },
      'UnknownOperationException',
    ],
    [
      'too many members of a stranger',
      { body: vast, headers: unsigned },
      'MissingAuthenticationTokenException',
    ],
  ];
  test.each(rows)('that has %s is refused in the order of all others', async (_, row, name) => {
    const response = await dispatch(
      fakeEngine(() => ({})),
      request(row),
      { ...options, breathe },
    );
    expect(response.status).toBe(400);
    expect(textOf(response)).toContain(`#${name}"`);
  });
});
