/**
 * The page's side of an import: whatever the source is, it becomes calls of wire/import.ts.
 *
 * A Blob is handed to the worker whole, which reads it there. Bytes are passed on as they come, and
 * objects in batches of about importBatchBytes, simple ones packed as they will be stored: that
 * costs the page what cloning them would, and spares the worker a part of its own work. A few
 * batches are under way at once, so that page and worker overlap, and no more, so that a fast
 * source does not fill memory. Loaded when it is used.
 */
import {
  buildBeatMs,
  importBatchBytes,
  importBatchesMax,
  importBatchItems,
  importProgressMs,
} from '../base/limits.ts';
import type { ImportResult, ImportState } from '../engine/import-types.ts';
import { ItemPacker } from '../value/packed.ts';
import type { ImportAnswer, ImportFormat, ImportInput } from '../wire/import.ts';
import type { Connection } from './connection.ts';
import type { CreateTableInput } from './table-types.ts';

/**
 * Items as objects (of plain values, or DynamoDB's JSON where `format` says so), or JSON lines in
 * bytes or texts.
 */
export type ImportSource =
  | Blob
  | Response
  | ReadableStream
  | AsyncIterable<unknown>
  | Iterable<unknown>;

export interface ImportOptions {
  /** Of lines and objects: `json-lines` has plain values, `dynamodb-json` `{"Item":{...}}`. */
  readonly format?: ImportFormat | undefined;
  /** Cancels: the table is as it was before. Rejects with an AbortError. */
  readonly signal?: AbortSignal | undefined;
  /** A few times a second. */
  readonly onProgress?: ((progress: ImportState) => void) | undefined;
  /**
   * Makes it resumable: what was stored in sorted runs when the import broke off is kept for a day,
   * and the same source imported with the same id goes on behind it. Until then the table is
   * CREATING. An import that fits in memory (24 MB) starts anew.
   */
  readonly importId?: string | undefined;
  /** More refused items than this end the import; any number by default. */
  readonly maxErrors?: number | undefined;
}

export async function runImport(
  connection: Connection,
  table: string | CreateTableInput,
  source: ImportSource,
  options: ImportOptions = {},
): Promise<ImportResult> {
  const { signal, format, importId, maxErrors } = options;
  if (signal?.aborted === true) throw connection.aborted(signal);
  const made = typeof table === 'object' && (await isNew(connection, table));
  const begun = (await connection.call('ImportBegin', {
    TableName: typeof table === 'object' ? table.TableName : table,
    Made: made,
    Format: format,
    ImportId: importId,
    MaxErrors: maxErrors,
  })) as ImportAnswer;
  return new Running(connection, begun, options).run(source);
}

async function isNew(connection: Connection, table: CreateTableInput): Promise<boolean> {
  try {
    await connection.call('CreateTable', table);
    return true;
  } catch (error) {
    if ((error as Error).name === 'ResourceInUseException') return false;
    throw error;
  }
}

/** Items after which is judged whether they are simple. */
const packTried = 1000;

class Running {
  readonly #connection: Connection;
  readonly #begun: ImportAnswer;
  readonly #options: ImportOptions;
  /** Of the batch that is being made: its items, those that are not packed, whether others are. */
  #items = 0;
  #others: unknown[] = [];
  #isPacked = false;
  /** Items of a batch, at most. */
  #itemsMax = 32;
  /** Items and bytes of the source that a broken import has kept. */
  #skipItems: number;
  #skipBytes: number;
  readonly #packer = new ItemPacker();
  readonly #packs: boolean;
  /** Items that were to be packed, and those of them that are not simple. */
  #offered = 0;
  #beside = 0;
  /** Batches that are under way, in order. */
  readonly #sent: Promise<void>[] = [];
  #failed: unknown;

  constructor(connection: Connection, begun: ImportAnswer, options: ImportOptions) {
    this.#connection = connection;
    this.#begun = begun;
    this.#options = options;
    this.#skipItems = begun.ResumedItems ?? 0;
    this.#skipBytes = begun.ResumedBytes ?? 0;
    this.#packs = begun.way === 'build' && (options.format ?? 'json-lines') === 'json-lines';
  }

  async run(source: ImportSource): Promise<ImportResult> {
    const { signal, onProgress } = this.#options;
    const aborted = (): void => void this.#call('ImportAbort').catch(() => undefined);
    signal?.addEventListener('abort', aborted);
    // While the source or the worker takes its time, this says that the page is there.
    const tick = (): void => void this.#call('ImportProgress').then(this.#tell, () => undefined);
    const timer = setInterval(tick, onProgress === undefined ? buildBeatMs : importProgressMs);
    try {
      if (source instanceof Blob) await this.#sendBlob(source);
      else await this.#sendParts(source);
      const { Id: _, ...result } = await this.#call<ImportResult>('ImportFinish');
      this.#tell({ ...result, phase: 'done' });
      return result;
    } catch (error) {
      await this.#call('ImportAbort', { Keep: true }).catch(() => undefined);
      if (signal?.aborted === true) throw this.#connection.aborted(signal);
      throw error;
    } finally {
      clearInterval(timer);
      signal?.removeEventListener('abort', aborted);
    }
  }

