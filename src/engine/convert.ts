/**
 * Conversion of a store of an older format, before anything else is done with it.
 *
 * The format's number moves first: the meta record becomes one of a conversion, which every other
 * engine takes for newer, and the same transaction adds a fence at the log's next position, so that
 * no append of an engine that has not seen it can follow. Then each slice is one write that carries
 * its progress. The last puts the new meta record, and a turn of nothing in the fence's place.
 * Invariants
 * - Every write expects the meta record that its slice was computed under: each slice happens once.
 * - Who loses a race follows the winner, and takes over when it does not get on.
 */
import { emptyBytes, equalBytes } from '../base/bytes.ts';
import {
  convertLookMs,
  convertLooksMax,
  convertSlicesMax,
  convertTriesMax,
} from '../base/limits.ts';
import { encodeTurn } from '../log/record.ts';
import {
  type Conversion,
  decodeConversion,
  encodeConversion,
  isConverting,
} from '../pager/conversion.ts';
import { decodeMeta, encodeMeta, formatOf, metaFormat } from '../pager/meta.ts';
import { metaKey, type SpaceRecord, StoreFailure, type WriteBatch } from '../port/store.ts';
import type { Converter } from './converter.ts';
import { converters as released } from './converters.ts';
import type { ConvertProgress, EngineOptions } from './engine-types.ts';
import { metaRecords } from './meta-update.ts';
import { afterCopy, findMeta, type FoundMeta } from './open-meta.ts';

export interface OpenedMeta extends FoundMeta {
  readonly converted: ConvertProgress | undefined;
}

/** The meta record of the present format. Throws DamagedData, UpdateNeeded, StoreFailure. */
export async function openMeta(options: EngineOptions): Promise<OpenedMeta> {
  const found = await findMeta(options);
  if (formatOf(found.stored) === metaFormat) return { ...found, converted: undefined };
  return new ConversionRun(options).drive(found);
}

/** What one step writes: the meta record, and what goes with it in the transaction. */
interface Step {
  readonly bytes: Uint8Array;
  readonly batch: WriteBatch;
  readonly progress: ConvertProgress;
  readonly mended: boolean;
}

class ConversionRun {
  readonly #options: EngineOptions;
  readonly #id: Uint8Array;
  #converted: ConvertProgress | undefined;

  constructor(options: EngineOptions) {
    this.#options = options;
    this.#id = options.random.bytes(16);
  }

  async drive(first: FoundMeta): Promise<OpenedMeta> {
    let found = first;
    let { mended } = first;
    let tries = 0;
    for (let slice = 0; slice < convertSlicesMax && tries < convertTriesMax; slice += 1) {
      if (formatOf(found.stored) === metaFormat) {
        return { ...found, mended, converted: this.#converted };
      }
      const step = await this.#next(found);
      if (await this.#write(step, found.raw)) {
        tries = 0;
        mended ||= step.mended;
        this.#tell(step.progress);
        found = { ...found, stored: step.bytes, raw: step.bytes, mended: false };
        await this.#options.scheduler.breathe();
        continue;
      }
      tries += 1;
      found = await this.#follow(await findMeta(this.#options));
      mended ||= found.mended;
    }
    throw new StoreFailure('lost', 'the database could not be converted to its new format');
  }

  #tell(progress: ConvertProgress): void {
    this.#converted = progress;
    this.#options.onConvert?.(progress);
  }

