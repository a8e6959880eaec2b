/** Two ways to ask: DynamoDB's JSON over HTTP, and through the SDK's handler in this process. */
import { type SdkRequestHandler, sdkRequestHandler } from '../../src/client/sdk-json.ts';
import { endpointAt } from '../support/endpoint.ts';
import type { Json } from './chance.ts';
import type { Side } from './world.ts';

const decoder = new TextDecoder();

export function httpSide(url: string): Side {
  const endpoint = endpointAt(url);
  return async (operation, input) => {
    const { status, text } = await endpoint.post(operation, JSON.stringify(input));
    return { status, body: text === '' ? {} : (JSON.parse(text) as Json) };
  };
}

export function handlerSide(db: Parameters<typeof sdkRequestHandler>[0]): Side {
  const handler: SdkRequestHandler = sdkRequestHandler(db);
  return async (operation, input) => {
    const headers = { 'x-amz-target': `DynamoDB_20120810.${operation}` };
    const { response } = await handler.handle({ headers, body: JSON.stringify(input) });
    return { status: response.statusCode, body: JSON.parse(decoder.decode(response.body)) as Json };
  };
}
