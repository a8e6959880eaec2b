/** Policies of tables, judged together with a caller's own, on calls that an engine runs. */
import { describe, expect, test } from 'vitest';
import type { Bound } from '../../../src/access/evaluate.ts';
import { readPolicy } from '../../../src/access/policy.ts';
import { judgeOf } from '../../../src/operation/access/judge.ts';
import { owner } from '../../../src/operation/request.ts';
import { ask, openRig, type Rig } from '../../support/engine.ts';

const arn = 'arn:aws:dynamodb:local:000000000000:table/Notes';
const ada = 'arn:aws:iam::000000000000:user/ada';

const opened = async (): Promise<Rig> => {
  const rig = await openRig();
  const on = { StreamEnabled: true, StreamViewType: 'KEYS_ONLY' };
  await ask(rig, 'CreateTable', {
    TableName: 'Notes',
    AttributeDefinitions: ['p', 'g'].map((AttributeName) => ({
      AttributeName,
      AttributeType: 'S',
    })),
    KeySchema: [{ AttributeName: 'p', KeyType: 'HASH' }],
    GlobalSecondaryIndexes: [
      {
        IndexName: 'byG',
        KeySchema: [{ AttributeName: 'g', KeyType: 'HASH' }],
        Projection: { ProjectionType: 'ALL' },
      },
    ],
    BillingMode: 'PAY_PER_REQUEST',
    StreamSpecification: on,
  });
  return rig;
};

const document = (...Statement: readonly object[]) => ({ Version: '2012-10-17', Statement });
const allow = { Effect: 'Allow', Action: 'dynamodb:*', Resource: '*' };
const deny = { ...allow, Effect: 'Deny' };
const own = (...statements: readonly object[]) =>
  statements.length === 0 ? [] : [readPolicy(document(...statements), 'own')];

interface Who {
  readonly own?: readonly object[];
  readonly bounds?: readonly Bound[];
  readonly arn?: string;
}

/** What comes of a call: `allowed`, or the refusal. */
async function outcome(rig: Rig, operation: string, input: object, who: Who = {}): Promise<string> {
  const policies = own(...(who.own ?? []));
  const judge = judgeOf({
    arn: who.arn ?? ada,
    policies,
    variables: new Map(),
    bounds: who.bounds,
  });
  return rig.engine.call({ operation, input, form: 'wire', caller: owner, judge }).then(
    () => 'allowed',
    ({ name, message }: Error) => `${name}: ${message}`,
  );
}

const put = (rig: Rig, statements: readonly object[], ResourceArn = arn) =>
  ask(rig, 'PutResourcePolicy', { ResourceArn, Policy: JSON.stringify(document(...statements)) });
const get = { TableName: 'Notes', Key: { p: { S: 'a' } } };
const refusal = (reason: string, action = 'GetItem', resource = arn) =>
  `AccessDeniedException: User: ${ada} is not authorized to perform: dynamodb:${action} on ` +
  `resource: ${resource} ${reason}`;
const silent = 'because no identity-based policy allows the dynamodb:GetItem action';

describe('a call is allowed by the caller’s policies or by the table’s,', () => {
  const toAda = { ...allow, Principal: { AWS: ada } };
  test.each([
    ['by neither', [], [], refusal(silent)],
    ['by the caller’s', [allow], [], 'allowed'],
    ['by the table’s', [], [toAda], 'allowed'],
    ['by the table’s, of everybody', [], [{ ...allow, Principal: '*' }], 'allowed'],
    ['of another caller', [], [{ ...allow, Principal: { AWS: `${ada}m` } }], refusal(silent)],
    [
      'of the account alone',
      [],
      [{ ...allow, Principal: { AWS: '000000000000' } }],
      refusal(silent),
    ],
    ['of another action', [], [{ ...toAda, Action: 'dynamodb:PutItem' }], refusal(silent)],
    ['of another resource', [], [{ ...toAda, Resource: `${arn}/index/*` }], refusal(silent)],
  ])('%s', async (_, mine, ofTable, expected) => {
    const rig = await opened();
    if (ofTable.length > 0) await put(rig, ofTable);
    expect(await outcome(rig, 'GetItem', get, { own: mine })).toBe(expected);
  });

  test('and by an explicit deny anywhere it is not', async () => {
    const rig = await opened();
    const denied = (what: string) => refusal(`with an explicit deny in ${what}`);
    const bound = (...statements: readonly object[]): readonly Bound[] => [
      { source: 'permissions boundary', policies: own(...statements) },
    ];
    await put(rig, [{ ...allow, Principal: { AWS: ada } }]);
    expect(await outcome(rig, 'GetItem', get, { own: [deny] })).toBe(
      denied('an identity-based policy'),
    );
    expect(await outcome(rig, 'GetItem', get, { bounds: bound(allow, deny) })).toBe(
      denied('a permissions boundary'),
    );
    await put(rig, [{ ...deny, Principal: { AWS: '000000000000' }, Action: 'dynamodb:Get*' }]);
    expect(await outcome(rig, 'GetItem', get, { own: [allow] })).toBe(
      denied('a resource-based policy'),
    );
  });

  test('and a boundary and a session policy must allow as well', async () => {
    const rig = await opened();
    const sources = ['permissions boundary', 'session policy'] as const;
    for (const source of sources) {
      const bounds = (statement: object): readonly Bound[] => [
        { source, policies: own(statement) },
      ];
      const puts = { ...allow, Action: 'dynamodb:PutItem' };
      expect(await outcome(rig, 'GetItem', get, { own: [allow], bounds: bounds(allow) })).toBe(
        'allowed',
      );
      expect(await outcome(rig, 'GetItem', get, { own: [allow], bounds: bounds(puts) })).toBe(
        refusal(`because no ${source} allows the dynamodb:GetItem action`),
      );
      expect(await outcome(rig, 'GetItem', get, { bounds: bounds(allow) })).toBe(refusal(silent));
    }
  });
});

