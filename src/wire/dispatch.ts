/**
 * DynamoDB's HTTP protocol: a request as method, headers and bytes becomes a call of the engine,
 * and its answer becomes status, headers and bytes. Reference/protocol.md, sections 1 to 4 and 7.
 *
 * It knows no server: Node, a Durable Object and a test bring requests in the same form. The order
 * of checks is DynamoDB's: size, method and type, JSON, target, signature, object; the rest is the
 * engine's.
 */
import { emptyBytes, utf8 } from '../base/bytes.ts';
import { crc32 } from '../base/checksum.ts';
import { DamagedData } from '../base/corruption.ts';
import { DynamoError, internalServerError } from '../base/errors.ts';
import { jsonLargeBytes, plainAnswerBytesMax, requestBytesMax } from '../base/limits.ts';
import type { Engine } from '../engine/engine-types.ts';
import { globalOperations } from '../operation/global/rows.ts';
import type { Operation } from '../operation/operation.ts';
import { findOperation } from '../operation/registry.ts';
import type { Caller, PlanContext } from '../operation/operation.ts';
import { type Judge, owner, type Request, type ScopeOf } from '../operation/request.ts';
import type { Random } from '../port/random.ts';
import type { TableState } from '../table/state.ts';
import { errorBody, inTurns, outputToJson, parseJson, parseLarge } from './json.ts';
import { type Codings, codingOf, type Decoded, codingWanted } from './coding.ts';
import { prepareItems, vast } from './prepare.ts';
import { signatureRefusal } from './sigv4.ts';
import { operationOfTarget } from './target.ts';

export interface HttpRequest {
  readonly method: string;
  /** Path and query, or a whole URL. */
  readonly url: string;
  /** Names in small letters. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** Of several Accept-Encoding, joined in `headers`, the first: no other is read. */
  readonly firstCoding?: string | undefined;
  readonly body: Uint8Array;
  readonly signal?: AbortSignal | undefined;
}

export interface HttpResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

export interface DispatchOptions {
  /** For request ids. */
  readonly random: Random;
  readonly codings: Codings;
  /** Lets others have their turn while a large body is read; without it, it is read at once. */
  readonly breathe?: (() => Promise<void>) | undefined;
  /** What the health line says; `local` unless given. */
  readonly region?: string | undefined;
  /** Epoch milliseconds; given, signatures whose scope or age is wrong are refused. */
  readonly signatureClock?: (() => number) | undefined;
  /** Who asks, where the host has verified it; its signature is not looked at again. */
  readonly visitor?: Visitor | undefined;
}

export interface Visitor {
  readonly caller: Caller;
  readonly judge: Judge;
  /** What it may see of replicated tables. */
  readonly scope: ScopeOf;
  /** Why a device of it is not given a table of which it may read. */
  readonly gap: (table: TableState, context: PlanContext) => string | undefined;
}

/** Status and body of an answer; what every answer has besides is added to it. */
interface Reply {
  readonly status: number;
  readonly body: Uint8Array;
}

const unknownOperationLine = utf8('<UnknownOperationException/>\n');
const noQuery: URLSearchParams = new URLSearchParams();
const notFound: Reply = { status: 404, body: unknownOperationLine };
const tooLarge: Reply = { status: 413, body: emptyBytes };
const mediaTypes: ReadonlySet<string> = new Set(['application/x-amz-json-1.0', 'application/json']);
/** These answer with no body at all, not with `{}`. */
const silentOperations: ReadonlySet<string> = new Set(['TagResource', 'UntagResource']);
const exposedHeaders =
  'x-amzn-RequestId,x-amzn-ErrorType,x-amz-request-id,x-amz-id-2,x-amzn-ErrorMessage,Date';

/** Never rejects: a failure of ours is an InternalServerError, without its reasons. */
export async function dispatch(
  engine: Pick<Engine, 'call'>,
  http: HttpRequest,
  options: DispatchOptions,
): Promise<HttpResponse> {
  return respond(http, await replyTo(engine, http, options), options);
}

/** The answer to a request that its host refuses before the engine hears of it. */
export function refuse(
  http: HttpRequest,
  error: DynamoError,
  options: DispatchOptions,
): Promise<HttpResponse> {
  return respond(http, refusal(error), options);
}

async function respond(
  http: HttpRequest,
  reply: Reply,
  options: DispatchOptions,
): Promise<HttpResponse> {
  const mediaType = mediaTypeOf(http);
  const contentType = mediaTypes.has(mediaType) ? mediaType : 'application/json';
  const coding =
    reply.body.length > plainAnswerBytesMax
      ? codingWanted(http.firstCoding ?? http.headers['accept-encoding'])
      : undefined;
  const body = coding ? await options.codings.encode(coding, reply.body) : reply.body;
  return {
    status: reply.status,
    headers: {
      'x-amzn-requestid': requestId(options.random),
      'x-amz-crc32': String(crc32(body)),
      'content-type': contentType,
      ...(coding && { 'content-encoding': coding }),
      'content-length': String(body.length),
      server: 'Server',
      ...originHeaders(http),
    },
    body,
  };
}

