import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import type { JWTHeaderParameters } from 'jose';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { KeySet, KeysUnavailable, readText } from '../../../src/host/access/key-set.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { type Issuer, openIssuer } from '../../support/tokens.ts';

let one: Issuer;
let two: Issuer;
beforeAll(async () => {
  [one, two] = await Promise.all([openIssuer('one'), openIssuer('two')]);
});

const token = { payload: '', signature: '' };
const minute = 60_000;

interface World {
  readonly set: KeySet;
  write(...keys: readonly object[]): void;
  find(kid: string | undefined): Promise<string>;
  nowMs: number;
}

function open(): World {
  const file = join(temporaryFolder(), 'keys.json');
  const world: World = {
    nowMs: 0,
    set: new KeySet({ file }, () => world.nowMs),
    write: (...keys) => writeFileSync(file, JSON.stringify({ keys })),
    find: (kid) => {
      const header = { alg: 'ES256', kid } as JWTHeaderParameters;
      return Promise.resolve(world.set.find(header, token)).then(
        () => 'found',
        (error: Error) => error.name,
      );
    },
  };
  return world;
}

describe('public keys', () => {
  test('are read when they are first asked for, and found by their id', async () => {
    const world = open();
    world.write(one.jwk, two.jwk);
    expect([await world.find('one'), await world.find('two')]).toEqual(['found', 'found']);
    expect([await world.find(undefined), await world.find('')]).toEqual(['Error', 'Error']);
  });

  test('are read again for an id that is not known, but not at once again', async () => {
    const world = open();
    world.write(one.jwk);
    expect([await world.find('one'), await world.find('two')]).toEqual([
      'found',
      'JWKSNoMatchingKey',
    ]);
    world.write(two.jwk);
    expect(await world.find('two')).toBe('JWKSNoMatchingKey');
    world.nowMs += minute;
    expect([await world.find('two'), await world.find('one')]).toEqual([
      'found',
      'JWKSNoMatchingKey',
    ]);
  });

  test('are read again when they are old', async () => {
    const world = open();
    world.write(one.jwk);
    expect(await world.find('one')).toBe('found');
    world.write({ kty: 'broken' });
    world.nowMs += 11 * minute;
    expect(await world.find('one')).toBe('JWKSNoMatchingKey');
  });

  test('that could never be read are no reason to refuse a token', async () => {
    const fail = new KeySet({ file: '/nowhere/keys.json' }, () => 0);
    await expect(fail.find({ alg: 'ES256', kid: 'one' }, token)).rejects.toThrow(KeysUnavailable);
  });

  test('for symmetric algorithms, and those without an id, are left out', async () => {
    const world = open();
    world.write(
      { kty: 'oct', k: 'AAAA', kid: 'one', alg: 'HS256' },
      { ...two.jwk, kid: undefined },
    );
    expect(await world.find('one')).toBe('JWKSNoMatchingKey');
  });

  test('that are no set are told of when they are loaded', async () => {
    const world = open();
    world.write(...Array(101).fill(one.jwk));
    await expect(world.set.load()).rejects.toThrow('has more than 100 keys (keySetKeysMax)');
  });
});

test('a file that cannot be read any more leaves the keys good until they are stale', async () => {
  const file = join(temporaryFolder(), 'keys.json');
  writeFileSync(file, JSON.stringify({ keys: [one.jwk] }));
  let nowMs = 0;
  const set = new KeySet({ file }, () => nowMs);
  const header = { alg: 'ES256', kid: 'one' };
  await set.find(header, token);
  writeFileSync(file, 'broken');
  nowMs += 60 * minute;
  await expect(Promise.resolve(set.find(header, token))).resolves.toBeDefined();
  nowMs += 24 * 60 * minute;
  await expect(Promise.resolve(set.find(header, token))).rejects.toThrow(KeysUnavailable);
});

describe('keys from a URL', () => {
  function serveKeys(
    answer: (path: string) => { status?: number; body: string; to?: string },
  ): Promise<string> {
    const server = createServer((request, response) => {
      const { status = 200, body, to } = answer(request.url ?? '');
      response.writeHead(status, to === undefined ? {} : { location: to });
      response.end(body);
    });
    onTestFinished(() => {
      server.closeAllConnections();
      server.close();
    });
    return new Promise((resolve) => {
      server.listen(0, '127.0.0.1', () => {
        resolve(`http://127.0.0.1:${(server.address() as { port: number }).port}`);
      });
    });
  }

  test('are fetched, and fetched once by many who ask', async () => {
    let asked = 0;
    const url = await serveKeys(() => {
      asked += 1;
      return { body: JSON.stringify({ keys: [one.jwk] }) };
    });
    const set = new KeySet({ url }, () => 0);
    const header = { alg: 'ES256', kid: 'one' };
    await Promise.all([1, 2, 3].map(() => set.find(header, token)));
    expect(asked).toBe(1);
  });

  test.each([
    ['too long', { body: ' '.repeat(300 * 1024) }],
    ['not there', { status: 404, body: '{}' }],
    ['somewhere else', { status: 302, body: '', to: 'http://169.254.169.254/' }],
    ['no JSON', { body: 'x' }],
    ['no set', { body: 'null' }],
  ])('are not taken when they are %s', async (_, answer) => {
    const set = new KeySet({ url: await serveKeys(() => answer) }, () => 0);
    await expect(set.load()).rejects.toThrow();
  });
});

test('a text is read within its bound', async () => {
  const file = join(temporaryFolder(), 'text');
  writeFileSync(file, 'abc');
  expect(await readText(file, 3)).toBe('abc');
  await expect(readText(file, 2)).rejects.toThrow('is longer than 2 bytes');
});