  async #call<A = ImportAnswer>(
    operation: string,
    input: Partial<ImportInput> = {},
  ): Promise<A & { Id: number }> {
    const { Id } = this.#begun;
    const called = this.#connection.call(operation, { Id, ...input }, {}, input.Packed?.buffer);
    return (await called) as A & { Id: number };
  }

  readonly #tell = ({ ...answer }: Omit<ImportAnswer, 'Id'>): void => {
    this.#options.onProgress?.(answer);
  };

  async #sendBlob(blob: Blob): Promise<void> {
    let answer = await this.#call('ImportBlob', { Blob: blob });
    while (answer.AtEnd !== true) {
      this.#tell(answer);
      answer = await this.#call('ImportRead');
    }
  }

  async #sendParts(source: Exclude<ImportSource, Blob>): Promise<void> {
    if (Array.isArray(source)) {
      for (let at = this.#skipItems; at < source.length; at += 1) {
        if (this.#add(source[at])) await this.#send(this.#batch());
      }
    } else {
      for await (const part of partsOf(source)) await this.#take(part);
    }
    if (this.#items > 0) await this.#send(this.#batch());
    await Promise.all(this.#sent);
    if (this.#failed !== undefined) throw this.#failed;
  }

  async #take(part: unknown): Promise<void> {
    const bytes = bytesOf(part);
    if (bytes !== undefined) {
      const skipped = Math.min(this.#skipBytes, bytes.length);
      this.#skipBytes -= skipped;
      if (skipped < bytes.length) await this.#send({ Bytes: bytes.slice(skipped) });
      return;
    }
    if (this.#skipItems > 0) {
      this.#skipItems -= 1;
      return;
    }
    if (this.#add(part)) await this.#send(this.#batch());
  }

  /** Answers whether the batch is full: by its bytes, as far as they are known. */
  #add(item: unknown): boolean {
    if (this.#items === 0) {
      // Where most are not simple, cloning all of them costs less.
      const isWorthIt = this.#offered < packTried || this.#beside * 2 < this.#offered;
      this.#isPacked = this.#packs && isWorthIt;
    }
    this.#items += 1;
    if (!this.#isPacked || !this.#packer.add(item)) this.#others.push(item);
    return this.#items >= this.#itemsMax || this.#packer.length >= importBatchBytes;
  }

  /** A call's input with what was added. */
  #batch(): Partial<ImportInput> {
    const items = this.#items;
    const Items = this.#others;
    this.#items = 0;
    this.#others = [];
    if (!this.#isPacked) return { Items };
    this.#offered += items;
    this.#beside += Items.length;
    const Packed = this.#packer.take();
    if (Items.length === 0) this.#measure(items, Packed.length);
    return { Packed, Items };
  }

  /** Batches grow step by step: the worker begins with what the page has made in a millisecond. */
  #measure(items: number, bytes: number): void {
    const wished = Math.ceil((importBatchBytes * items) / Math.max(1, bytes));
    this.#itemsMax = Math.max(1, Math.min(importBatchItems, wished, this.#itemsMax * 4));
  }

  /** Resolves when few enough batches are under way. */
  async #send(input: Partial<ImportInput>): Promise<void> {
    const sent = this.#call('ImportWrite', input).then(
      (answer) => {
        const { processedItemCount: items, processedSizeBytes: bytes } = answer;
        // What was packed whole was measured before.
        const isPacked = input.Packed !== undefined && input.Items?.length === 0;
        if (!isPacked) this.#measure(items, bytes);
      },
      (error: unknown) => {
        this.#failed ??= error;
      },
    );
    this.#sent.push(sent);
    if (this.#sent.length >= importBatchesMax) await this.#sent.shift();
    if (this.#failed !== undefined) throw this.#failed;
  }
}

function bytesOf(part: unknown): Uint8Array | undefined {
  if (part instanceof Uint8Array) return part;
  if (part instanceof ArrayBuffer) return new Uint8Array(part);
  return typeof part === 'string' ? new TextEncoder().encode(part) : undefined;
}

async function* partsOf(source: Exclude<ImportSource, Blob>): AsyncGenerator<unknown, void, void> {
  const stream = source instanceof Response ? source.body : source;
  if (stream === null) return;
  if (!(stream instanceof ReadableStream)) {
    yield* stream;
    return;
  }
  // Not every browser has iterable streams.
  const reader = stream.getReader();
  let whole = false;
  try {
    for (let { done, value } = await reader.read(); !done; { done, value } = await reader.read()) {
      yield value;
    }
    whole = true;
  } finally {
    if (!whole) await reader.cancel().catch(() => undefined);
  }
}
