import {
  DescribeTableCommand,
  DynamoDBClient,
  GetItemCommand,
  InternalServerError,
  TransactionConflictException,
} from '@aws-sdk/client-dynamodb';
import { DynamoDBStreamsClient, ListStreamsCommand } from '@aws-sdk/client-dynamodb-streams';
import { describe, expect, test } from 'vitest';
import type { CallOptions } from '../../src/client/connection.ts';
import { DynamoDBError } from '../../src/client/errors.ts';
import { clientConfig } from '../../src/client/sdk.ts';
import { httpMiddlewares, sdkShortCircuit } from '../../src/client/sdk-short-circuit.ts';

const signers = 'apiKeyMiddleware,tokenMiddleware,awsAuthMiddleware';

interface Asked {
  readonly operation: string;
  readonly input: object;
  readonly options: CallOptions | undefined;
}

/** A client over a database that answers as it is told. */
function clientOf(answer: () => object) {
  const asked: Asked[] = [];
  const call = async (operation: string, input: object, options?: CallOptions) => {
    asked.push({ operation, input, options });
    return answer();
  };
  const db = { call, region: 'local' };
  const client = new DynamoDBClient({ ...clientConfig(db), maxAttempts: 1 });
  client.middlewareStack.use(sdkShortCircuit(db));
  return { client, asked };
}

describe('the short circuit', () => {
  test('is one for the client of streams, too', async () => {
    const asked: string[] = [];
    const call = async (operation: string): Promise<object> => {
      asked.push(operation);
      return { Streams: [] };
    };
    const db = { call, region: 'local' };
    const client = new DynamoDBStreamsClient({ ...clientConfig(db), maxAttempts: 1 });
    client.middlewareStack.use(sdkShortCircuit(db));
    expect(await client.send(new ListStreamsCommand({}))).toMatchObject({ Streams: [] });
    expect(asked).toEqual(['ListStreams']);
  });

  test('replaces the middlewares it was written for', () => {
    const names = (client: DynamoDBClient): readonly string[] => client.middlewareStack.identify();
    const db = { call: async () => ({}), region: 'local' };
    const client = new DynamoDBClient(clientConfig(db));
    expect(names(client)).toEqual([
      'loggerMiddleware - initialize',
      'serializerMiddleware - serialize',
      'contentLengthMiddleware - build',
      'getUserAgentMiddleware - build',
      'hostHeaderMiddleware - build',
      'recursionDetectionMiddleware - build',
      'retryMiddleware - finalizeRequest',
      `httpSigningMiddleware (a.k.a. ${signers}) - finalizeRequest`,
      'deserializerMiddleware - deserialize',
    ]);
    for (const name of httpMiddlewares) expect(names(client).join()).toContain(name);
    client.middlewareStack.use(sdkShortCircuit(db));
    expect(names(client)).toEqual([
      'loggerMiddleware - initialize',
      'serializerMiddleware - serialize',
      'retryMiddleware - finalizeRequest',
      'deserializerMiddleware - deserialize',
    ]);
  });

  test('hands the input over as it is, with the signal', async () => {
    const { client, asked } = clientOf(() => ({ Item: { id: { S: 'a' } } }));
    const input = { TableName: 'Notes', Key: { id: { S: 'a' } } };
    const { signal } = new AbortController();
    const output = await client.send(new GetItemCommand(input), { abortSignal: signal });
    expect(output).toMatchObject({ Item: { id: { S: 'a' } }, $metadata: { httpStatusCode: 200 } });
    expect(asked).toEqual([
      { operation: 'GetItem', input, options: { signal, attributeValues: true } },
    ]);
  });

  test('makes dates of the times of a table, however deep', async () => {
    const { client } = clientOf(() => ({
      Table: { CreationDateTime: 1.5, ItemCount: 2, Index: [{ LastIncreaseDateTime: 3 }] },
    }));
    const { Table } = await client.send(new DescribeTableCommand({ TableName: 'Notes' }));
    expect(Table).toEqual({
      CreationDateTime: new Date(1500),
      ItemCount: 2,
      Index: [{ LastIncreaseDateTime: new Date(3000) }],
    });
  });

  test.each([
    ['TransactionConflictException', TransactionConflictException, 400, 'client'],
    ['InternalServerError', InternalServerError, 500, 'server'],
  ] as const)('%s is an instance of its class', async (name, errorClass, status, fault) => {
    const { client } = clientOf(() => {
      throw new DynamoDBError(name, 'why', {});
    });
    const error = await client
      .send(new GetItemCommand({ TableName: 'Notes', Key: {} }))
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(errorClass);
    expect(error).toMatchObject({
      name,
      message: 'why',
      $fault: fault,
      $metadata: { httpStatusCode: status },
    });
  });
});
