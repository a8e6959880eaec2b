/**
 * A node:http server around `wire/dispatch.ts`: lets in who may come in, reads bounded bodies,
 * writes answers, closes cleanly.
 *
 * A request whose client went away is aborted; a write whose turn is appended already is not undone
 * by that. On close, requests in flight get a grace period, idle connections none.
 */
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { Socket } from 'node:net';
import { emptyBytes } from '../base/bytes.ts';
import { DynamoError } from '../base/errors.ts';
import {
  answerWaitMs,
  headersWaitMs,
  requestLookMs,
  requestWaitMs,
} from '../base/access-limits.ts';
import {
  closeGraceMs,
  closeLookMs,
  connectionsMax,
  headersBytesMax,
  keepAliveMs,
  requestBytesMax,
} from '../base/limits.ts';
import type { Destinations } from '../engine/destinations.ts';
import type { Engine } from '../engine/engine-types.ts';
import {
  dispatch,
  type DispatchOptions,
  type HttpRequest,
  type HttpResponse,
  refuse,
} from '../wire/dispatch.ts';
import type { Access, Admission } from './access/access.ts';
import { type Asset, findAsset } from './assets.ts';
import { Bodies } from './bodies.ts';
import { nodeCodings } from './codings.ts';
import { withEnvelope } from './envelope.ts';
import { isLoopback } from './loopback.ts';
import type { Random } from '../port/random.ts';
import { systemClock, systemRandom, systemScheduler } from './ports.ts';
import { isSync, serveSync } from './sync.ts';
import { deliver } from './triggers.ts';
import type { Hub } from '../sync/hub.ts';

export interface ServeOptions {
  /** Stays the caller's: closing the server does not close it. */
  readonly engine: Engine;
  /** 0 takes any that is free. */
  readonly port: number;
  /** Default 127.0.0.1: reached from this machine only. */
  readonly host?: string | undefined;
  /** What the health line says. */
  readonly region?: string | undefined;
  /** Refuse signatures of a wrong scope, and those more than 15 minutes old or ahead. */
  readonly strictSignatures?: boolean | undefined;
  /**
   * Tell refusals in the envelope that some regions have since the middle of 2026: those of all
   * operations that were seen to have it, or of these.
   */
  readonly validationEnvelope?: boolean | readonly string[] | undefined;
  /** What stands for Kinesis data streams, by their ARNs: functions, or URLs to POST to. */
  readonly destinations?: Destinations | undefined;
  /** Who may come in, and do what. Without it everybody may do everything. */
  readonly access?: Access | undefined;
  /** How long a client may take; access-limits.ts says unless given. */
  readonly waits?: Waits | undefined;
  /** Answers devices on the same port (docs/sync.md); of `openHub`. */
  readonly hub?: Hub | undefined;
  /** Who may come in as a device; unless given, whoever `access` lets in. */
  readonly hubAccess?: Access | undefined;
  /** A folder of built files: its index.html is what a browser gets at `/`. */
  readonly assets?: { readonly root: string } | undefined;
  /** Answers of the program's own, by method and path with query; undefined where it has none. */
  readonly site?:
    | ((method: string, url: string, accept: string) => Promise<Asset | undefined>)
    | undefined;
}

export interface Waits {
  /** For its headers, for all of a request, and for the next piece of an answer. */
  readonly headersMs: number;
  readonly requestMs: number;
  readonly answerMs: number;
}

export interface HttpServer {
  readonly port: number;
  /** Resolves when no connection is left. */
  close(): Promise<void>;
}

/**
 * Listens. Rejects with Node's error when it cannot, e.g. one with code EADDRINUSE, and with
 * `OpenServer` where others could reach it and nobody is asked who they are.
 */