  #next(found: FoundMeta): Promise<Step> {
    return isConverting(found.stored)
      ? this.#slice(decodeConversion(found.stored))
      : this.#begin(found);
  }

  /** The format's number moves, and the log is closed. */
  async #begin({ stored, mended }: FoundMeta): Promise<Step> {
    const from = formatOf(stored);
    const path = this.#path(from);
    const meta = decodeMeta(path.reduce((bytes, converter) => converter.meta(bytes), stored));
    const [last = []] = await this.#options.store.scan([
      { space: 'log', from: 0, to: Number.MAX_SAFE_INTEGER, limit: 1, last: true },
    ]);
    const head = Math.max(last[0]?.key ?? 0, meta.position);
    const conversion: Conversion = {
      storeId: meta.storeId,
      from,
      to: path[0]?.to ?? metaFormat,
      head,
      engine: this.#id,
      slices: 0,
      records: 0,
      mended,
      cursor: emptyBytes,
      meta: stored,
    };
    return stepTo(conversion, {
      add: [{ space: 'log', key: head + 1, value: new Uint8Array(1) }],
      strict: true,
    });
  }

  /** One slice, or the step to the next format, or the last. */
  async #slice(now: Conversion): Promise<Step> {
    const [converter] = this.#path(now.from);
    if (converter?.to !== now.to) throw noWay(now.from);
    const { store } = this.#options;
    const { cursor, head } = now;
    const done = await converter.slice({ store, cursor, head });
    const { put = [], remove = [] } = done;
    const counted = {
      ...now,
      engine: this.#id,
      slices: now.slices + 1,
      records: now.records + done.records,
    };
    if (done.next !== undefined) {
      return stepTo({ ...counted, cursor: done.next }, { put, remove });
    }
    const meta = converter.meta(now.meta);
    const [further] = now.to === metaFormat ? [] : this.#path(now.to);
    if (further !== undefined) {
      const next = { ...counted, from: now.to, to: further.to, cursor: emptyBytes, meta };
      return stepTo(next, { put, remove });
    }
    return this.#finish(counted, meta, { put, remove });
  }

  #finish(
    { head, mended, ...now }: Conversion,
    converted: Uint8Array,
    { put = [], remove = [] }: WriteBatch,
  ): Step {
    const decoded = decodeMeta(converted);
    const meta = mended ? afterCopy(decoded) : decoded;
    const bytes = encodeMeta(meta);
    const header = { position: head + 1, engine: this.#id, turn: 1, clock: meta.clock };
    const [value = emptyBytes] = encodeTurn(header, []);
    const fence: SpaceRecord = { space: 'log', key: head + 1, value };
    return {
      bytes,
      batch: { put: [...put, fence, ...metaRecords(bytes, true)], remove, strict: true },
      progress: progressOf(now),
      mended,
    };
  }

  /** False when another engine came first, or the outcome is unknown and it was not stored. */
  async #write({ bytes, batch }: Step, raw: Uint8Array | undefined): Promise<boolean> {
    const { store, scheduler } = this.#options;
    const result = await store.write({
      ...batch,
      expectMeta: (now) =>
        now === undefined || raw === undefined ? now === raw : equalBytes(now, raw),
    });
    if (result.kind === 'done') return true;
    if (result.kind === 'refused') {
      if (result.why === 'meta' || result.why === 'taken') return false;
      throw new StoreFailure(result.why, 'the database could not be converted', result.cause);
    }
    await scheduler.delay(1);
    const now = await store.get('meta', metaKey);
    return now !== undefined && equalBytes(now, bytes);
  }

  /** Waits for another engine's conversion, while it gets on. */
  async #follow(first: FoundMeta): Promise<FoundMeta> {
    let found = first;
    for (let looks = 0; looks < convertLooksMax && isOfAnother(found, this.#id); looks += 1) {
      this.#tell(progressOf(decodeConversion(found.stored)));
      await this.#options.scheduler.delay(convertLookMs);
      const now = await findMeta(this.#options);
      if (!equalBytes(now.stored, found.stored)) looks = 0;
      found = now;
    }
    return found;
  }

  /** Converters from a format to the present one. */
  #path(from: number): readonly Converter[] {
    const { converters = released } = this.#options;
    const path: Converter[] = [];
    for (let at = from; at < metaFormat; ) {
      const next = converters.find((converter) => converter.from === at);
      if (next === undefined || next.to <= at || next.to > metaFormat) throw noWay(from);
      path.push(next);
      at = next.to;
    }
    return path;
  }
}

function stepTo(conversion: Conversion, batch: WriteBatch): Step {
  const bytes = encodeConversion(conversion);
  return {
    bytes,
    batch: { ...batch, put: [...(batch.put ?? []), ...metaRecords(bytes, true)] },
    progress: progressOf(conversion),
    mended: conversion.mended,
  };
}

function progressOf({ from, to, records }: Omit<Conversion, 'head' | 'mended'>): ConvertProgress {
  return { from, to, records };
}

function isOfAnother({ stored }: FoundMeta, id: Uint8Array): boolean {
  return isConverting(stored) && !equalBytes(decodeConversion(stored).engine, id);
}

function noWay(from: number): StoreFailure {
  return new StoreFailure(
    'denied',
    `The database has format ${from}, which this release cannot convert to ${metaFormat}`,
  );
}
