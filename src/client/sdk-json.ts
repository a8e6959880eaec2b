/**
 * The AWS SDK's client over a database, through the protocol: what `clientConfig` gives to it.
 *
 * The SDK serializes, signs and retries as ever; only its request handler is ours. It reads the
 * operation and the JSON body and answers with DynamoDB's JSON, so every feature of the SDK works
 * by construction. `sdk-short-circuit.ts` is the way around the serialization.
 */
import { encodeBase64 } from '../base/base64.ts';
import { type ErrorName, errorTable } from '../base/errors.ts';
import type { Database } from './database.ts';
import { DynamoDBError } from './errors.ts';

/** The part of the SDK's HttpRequest that is looked at. */
export interface SdkRequest {
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

export interface SdkResponse {
  readonly statusCode: number;
  readonly headers: Record<string, string>;
  readonly body: Uint8Array;
}

export interface SdkRequestHandler {
  readonly metadata: { readonly handlerProtocol: string };
  handle(
    request: SdkRequest,
    options?: { readonly abortSignal?: unknown },
  ): Promise<{ response: SdkResponse }>;
  updateHttpClientConfig(): void;
  httpHandlerConfigs(): object;
  destroy(): void;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export function sdkRequestHandler(db: Pick<Database, 'call'>): SdkRequestHandler {
  return {
    metadata: { handlerProtocol: 'tidetable' },
    async handle(request, options = {}) {
      const signal = signalOf(options.abortSignal);
      const operation = headerOf(request, 'x-amz-target').replace(/^.*\./, '');
      const input = parseBody(request.body);
      try {
        const output = await db.call(operation, input, { signal, attributeValues: 'json' });
        return { response: responseOf(200, output) };
      } catch (error) {
        if (error instanceof DynamoDBError) return { response: errorResponse(error) };
        throw error;
      }
    },
    updateHttpClientConfig: () => undefined,
    httpHandlerConfigs: () => ({}),
    destroy: () => undefined,
  };
}

/** The SDK also allows signals that are not of the platform and cannot be listened to as theirs. */
export function signalOf(abortSignal: unknown): AbortSignal | undefined {
  return abortSignal instanceof AbortSignal ? abortSignal : undefined;
}

function headerOf({ headers }: SdkRequest, name: string): string {
  for (const [key, value] of Object.entries(headers)) if (key.toLowerCase() === name) return value;
  return '';
}

function parseBody(body: unknown): object {
  const text = body instanceof Uint8Array ? decoder.decode(body) : String(body ?? '{}');
  return JSON.parse(text) as object;
}

function errorResponse({ name, message, ...members }: DynamoDBError): SdkResponse {
  const row = errorTable[name as ErrorName] ?? errorTable.InternalServerError;
  const text = row.text === undefined ? {} : { [row.text]: message };
  return responseOf(row.status, { __type: row.prefix + name, ...text, ...members });
}

function responseOf(statusCode: number, output: object): SdkResponse {
  const body = encoder.encode(JSON.stringify(output, binaryAsText));
  const headers = {
    'content-type': 'application/x-amz-json-1.0',
    'content-length': String(body.length),
    'x-amzn-requestid': requestId,
  };
  return { statusCode, headers, body };
}

/** Nothing travels, so there is nothing to tell requests apart for. */
export const requestId = 'tidetable';

function binaryAsText(_key: string, value: unknown): unknown {
  return value instanceof Uint8Array ? encodeBase64(value) : value;
}