export async function serve(options: ServeOptions): Promise<HttpServer> {
  const host = options.host ?? '127.0.0.1';
  if (options.access === undefined && !isLoopback(host)) throw new OpenServer(host);
  const ending = new AbortController();
  const bodies = new Bodies();
  const { engine, destinations } = options;
  const calls = callsOf(options);
  const handler: RequestListener = (request, response) => {
    // What fails here is the connection: there is no one left to tell.
    handle(request, response, { ...options, bodies, calls }, ending.signal).catch(() => {
      response.destroy();
    });
  };
  const { headersMs, requestMs, answerMs } = options.waits ?? defaultWaits;
  const server = createServer({
    maxHeaderSize: headersBytesMax,
    keepAliveTimeout: keepAliveMs,
    headersTimeout: headersMs,
    requestTimeout: requestMs,
    connectionsCheckingInterval: Math.min(requestLookMs, headersMs),
  });
  server.timeout = answerMs;
  server.maxConnections = connectionsMax;
  server.on('request', handler);
  server.on('clientError', refuseBroken);
  if (options.access !== undefined) countConnections(server, options.access);
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  const port = await listen(server, options.port, host);
  const endDelivery = destinations === undefined ? undefined : deliver(engine, destinations);
  return {
    port,
    close: async () => {
      ending.abort();
      await endDelivery?.();
      await closeServer(server, sockets);
    },
  };
}

function callsOf({ engine, validationEnvelope = false }: ServeOptions): Pick<Engine, 'call'> {
  if (validationEnvelope === false) return engine;
  return withEnvelope(engine, validationEnvelope === true ? undefined : validationEnvelope);
}

const defaultWaits: Waits = {
  headersMs: headersWaitMs,
  requestMs: requestWaitMs,
  answerMs: answerWaitMs,
};

/** A server for other machines that would ask nobody who they are. */
export class OpenServer extends Error {
  override readonly name = 'OpenServer';

  constructor(host: string) {
    super(
      `will not listen on ${host} without authentication: whoever reaches it could read and write ` +
        'everything. Say who may do what (docs/access.md), or listen on 127.0.0.1',
    );
  }
}

function countConnections(server: Server, access: Access): void {
  server.on('connection', (socket: Socket) => {
    const address = socket.remoteAddress ?? '';
    if (access.connect(address)) socket.once('close', () => access.disconnect(address));
    else socket.destroy();
  });
}

function listen(server: Server, port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.removeListener('error', reject);
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : port);
    });
  });
}

function closeServer(server: Server, sockets: ReadonlySet<Socket>): Promise<void> {
  if (!server.listening) return Promise.resolve();
  return new Promise((resolve) => {
    const patience = setTimeout(() => server.closeAllConnections(), closeGraceMs);
    const closeIdle = (): void => {
      server.closeIdleConnections();
      // To Node one that never asked anything is not idle; clients open such ones in advance.
      for (const socket of sockets) if (socket.bytesRead === 0) socket.destroy();
    };
    // A connection that answers now is idle a moment later.
    const looks = setInterval(closeIdle, closeLookMs);
    server.close(() => {
      clearTimeout(patience);
      clearInterval(looks);
      resolve();
    });
    closeIdle();
  });
}

/** Headers over 16 KB, what is not HTTP, and what comes too slowly. */
function refuseBroken(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const status =
    error.code === 'ERR_HTTP_REQUEST_TIMEOUT' ? '408 Request Timeout' : '400 Bad Request';
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
  // Whoever sends nothing does not hang up either.
  socket.destroySoon();
}

interface Serving extends ServeOptions {
  readonly bodies: Bodies;
  readonly calls: Pick<Engine, 'call'>;
}

async function handle(
  request: IncomingMessage,
  response: ServerResponse,
  options: Serving,
  ending: AbortSignal,
): Promise<void> {
  const gone = new AbortController();
  response.on('close', () => {
    if (!response.writableFinished) gone.abort();
  });
  const { method = 'GET', url = '/', headers } = request;
  const asset =
    (await options.site?.(method, url, headers.accept ?? '')) ?? (await assetFor(request, options));
  if (asset !== undefined) {
    request.resume();
    write(response, asset, ending.aborted);
    return;
  }
  const head: Head = { method, url, ...headersOf(request), signal: gone.signal };
  const { hub, hubAccess = options.access, bodies } = options;
  if (hub !== undefined && isSync(request)) {
    await serveSync(request, response, head, { hub, access: hubAccess, bodies, ending });
    return;
  }
  const settings: DispatchOptions = {
    random: requestIds,
    codings: nodeCodings,
    breathe: systemScheduler.breathe,
    region: options.region,
    signatureClock: options.strictSignatures ? systemClock.wallMs : undefined,
  };
  const { answer, isLast } = await answerTo(request, head, settings, options);
  write(response, answer, ending.aborted || isLast);
}

const drawnBytes = 8 * 1024;
let drawn: Uint8Array = new Uint8Array(0);

