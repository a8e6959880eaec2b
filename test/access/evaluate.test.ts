import { describe, expect, test } from 'vitest';
import { accessDenied, type Decision, evaluate } from '../../src/access/evaluate.ts';
import { readPolicy } from '../../src/access/policy.ts';

const notes = 'arn:aws:dynamodb:local:000000000000:table/Notes';
const variables = new Map([
  ['jwt:sub', ['ada']],
  ['jwt:tenant', ['acme']],
]);

function decide(statements: readonly object[], action: string, resource = notes): Decision {
  const full = statements.map((one) => ({ Effect: 'Allow', Action: '*', Resource: '*', ...one }));
  const policy = readPolicy({ Version: '2012-10-17', Statement: full }, 'p');
  return evaluate([policy], { action, resource, facts: new Map() }, variables);
}

const get = 'dynamodb:GetItem';
const deny = { Effect: 'Deny' };

describe('a decision', () => {
  const rows: readonly (readonly [string, readonly object[], string, string, Decision])[] = [
    ['what nothing allows', [{ Action: 'dynamodb:PutItem' }], get, notes, 'not-allowed'],
    ['what is allowed', [{ Action: get }], get, notes, 'allowed'],
    ['capitals of actions', [{ Action: 'DynamoDB:getitem' }], get, notes, 'allowed'],
    ['a deny behind an allow', [{}, deny], get, notes, 'denied'],
    ['a deny before an allow', [deny, {}], get, notes, 'denied'],
    ['a deny of something else', [{}, { ...deny, Action: 'dynamodb:Put*' }], get, notes, 'allowed'],
    ['a wildcard', [{ Action: 'dynamodb:*Item' }], get, notes, 'allowed'],
    ['another table', [{ Resource: `${notes}2` }], get, notes, 'not-allowed'],
    ['capitals of tables', [{ Resource: notes.toLowerCase() }], get, notes, 'not-allowed'],
    ['a table is not its indexes', [{ Resource: notes }], get, `${notes}/index/i`, 'not-allowed'],
    ['indexes', [{ Resource: `${notes}/index/*` }], get, `${notes}/index/i`, 'allowed'],
    [
      'any region and account',
      [{ Resource: 'arn:aws:dynamodb:*:*:table/Notes' }],
      get,
      notes,
      'allowed',
    ],
    ['what belongs to no table', [{ Resource: notes }], get, '*', 'not-allowed'],
  ];
  test.each(rows)('%s', (_, statements, action, resource, decision) => {
    expect(decide(statements, action, resource)).toBe(decision);
  });

  test('NotAction is all but these', () => {
    const Statement = { Effect: 'Allow', NotAction: 'dynamodb:Delete*', Resource: '*' };
    const policy = readPolicy({ Version: '2012-10-17', Statement }, 'p');
    const of = (action: string): Decision =>
      evaluate([policy], { action, resource: notes, facts: new Map() }, variables);
    expect([of(get), of('dynamodb:DeleteTable')]).toEqual(['allowed', 'not-allowed']);
  });

  test.each([
    ['Allow', 'Resource', 'not-allowed'],
    ['Allow', 'NotResource', 'not-allowed'],
    ['Deny', 'Resource', 'denied'],
    ['Deny', 'NotResource', 'denied'],
  ])('%s with a %s of a claim that is not there: %s', (Effect, member, decision) => {
    const doubtful = { Effect, Action: '*', [member]: `${notes}-\${jwt:absent}` };
    const all = { Effect: 'Allow', Action: '*', Resource: '*' };
    const Statement = Effect === 'Deny' ? [all, doubtful] : [doubtful];
    const policy = readPolicy({ Version: '2012-10-17', Statement }, 'p');
    const asked = { action: get, resource: `${notes}-x`, facts: new Map() };
    expect(evaluate([policy], asked, variables)).toBe(decision);
  });

  test('tables by the claims of a token', () => {
    const mine = [{ Resource: 'arn:aws:dynamodb:*:*:table/${jwt:tenant}-*' }];
    const table = (name: string): string => notes.replace('Notes', name);
    expect(decide(mine, get, table('acme-notes'))).toBe('allowed');
    expect(decide(mine, get, table('other-notes'))).toBe('not-allowed');
  });

  test('no policy allows nothing', () => {
    expect(evaluate([], { action: get, resource: notes, facts: new Map() }, variables)).toBe(
      'not-allowed',
    );
  });
});

test('refusals say who, what, where and why', () => {
  const asked = { action: get, resource: notes, facts: new Map() };
  const arn = 'arn:aws:iam::000000000000:user/ada';
  const start = `User: ${arn} is not authorized to perform: ${get} on resource: ${notes} `;
  expect(accessDenied(arn, asked, 'not-allowed')).toMatchObject({
    name: 'AccessDeniedException',
    message: `${start}because no identity-based policy allows the ${get} action`,
  });
  expect(accessDenied(arn, asked, 'denied').message).toBe(
    `${start}with an explicit deny in an identity-based policy`,
  );
});
