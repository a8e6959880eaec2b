/**
 * A node:http server around `wire/dispatch.ts`: reads bounded bodies, writes answers, closes
 * cleanly.
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
import {
  closeGraceMs,
  connectionsMax,
  headersBytesMax,
  keepAliveMs,
  requestBytesMax,
} from '../base/limits.ts';
import type { Destinations } from '../engine/destinations.ts';
import type { Engine } from '../engine/engine-types.ts';
import { dispatch, type HttpResponse } from '../wire/dispatch.ts';
import { findAsset } from './assets.ts';
import { nodeCodings } from './codings.ts';
import { systemClock, systemRandom } from './ports.ts';
import { deliver } from './triggers.ts';

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
  /** What stands for Kinesis data streams, by their ARNs: functions, or URLs to POST to. */
  readonly destinations?: Destinations | undefined;
  /** A folder of built files: its index.html is what a browser gets at `/`. */
  readonly assets?: { readonly root: string } | undefined;
}

export interface HttpServer {
  readonly port: number;
  /** Resolves when no connection is left. */
  close(): Promise<void>;
}

/** Listens. Rejects with Node's error when it cannot, e.g. one with code EADDRINUSE. */
export async function serve(options: ServeOptions): Promise<HttpServer> {
  const ending = new AbortController();
  const handler: RequestListener = (request, response) => {
    // What fails here is the connection: there is no one left to tell.
    handle(request, response, options, ending.signal).catch(() => response.destroy());
  };
  const server = createServer({ maxHeaderSize: headersBytesMax, keepAliveTimeout: keepAliveMs });
  server.maxConnections = connectionsMax;
  server.on('request', handler);
  server.on('clientError', refuseBroken);
  const port = await listen(server, options.port, options.host ?? '127.0.0.1');
  const { engine, destinations } = options;
  const endDelivery = destinations === undefined ? undefined : deliver(engine, destinations);
  return {
    port,
    close: async () => {
      ending.abort();
      await endDelivery?.();
      await closeServer(server);
    },
  };
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

function closeServer(server: Server): Promise<void> {
  if (!server.listening) return Promise.resolve();
  return new Promise((resolve) => {
    const patience = setTimeout(() => server.closeAllConnections(), closeGraceMs);
    server.close(() => {
      clearTimeout(patience);
      resolve();
    });
    server.closeIdleConnections();
  });
}

/** Headers over 16 KB, and what is not HTTP. */
function refuseBroken(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
}

async function handle(
  request: IncomingMessage,
  response: ServerResponse,
  options: ServeOptions,
  ending: AbortSignal,
): Promise<void> {
  const gone = new AbortController();
  response.on('close', () => {
    if (!response.writableFinished) gone.abort();
  });
  const asset = await assetFor(request, options);
  if (asset !== undefined) {
    request.resume();
    write(response, asset, ending.aborted);
    return;
  }
  const body = await readBody(request);
  const answer = await dispatch(
    options.engine,
    {
      method: request.method ?? 'GET',
      url: request.url ?? '/',
      headers: headersOf(request),
      body: body ?? overflowing,
      signal: gone.signal,
    },
    {
      random: systemRandom,
      codings: nodeCodings,
      region: options.region,
      signatureClock: options.strictSignatures ? systemClock.wallMs : undefined,
    },
  );
  write(response, answer, ending.aborted || body === undefined);
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

/**
 * The body; undefined when it is longer than a request may be. The rest is read and dropped, within
 * a bound, for a client that is still sending would not see an answer.
 */
async function readBody(request: IncomingMessage): Promise<Uint8Array | undefined> {
  const drainedMax = 2 * requestBytesMax;
  if (Number(request.headers['content-length'] ?? 0) > drainedMax) return undefined;
  let parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of request as AsyncIterable<Uint8Array>) {
    length += part.length;
    if (length > drainedMax) return undefined;
    if (length > requestBytesMax) parts = [];
    else parts.push(part);
  }
  return length > requestBytesMax ? undefined : Buffer.concat(parts);
}

function headersOf(request: IncomingMessage): Readonly<Record<string, string | undefined>> {
  const headers = Object.create(null) as Record<string, string | undefined>;
  for (const [name, value] of Object.entries(request.headers)) {
    headers[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  // Where it is sent twice, Node joins what DynamoDB reads the first of.
  const accepted = request.headersDistinct['accept-encoding']?.[0];
  if (accepted !== undefined) headers['accept-encoding'] = accepted;
  return headers;
}

function write(response: ServerResponse, answer: HttpResponse, isLast: boolean): void {
  if (response.destroyed) return;
  response.writeHead(answer.status, {
    ...answer.headers,
    ...(isLast ? { connection: 'close' } : {}),
  });
  response.end(answer.body);
}
