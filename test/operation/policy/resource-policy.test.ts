/** Policies of tables and streams: kept, with revisions; who is judged by them: access tests. */
import { describe, expect, test } from 'vitest';
import { ask, type Rig } from '../../support/engine.ts';
import { notesArn as arn, openNotes as opened } from '../../support/policy.ts';

const policy = (action: string): string =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: '*', Action: action, Resource: '*' }],
  });
const all = policy('dynamodb:*');
const gets = policy('dynamodb:GetItem');
const notFound = 'Resource-based policy not found for the provided ResourceArn: ';
const malformed = 'One or more parameter values were invalid: Invalid policy document: ';

const put = (rig: Rig, Policy: string, ExpectedRevisionId?: string, ResourceArn = arn) =>
  ask(rig, 'PutResourcePolicy', { ResourceArn, Policy, ExpectedRevisionId }).then(
    ({ RevisionId }) => RevisionId as string,
  );
const get = (rig: Rig, ResourceArn = arn) => ask(rig, 'GetResourcePolicy', { ResourceArn });
const remove = (rig: Rig, ExpectedRevisionId?: string) =>
  ask(rig, 'DeleteResourcePolicy', { ResourceArn: arn, ExpectedRevisionId });

const refusal = (call: Promise<unknown>) =>
  call.then(
    () => 'no refusal',
    ({ name, message }: Error) => `${name}: ${message}`,
  );

describe('the policy of a table', () => {
  test('is put, told as it was written, and taken away', async () => {
    const rig = await opened();
    const RevisionId = await put(rig, all);
    expect(await get(rig)).toEqual({ Policy: all, RevisionId });
    expect(await remove(rig)).toEqual({ RevisionId });
    expect(await refusal(get(rig))).toBe(`PolicyNotFoundException: ${notFound}${arn}`);
    // There is nothing to take away: no revision.
    expect(await remove(rig)).toEqual({});
  });

  test('has a later revision with each change, and none by the same text', async () => {
    const rig = await opened();
    const first = await put(rig, all);
    expect(await put(rig, all)).toBe(first);
    const second = await put(rig, gets);
    expect(second > first).toBe(true);
    expect(await put(rig, all, second)).not.toBe(first);
  });

  test('is compared with the revision that was expected', async () => {
    const rig = await opened();
    const missing = `${notFound}Requested update for policy with revision id 7, but no policy is associated to target table Notes.`;
    expect(await refusal(put(rig, all, '7'))).toBe(`PolicyNotFoundException: ${missing}`);
    expect(await refusal(remove(rig, '7'))).toBe(`PolicyNotFoundException: ${missing}`);
    const first = await put(rig, all, 'NO_POLICY');
    const other = `${notFound}Requested update for policy with revision id 7, but the policy associated to target table Notes has revision id ${first}.`;
    expect(await refusal(put(rig, gets, '7'))).toBe(`PolicyNotFoundException: ${other}`);
    expect(await refusal(remove(rig, '7'))).toBe(`PolicyNotFoundException: ${other}`);
    expect(await refusal(put(rig, gets, 'NO_POLICY'))).toBe(
      `PolicyNotFoundException: ${notFound}Requested policy update expecting none to be present ` +
        `for table Notes, but a policy exists with revision id ${first}.`,
    );
    expect(await get(rig)).toEqual({ Policy: all, RevisionId: first });
    expect(await remove(rig, first)).toEqual({ RevisionId: first });
  });

  test('may come with the table, and goes with it', async () => {
    const rig = await opened({ ResourcePolicy: all });
    expect(await get(rig)).toMatchObject({ Policy: all });
    await ask(rig, 'DeleteTable', { TableName: 'Notes' });
    const missing = `Requested resource not found: ResourcArn: ${arn} not found`;
    for (const call of [get(rig), put(rig, all), remove(rig)]) {
      expect(await refusal(call)).toBe(`ResourceNotFoundException: ${missing}`);
    }
    const again = await opened();
    expect(await refusal(get(again))).toContain('PolicyNotFoundException');
  });

  test('may change while the table is updated, and outlives a change of it', async () => {
    const rig = await opened();
    const RevisionId = await put(rig, all);
    await ask(rig, 'UpdateTable', { TableName: 'Notes', DeletionProtectionEnabled: true });
    expect(await get(rig)).toEqual({ Policy: all, RevisionId });
  });
});

