/**
 * The page's end of the data port: gathers calls per microtask and settles them by id.
 *
 * Invariants
 * - A call is settled once: by its answer, its signal, its time limit or the end of the connection.
 * - A call that cannot be cloned is rejected alone; the others of its message are sent.
 */
import { callsPerMessageMax } from '../base/limits.ts';
import type { Consistency, Durability, ValueForm } from '../operation/request.ts';
import { ItemDecoder } from '../value/decode.ts';
import { readAnswer } from '../wire/answer-reader.ts';
import type {
  AnswersMessage,
  CallExtras,
  CallMessage,
  ChannelPort,
  ErrorBody,
  Forgotten,
} from '../wire/channel.ts';
import type { Notice } from '../port/notice.ts';
import { CallError, DatabaseError, errorOf, textOf } from './errors.ts';
import { Notices } from './notices.ts';

export interface CallOptions {
  /** Aborting rejects the call with an AbortError; a write that was sent may stand all the same. */
  readonly signal?: AbortSignal | undefined;
  /** After so long the call is rejected with a TimeoutError. */
  readonly timeoutMs?: number | undefined;
  /** `strict`: the write survives power loss before it is answered. */
  readonly durability?: Durability | undefined;
  /** `strong`: the read sees what other tabs wrote before it was made. */
  readonly consistency?: Consistency | undefined;
  /** True: reads leave out items whose time to live is over, as a filter would (docs/ttl.md). */
  readonly hideExpired?: boolean | undefined;
  /**
   * True: attribute values are written as DynamoDB does, `{ S: 'text' }`, binary as Uint8Array.
   * `json`: so too, but binary in the input is base64 text.
   */
  readonly attributeValues?: boolean | 'json' | undefined;
}

/** A read that the page may keep, or has kept (page-cache.ts). */
export interface Wanted {
  /** The answer, where it is known. */
  readonly output?: object;
}

export interface PageCache {
  want(input: unknown, form: ValueForm, options: CallOptions): Wanted | undefined;
  keep(wanted: Wanted, tag: number | undefined, bytes: Uint8Array): void;
  forget(tags: Forgotten): void;
}

interface Pending {
  readonly resolve: (output: object) => void;
  readonly reject: (error: Error) => void;
  readonly wire: boolean;
  readonly isWrite: boolean;
  readonly wanted: Wanted | undefined;
  sent: boolean;
  /** Forgets signal and timer. */
  release?: () => void;
}

const noBytes = new Uint8Array(0);

export class Connection {
  readonly notices: Notices = new Notices();
  /** Called when the store was cleared under the open database. */
  cleared: (() => unknown) | undefined;
  readonly #port: ChannelPort;
  readonly #pending: Map<number, Pending> = new Map();
  #calls: CallMessage[] = [];
  #aborts: number[] = [];
  /** Of the calls' inputs, what is handed over instead of being cloned. */
  #transfer: ArrayBuffer[] = [];
  /** A buffer of the worker's that was read: it goes back with the next calls. */
  #spare: ArrayBuffer | undefined;
  #scheduled = false;
  #lastId = 0;
  #ended: DatabaseError | undefined;
  #isClosed = false;
  #drained: (() => void) | undefined;
  /** Open triggers by name. */
  readonly triggers: Map<string, { close(): Promise<void> }> = new Map();
  /** What the page keeps of what it read. */
  kept: PageCache | undefined;
  /** Messages that came. */
  heard = 0;
  readonly #isBusy: (() => void) | undefined;

  /** Calls `isBusy` when a call is made and none was under way. */
  constructor(port: ChannelPort, isBusy?: () => void) {
    this.#port = port;
    this.#isBusy = isBusy;
    port.addEventListener('message', ({ data }) => this.#receive(data as AnswersMessage));
    port.start?.();
  }

  get busy(): boolean {
    return this.#pending.size > 0;
  }

  /** `transfer` is of the input, and gone for the caller once the call is sent. */
  call(
    operation: string,
    input: unknown,
    options: CallOptions = {},
    transfer?: ArrayBuffer,
  ): Promise<object> {
    if (this.#ended !== undefined) return Promise.reject(this.#ended);
    const { signal, attributeValues } = options;
    if (signal?.aborted === true) return Promise.reject(this.aborted(signal));
    const form: ValueForm =
      attributeValues === 'json' ? 'json' : attributeValues === true ? 'wire' : 'plain';
    const wanted = operation === 'GetItem' ? this.kept?.want(input, form, options) : undefined;
    if (wanted?.output !== undefined) return Promise.resolve(wanted.output);
    const id = ++this.#lastId;
    const extras = extrasOf(options);
    const isWrite = !/^(Get|Query|Scan|BatchGet|TransactGet|Describe|List|Live)/.test(operation);
    return new Promise((resolve, reject) => {
      const wire = form !== 'plain';
      const pending: Pending = { resolve, reject, wire, isWrite, wanted, sent: false };
      if (this.#pending.size === 0) this.#isBusy?.();
      this.#pending.set(id, pending);
      this.#calls.push(
        extras === undefined ? [id, operation, input, form] : [id, operation, input, form, extras],
      );
      if (transfer !== undefined) this.#transfer.push(transfer);
      if (extras?.abortable === true) this.#watch(id, pending, options);
      this.#schedule();
      if (this.#calls.length >= callsPerMessageMax) this.#send();
    });
  }

  /** The error of what was ended by `signal` before anything was written. */
  aborted(signal: AbortSignal): CallError {
    return new CallError('AbortError', false, signal.reason);
  }

  /** Refuses later calls with `reason`; resolves when those under way are settled. */
  drain(reason: DatabaseError): Promise<void> {
    this.#ended ??= reason;
    if (this.#pending.size === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#drained = resolve;
    });
  }

  /** Rejects every call under way, and all later ones. */
  fail(reason: DatabaseError): void {
    this.#hear({ type: 'closed', message: reason.message });
    this.#ended = reason;
    this.#calls = [];
    this.#spare = undefined;
    for (const [id, { isWrite, sent }] of this.#pending) {
      const { why, message, cause } = reason;
      const mayHaveBeenApplied = isWrite && sent;
      this.#settle(id)?.reject(new DatabaseError(why, message, { cause, mayHaveBeenApplied }));
    }
    this.#port.close?.();
  }

  #watch(id: number, pending: Pending, { signal, timeoutMs }: CallOptions): void {
    const end = (name: CallError['name'], cause?: unknown): void => {
      if (this.#settle(id) === undefined) return;
      if (pending.sent) this.#aborts.push(id);
      else this.#calls = this.#calls.filter(([other]) => other !== id);
      this.#schedule();
      pending.reject(new CallError(name, pending.isWrite && pending.sent, cause));
    };
    const aborted = (): void => end('AbortError', signal?.reason);
    const timer =
      timeoutMs === undefined ? undefined : setTimeout(() => end('TimeoutError'), timeoutMs);
    signal?.addEventListener('abort', aborted);
    pending.release = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', aborted);
    };
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    queueMicrotask(() => {
      this.#scheduled = false;
      this.#send();
    });
  }

  #send(): void {
    const calls = this.#calls;
    const aborts = this.#aborts;
    const transfer = this.#transfer;
    this.#calls = [];
    this.#aborts = [];
    this.#transfer = [];
    if (calls.length + aborts.length > 0) this.#post(calls, aborts, transfer);
  }

