/**
 * Imports over the channel: calls of their own beside DynamoDB's, which an engine does not know.
 *
 * ImportBegin answers an id; ImportWrite brings items or bytes of JSON lines; ImportBlob brings a
 * file, and ImportRead reads on in it; ImportProgress says that the page is still there;
 * ImportFinish and ImportAbort end it. An import whose page has not called for long is broken off.
 * Calls are carried out in their order, but for ImportProgress and ImportAbort.
 */
import { buildBeatMs, buildPatienceMs, importBlobBytes, importReadMs } from '../base/limits.ts';
import type { Engine } from '../engine/engine-types.ts';
import type { ImportSession, ImportState } from '../engine/import-types.ts';
import type { Answer, Request } from '../operation/request.ts';
import type { Clock } from '../port/clock.ts';
import type { Scheduler } from '../port/scheduler.ts';
import { unpack } from '../value/packed.ts';
import { LineReader } from './json-lines.ts';

export type ImportFormat = 'json-lines' | 'dynamodb-json';

/** Input of ImportBegin. */
export interface ImportBegin {
  readonly TableName: string;
  readonly Made?: boolean | undefined;
  readonly Format?: ImportFormat | undefined;
  readonly ImportId?: string | undefined;
  readonly MaxErrors?: number | undefined;
}

/** Of all other calls. Positions are in bytes of the source. */
export interface ImportInput {
  readonly Id: number;
  readonly Items?: readonly unknown[] | undefined;
  /** Plain items as stored ones (value/packed.ts), `Items` in the places it keeps: into a build. */
  readonly Packed?: Uint8Array<ArrayBuffer> | undefined;
  readonly Bytes?: Uint8Array | undefined;
  readonly Blob?: Blob | undefined;
  /** What was kept stays kept. */
  readonly Keep?: boolean | undefined;
}

/** An answer of every call but the last. */
export interface ImportAnswer extends ImportState {
  readonly Id: number;
  /** Of ImportBegin: items and bytes of the source that are to be left out. */
  readonly ResumedItems?: number;
  readonly ResumedBytes?: number;
  /** Of ImportRead: the end of the file is reached. */
  readonly AtEnd?: boolean;
}

export interface ImportServed {
  readonly engine: Pick<Engine, 'submit' | 'import'>;
  readonly clock: Clock;
  readonly scheduler: Scheduler;
}

/** An engine that knows these calls too. */
export function withImports(served: ImportServed): Pick<Engine, 'submit'> {
  const imports = new Map<number, ServedImport>();
  let lastId = 0;
  const begin = async (input: ImportBegin): Promise<ImportAnswer> => {
    const { TableName: table, Format: format = 'json-lines' } = input;
    const session = await served.engine.import({
      table,
      made: input.Made,
      importId: input.ImportId,
      maxErrors: input.MaxErrors,
      form: format === 'json-lines' ? 'plain' : 'json',
    });
    const id = ++lastId;
    const one = new ServedImport(served, session, format);
    imports.set(id, one);
    void one.watch().finally(() => imports.delete(id));
    const { items, bytes } = session.resumed;
    return { Id: id, ...session.progress(), ResumedItems: items, ResumedBytes: bytes };
  };
  const carryOut = async ({ operation, input }: Request): Promise<object> => {
    if (operation === 'ImportBegin') return begin(input as ImportBegin);
    const { Id } = input as ImportInput;
    const one = imports.get(Id);
    if (one === undefined) throw new Error('The import is over');
    return { Id, ...(await one.call(operation, input as ImportInput)) };
  };
  return {
    submit(request, done) {
      if (!request.operation.startsWith('Import')) {
        served.engine.submit(request, done);
        return;
      }
      carryOut(request).then(
        (output) => done({ output } satisfies Answer),
        (error: Error) => done({ error }),
      );
    },
  };
}

class ServedImport {
  readonly #served: ImportServed;
  readonly #session: ImportSession;
  readonly #format: ImportFormat;
  readonly #lines: LineReader;
  #last: Promise<unknown> = Promise.resolve();
  #blob: Blob | undefined;
  /** The piece of the file that is being read, which begins at `#read`. */
  #piece: Promise<ArrayBuffer> | undefined;
  #read = 0;
  #calledMs = 0;
  #beatMs = 0;
  #ended = false;

