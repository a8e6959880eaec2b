import { createHmac } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { exportJWK, importJWK, SignJWT } from 'jose';
import { beforeAll, describe, expect, test } from 'vitest';
import { readAccess } from '../../../src/host/access/config.ts';
import { Tokens } from '../../../src/host/access/tokens.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { audience, type Issuer, issuerName, openIssuer } from '../../support/tokens.ts';

const invalid =
  'UnrecognizedClientException: The security token included in the request is invalid.';
const expired = 'ExpiredTokenException: The security token included in the request is expired';
const policies = {
  all: { Version: '2012-10-17', Statement: { Effect: 'Allow', Action: '*', Resource: '*' } },
};
let one: Issuer;
let two: Issuer;
const clock = { wallMs: () => Date.now(), monoMs: () => performance.now() };

beforeAll(async () => {
  [one, two] = await Promise.all([openIssuer('one'), openIssuer('two')]);
});

function openTokens(more: object = {}, keys: readonly object[] = [one.jwk], nowMs?: () => number) {
  const folder = temporaryFolder();
  const file = join(folder, 'keys.json');
  writeFileSync(file, JSON.stringify({ keys }));
  const issuer = { issuer: issuerName, audience, jwks: { file }, policies: 'all', ...more };
  const { issuers } = readAccess({ policies, issuers: [issuer] }, folder, {});
  const wallMs = nowMs ?? clock.wallMs;
  const tokens = new Tokens(issuers, { ...clock, wallMs });
  const outcome = async (token: string): Promise<string> => {
    try {
      return (await tokens.verify(token)).subject;
    } catch (error) {
      return `${(error as Error).name}: ${(error as Error).message}`;
    }
  };
  return { tokens, outcome, file };
}

const seconds = (from: number): number => Math.floor(Date.now() / 1000) + from;

describe('a token', () => {
  test('names its principal, its tenant and its claims', async () => {
    const { tokens } = openTokens({ tenant: 'org' });
    await tokens.load();
    const token = await one.token({ org: 'acme', groups: ['a', 'b'] });
    expect(await tokens.verify(token)).toMatchObject({ subject: 'ada', tenant: 'acme' });
    expect((await tokens.verify(token)).claims.get('jwt:groups')).toEqual(['a', 'b']);
  });

  const rows: readonly (readonly [string, object, string])[] = [
    ['is good', {}, 'ada'],
    ['is over', { exp: seconds(-120), iat: seconds(-300) }, expired],
    ['is over by less than clocks may be apart', { exp: seconds(-30), iat: seconds(-300) }, 'ada'],
    ['is not yet good', { nbf: seconds(120) }, invalid],
    ['is issued in the future', { iat: seconds(120), exp: seconds(300) }, invalid],
    ['is good for ever', { exp: undefined }, invalid],
    ['is good for too long', { exp: seconds(3600) }, invalid],
    [
      'is good for too long, and does not say since when',
      { exp: seconds(3600), iat: undefined },
      invalid,
    ],
    ['is of another audience', { aud: 'other' }, invalid],
    ['is of several audiences', { aud: ['other', audience] }, 'ada'],
    ['is of no audience', { aud: undefined }, invalid],
    ['is of another issuer', { iss: 'https://evil.example' }, invalid],
    ['is of an issuer that objects have', { iss: '__proto__' }, invalid],
    ['names nobody', { sub: undefined }, invalid],
    ['names nobody by an empty text', { sub: '' }, invalid],
    ['names somebody on two lines', { sub: 'ada\nroot' }, invalid],
    ['has an expiry that is no number', { exp: 'never' }, invalid],
  ];
  test.each(rows)('%s', async (_, claims, expected) => {
    expect(await openTokens().outcome(await one.token({ ...claims }))).toBe(expected);
  });

  test('without the tenant that it must have is not taken', async () => {
    expect(await openTokens({ tenant: 'org' }).outcome(await one.token())).toBe(invalid);
  });

  test('may be good for longer where the file says so', async () => {
    const token = await one.token({ exp: seconds(3600) });
    expect(await openTokens({ lifetimeSeconds: 7200 }).outcome(token)).toBe('ada');
  });
});

