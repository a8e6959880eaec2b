import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DynamoError } from '../../../src/base/errors.ts';
import { Access, type Admission } from '../../../src/host/access/access.ts';
import { readAccess } from '../../../src/host/access/config.ts';
import { systemClock } from '../../../src/host/ports.ts';
import {
  accessFile,
  type AccessServer,
  adminSecret,
  openAccessServer,
  readerSecret,
} from '../../support/access-server.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { signedHeaders, type Signing } from '../../support/signing.ts';
import { type Issuer, openIssuer } from '../../support/tokens.ts';

let issuer: Issuer;
beforeAll(async () => {
  issuer = await openIssuer('one');
});

const options = { region: 'local', account: '000000000000', clock: systemClock };
const admin = { id: 'ADMIN', secret: adminSecret };

function open(more: object = {}): Access {
  const folder = temporaryFolder();
  return new Access(readAccess(accessFile(folder, issuer.jwk, more), folder, {}), options);
}

function head(headers: Readonly<Record<string, string | undefined>>, url = '/') {
  return { method: 'POST', url, headers };
}

function signed(more: Partial<Signing> = {}, body = '{}') {
  return head(signedHeaders('h', body, { ...admin, atMs: Date.now(), ...more }));
}

/** The refusal of a request, at its head or by its body; `let in` when there is none. */
async function outcome(access: Access, asked: ReturnType<typeof head>): Promise<string> {
  try {
    const admission = await access.admit(asked, '127.0.0.1');
    try {
      admission.verify(new TextEncoder().encode('{}'));
    } finally {
      admission.leave();
    }
    return 'let in';
  } catch (error) {
    if (!(error instanceof DynamoError)) throw error;
    return `${error.name}: ${error.message}`;
  }
}

const missing = 'MissingAuthenticationTokenException: Request is missing Authentication Token';
const unknown =
  'UnrecognizedClientException: The security token included in the request is invalid.';
const scoped = 'InvalidSignatureException: Credential should be scoped to ';

