import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readAccess, readAccessFile } from '../../../src/host/access/config.ts';
import { temporaryFolder } from '../../support/folder.ts';

const policies = {
  reader: {
    Version: '2012-10-17',
    Statement: { Effect: 'Allow', Action: 'dynamodb:GetItem', Resource: '*' },
  },
};
const secretAccessKey = 'a secret of at least sixteen letters';
const key = { accessKeyId: 'AKID1', secretAccessKey, policies: 'reader' };
const issuer = {
  issuer: 'https://id.example',
  audience: 'tidetable',
  jwks: { file: 'keys.json' },
  policies: ['reader'],
};

function faultOf(json: object, environment: Record<string, string> = {}): string {
  try {
    readAccess({ policies, keys: [key], ...json }, '/etc/tide', environment);
    return 'none';
  } catch (error) {
    return (error as Error).message;
  }
}

describe('the file of access', () => {
  test('says which of its policies no device is given', () => {
    const Condition = { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': 'a*' } };
    const Statement = { Effect: 'Allow', Action: '*', Resource: '*', Condition };
    const stars = { Version: '2012-10-17', Statement };
    const { notes } = readAccess(
      { policies: { stars }, keys: [{ ...key, policies: 'stars' }] },
      '/',
      {},
    );
    expect(notes).toEqual([
      'policies.stars.Statement[0]: not replicated to devices: ' +
        'partition keys that it does not name one by one',
    ]);
    expect(readAccess({ policies, keys: [key] }, '/', {}).notes).toEqual([]);
  });

  test('has keys, issuers, policies and limits', () => {
    const full = { ...key, name: 'reports', tenant: 'acme', claims: { team: 'red' } };
    const json = { policies, keys: [full], issuers: [issuer], limits: { burst: 5 } };
    const config = readAccess(json, '/etc/tide', {});
    expect(config.keys.get('AKID1')).toMatchObject({
      name: 'reports',
      tenant: 'acme',
      claims: new Map([['jwt:team', ['red']]]),
      policies: [{ statements: [{ effect: 'Allow' }] }],
      expiresMs: undefined,
    });
    expect(config.issuers.get('https://id.example')).toMatchObject({
      name: 'tokens',
      audiences: ['tidetable'],
      source: { file: '/etc/tide/keys.json' },
      algorithms: ['RS256', 'ES256', 'EdDSA', 'Ed25519'],
      principalClaim: 'sub',
      lifeMs: 900_000,
    });
    expect(config.limits.principal).toEqual({ perSecond: 1000, burst: 5 });
  });

  test('is what docs/access.md shows', () => {
    const [, json = ''] =
      /```json\n([\s\S]*?)```/.exec(readFileSync('docs/access.md', 'utf8')) ?? [];
    const config = readAccess(JSON.parse(json), '', { REPORTS_SECRET: secretAccessKey });
    expect([config.keys.size, config.issuers.size, config.policies]).toEqual([1, 1, 2]);
  });

  test('may leave secrets to the environment', () => {
    const hidden = { ...key, secretAccessKey: { env: 'TIDE_SECRET' } };
    const config = readAccess({ policies, keys: [hidden] }, '', { TIDE_SECRET: secretAccessKey });
    expect(config.keys.get('AKID1')?.secret).toBe(secretAccessKey);
  });

  const at = 'keys[0].secretAccessKey';
  test.each([
    [{ keys: [] }, 'it has neither keys nor issuers: nobody could come in'],
    [{ kyes: [] }, 'kyes is not known; there are policies, keys, issuers, limits'],
    [{ keys: [key, key] }, 'keys[1].accessKeyId is there twice'],
    [{ issuers: [issuer, issuer] }, 'issuers[1].issuer is there twice'],
    [{ keys: [{ ...key, accessKeyId: 'a/b' }] }, 'keys[0].accessKeyId must be letters, digits'],
    [{ keys: [{ ...key, name: 'a b' }] }, 'keys[0].name must be at most 64 letters'],
    [{ keys: [{ ...key, policies: 'writer' }] }, 'keys[0].policies: there is no policy "writer"'],
    [{ keys: [{ ...key, policies: '__proto__' }] }, 'there is no policy "__proto__"'],
    [{ keys: [{ ...key, policies: [] }] }, 'keys[0].policies must be a text, or a list of texts'],
    [{ keys: [{ ...key, expires: 'soon' }] }, 'keys[0].expires must be a time as ISO 8601'],
    [{ keys: [{ ...key, secretAccessKey: { env: 'X' } }] }, `${at}: the environment has no`],
    [{ keys: [{ ...key, secretAccessKey: { file: 'X' } }] }, `${at}.file is not known`],
    [{ keys: [{ ...key, secretAccessKey: 'short' }] }, `${at} must be a text of at least 16`],
    [{ issuers: [{ ...issuer, algorithms: 'none' }] }, 'issuers[0].algorithms: "none" is not one'],
    [{ issuers: [{ ...issuer, algorithms: ['HS256'] }] }, '"HS256" is not one of RS256'],
    [{ issuers: [{ ...issuer, audience: undefined }] }, 'issuers[0].audience must be a text'],
    [{ issuers: [{ ...issuer, jwks: {} }] }, 'issuers[0].jwks must have one of file and url'],
    [
      { issuers: [{ ...issuer, jwks: { url: 'http://id.example/keys' } }] },
      'issuers[0].jwks.url must begin with https://',
    ],
    [
      { issuers: [{ ...issuer, lifetimeSeconds: 100_000 }] },
      'issuers[0].lifetimeSeconds must be a number above 0, at most 86400',
    ],
    [{ limits: { requests: 1 } }, 'limits.requests is not known; there are requestsPerSecond'],
    [{ limits: { burst: 0 } }, 'limits.burst must be a number above 0'],
    [
      { policies: { reader: { Version: '2012-10-17', Statement: { Effect: 'Allow' } } } },
      'policies.reader.Statement[0] must have one of Action and NotAction',
    ],
  ])('%j is refused with its place', (json, message) => {
    expect(faultOf(json)).toContain(message);
  });

  test('tells no secret in a refusal', () => {
    for (const wrong of [{ name: ' ' }, { policies: 'x' }, { secret: secretAccessKey }]) {
      expect(faultOf({ keys: [{ ...key, ...wrong }] })).not.toContain(secretAccessKey);
    }
  });

  test('is read from its place', async () => {
    const folder = temporaryFolder();
    const path = join(folder, 'access.json');
    await expect(readAccessFile(path, {})).rejects.toThrow(/access\.json cannot be read: ENOENT/);
    writeFileSync(path, `{"keys": "${secretAccessKey}`);
    await expect(readAccessFile(path, {})).rejects.toThrow(`${path}: it is not JSON`);
    writeFileSync(path, 'x'.repeat(2 * 1024 * 1024));
    await expect(readAccessFile(path, {})).rejects.toThrow('is longer than');
    writeFileSync(path, JSON.stringify({ policies, issuers: [issuer] }));
    const { issuers } = await readAccessFile(path, {});
    expect(issuers.get(issuer.issuer)?.source).toEqual({ file: join(folder, 'keys.json') });
  });
});
