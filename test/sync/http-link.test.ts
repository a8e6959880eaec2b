import { describe, expect, test } from 'vitest';
import { wireBytesMax } from '../../src/base/replica-limits.ts';
import { systemScheduler } from '../../src/host/ports.ts';
import type { Framed } from '../../src/replica/message.ts';
import { decodeFrame, encodeFrame } from '../../src/replica/wire.ts';
import type { SyncFault } from '../../src/sync/fault.ts';
import { type Fetch, HttpLink } from '../../src/sync/http-link.ts';
import { response } from '../support/hubs.ts';

const replicaId = 'ab'.repeat(16);
const pull = { kind: 'pull', number: 1, Epoch: '', Cursor: 0, Reach: 0 } as const;
const page: Framed = {
  kind: 'page',
  number: 1,
  IsHeld: true,
  Cursor: 0,
  UpToDate: true,
  Through: 0,
  Changes: new Uint8Array(),
};
const answer = (): Uint8Array => encodeFrame({ replicaId, message: page });
const never = new AbortController().signal;

function linkOf(fetch: Fetch, tokens: readonly (string | undefined)[] = []): HttpLink {
  const left = [...tokens];
  return new HttpLink({
    url: 'http://hub/',
    fetch,
    scheduler: systemScheduler,
    token: () => Promise.resolve(left.shift()),
  });
}

async function faultOf(fetch: Fetch): Promise<readonly [string, number | undefined]> {
  const fault = await linkOf(fetch)
    .tell(replicaId, pull, never)
    .then(
      () => undefined,
      (error: SyncFault) => error,
    );
  return [fault?.why ?? 'none', fault?.retryMs];
}

describe('a message over HTTP', () => {
  test('is a POST, and its answer a frame', async () => {
    const sent: string[] = [];
    const link = linkOf(async (url, { method, headers }) => {
      sent.push(`${method} ${url} ${headers['authorization'] ?? '-'}`);
      return response(200, answer());
    });
    expect(await link.tell(replicaId, pull, never)).toEqual(page);
    expect(sent).toEqual(['POST http://hub/sync/1 -']);
    expect(link.bytesIn).toBe(answer().length);
  });

  test('goes once more with a new token where the hub does not take the last', async () => {
    const sent: (string | undefined)[] = [];
    const fetch: Fetch = async (_, { headers }) => {
      const token = headers['authorization'];
      sent.push(token);
      return token === 'Bearer new' ? response(200, answer()) : response(401, '{"message":"no"}');
    };
    const link = linkOf(fetch, ['old', 'new']);
    expect(await link.tell(replicaId, pull, never)).toEqual(page);
    expect(await link.tell(replicaId, pull, never)).toEqual(page);
    expect(sent).toEqual(['Bearer old', 'Bearer new', 'Bearer new']);
    const refused = linkOf(fetch, ['old', 'older']).tell(replicaId, pull, never);
    await expect(refused).rejects.toMatchObject({ why: 'needs-auth', message: 'no' });
  });

  test('that ends otherwise is a fault that says what would help', async () => {
    const status = (code: number, headers = {}): Fetch => {
      return async () => response(code, 'not JSON', headers);
    };
    const long = { 'content-length': String(wireBytesMax + 1) };
    const rows: readonly (readonly [string, Fetch, readonly [string, number | undefined]])[] = [
      ['no network', () => Promise.reject(new TypeError('failed')), ['offline', undefined]],
      ['401', status(401), ['needs-auth', undefined]],
      ['426', status(426), ['update-needed', undefined]],
      ['400', status(400), ['blocked', undefined]],
      ['429', status(429, { 'retry-after': '2' }), ['offline', 2000]],
      ['500', status(500), ['offline', undefined]],
      ['garbage', async () => response(200, new Uint8Array(40)), ['offline', undefined]],
      ['too long', async () => response(200, answer(), long), ['blocked', undefined]],
    ];
    for (const [, fetch, fault] of rows) expect(await faultOf(fetch)).toEqual(fault);
    const other = answer();
    other[2] = 9;
    expect(await faultOf(async () => response(200, other))).toEqual(['update-needed', undefined]);
  });
});