  #post(
    calls: readonly CallMessage[],
    aborts: readonly number[],
    transfer: ArrayBuffer[] = [],
  ): void {
    const spare = this.#spare;
    const message =
      aborts.length === 0 && spare === undefined ? { calls } : { calls, aborts, spare };
    try {
      this.#port.postMessage(message, spare === undefined ? transfer : [...transfer, spare]);
      this.#spare = undefined;
      for (const [id] of calls) {
        const pending = this.#pending.get(id);
        if (pending !== undefined) pending.sent = true;
      }
    } catch (cause) {
      // Something in one of them cannot be cloned. Nothing was sent, so each goes alone.
      const [first] = calls;
      if (first !== undefined && calls.length + aborts.length === 1) {
        const what = `The input of ${first[1]} cannot be sent to the database: ${textOf(cause)}`;
        this.#settle(first[0])?.reject(new TypeError(what, { cause }));
      } else {
        if (aborts.length > 0) this.#post([], aborts);
        for (const call of calls) this.#post([call], []);
      }
    }
  }

  #hear(notice: Notice): void {
    if (notice.type === 'closed') {
      if (this.#isClosed) return;
      this.#isClosed = true;
      this.#ended ??= new DatabaseError('closed', notice.message);
    }
    if (notice.why === 'cleared') this.cleared?.();
    this.notices.tell(notice);
  }

  #receive(message: AnswersMessage): void {
    const { answers = [], found = [], tags, forgotten, done = [], bytes, filled } = message;
    for (const notice of message.notices ?? []) this.#hear(notice);
    this.heard += 1;
    const packed = bytes === undefined ? noBytes : new Uint8Array(bytes, 0, filled);
    const plain = new ItemDecoder(packed, 'plain');
    const wire = new ItemDecoder(packed, 'wire');
    for (const id of done) this.#settle(id)?.resolve({});
    for (let at = 0; at < found.length; at += 2) {
      const pending = this.#settle(found[at] as number);
      const decoder = pending?.wire === true ? wire : plain;
      const place = found[at + 1] as number;
      pending?.resolve({ Item: decoder.at(place) });
      if (pending?.wanted !== undefined && tags !== undefined) {
        this.kept?.keep(pending.wanted, tags[at / 2], packed.subarray(place, decoder.end));
      }
    }
    // Those of this message too: the item may have changed after it was answered.
    if (forgotten !== undefined) this.kept?.forget(forgotten);
    for (const answer of answers) {
      const pending = this.#settle(answer[0]);
      if (pending === undefined) continue;
      const output = readAnswer(answer, pending.wire ? wire : plain);
      if (answer[1]) pending.resolve(output);
      else pending.reject(errorOf(output as ErrorBody));
    }
    // All of it is decoded, and what is kept is a copy.
    if (filled !== undefined) this.#spare = bytes;
  }

  #settle(id: number): Pending | undefined {
    const pending = this.#pending.get(id);
    if (pending === undefined) return undefined;
    this.#pending.delete(id);
    pending.release?.();
    if (this.#pending.size === 0) this.#drained?.();
    return pending;
  }
}

/** What the worker must know besides; most calls say nothing. */
function extrasOf(options: CallOptions): CallExtras | undefined {
  const { signal, timeoutMs, durability, consistency, hideExpired } = options;
  const abortable = (signal ?? timeoutMs) !== undefined;
  if (!abortable && (durability ?? consistency ?? hideExpired) === undefined) return undefined;
  return { timeoutMs, durability, consistency, hideExpired, abortable };
}