/** Chance for request ids, which are no secret: drawn for many requests at once. */
const requestIds: Random = {
  bytes(length) {
    if (drawn.length < length) drawn = systemRandom.bytes(Math.max(length, drawnBytes));
    const bytes = drawn.subarray(0, length);
    drawn = drawn.subarray(length);
    return bytes;
  },
};

type Head = Omit<HttpRequest, 'body'>;

interface Answered {
  readonly answer: HttpResponse;
  /** The rest of the request is not read: the connection cannot be used again. */
  readonly isLast: boolean;
}

/**
 * Only a POST calls an operation: all else is answered to everybody, as DynamoDB does, but of
 * strangers no body is kept.
 */
async function answerTo(
  request: IncomingMessage,
  head: Head,
  settings: DispatchOptions,
  { calls, access, bodies }: Serving,
): Promise<Answered> {
  let admission: Admission | undefined;
  try {
    const address = request.socket.remoteAddress ?? '';
    if (access !== undefined && head.method !== 'POST') {
      access.knock(address);
      const isRead = await bodies.drop(request);
      const answer = await dispatch(calls, { ...head, body: emptyBytes }, settings);
      return { answer, isLast: !isRead };
    }
    admission = await access?.admit(head, address);
    const body = await bodies.read(request);
    try {
      if (body.bytes !== undefined) admission?.verify(body.bytes);
      const http = { ...head, body: body.bytes ?? overflowing };
      const visitor = admission?.visitor;
      const answer = await dispatch(calls, http, { ...settings, visitor });
      return { answer, isLast: body.bytes === undefined };
    } finally {
      body.release();
    }
  } catch (error) {
    if (!(error instanceof DynamoError)) throw error;
    return refusedWith(error, request, head, settings, bodies);
  } finally {
    admission?.leave();
  }
}

async function refusedWith(
  error: DynamoError,
  request: IncomingMessage,
  head: Head,
  settings: DispatchOptions,
  bodies: Bodies,
): Promise<Answered> {
  const isRead = await bodies.drop(request);
  const refused = await refuse({ ...head, body: emptyBytes }, error, settings);
  const headers: Record<string, string> = { ...refused.headers };
  if (error.name === 'ThrottlingException') headers['retry-after'] = '1';
  return { answer: { ...refused, headers }, isLast: !isRead };
}

/** Stands for a body that was too long to be kept: dispatch judges a body by its length first. */
const overflowing: Uint8Array = new Uint8Array(requestBytesMax + 1);

async function assetFor(
  request: IncomingMessage,
  options: ServeOptions,
): Promise<HttpResponse | undefined> {
  const { method, url = '/', headers } = request;
  if (options.assets === undefined || (method !== 'GET' && method !== 'HEAD')) return undefined;
  // At `/` a browser wants the page, and everything else DynamoDB's health line.
  const isRoot = url.split('?', 1)[0] === '/';
  if (isRoot && !headers.accept?.includes('text/html')) return undefined;
  return findAsset(options.assets.root, url);
}

function headersOf(request: IncomingMessage): Pick<HttpRequest, 'headers' | 'firstCoding'> {
  const headers = Object.create(null) as Record<string, string | undefined>;
  for (const [name, value] of Object.entries(request.headers)) {
    headers[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  // Where it is sent twice, Node joins what DynamoDB reads the first of and signs with a mere comma
  // between. To take all headers apart costs more than a GetItem: only what could be joined is
  // looked up.
  if (headers['accept-encoding']?.includes(',') !== true) return { headers };
  const sent = request.headersDistinct['accept-encoding'] ?? [];
  headers['accept-encoding'] = sent.join(',');
  return { headers, firstCoding: sent[0] };
}

function write(response: ServerResponse, answer: HttpResponse, isLast: boolean): void {
  if (response.destroyed) return;
  response.writeHead(answer.status, {
    ...answer.headers,
    ...(isLast ? { connection: 'close' } : {}),
  });
  const { buffer, byteOffset, length } = answer.body;
  if (length > joinedBytesMax) {
    response.end(answer.body);
    return;
  }
  // Node puts a text behind the head, and both go out in one write; bytes would be a second one.
  response.end(Buffer.from(buffer, byteOffset, length).toString('latin1'), 'latin1');
}

const joinedBytesMax = 16 * 1024;
