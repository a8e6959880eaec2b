/**
 * The engine in memory behind its HTTP endpoint, asked as clients ask: DynamoDB's JSON in POSTs.
 *
 * TIDETABLE_ENDPOINT names another endpoint (DynamoDB Local, say) for the rows that go through
 * `openEndpoint`. Tables that an earlier file left there are deleted first: it must be empty of
 * anything that is worth keeping, and files must run one after the other.
 */
import { serve } from '../../src/host/http.ts';
import { type NodeDatabaseOptions, openNodeDatabase } from '../../src/host/node.ts';

export type Json = Readonly<Record<string, unknown>>;

export interface Reply {
  readonly status: number;
  readonly text: string;
}

/** The error of a refused request. */
export interface Told {
  /** What stands after the `#` of `__type`. */
  readonly name: string;
  readonly message: string;
  readonly body: Json;
}

export interface Endpoint {
  readonly url: string;
  /** Sends bytes as they are; `target` is an operation's name. */
  post(target: string, body: string | Uint8Array, headers?: Record<string, string>): Promise<Reply>;
  /** The answer; a refusal is a failure of the test. */
  // biome-ignore lint/suspicious/noExplicitAny: answers are compared, member by member.
  call(operation: string, input: unknown): Promise<any>;
  /** The refusal; an answer is a failure of the test. */
  refuse(operation: string, input: unknown): Promise<Told>;
  /** The message of a ValidationException. */
  invalid(operation: string, input: unknown): Promise<string>;
  close(): Promise<void>;
}

const signed = {
  'content-type': 'application/x-amz-json-1.0',
  authorization: 'AWS4-HMAC-SHA256 Credential=x/1/2/3/4, SignedHeaders=host, Signature=abc',
  'x-amz-date': '20260101T000000Z',
};

/** The endpoint that TIDETABLE_ENDPOINT names, else an engine of the test's own. */
export async function openEndpoint(): Promise<Endpoint> {
  const url = process.env['TIDETABLE_ENDPOINT'];
  if (url === undefined || url === '') return openLocalEndpoint();
  const endpoint = endpointAt(url);
  const { TableNames } = await endpoint.call('ListTables', {});
  for (const TableName of TableNames) await endpoint.call('DeleteTable', { TableName });
  return endpoint;
}

/** An engine of this process, whatever the environment says. */
export async function openLocalEndpoint(
  options: Omit<NodeDatabaseOptions, 'data'> = {},
): Promise<Endpoint> {
  const engine = await openNodeDatabase({ memory: true, ...options });
  const server = await serve({ engine, port: 0 });
  return {
    ...endpointAt(`http://127.0.0.1:${server.port}`),
    async close() {
      await server.close();
      await engine.close();
    },
  };
}

/** A client of a server that someone else started and ends. */
export function endpointAt(url: string): Endpoint {
  const post: Endpoint['post'] = async (target, body, headers = {}) => {
    const response = await fetch(url, {
      method: 'POST',
      headers: { ...signed, 'x-amz-target': `DynamoDB_20120810.${target}`, ...headers },
      body: body as BodyInit,
    });
    return { status: response.status, text: await response.text() };
  };
  const refuse: Endpoint['refuse'] = async (operation, input) => {
    const { status, text } = await post(operation, JSON.stringify(input));
    if (status < 400) throw new Error(`${operation} was not refused: ${text.slice(0, 500)}`);
    const body = JSON.parse(text) as Record<string, string>;
    const message = body['message'] ?? body['Message'] ?? '';
    return { name: body['__type']?.split('#')[1] ?? '', message, body };
  };
  return {
    url,
    post,
    refuse,
    async call(operation, input) {
      const { status, text } = await post(operation, JSON.stringify(input));
      if (status !== 200) throw new Error(`${operation}: ${status} ${text.slice(0, 1000)}`);
      return text === '' ? undefined : JSON.parse(text);
    },
    async invalid(operation, input) {
      const told = await refuse(operation, input);
      if (told.name !== 'ValidationException') throw new Error(`${told.name}: ${told.message}`);
      return told.message;
    },
    close: async () => undefined,
  };
}

/** `p:S` and `s:N` as a key schema, with `more` of CreateTable's members. */
export function tableOf(
  name: string,
  keys: readonly string[],
  more: object = {},
  indexKeys: readonly string[] = [],
): object {
  return {
    TableName: name,
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: [...new Set([...keys, ...indexKeys])].map((key) => {
      const [AttributeName, AttributeType] = key.split(':');
      return { AttributeName, AttributeType };
    }),
    KeySchema: schemaOf(keys),
    ...more,
  };
}

/** The first `hashes` of the keys are HASH, the others RANGE. */
export function schemaOf(keys: readonly string[], hashes = 1): readonly object[] {
  return keys.map((key, at) => ({
    AttributeName: key.split(':')[0],
    KeyType: at < hashes ? 'HASH' : 'RANGE',
  }));
}
