/** The envelope of mid-2026 over HTTP, in the order that a request is judged. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openNodeDatabase } from '../../src/host/node.ts';
import { type HttpServer, serve } from '../../src/host/http.ts';
import type { Engine } from '../../src/engine/engine-types.ts';
import { owner } from '../../src/operation/request.ts';

let engine: Engine;
let server: HttpServer;
let some: HttpServer;
beforeAll(async () => {
  engine = await openNodeDatabase({ memory: true });
  server = await serve({ engine, port: 0, validationEnvelope: true });
  some = await serve({ engine, port: 0, validationEnvelope: ['PutItem'] });
  await engine.call({
    operation: 'CreateTable',
    form: 'json',
    caller: owner,
    input: {
      TableName: 'Tab',
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: [{ AttributeName: 'p', KeyType: 'HASH' }],
      AttributeDefinitions: [{ AttributeName: 'p', AttributeType: 'S' }],
    },
  });
});
afterAll(async () => {
  await Promise.all([server.close(), some.close()]);
  await engine.close();
});

async function messageOf(
  operation: string,
  input: object,
  { port }: HttpServer = server,
): Promise<string> {
  const answer = await fetch(`http://127.0.0.1:${port}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': `DynamoDB_20120810.${operation}`,
      authorization: 'AWS4-HMAC-SHA256 Credential=a/b/c/dynamodb/e, SignedHeaders=h, Signature=s',
      'x-amz-date': '20260101T000000Z',
    },
    body: JSON.stringify({ TableName: 'Tab', ...input }),
  });
  const { message = '' } = (await answer.json()) as { readonly message?: string };
  return message;
}

const a = { p: { S: 'a' } };
const envelope = '1 validation error detected: ';
const P = 'One or more parameter values were invalid: ';
const unused = 'Value provided in ExpressionAttributeNames unused in expressions: keys: {#a}';
const names = { ExpressionAttributeNames: { '#a': 'a' } };
const selected = 'Cannot specify the ProjectionExpression when choosing to get only the Count';
const counted = { Select: 'COUNT', ProjectionExpression: 'a' };

describe('within the envelope', () => {
  test.each<[string, object, string]>([
    ['PutItem', { Item: { ...a, s: { SS: [] } } }, `${P}An string set  may not be empty`],
    [
      'PutItem',
      { Item: { ...a, n: { NULL: false } } },
      `${P}Null attribute value types must have the value of true`,
    ],
    ['UpdateItem', { Key: a, UpdateExpression: 'REMOVE b', ...names }, unused],
    [
      'UpdateItem',
      { Key: a, UpdateExpression: '' },
      'Invalid UpdateExpression: The expression can not be empty;',
    ],
    ['DeleteItem', { Key: a, ConditionExpression: 'p <> b', ...names }, unused],
    ['GetItem', { Key: a, ProjectionExpression: 'b', ...names }, unused],
    [
      'BatchGetItem',
      { RequestItems: { Tab: { Keys: [a], ProjectionExpression: 'b', ...names } } },
      unused,
    ],
    [
      'Query',
      {
        KeyConditionExpression: 'p = :p',
        ExpressionAttributeValues: { ':p': { S: 'a' } },
        ...counted,
      },
      selected,
    ],
  ])('%s %j', async (operation, input, message) => {
    expect(await messageOf(operation, input)).toBe(envelope + message);
  });
});

describe('without it', () => {
  test.each<[string, string, object, string]>([
    ['of Scan', 'Scan', counted, selected],
    [
      'of a Query, besides what its Select is refused for',
      'Query',
      { KeyConditionExpression: 'p' },
      'Invalid KeyConditionExpression: Syntax error; token: "<EOF>", near: "p"',
    ],
    [
      'of a transaction',
      'TransactWriteItems',
      { TransactItems: [{ Put: { TableName: 'Tab', Item: { ...a, s: { SS: [] } } } }] },
      `${P}An string set  may not be empty`,
    ],
    ['what needs the table', 'PutItem', { Item: {} }, `${P}Missing the key p in the item`],
    ['another error', 'GetItem', { TableName: 'none', Key: a }, 'Requested resource not found'],
    [
      'a constraint, which has it',
      'GetItem',
      {},
      `${envelope}Value null at 'key' failed to satisfy constraint: Member must not be null`,
    ],
  ])('%s', async (_what, operation, input, message) => {
    expect(await messageOf(operation, input)).toBe(message);
  });
});

test('it can be had of some operations alone', async () => {
  const update = { Key: a, UpdateExpression: 'REMOVE b', ...names };
  const put = { Item: a, ConditionExpression: 'p <> b', ...names };
  expect(await messageOf('PutItem', put, some)).toBe(envelope + unused);
  expect(await messageOf('UpdateItem', update, some)).toBe(unused);
});
