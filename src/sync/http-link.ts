/**
 * A device's way to its hub over HTTP: a frame out, a frame back; and a stream of pokes.
 *
 * The token is asked for when there is none, and again once the hub does not take it. What the hub
 * answers is bounded before it is kept. All failures are a SyncFault.
 *
 * Invariant: what is said for a principal goes under a token of theirs alone. By the time a token
 * is asked for again the user may have signed out, and somebody else in: so with each new one the
 * hub is asked whose it is before anything else.
 */
import { pokeSilenceMs, syncAnswerMs, wireBytesMax } from '../base/replica-limits.ts';
import type { Scheduler } from '../port/scheduler.ts';
import type { Framed } from '../replica/message.ts';
import { decodeFrame, encodeFrame, WireFault } from '../replica/wire.ts';
import { SyncFault } from './fault.ts';

/** What it needs of `fetch`. */
export type Fetch = (
  url: string,
  init: {
    readonly method: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: Uint8Array<ArrayBuffer>;
    readonly signal: AbortSignal;
    readonly cache: 'no-store';
  },
) => Promise<FetchedResponse>;

export interface FetchedResponse {
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  readonly body: ReadableStream<Uint8Array> | null;
}

export interface HttpLinkOptions {
  readonly url: string;
  readonly fetch: Fetch;
  readonly scheduler: Scheduler;
  /** A token for the hub; undefined where it asks nobody. `isStale`: the last one was not taken. */
  token(isStale: boolean): Promise<string | undefined>;
}

export class HttpLink {
  readonly #options: HttpLinkOptions;
  readonly #base: string;
  #token: string | undefined;
  #isAsked = false;
  /** Whose a token is, as the hub has said last. */
  #told: { readonly token: string | undefined; readonly principal: string } | undefined;
  bytesOut = 0;
  bytesIn = 0;

  constructor(options: HttpLinkOptions) {
    this.#options = options;
    this.#base = options.url.replace(/\/+$/, '');
  }

  /** The hub's answer to a message for `principal`; '' where nobody knows yet for whom. */
  async tell(
    replicaId: string,
    message: Framed,
    signal: AbortSignal,
    principal = '',
  ): Promise<Framed> {
    return await this.#withToken(async (token) => {
      const exchange = (one: Framed): Promise<Framed> =>
        this.#exchange(replicaId, one, token, signal);
      const isKnown = this.#told !== undefined && this.#told.token === token;
      // What asks for tables is told at once whose the token is.
      if (isKnown) expectOf(principal, this.#told?.principal);
      else if (principal !== '' && message.kind !== 'tables') {
        expectOf(principal, ownerIn(await exchange(whose)));
      }
      const answer = await exchange(message);
      if (message.kind === 'tables') expectOf(principal, ownerIn(answer));
      return answer;
    });
  }

  async #exchange(
    replicaId: string,
    message: Framed,
    token: string | undefined,
    signal: AbortSignal,
  ): Promise<Framed> {
    const frame = encodeFrame({ replicaId, message }) as Uint8Array<ArrayBuffer>;
    this.bytesOut += frame.length;
    const bytes = await this.#within(syncAnswerMs, signal, async (limit) => {
      const response = await this.#post('/sync/1', frame, token, limit);
      return readAll(response);
    });
    this.bytesIn += bytes.length;
    try {
      const answer = decodeFrame(bytes).message;
      if (answer.kind === 'catalog') this.#told = { token, principal: answer.Principal };
      return answer;
    } catch (error) {
      if (!(error instanceof WireFault)) throw error;
      if (error.why === 'protocol') throw new SyncFault('update-needed', updateNeeded);
      throw new SyncFault('offline', `The hub's answer is not intact: ${error.message}`);
    }
  }

  /**
   * Calls `heard` for each poke that comes, and for each sign of life that is none, and `opened`
   * once; resolves at the end of the stream, with `silent` where nothing came for pokeSilenceMs.
   */
  async listen(
    heard: (isPoke: boolean) => void,
    opened: () => void,
    signal: AbortSignal,
  ): Promise<'ended' | 'silent'> {
    const body = new Uint8Array(0);
    const over = new AbortController();
    const end = (): void => over.abort();
    signal.addEventListener('abort', end, { once: true });
    if (signal.aborted) end();
    try {
      const response = await this.#withToken((token) =>
        this.#within(syncAnswerMs, over.signal, () =>
          this.#post('/sync/1/pokes', body, token, over.signal),
        ),
      );
      opened();
      return await this.#hear(response, heard);
    } finally {
      signal.removeEventListener('abort', end);
      end();
    }
  }

  async #hear(
    response: FetchedResponse,
    tell: (isPoke: boolean) => void,
  ): Promise<'ended' | 'silent'> {
    const reader = response.body?.getReader();
    if (reader === undefined) throw new SyncFault('offline', 'The stream has no body');
    let isOver = false;
    while (!isOver) {
      const heard = new AbortController();
      const part = await Promise.race([
        reader.read(),
        this.#options.scheduler.delay(pokeSilenceMs, heard.signal, true).then(() => undefined),
      ]).catch((error: Error) => {
        throw new SyncFault('offline', error.message);
      });
      heard.abort();
      if (part === undefined) return 'silent';
      isOver = part.done;
      // A poke is a line `data:`, and a beat one that begins with a colon.
      if (part.value !== undefined) tell(part.value.includes(dataByte));
    }
    return 'ended';
  }

  /** Once more with a new token, where the hub does not take the one that there is. */
  async #withToken<T>(go: (token: string | undefined) => Promise<T>): Promise<T> {
    if (!this.#isAsked) await this.#ask(false);
    const used = this.#token;
    try {
      return await go(used);
    } catch (error) {
      if (!(error instanceof SyncFault && error.why === 'needs-auth')) throw error;
      // The other of the two connections may have asked already.
      if (this.#token === used) await this.#ask(true);
      if (this.#token === used) throw error;
      return await go(this.#token);
    }
  }

  async #ask(isStale: boolean): Promise<void> {
    try {
      this.#token = await this.#options.token(isStale);
      this.#isAsked = true;
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      // What `fetch` rejects with where there is no network: nobody has said no.
      const why = error instanceof TypeError ? 'offline' : 'needs-auth';
      throw new SyncFault(why, `There is no token: ${text}`);
    }
  }

  async #post(
    path: string,
    body: Uint8Array<ArrayBuffer>,
    token: string | undefined,
    signal: AbortSignal,
  ): Promise<FetchedResponse> {
    const headers: Record<string, string> = { 'content-type': 'application/octet-stream' };
    if (token !== undefined) headers['authorization'] = `Bearer ${token}`;
    const init = { method: 'POST', headers, body, signal, cache: 'no-store' } as const;
    let response: FetchedResponse;
    try {
      response = await this.#options.fetch(this.#base + path, init);
    } catch (error) {
      throw new SyncFault('offline', `The hub is out of reach: ${String(error)}`);
    }
    if (response.status !== 200) throw await refusalOf(response);
    return response;
  }

  /** `work`, or a fault when it takes too long. */
  async #within<T>(
    limitMs: number,
    signal: AbortSignal,
    work: (limit: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const limit = new AbortController();
    const end = (): void => limit.abort();
    signal.addEventListener('abort', end, { once: true });
    const done = new AbortController();
    const late = this.#options.scheduler.delay(limitMs, done.signal).then((): never => {
      throw new SyncFault('offline', `The hub has not answered for ${limitMs} ms`);
    });
    late.catch(() => undefined);
    try {
      return await Promise.race([work(limit.signal), late]);
    } catch (error) {
      limit.abort();
      throw error;
    } finally {
      done.abort();
      signal.removeEventListener('abort', end);
    }
  }
}

