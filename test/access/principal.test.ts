import { describe, expect, test } from 'vitest';
import { isMeant, readPrincipal } from '../../src/access/principal.ts';

const ada = 'arn:aws:iam::000000000000:user/ada';
const session = 'arn:aws:sts::000000000000:assumed-role/app/ada';
const root = 'arn:aws:iam::000000000000:root';

const read = (json: object) => readPrincipal(new Map(Object.entries(json)), 'P.Statement[0]');

describe('a principal', () => {
  test.each([
    // Principal, who, allowed about, denied about.
    ['*', ada, true, true],
    [{ AWS: '*' }, ada, true, true],
    [{ AWS: ada }, ada, true, true],
    [{ AWS: [session, ada] }, ada, true, true],
    [{ AWS: 'arn:aws:iam::000000000000:user/ad' }, ada, false, false],
    // An account is not its callers where it allows.
    [{ AWS: '000000000000' }, ada, false, true],
    [{ AWS: root }, ada, false, true],
    [{ AWS: '111111111111' }, ada, false, false],
    [{ AWS: 'arn:aws:iam::000000000000:role/app' }, session, true, true],
    [{ AWS: 'arn:aws:iam::000000000000:role/ap' }, session, false, false],
    [{ AWS: 'arn:aws:iam::000000000000:role/app' }, ada, false, false],
  ])('%j is about %s: %j where it allows, %j where it denies', (Principal, who, allow, deny) => {
    const principal = read({ Principal });
    expect([isMeant(principal, who, 'Allow'), isMeant(principal, who, 'Deny')]).toEqual([
      allow,
      deny,
    ]);
  });

  test.each([
    [{ AWS: ada }, ada, false],
    [{ AWS: root }, ada, false],
    [{ AWS: '111111111111' }, ada, true],
  ])('all but %j is about %s: %j', (NotPrincipal, who, isAbout) => {
    expect(isMeant(read({ NotPrincipal }), who, 'Deny')).toBe(isAbout);
  });

  test.each([
    [{}, 'P.Statement[0] must have one of Principal and NotPrincipal'],
    [{ Principal: '*', NotPrincipal: '*' }, 'must have one of Principal and NotPrincipal'],
    [{ Principal: 'ada' }, 'P.Statement[0].Principal must be an object'],
    [{ Principal: {} }, 'P.Statement[0].Principal must not be empty'],
    [{ Principal: { AWS: [] } }, 'P.Statement[0].Principal.AWS must not be empty'],
    [{ Principal: { AWS: 'ada' } }, 'must be ARNs, accounts or "*"'],
    [{ Principal: { AWS: 3 } }, 'must be ARNs, accounts or "*"'],
    [{ Principal: { Service: 'x' } }, 'P.Statement[0].Principal.Service is nobody here'],
  ])('%j is refused', (json, message) => {
    expect(() => read(json)).toThrow(message);
  });
});