describe('credentials (reference/protocol.md, section 7)', () => {
  const minutes = (count: number): Partial<Signing> => ({ atMs: Date.now() + count * 60_000 });
  const rows: readonly (readonly [string, Partial<Signing>, string])[] = [
    ['right', {}, 'let in'],
    ['14 minutes old', minutes(-14), 'let in'],
    ['16 minutes old', minutes(-16), 'InvalidSignatureException: Signature expired: '],
    ['14 minutes ahead', minutes(14), 'let in'],
    ['16 minutes ahead', minutes(16), 'InvalidSignatureException: Signature not yet current: '],
    ['for another region', { region: 'eu-west-1' }, `${scoped}a valid region, not 'eu-west-1'. `],
    ['for another service', { service: 's3' }, `${scoped}correct service: 'dynamodb'. `],
    ['of an unknown key', { id: 'NOBODY' }, unknown],
    ['of a key that objects have', { id: '__proto__' }, unknown],
    [
      'of a key that is over',
      { id: 'GONE', secret: readerSecret },
      'ExpiredTokenException: The security token included in the request is expired',
    ],
    [
      'of another secret',
      { secret: readerSecret },
      'InvalidSignatureException: The request signature we calculated does not match the ',
    ],
    [
      'without the host',
      { signed: ['content-type', 'x-amz-date', 'x-amz-target'] },
      "InvalidSignatureException: 'Host' must be a 'SignedHeader' in the AWS Authorization.",
    ],
    [
      'without the target',
      { signed: ['host', 'x-amz-date'] },
      "InvalidSignatureException: 'X-Amz-Target' must be a 'SignedHeader' in the AWS ",
    ],
  ];
  test.each(rows)('%s', async (_, signing, start) => {
    const told = await outcome(open(), signed(signing));
    expect(told.slice(0, start.length)).toBe(start);
  });

  test.each([
    [{}, missing],
    [{ authorization: '' }, missing],
    [{ authorization: 'Basic eDp5' }, missing],
    [{ authorization: 'Bearer' }, missing],
    [{ authorization: 'Bearer ' }, unknown],
    [{ authorization: 'Bearer x' }, unknown],
    [{ authorization: 'bearer x.y.z' }, unknown],
    [
      { authorization: 'AWS4-HMAC-SHA256 Credential=x' },
      "IncompleteSignatureException: Authorization header requires 'Signature' parameter. ",
    ],
  ])('%j', async (headers, start) => {
    const told = await outcome(open(), head(headers));
    expect(told.slice(0, start.length)).toBe(start);
  });

  test('a session that these keys do not have is not taken', async () => {
    const { headers } = signed();
    const session = { ...headers, 'x-amz-security-token': 'x' };
    expect(await outcome(open(), head(session))).toBe(unknown);
  });

  test('another body, another target, another path or another date is refused', async () => {
    const { headers } = signed();
    const target = { 'x-amz-target': 'DynamoDB_20120810.DeleteTable' };
    const later = new Date(Date.now() + 1000).toISOString().replace(/\.\d+|[-:]/g, '');
    for (const asked of [
      signed({}, '{"a":1}'),
      head({ ...headers, ...target }),
      head(headers, '/other'),
      head(headers, '/?a=b'),
      head({ ...headers, host: 'elsewhere' }),
      head({ ...headers, 'x-amz-date': later }),
    ]) {
      expect(await outcome(open(), asked)).toMatch(/^InvalidSignatureException: The request sig/);
    }
  });

  test('a Date header may stand for X-Amz-Date, when it is signed', async () => {
    const { headers } = signed();
    const { 'x-amz-date': _, ...rest } = headers as Record<string, string>;
    const date = new Date().toUTCString();
    expect(await outcome(open(), head({ ...rest, date }))).toContain("'Date' must be");
    expect(await outcome(open(), head({ ...rest, date: 'soon' }))).toContain("Got 'soon'");
  });

  test('a token names its principal by its issuer', async () => {
    const token = await issuer.token({ org: 'acme', team: 'red' });
    const { visitor } = await open().admit(head({ authorization: `Bearer ${token}` }), 'a');
    expect(visitor.caller).toMatchObject({
      kind: 'user',
      principal: 'arn:aws:sts::000000000000:assumed-role/tokens/ada',
      tenant: 'acme',
      claims: expect.any(Map),
    });
    expect(visitor.caller.claims?.get('jwt:team')).toEqual(['red']);
  });
});

test('fuzzed headers are refused, and nothing else comes of them', async () => {
  const access = open({ limits: { addressRequestsPerSecond: 1e6, addressBurst: 1e6 } });
  const good = (signed().headers as Record<string, string>)['authorization'] ?? '';
  const token = `Bearer ${await issuer.token({ org: 'acme' })}`;
  const spliced = fc
    .tuple(fc.constantFrom(good, token), fc.nat(400), fc.nat(400), fc.string())
    .map(([text, from, count, more]) => text.slice(0, from) + more + text.slice(from + count));
  const odd = fc.oneof(
    spliced,
    fc.string({ maxLength: 300 }),
    fc.string().map((text) => `AWS4-HMAC-SHA256 ${text}`),
    fc.base64String().map((text) => `Bearer ${text}.${text}.${text}`),
  );
  const property = fc.asyncProperty(odd, fc.webUrl(), async (authorization, url) => {
    const asked = head(
      { ...signed().headers, authorization },
      url.replace(/^https?:\/\/[^/]*/, ''),
    );
    if (authorization.trim() === good || authorization.trim() === token) return;
    expect(await outcome(access, asked)).toMatch(
      /^(Missing|Incomplete|Invalid|Unrecognized|Expired)\w+Exception: /,
    );
  });
  await fc.assert(property, { numRuns: 2000, seed: 20261121 });
}, 60_000);