describe('a token that another follows', () => {
  /** Tokens are `account number`; those of the set are not taken any more. */
  function accounts(tokens: readonly string[], expired: Set<string>) {
    const sent: string[] = [];
    const left = [...tokens];
    const fetch: Fetch = async (url, { headers, body }) => {
      const token = headers['authorization']?.slice('Bearer '.length) ?? '';
      const isPokes = url.endsWith('/pokes');
      const { kind } = isPokes ? { kind: 'pokes' } : decodeFrame(body).message;
      const isTaken = !expired.has(token);
      sent.push(`${token}: ${kind}${isTaken ? '' : ' refused'}`);
      if (!isTaken) return response(401, '{}');
      if (isPokes) return response(200, 'data:\n\n');
      const [Principal = ''] = token.split(' ');
      const catalog: Framed = { kind: 'catalog', number: 0, Principal, Tables: '[]' };
      return response(200, encodeFrame({ replicaId, message: kind === 'tables' ? catalog : page }));
    };
    const token = async (): Promise<string> => left.shift() ?? tokens.at(-1) ?? '';
    const link = new HttpLink({ url: 'http://hub', fetch, scheduler: systemScheduler, token });
    const tell = (message: Framed): Promise<Framed> => link.tell(replicaId, message, never, 'ada');
    return { link, sent, tell };
  }
  const tables: Framed = { kind: 'tables', number: 0, Tables: '[]' };
  const hello: Framed = {
    ...{ kind: 'hello', number: 1, ReplicaId: replicaId, First: 1, Settled: 0 },
    ...{ Epoch: '', Cursor: 0, Known: 0 },
  };

  test('of the same account: what was not taken is said again, once the hub has said so', async () => {
    const expired = new Set<string>();
    const { tell, sent } = accounts(['ada 1', 'ada 2'], expired);
    await tell(tables);
    await tell(pull);
    expired.add('ada 1');
    expect(await tell(pull)).toEqual(page);
    expect(await tell(pull)).toEqual(page);
    expect(sent).toEqual([
      ...['ada 1: tables', 'ada 1: pull', 'ada 1: pull refused'],
      ...['ada 2: tables', 'ada 2: pull', 'ada 2: pull'],
    ]);
  });

  test.each([
    ['a greeting', hello],
    ['a push', { kind: 'push', number: 2, Entries: [] }],
    ['a survey', { kind: 'survey', number: 2, Rows: new Uint8Array() }],
    ['a page asked for', pull],
  ] satisfies [string, Framed][])('of another account: %s is not said', async (_, message) => {
    const expired = new Set<string>();
    const { tell, sent } = accounts(['ada 1', 'bob 1', 'bob 1', 'ada 2'], expired);
    await tell(tables);
    expired.add('ada 1');
    const why = { why: 'needs-auth', message: expect.stringContaining('of bob') };
    await expect(tell(message)).rejects.toMatchObject(why);
    expect(sent.slice(2)).toEqual(['bob 1: tables']);
    // Each try asks for a token: what is known of this one is not asked again.
    await expect(tell(tables)).rejects.toMatchObject(why);
    expect(sent.slice(3)).toEqual([]);
    await tell(tables);
    expect(await tell(message)).toEqual(page);
    expect(sent.slice(3)).toEqual(['ada 2: tables', `ada 2: ${message.kind}`]);
  });

  test('whichever connection it was brought for', async () => {
    const expired = new Set<string>();
    const { link, tell, sent } = accounts(['ada 1', 'bob 1'], expired);
    await tell(tables);
    expired.add('ada 1');
    const nothing = (): void => undefined;
    await link.listen(nothing, nothing, never);
    await expect(tell(pull)).rejects.toMatchObject({ why: 'needs-auth' });
    expect(sent).toEqual([
      'ada 1: tables',
      'ada 1: pokes refused',
      'bob 1: pokes',
      'bob 1: tables',
    ]);
  });
});

test('a stream tells of its pokes, and ends', async () => {
  const link = linkOf(async () => response(200, ':\n\ndata:\n\n'));
  let pokes = 0;
  let opened = 0;
  await link.listen(
    (isPoke) => {
      if (isPoke) pokes += 1;
    },
    () => {
      opened += 1;
    },
    never,
  );
  expect([pokes, opened]).toEqual([1, 1]);
});