test('a table’s policy is its indexes’ too; its stream has its own', async () => {
  const rig = await opened();
  await put(rig, [
    { ...allow, Principal: '*', Action: 'dynamodb:Query', Resource: `${arn}/index/byG` },
  ]);
  const query = {
    TableName: 'Notes',
    IndexName: 'byG',
    KeyConditionExpression: 'g = :g',
    ExpressionAttributeValues: { ':g': { S: 'x' } },
  };
  expect(await outcome(rig, 'Query', query)).toBe('allowed');
  const { Table } = await ask(rig, 'DescribeTable', { TableName: 'Notes' });
  const { LatestStreamArn: StreamArn } = Table as { LatestStreamArn: string };
  await put(rig, [{ ...allow, Principal: '*' }]);
  const why = 'because no identity-based policy allows the dynamodb:DescribeStream action';
  expect(await outcome(rig, 'DescribeStream', { StreamArn })).toBe(
    refusal(why, 'DescribeStream', StreamArn),
  );
  await put(rig, [{ ...allow, Principal: '*' }], StreamArn);
  expect(await outcome(rig, 'DescribeStream', { StreamArn })).toBe('allowed');
});

describe('putting a policy', () => {
  const text = (...statements: readonly object[]) => JSON.stringify(document(...statements));
  const input = (Policy: string, more: object = {}) => ({ ResourceArn: arn, Policy, ...more });
  const mine = { own: [allow] };

  test.each([
    [{ ...allow, Principal: '*', Action: 's3:GetObject' }, 'is no action of DynamoDB'],
    [{ ...allow, Principal: { AWS: 'ada' } }, 'must be ARNs, accounts or "*"'],
    [{ ...allow, Principal: '*', Condition: { Is: {} } }, 'is no operator known here'],
    [{ ...allow, Principal: '*', Sids: 1 }, 'is not known'],
  ])('that could not be judged by is refused: %j', async (statement, message) => {
    const rig = await opened();
    const found = await outcome(rig, 'PutResourcePolicy', input(text(statement)), mine);
    expect(found).toContain('ValidationException: One or more parameter values were invalid: ');
    expect(found).toContain(message);
  });

  test('that locks its caller out must be confirmed', async () => {
    const rig = await opened();
    const lock = text({ ...deny, Principal: '*', Action: 'dynamodb:DeleteResourcePolicy' });
    expect(await outcome(rig, 'PutResourcePolicy', input(lock), mine)).toContain(
      'ValidationException: The new resource-based policy would not allow the caller',
    );
    const ConfirmRemoveSelfResourceAccess = true;
    const confirmed = input(lock, { ConfirmRemoveSelfResourceAccess });
    expect(await outcome(rig, 'PutResourcePolicy', confirmed, mine)).toBe('allowed');
    expect(await outcome(rig, 'DeleteResourcePolicy', { ResourceArn: arn }, mine)).toContain(
      'with an explicit deny in a resource-based policy',
    );
  });

  test('asks for its action, of CreateTable too', async () => {
    const rig = await opened();
    const creates = { ...allow, Action: 'dynamodb:CreateTable' };
    const ResourcePolicy = text({ ...allow, Principal: '*' });
    const other = {
      TableName: 'Other',
      AttributeDefinitions: [{ AttributeName: 'p', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'p', KeyType: 'HASH' }],
      BillingMode: 'PAY_PER_REQUEST',
      ResourcePolicy,
    };
    expect(await outcome(rig, 'PutResourcePolicy', input(ResourcePolicy))).toContain(
      'not authorized to perform: dynamodb:PutResourcePolicy',
    );
    expect(await outcome(rig, 'CreateTable', other, { own: [creates] })).toContain(
      'not authorized to perform: dynamodb:PutResourcePolicy',
    );
    expect(await outcome(rig, 'CreateTable', other, mine)).toBe('allowed');
  });
});

test('a policy that cannot be read allows nothing, and denies all but putting it right', async () => {
  const rig = await opened();
  await put(rig, [{ ...allow, Principal: { Service: 'unknown' } }]);
  expect(await outcome(rig, 'GetItem', get, { own: [allow] })).toBe(
    refusal('with an explicit deny in a resource-based policy'),
  );
  const remove = { ResourceArn: arn };
  expect(await outcome(rig, 'DeleteResourcePolicy', remove, { own: [allow] })).toBe('allowed');
  expect(await outcome(rig, 'GetItem', get, { own: [allow] })).toBe('allowed');
});
