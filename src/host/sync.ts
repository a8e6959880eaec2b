/**
 * A hub behind node:http: POST /sync/1 has a frame and is answered with one, POST /sync/1/pokes is
 * answered with a stream of events that say no more than that there is news (docs/sync.md).
 *
 * What is refused before the hub has seen it is told by the status, in JSON: whoever speaks another
 * protocol must understand it too.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { DamagedData } from '../base/corruption.ts';
import { DynamoError } from '../base/errors.ts';
import { pokeBeatMs, pokeStreamMs, pokeStreamsMax } from '../base/replica-limits.ts';
import { WireFault } from '../replica/wire.ts';
import type { Hub } from '../sync/hub.ts';
import type { Visitor } from '../wire/dispatch.ts';
import type { Access, Admission } from './access/access.ts';
import type { Bodies } from './bodies.ts';
import { codedFor } from './sync-coding.ts';

export const syncPath = '/sync/1';
export const pokesPath = '/sync/1/pokes';

export interface SyncServed {
  readonly hub: Hub;
  readonly access: Access | undefined;
  readonly bodies: Bodies;
  /** Aborted when the server ends. */
  readonly ending: AbortSignal;
}

type Head = Parameters<Access['admit']>[0];

const common: Readonly<Record<string, string>> = {
  'cache-control': 'no-store',
  'access-control-allow-origin': '*',
  'access-control-expose-headers': 'retry-after',
};

/** Whether the request is one of devices. */
export function isSync(request: IncomingMessage): boolean {
  const path = request.url?.split('?', 1)[0];
  return request.method === 'POST' && (path === syncPath || path === pokesPath);
}

export async function serveSync(
  request: IncomingMessage,
  response: ServerResponse,
  head: Head,
  served: SyncServed,
): Promise<void> {
  const { access, bodies, hub } = served;
  let admission: Admission | undefined;
  try {
    admission = await access?.admit(head, request.socket.remoteAddress ?? '');
    const body = await bodies.read(request);
    try {
      if (body.bytes === undefined) throw new WireFault('large', 'The message is too long');
      admission?.verify(body.bytes);
      if (head.url.startsWith(pokesPath)) {
        await streamPokes(response, served, admission?.visitor);
        return;
      }
      const answer = await hub.answer(body.bytes, admission?.visitor);
      const { headers, socket } = request;
      const { bytes, headers: coding } = await codedFor(headers, socket.remoteAddress, answer);
      response.writeHead(200, {
        ...common,
        ...coding,
        'content-type': 'application/octet-stream',
        'content-length': bytes.length,
      });
      response.end(bytes);
    } finally {
      body.release();
    }
  } catch (error) {
    const isRead = await bodies.drop(request).catch(() => false);
    refuse(response, error, isRead);
  } finally {
    admission?.leave();
  }
}

let streams = 0;

async function streamPokes(
  response: ServerResponse,
  { hub, ending }: SyncServed,
  _visitor: Visitor | undefined,
): Promise<void> {
  if (streams >= pokeStreamsMax) {
    throw new DynamoError('ServiceUnavailable', 'Too many devices are listening');
  }
  streams += 1;
  const over = new AbortController();
  const end = (): void => over.abort();
  response.once('close', end);
  ending.addEventListener('abort', end, { once: true });
  const write = (text: string): void => {
    const { headersSent, destroyed, writableNeedDrain } = response;
    if (headersSent && !destroyed && !writableNeedDrain) response.write(text);
  };
  try {
    const leave = await hub.listen(() => write('data:\n\n'));
    if (over.signal.aborted || ending.aborted || response.destroyed) {
      leave();
      throw new DynamoError('ServiceUnavailable', 'The device is gone, or the server ends');
    }
    response.writeHead(200, { ...common, 'content-type': 'text/event-stream' });
    // A stream that begins is news: what came before it was not told.
    write('data:\n\n');
    const beat = setInterval(() => write(':\n\n'), pokeBeatMs);
    const last = setTimeout(end, pokeStreamMs);
    over.signal.addEventListener('abort', () => {
      clearInterval(beat);
      clearTimeout(last);
      leave();
      streams -= 1;
      ending.removeEventListener('abort', end);
      if (!response.destroyed) response.end();
    });
  } catch (error) {
    streams -= 1;
    ending.removeEventListener('abort', end);
    throw error;
  }
}

const wireStatus: Readonly<Record<WireFault['why'], number>> = {
  malformed: 400,
  protocol: 426,
  large: 413,
};

/** Status, name and text of what was refused; of a failure of ours not its reasons. */
function refuse(response: ServerResponse, error: unknown, isRead: boolean): void {
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  const { status, name, message } = refusalOf(error);
  const body = JSON.stringify({ name, message });
  response.writeHead(status, {
    ...common,
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    ...(status === 429 || status === 503 ? { 'retry-after': '1' } : {}),
    ...(isRead ? {} : { connection: 'close' }),
  });
  response.end(body);
}

function refusalOf(error: unknown): { status: number; name: string; message: string } {
  if (error instanceof WireFault) {
    const { why, message } = error;
    return { status: wireStatus[why], name: why, message };
  }
  if (isOfHub(error)) {
    return { status: 503, name: 'ServiceUnavailable', message: 'The hub cannot answer now' };
  }
  if (!(error instanceof DynamoError)) {
    return { status: 500, name: 'InternalServerError', message: 'The hub failed' };
  }
  const { name, message } = error;
  if (name === 'ThrottlingException' || name === 'RequestLimitExceeded') {
    return { status: 429, name, message };
  }
  if (name === 'ServiceUnavailable') return { status: 503, name, message };
  if (name === 'InternalServerError') return { status: 500, name, message };
  if (name === 'ValidationException') return { status: 409, name, message };
  return { status: 401, name, message };
}

/** Its disk is full, or a part of its own is being made anew: no word on what was sent. */
function isOfHub(error: unknown): boolean {
  if (error instanceof DamagedData) return error.table === undefined;
  return error instanceof DynamoError && error.members['reason'] !== undefined;
}
