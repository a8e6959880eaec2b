/**
 * Sync over the channel: calls of their own beside DynamoDB's, which an engine's `submit` does not
 * know.
 *
 * SyncOpen begins it for one page. SyncNext is answered when there is news: what the status is now,
 * events, or that a token is wanted, which SyncToken brings. So at most one answer is under way,
 * and a page that stands still is sent nothing. SyncPause, SyncResume and SyncClose do what they
 * say; SyncAsk asks the database what only a device can be asked; SyncCall and SyncSettled are of
 * calls that say how far they count (settled.ts), SyncRetry of what was refused (retry.ts).
 */
import { syncEventsMax } from '../base/replica-limits.ts';
import type { Engine } from '../engine/engine-types.ts';
import type { Answer, Request } from '../operation/request.ts';
import { SyncClient, type SyncClientOptions } from './client.ts';
import { retryQuarantined } from './retry.ts';
import { carryOut, settledAs } from './settled.ts';
import type { FirstRange, SyncEvent, SyncStatus } from './sync-types.ts';
import { syncCaller } from './tables.ts';

/** What a host gives besides what the page says. */
export type SyncPorts = Omit<SyncClientOptions, 'url' | 'tables' | 'first' | 'token'>;

/** Input of SyncOpen. */
export interface SyncOpenInput {
  readonly Url: string;
  readonly Tables?: readonly string[];
  readonly First?: readonly FirstRange[];
  /** The page has tokens. */
  readonly HasToken: boolean;
}

/** An answer of SyncNext. */
export interface SyncNews {
  readonly Status?: SyncStatus;
  readonly Events?: readonly Exclude<SyncEvent, { readonly type: 'status' }>[];
  /** A token is wanted, under this number; `IsStale`: the last one was not taken. */
  readonly Token?: { readonly Number: number; readonly IsStale: boolean };
  /** There is no more. */
  readonly End?: true;
}

export interface SyncTokenInput {
  readonly Number: number;
  readonly Token?: string;
  readonly Error?: string;
  /** The error is a TypeError, as `fetch` rejects with where there is no network. */
  readonly IsUnreached?: boolean;
}

const questions: ReadonlySet<string> = new Set([
  'DescribeReplica',
  'ListQuarantine',
  'DiscardQuarantine',
  'ListConflicts',
  'DiscardConflicts',
]);

/** Of one page. */
export class SyncServer {
  readonly #ports: SyncPorts;
  #client: SyncClient | undefined;
  #status: SyncStatus | undefined;
  #events: Exclude<SyncEvent, { readonly type: 'status' }>[] = [];
  #wanted: { readonly Number: number; readonly IsStale: boolean } | undefined;
  readonly #tokens: Map<number, (input: SyncTokenInput) => void> = new Map();
  #number = 0;
  #waiting: ((news: SyncNews) => void) | undefined;
  #isOver = false;
  readonly #over = new AbortController();

  constructor(ports: SyncPorts) {
    this.#ports = ports;
  }