  constructor(served: ImportServed, session: ImportSession, format: ImportFormat) {
    this.#served = served;
    this.#session = session;
    this.#format = format;
    this.#lines = new LineReader(format === 'json-lines', session.resumed.bytes);
    this.#read = session.resumed.bytes;
  }

  /** Resolves when the import is over, or nobody has called for long. */
  async watch(): Promise<void> {
    const { clock, scheduler } = this.#served;
    this.#calledMs = clock.monoMs();
    while (!this.#ended && clock.monoMs() - this.#calledMs < buildPatienceMs) {
      await scheduler.delay(buildBeatMs);
    }
    if (!this.#ended) await this.#session.abort(true);
  }

  async call(operation: string, input: ImportInput): Promise<object> {
    this.#calledMs = this.#served.clock.monoMs();
    if (operation === 'ImportProgress') return this.#progress();
    if (operation === 'ImportAbort') return this.#abort(input.Keep === true);
    const done = this.#last.then(() => this.#carryOut(operation, input));
    this.#last = done.catch(() => undefined);
    return done;
  }

  async #carryOut(operation: string, input: ImportInput): Promise<object> {
    switch (operation) {
      case 'ImportWrite':
        await this.#write(input);
        return this.#progress();
      case 'ImportBlob':
        this.#blob = input.Blob;
        return this.#readOn();
      case 'ImportRead':
        return this.#readOn();
      case 'ImportFinish':
        return this.#finish();
      default:
        throw new Error(`There is no call ${operation}`);
    }
  }

  async #write({ Items, Packed, Bytes }: ImportInput): Promise<void> {
    if (Bytes !== undefined) await this.#writeLines(this.#feed(Bytes));
    if (Packed !== undefined) await this.#session.write({ items: unpack(Packed, Items ?? []) });
    else if (Items !== undefined) await this.#session.write({ items: this.#unwrapped(Items) });
  }

  #feed(bytes: Uint8Array, last = false): readonly unknown[] {
    const lines = this.#lines;
    return this.#session.wantsLines ? lines.feedRaw(bytes, last) : lines.feed(bytes, last);
  }

  async #writeLines(items: readonly unknown[]): Promise<void> {
    await this.#session.write({ items: this.#unwrapped(items), position: this.#lines.position });
  }

  /** Reads for a bounded time, so that the page hears of it; the next piece comes meanwhile. */
  async #readOn(): Promise<object> {
    const { clock } = this.#served;
    const size = this.#blob?.size ?? 0;
    const untilMs = clock.monoMs() + importReadMs;
    while (this.#read < size && clock.monoMs() < untilMs) {
      const bytes = new Uint8Array(await (this.#piece ?? this.#ask()));
      this.#read += bytes.length;
      this.#piece = this.#read < size ? this.#ask() : undefined;
      await this.#writeLines(this.#feed(bytes));
    }
    return { ...(await this.#progress()), AtEnd: this.#read >= size };
  }

  #ask(): Promise<ArrayBuffer> {
    const piece = (this.#blob as Blob)
      .slice(this.#read, this.#read + importBlobBytes)
      .arrayBuffer();
    // Who awaits it is told.
    piece.catch(() => undefined);
    return piece;
  }

  async #finish(): Promise<object> {
    const rest = this.#feed(new Uint8Array(0), true);
    if (rest.length > 0) await this.#writeLines(rest);
    const result = await this.#session.finish();
    this.#ended = true;
    return result;
  }

  async #abort(keep: boolean): Promise<object> {
    await this.#session.abort(keep);
    this.#ended = true;
    return this.#session.progress();
  }

  async #progress(): Promise<object> {
    const nowMs = this.#served.clock.monoMs();
    if (nowMs - this.#beatMs >= buildBeatMs) {
      this.#beatMs = nowMs;
      await this.#session.beat();
    }
    return this.#session.progress();
  }

  /** ImportTable's items stand in an envelope; those without one do as well. */
  #unwrapped(items: readonly unknown[]): readonly unknown[] {
    return this.#format === 'dynamodb-json' ? items.map(withoutEnvelope) : items;
  }
}

function withoutEnvelope(raw: unknown): unknown {
  if (typeof raw !== 'object' || raw === null || raw instanceof Error) return raw;
  const names = Object.keys(raw);
  return names.length === 1 && names[0] === 'Item' ? (raw as { Item: unknown }).Item : raw;
}