/** Asks for no table that can be: the answer says whose the token is. */
const whose: Framed = { kind: 'tables', number: 0, Tables: '[{"TableName":"-"}]' };

function ownerIn(answer: Framed): string {
  if (answer.kind === 'catalog') return answer.Principal;
  throw new SyncFault('offline', `The hub has answered with a ${answer.kind}`);
}

function expectOf(principal: string, owner: string | undefined): void {
  if (principal === '' || principal === owner) return;
  throw new SyncFault(
    'needs-auth',
    `The database is of ${principal}, and the token of ${owner}: nothing is sent`,
  );
}

const dataByte = 'd'.charCodeAt(0);
const updateNeeded = 'The hub speaks another protocol: one of the two is to be updated';
const refusalBytesMax = 4096;

async function readAll(response: FetchedResponse, max: number = wireBytesMax): Promise<Uint8Array> {
  const announced = Number(response.headers.get('content-length') ?? 0);
  if (announced > max) throw new SyncFault('blocked', `An answer of ${announced} bytes`);
  const reader = response.body?.getReader();
  const parts: Uint8Array[] = [];
  let length = 0;
  try {
    let part = await reader?.read();
    while (part !== undefined && !part.done) {
      length += part.value.length;
      if (length > max) {
        await reader?.cancel();
        throw new SyncFault('blocked', 'The answer is too long');
      }
      parts.push(part.value);
      part = await reader?.read();
    }
  } catch (error) {
    if (error instanceof SyncFault) throw error;
    throw new SyncFault('offline', `The answer broke off: ${String(error)}`);
  }
  const whole = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

async function refusalOf(response: FetchedResponse): Promise<SyncFault> {
  const { status } = response;
  const bytes = await readAll(response, refusalBytesMax).catch(() => new Uint8Array(0));
  const said = saidIn(bytes) ?? `status ${status}`;
  const after = Number(response.headers.get('retry-after') ?? Number.NaN) * 1000;
  const retryMs = Number.isFinite(after) ? after : undefined;
  if (status === 401 || status === 403) return new SyncFault('needs-auth', said);
  if (status === 426) return new SyncFault('update-needed', updateNeeded);
  // It may have been cut on its way; what is really wrong stays wrong.
  if (status === 400 || status === 404 || status === 409 || status === 413) {
    return new SyncFault('blocked', said, retryMs, status);
  }
  return new SyncFault('offline', said, retryMs, status);
}

function saidIn(bytes: Uint8Array): string | undefined {
  try {
    const body = JSON.parse(new TextDecoder().decode(bytes)) as { readonly message?: unknown };
    return typeof body.message === 'string' ? body.message : undefined;
  } catch {
    return undefined;
  }
}