describe('limits', () => {
  const bearing = async (sub: string) => {
    return head({ authorization: `Bearer ${await issuer.token({ org: 'acme', sub })}` });
  };

  test('a principal has a rate, and the others theirs', async () => {
    const access = open({ limits: { requestsPerSecond: 0.001, burst: 2 } });
    const [ada, eve] = [await bearing('ada'), await bearing('eve')];
    const told = [];
    for (const asked of [ada, ada, ada, eve]) told.push(await outcome(access, asked));
    const throttled = 'ThrottlingException: Rate of requests exceeds the allowed throughput.';
    expect(told).toEqual(['let in', 'let in', throttled, 'let in']);
  });

  test('who does not know the secret takes nothing of the rate of a key', async () => {
    const access = open({ limits: { requestsPerSecond: 0.001, burst: 1 } });
    for (let n = 0; n < 5; n += 1) {
      expect(await outcome(access, signed({ secret: readerSecret }))).toMatch(/^InvalidSignature/);
    }
    expect(await outcome(access, signed())).toBe('let in');
    expect(await outcome(access, signed())).toMatch(/^ThrottlingException/);
  });

  test('an address has a rate, whoever it says it is', async () => {
    const access = open({ limits: { addressRequestsPerSecond: 0.001, addressBurst: 2 } });
    const told = [];
    for (let n = 0; n < 3; n += 1) told.push(await outcome(access, head({})));
    expect(told.map((one) => one.split(':')[0])).toEqual([
      'MissingAuthenticationTokenException',
      'MissingAuthenticationTokenException',
      'ThrottlingException',
    ]);
    const other = await access.admit(signed(), '192.0.2.1');
    other.leave();
  });

  test('requests under way are bounded, of one and of all, until they leave', async () => {
    const access = open({ limits: { requestsUnderWay: 2, serverRequestsUnderWay: 3 } });
    const admit = async (sub: string): Promise<Admission | string> =>
      access.admit(await bearing(sub), 'a').catch((error: Error) => error.name);
    const held = [await admit('ada'), await admit('ada'), await admit('eve')] as Admission[];
    expect(held.map((one) => typeof one)).toEqual(['object', 'object', 'object']);
    expect(await admit('bob')).toBe('ServiceUnavailable');
    held[2]?.leave();
    expect(await admit('ada')).toBe('ThrottlingException');
    held[0]?.leave();
    held[0]?.leave();
    expect(typeof (await admit('ada'))).toBe('object');
    expect(await admit('ada')).toBe('ThrottlingException');
  });

  test('connections of an address are bounded', () => {
    const access = open({ limits: { addressConnections: 2 } });
    expect([access.connect('a'), access.connect('a'), access.connect('a')]).toEqual([
      true,
      true,
      false,
    ]);
    expect(access.connect('b')).toBe(true);
    access.disconnect('a');
    expect(access.connect('a')).toBe(true);
  });
});

test('the file is read whole before anybody comes, and summed up without secrets', async () => {
  const folder = temporaryFolder();
  const path = join(folder, 'access.json');
  writeFileSync(path, JSON.stringify(accessFile(folder, issuer.jwk)));
  const access = await Access.open(path, {}, options);
  expect(access.summary).toBe('3 keys, 1 issuers, 3 policies');
  writeFileSync(join(folder, 'keys.json'), 'broken');
  await expect(Access.open(path, {}, options)).rejects.toThrow('the keys of issuer https://id.exa');
});

describe('whoever listens is told of refusals', () => {
  let world: AccessServer;
  beforeAll(async () => {
    world = await openAccessServer();
  });
  afterAll(() => world.close());

  test('by address, principal and error, and of nothing else', async () => {
    await world.post({});
    await world.signed('ListTables', {}, { secret: readerSecret });
    const reader = { id: 'READER', secret: readerSecret };
    await world.signed('DeleteTable', { TableName: 'secret-name' }, reader);
    const address = expect.stringContaining('127.0.0.1');
    expect(world.refusals).toMatchObject([
      { address, principal: '', error: 'MissingAuthenticationTokenException' },
      { error: 'InvalidSignatureException' },
      {
        principal: 'arn:aws:iam::000000000000:user/READER',
        error: 'AccessDeniedException',
      },
    ]);
    expect(JSON.stringify(world.refusals)).not.toContain('secret');
  });
});
