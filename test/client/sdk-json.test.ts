import { describe, expect, test } from 'vitest';
import type { CallOptions } from '../../src/client/connection.ts';
import { DynamoDBError } from '../../src/client/errors.ts';
import { sdkRequestHandler } from '../../src/client/sdk-json.ts';

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** What a handler answers to a request of the SDK's, and what the database was asked. */
async function handle(body: unknown, answer: () => object) {
  const asked: unknown[] = [];
  const call = async (operation: string, input: object, options?: CallOptions) => {
    asked.push([operation, input, options?.attributeValues]);
    return answer();
  };
  const headers = { 'X-Amz-Target': 'DynamoDB_20120810.PutItem' };
  const { response } = await sdkRequestHandler({ call }).handle({ headers, body });
  return { asked, response, answer: JSON.parse(decoder.decode(response.body)) as unknown };
}

describe('the request handler of the SDK', () => {
  test.each([
    ['text', '{"Item":{"b":{"B":"AAE="}}}'],
    ['bytes', encoder.encode('{"Item":{"b":{"B":"AAE="}}}')],
  ])('reads a body that is %s', async (_name, body) => {
    const { asked } = await handle(body, () => ({}));
    expect(asked).toEqual([['PutItem', { Item: { b: { B: 'AAE=' } } }, 'json']]);
  });

  test('writes binary as base64', async () => {
    const attributes = { b: { B: new Uint8Array([0, 1]) }, s: { BS: [new Uint8Array([255])] } };
    const { response, answer } = await handle('{}', () => ({ Attributes: attributes }));
    expect(response.statusCode).toBe(200);
    expect(answer).toEqual({ Attributes: { b: { B: 'AAE=' }, s: { BS: ['/w=='] } } });
  });

  const dynamo = 'com.amazonaws.dynamodb.v20120810#';
  test.each([
    ['ConditionalCheckFailedException', 400, dynamo, { message: 'why', Item: { a: { S: 'x' } } }],
    ['TransactionCanceledException', 400, dynamo, { Message: 'why', Item: { a: { S: 'x' } } }],
    ['InternalServerError', 500, dynamo, { message: 'why', Item: { a: { S: 'x' } } }],
  ])('answers %s with status %i', async (name, status, prefix, members) => {
    const { response, answer } = await handle('{}', () => {
      throw new DynamoDBError(name, 'why', { Item: { a: { S: 'x' } } });
    });
    expect(response.statusCode).toBe(status);
    expect(answer).toEqual({ __type: prefix + name, ...members });
  });

  test('lets failures of the world through', async () => {
    const failing = handle('{}', () => {
      throw new RangeError('gone');
    });
    await expect(failing).rejects.toThrow(RangeError);
  });
});