describe('signatures', () => {
  const part = (json: object): string => Buffer.from(JSON.stringify(json)).toString('base64url');
  const claims = () => ({ iss: issuerName, aud: audience, sub: 'ada', exp: seconds(300) });

  test('none is no algorithm', async () => {
    const bare = `${part({ alg: 'none', kid: 'one' })}.${part(claims())}.`;
    const { outcome } = openTokens();
    for (const token of [bare, bare.slice(0, -1), `${bare}x`]) {
      expect(await outcome(token)).toBe(invalid);
    }
  });

  test('a public key is no secret: HS256 with it is refused', async () => {
    const head = `${part({ alg: 'HS256', kid: 'one' })}.${part(claims())}`;
    for (const secret of [JSON.stringify(one.jwk), one.jwk.x ?? '', '']) {
      const mac = createHmac('sha256', secret).update(head).digest('base64url');
      expect(await openTokens().outcome(`${head}.${mac}`)).toBe(invalid);
    }
  });

  test('an algorithm that the file does not name is refused', async () => {
    const token = await one.token();
    expect(await openTokens({ algorithms: ['RS256'] }).outcome(token)).toBe(invalid);
  });

  test('an unknown key id, and a known one with another key, are refused', async () => {
    const { outcome } = openTokens();
    expect(await outcome(await two.token())).toBe(invalid);
    expect(await outcome(await two.token({}, { kid: 'one' }))).toBe(invalid);
    const anonymous = new SignJWT(claims()).setProtectedHeader({ alg: 'ES256' });
    expect(await outcome(await anonymous.sign(one.privateKey))).toBe(invalid);
  });

  test('a key that the token brings along is not taken', async () => {
    const jwk = await exportJWK(await importJWK(two.jwk, 'ES256'));
    const token = await new SignJWT(claims())
      .setProtectedHeader({ alg: 'ES256', kid: 'one', jwk, jku: 'https://evil.example' })
      .sign(two.privateKey);
    expect(await openTokens().outcome(token)).toBe(invalid);
  });

  test('a changed token is refused', async () => {
    const { outcome } = openTokens();
    const [head, , signature] = (await one.token()).split('.');
    expect(await outcome(`${head}.${part({ ...claims(), sub: 'eve' })}.${signature}`)).toBe(
      invalid,
    );
  });

  test('keys rotate: the old is good beside the new, and not when it is gone', async () => {
    let nowMs = 0;
    const file = join(temporaryFolder(), 'keys.json');
    writeFileSync(file, JSON.stringify({ keys: [one.jwk] }));
    const issuer = { issuer: issuerName, audience, jwks: { file }, policies: 'all' };
    const { issuers } = readAccess({ policies, issuers: [issuer] }, '', {});
    const tokens = new Tokens(issuers, { ...clock, monoMs: () => nowMs });
    const good = async (token: string): Promise<boolean> =>
      tokens.verify(token).then(
        () => true,
        () => false,
      );
    const [old, fresh] = [await one.token(), await two.token()];
    expect([await good(old), await good(fresh)]).toEqual([true, false]);
    writeFileSync(file, JSON.stringify({ keys: [one.jwk, two.jwk] }));
    nowMs += 60_000;
    expect([await good(fresh), await good(old)]).toEqual([true, true]);
    writeFileSync(file, JSON.stringify({ keys: [two.jwk] }));
    nowMs += 11 * 60_000;
    expect([await good(fresh), await good(old)]).toEqual([true, false]);
  });

  test.each(['RS256', 'PS256', 'EdDSA', 'ES384'])('%s is taken where it is named', async (alg) => {
    const issuer = await openIssuer('k', alg);
    const { outcome } = openTokens({ algorithms: alg }, [issuer.jwk]);
    expect(await outcome(await issuer.token())).toBe('ada');
  });
});

test('keys that cannot be read refuse nobody for good', async () => {
  const jwks = { url: 'http://127.0.0.1:1/keys' };
  const { outcome, tokens } = openTokens({ jwks });
  await tokens.load();
  expect(await outcome(await one.token())).toMatch(/^ServiceUnavailable: /);
  const missing = openTokens({ jwks: { file: '/nowhere/keys.json' } });
  await expect(missing.tokens.load()).rejects.toThrow(
    `the keys of issuer ${issuerName} cannot be read: ENOENT`,
  );
});

test('rubbish is refused, however long', async () => {
  const { outcome } = openTokens();
  const deep = Buffer.from(`${'['.repeat(3000)}`).toString('base64url');
  const rows = ['', '.', '..', 'a.b.c', 'null.null.null', `${deep}.${deep}.x`, 'x'.repeat(20_000)];
  for (const token of rows) expect(await outcome(token)).toBe(invalid);
});