async function replyTo(
  engine: Pick<Engine, 'call'>,
  http: HttpRequest,
  options: DispatchOptions,
): Promise<Reply> {
  if (http.body.length > requestBytesMax) return tooLarge;
  if (http.method === 'OPTIONS' && http.headers['origin'] !== undefined) {
    return { status: 200, body: emptyBytes };
  }
  if (http.method === 'GET' && urlOf(http)?.pathname === '/') {
    const region = options.region ?? 'local';
    return { status: 200, body: utf8(`healthy: dynamodb.${region}.amazonaws.com `) };
  }
  if (http.method !== 'POST' || !mediaTypes.has(mediaTypeOf(http))) return notFound;
  const body = await decodedBody(http, options.codings);
  if (body === 'large') return tooLarge;
  if (body === 'broken') return refusal(internalServerError());
  try {
    return await answer(engine, http, body, options);
  } catch (error) {
    if (error instanceof DamagedData) return refusal(internalServerError(error.message));
    return refusal(error instanceof DynamoError ? error : internalServerError());
  }
}

/** A body that cannot be decoded is the service's own failure, and so is an unknown coding. */
async function decodedBody(http: HttpRequest, codings: Codings): Promise<Decoded> {
  const coding = codingOf(http.headers['content-encoding']);
  if (coding === 'none') return http.body;
  return coding === 'unknown' ? 'broken' : codings.decode(coding, http.body, requestBytesMax);
}

async function answer(
  engine: Pick<Engine, 'call'>,
  http: HttpRequest,
  body: Uint8Array,
  options: DispatchOptions,
): Promise<Reply> {
  const { breathe } = options;
  const isLarge = breathe !== undefined && body.length > jsonLargeBytes;
  const parsed = isLarge ? await parseLarge(body, breathe) : parseJson(body);
  if (parsed === undefined && body.length > 0) throw notJson();
  const name = operationOfTarget(http.headers['x-amz-target']);
  const operation = name === undefined ? undefined : findServed(name);
  if (operation === undefined || operation.internal) {
    throw new DynamoError('UnknownOperationException', '');
  }
  // A URL taken apart costs as much as an item found: most have no query.
  const query = (http.url.includes('?') ? urlOf(http)?.searchParams : undefined) ?? noQuery;
  const { visitor } = options;
  const unsigned = visitor
    ? undefined
    : signatureRefusal({ headers: http.headers, query }, options.signatureClock?.());
  if (unsigned !== undefined) throw unsigned;
  if (parsed === 'vast') throw vast();
  const input = parsed?.value;
  if (typeof input !== 'object' || input === null || Array.isArray(input)) throw notJson();
  if (isLarge) await inTurns(prepareItems(operation.input, input), breathe);
  const output = await engine.call(requestOf(operation.name, input, http.signal, visitor));
  if (silentOperations.has(operation.name)) return { status: 200, body: emptyBytes };
  return { status: 200, body: utf8(outputToJson(output)) };
}

/** Also what only engines that replicate have: another does not know it. */
function findServed(name: string): Operation | undefined {
  return findOperation(name) ?? globalOperations.find((one) => one.name === name);
}

function requestOf(
  operation: string,
  input: object,
  signal: AbortSignal | undefined,
  visitor: Visitor | undefined,
): Request {
  return { operation, input, form: 'json', caller: owner, ...visitor, signal };
}

function refusal(error: DynamoError): Reply {
  return { status: error.row.status, body: utf8(errorBody(error)) };
}

function notJson(): DynamoError {
  return new DynamoError('SerializationException', '');
}

function mediaTypeOf(http: HttpRequest): string {
  return (http.headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
}

/** Undefined for a request line that is no URL. */
function urlOf(http: HttpRequest): URL | undefined {
  // A path may start with two slashes, which alone would be read as a host.
  const path = http.url.startsWith('/') ? `http://localhost${http.url}` : http.url;
  return URL.canParse(path) ? new URL(path) : undefined;
}

function originHeaders(http: HttpRequest): Readonly<Record<string, string>> {
  if (http.headers['origin'] === undefined) return {};
  const any = {
    'access-control-allow-origin': '*',
    'access-control-expose-headers': exposedHeaders,
  };
  if (http.method !== 'OPTIONS') return any;
  const names = http.headers['access-control-request-headers'];
  const method = http.headers['access-control-request-method'];
  return {
    ...any,
    'access-control-max-age': '172800',
    ...(names === undefined ? {} : { 'access-control-allow-headers': names }),
    ...(method === undefined ? {} : { 'access-control-allow-methods': method }),
  };
}

const requestIdLetters = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ';
const requestIdLength = 52;

function requestId(random: Random): string {
  let id = '';
  for (const byte of random.bytes(requestIdLength)) {
    id += requestIdLetters.charAt(byte % requestIdLetters.length);
  }
  return id;
}