test('a stream has a policy of its own, which is not the next stream’s', async () => {
  const on = { StreamEnabled: true, StreamViewType: 'KEYS_ONLY' };
  const rig = await opened({ StreamSpecification: on });
  const streamArn = async (): Promise<string> => {
    const { Table } = await ask(rig, 'DescribeTable', { TableName: 'Notes' });
    return (Table as { LatestStreamArn: string }).LatestStreamArn;
  };
  const first = await streamArn();
  await put(rig, all, undefined, first);
  await put(rig, gets);
  expect(await get(rig, first)).toMatchObject({ Policy: all });
  expect(await get(rig)).toMatchObject({ Policy: gets });
  rig.time.pass(5000);
  for (const StreamSpecification of [{ StreamEnabled: false }, on]) {
    await ask(rig, 'UpdateTable', { TableName: 'Notes', StreamSpecification });
  }
  const second = await streamArn();
  expect(await refusal(get(rig, second))).toBe(`PolicyNotFoundException: ${notFound}${second}`);
  expect(await refusal(get(rig, first))).toBe(
    `ResourceNotFoundException: Requested resource not found: ResourcArn: ${first} not found`,
  );
  await put(rig, gets, undefined, second);
  expect(await get(rig)).toMatchObject({ Policy: gets });
});

describe('what is no policy of a resource is refused:', () => {
  const statement = { Effect: 'Allow', Principal: '*', Action: 'dynamodb:*', Resource: '*' };
  const written = (more: object) => JSON.stringify({ Statement: [{ ...statement, ...more }] });
  test.each([
    ['', 'Syntax errors in policy.'],
    ['{', 'Syntax errors in policy.'],
    ['[]', 'Syntax errors in policy.'],
    ['null', 'Syntax errors in policy.'],
    ['{}', 'Missing required field Statement'],
    ['{"Statement": []}', 'Missing required field Statement'],
    ['{"Statement": [3]}', 'Missing required field Statement'],
    [written({ Effect: 'Maybe' }), 'Missing required field Effect'],
    [written({ Principal: undefined }), 'Missing required field Principal'],
    [written({ NotPrincipal: '*' }), 'Missing required field Principal'],
    [written({ Action: undefined }), 'Missing required field Action'],
    [written({ Resource: undefined }), 'Missing required field Resource'],
    [written({ Sid: 'é'.repeat(10_240) }), 'The policy is larger than 20480 bytes'],
  ])('%j', async (text, message) => {
    const rig = await opened();
    expect(await refusal(put(rig, text))).toBe(`ValidationException: ${malformed}${message}`);
  });

  test('by CreateTable too', async () => {
    expect(await refusal(opened({ ResourcePolicy: '{}' }))).toContain(malformed);
  });

  test('a policy of 20,480 bytes is taken', async () => {
    const rig = await opened();
    const room = 20_480 - new TextEncoder().encode(written({ Sid: '' })).length;
    const text = written({ Sid: 'x'.repeat(room) });
    expect(await put(rig, text)).not.toBe('');
    expect(await get(rig)).toMatchObject({ Policy: text });
  });
});

test.each([
  [
    { ResourceArn: 'Notes' },
    "One or more parameter values were invalid: ARNs must start with 'arn:': Notes",
  ],
  [{ ResourceArn: `${arn}/index/byG` }, 'only table or stream is accepted'],
  [
    { ResourceArn: arn, ExpectedRevisionId: '' },
    "at 'expectedRevisionId' failed to satisfy constraint: Member must have length greater than or equal to 1",
  ],
  [
    { ResourceArn: arn, ExpectedRevisionId: '1'.repeat(256) },
    'Member must have length less than or equal to 255',
  ],
  [{ ResourceArn: 'a'.repeat(1284) }, 'Member must have length less than or equal to 1283'],
  [{}, "Value null at 'resourceArn' failed to satisfy constraint: Member must not be null"],
])('%j is refused by its shape', async (input, message) => {
  const rig = await opened();
  for (const operation of ['PutResourcePolicy', 'DeleteResourcePolicy']) {
    const call = ask(rig, operation, { Policy: all, ...input });
    expect(await refusal(call)).toContain(message);
  }
});