  submit(request: Request, done: (answer: Answer) => void): void {
    this.#answer(request).then(
      (output) => done({ output }),
      (error: Error) => done({ error }),
    );
  }

  /** A call that is not of sync: once what it looks for is here, as far as the hub is in reach. */
  pass(request: Request, done: (answer: Answer) => void, rest: Pick<Engine, 'submit'>): void {
    const seeker = this.#client?.seeker;
    if (seeker?.isDue(request) !== true) rest.submit(request, done);
    else void seeker.seek(request).then(() => rest.submit(request, done));
  }

  /** The page is gone, or the database closes. */
  async end(): Promise<void> {
    this.#isOver = true;
    this.#over.abort();
    this.#flush();
    for (const take of this.#tokens.values()) take({ Number: 0, Error: 'sync was closed' });
    await this.#client?.close();
  }

  async #answer(request: Request): Promise<object> {
    const { operation, input } = request;
    switch (operation) {
      case 'SyncOpen':
        return this.#open(input as SyncOpenInput);
      case 'SyncNext':
        return new Promise((resolve) => {
          this.#waiting?.({});
          this.#waiting = resolve;
          this.#flush();
        });
      case 'SyncToken': {
        const { Number: number } = input as SyncTokenInput;
        this.#tokens.get(number)?.(input as SyncTokenInput);
        return {};
      }
      case 'SyncPause':
        this.#client?.pause();
        return {};
      case 'SyncResume':
        this.#client?.resume();
        return {};
      case 'SyncHint':
        this.#client?.hint();
        return {};
      case 'SyncCall':
        return carryOut(
          this.#ports.engine,
          (asked) => this.#askHub(asked),
          request,
          this.#client?.seeker,
        );
      case 'SyncSettled': {
        const { Seqs } = input as { readonly Seqs: readonly number[] };
        return { As: await settledAs(this.#ports.engine, Seqs, this.#over.signal) };
      }
      case 'SyncRetry':
        return this.#retry(request);
      case 'SyncRefresh':
        await this.#client?.refresh();
        return this.#client === undefined ? {} : { Status: this.#client.status };
      case 'SyncClose':
        await this.end();
        return {};
      default:
        return this.#ask(input as { readonly Operation: string; readonly Input: object });
    }
  }

  #open({ Url, Tables, First, HasToken }: SyncOpenInput): object {
    if (this.#client !== undefined) throw new TypeError('This database is synced already');
    const client = new SyncClient({
      ...this.#ports,
      url: Url,
      tables: Tables,
      first: First,
      token: (isStale) => (HasToken ? this.#askToken(isStale) : Promise.resolve(undefined)),
    });
    this.#client = client;
    client.on((event) => {
      if (event.type === 'status') this.#status = event.status;
      else this.#events = [...this.#events, event].slice(-syncEventsMax);
      this.#flush();
    });
    this.#status = client.status;
    client.start();
    return {};
  }

  async #retry({ input, caller }: Request): Promise<object> {
    const { Seqs } = input as { readonly Seqs: readonly number[] };
    try {
      await retryQuarantined(this.#ports.engine, caller, Seqs);
    } finally {
      void this.#client?.refresh();
    }
    return {};
  }

  #askHub(request: Request): Promise<object> {
    if (this.#client === undefined) throw new TypeError('This database is not synced');
    return this.#client.askHub(request);
  }

  async #ask(asked: { readonly Operation: string; readonly Input: object }): Promise<object> {
    const { Operation: operation, Input: input } = asked;
    if (!questions.has(operation)) throw new TypeError(`Sync has no ${operation}`);
    const output = await this.#ports.engine.call({
      operation,
      input,
      form: 'plain',
      caller: syncCaller,
    });
    void this.#client?.refresh();
    return output;
  }

  #askToken(isStale: boolean): Promise<string | undefined> {
    this.#number += 1;
    const number = this.#number;
    this.#wanted = { Number: number, IsStale: isStale };
    return new Promise((resolve, reject) => {
      this.#tokens.set(number, ({ Token, Error: text, IsUnreached = false }) => {
        this.#tokens.delete(number);
        if (text === undefined) resolve(Token);
        else reject(IsUnreached ? new TypeError(text) : new Error(text));
      });
      this.#flush();
    });
  }

  /** What there is, to who waits. */
  #flush(): void {
    const waiting = this.#waiting;
    const isNews = this.#status ?? this.#wanted ?? this.#events[0];
    if (waiting === undefined || (isNews === undefined && !this.#isOver)) return;
    this.#waiting = undefined;
    const status = this.#status;
    const token = this.#wanted;
    const events = this.#events;
    this.#status = undefined;
    this.#wanted = undefined;
    this.#events = [];
    waiting({
      ...(status === undefined ? {} : { Status: status }),
      ...(token === undefined ? {} : { Token: token }),
      ...(events.length === 0 ? {} : { Events: events }),
      ...(this.#isOver ? { End: true } : {}),
    });
  }
}
