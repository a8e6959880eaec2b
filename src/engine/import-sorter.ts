/**
 * Sorting the entries of one tree of a build: in memory while they fit, else in stored runs that
 * are merged; then the tree, of what the merge yields.
 *
 * Cost: each entry is written once more for being in a stored run, and read once.
 */
import { assert } from '../base/assert.ts';
import { concatBytes } from '../base/bytes.ts';
import { Corruption, DamagedData } from '../base/corruption.ts';
import {
  buildPagesReserve,
  buildRangeMax,
  importReadBytes,
  importRunsMax,
  recordBytesMax,
  repairReadsMax,
} from '../base/limits.ts';
import { buildOverflow, overflowPieceMax } from '../pager/node.ts';
import { checkPageRecord, pageHeaderBytes } from '../pager/page.ts';
import { pageKey } from '../pager/versions.ts';
import type { StoredRun } from '../table/import-job.ts';
import { fullPageBytes } from '../tree/bulk.ts';
import { MergedCursor, RunBuffer, type RunCursor, StoredCursor } from '../tree/run.ts';
import type { BuildWriter } from './build-writer.ts';
import type { EngineState } from './state.ts';

/** What sorting needs of the import it is for. */
export interface SorterHost {
  readonly state: EngineState;
  readonly writer: BuildWriter;
  /** Resolves when so many page ids are at hand. */
  reserve(pages: number): Promise<void>;
  /** Lets others run now and then, and slices be written. Throws when the import has ended. */
  pause(): Promise<void>;
}

/** Entries between two looks at whether somebody else is to run. */
const entriesAtOnce = 512;

/**
 * Ids to take at once for trees of so many bytes: to ask for more in the midst of a build waits for
 * the slices under way. Too few for values with pages of their own, and too many for indexes that
 * project little; what is not used stays unused.
 */
export function pagesAhead(bytes: number): number {
  return Math.min(buildRangeMax, buildPagesReserve + Math.ceil(bytes / fullPageBytes));
}

export class Sorter {
  readonly #host: SorterHost;
  readonly #bytesMax: number;
  buffer: RunBuffer = new RunBuffer();
  runs: readonly StoredRun[];

  constructor(host: SorterHost, bytesMax: number, runs: readonly StoredRun[] = []) {
    this.#host = host;
    this.#bytesMax = bytesMax;
    this.runs = runs;
  }

  /** Of all entries, stored or in memory. */
  get bytes(): number {
    let { bytes } = this.buffer;
    for (const run of this.runs) bytes += run.bytes;
    return bytes;
  }

  get isFull(): boolean {
    return this.buffer.bytes >= this.#bytesMax || this.buffer.isFull;
  }

  /** What is in memory becomes a stored run; answers the entries that were overwritten in it. */
  async spill(): Promise<number> {
    assert(this.runs.length < importRunsMax, 'an import of more runs than can be merged');
    const { writer } = this.#host;
    const pages = Math.ceil((this.buffer.bytes + this.buffer.bytesElsewhere) / overflowPieceMax);
    await this.#host.reserve(pages);
    const first = writer.allocate(pages);
    const cursor = this.buffer.cursor();
    this.buffer = new RunBuffer();
    const cutter = new Cutter((index, piece) => {
      writer.write(first + index, buildOverflow(first + index, 0, piece));
    });
    for (let count = 1; cursor.next(); count += 1) {
      const { bytes, end, value } = cursor.cell();
      cutter.add(bytes.subarray(cursor.at, end));
      if (value !== undefined) cutter.add(value);
      if (count % entriesAtOnce === 0 || writer.isDue) await this.#host.pause();
    }
    const bytes = cutter.finish();
    await writer.flush();
    await writer.settle();
    this.runs = [...this.runs, { first, bytes }];
    return cursor.overwritten;
  }

  /**
   * Every entry in key order, once: `each` is given what stands at it, and answers whether it wants
   * to be waited for. Answers the entries that were overwritten.
   */
  async drain(each: (cursor: RunCursor) => boolean, wait: () => Promise<void>): Promise<number> {
    const stored = this.runs.map((run) => new RunReader(this.#host, run, this.runs.length));
    const inMemory = this.buffer.cursor();
    this.buffer = new RunBuffer();
    const runs = [...stored.map(({ cursor }) => cursor), inMemory];
    const merged = stored.length > 0 ? new MergedCursor<RunCursor>(runs) : undefined;
    const cursor = merged ?? inMemory;
    let count = 0;
    while (cursor.next() || (merged?.starved === true && (await feedNext(merged, stored)))) {
      count += 1;
      if (each(cursor)) await wait();
      if (count % entriesAtOnce === 0) await this.#host.pause();
    }
    return cursor.overwritten;
  }
}

/** Brings what the merge has to know to go on; whether it then had a next entry. */
async function feedNext(
  merged: MergedCursor<RunCursor>,
  stored: readonly RunReader[],
): Promise<boolean> {
  // Each round feeds one run, so the rounds end when their bytes do.
  while (merged.starved) {
    await stored.find(({ cursor }) => cursor === merged.hungry)?.read();
    if (merged.next()) return true;
  }
  return false;
}

/** Cuts a stream of bytes into the pieces of overflow pages. */
class Cutter {
  readonly #write: (index: number, piece: Uint8Array) => void;
  readonly #piece = new Uint8Array(overflowPieceMax);
  #filled = 0;
  #written = 0;

  constructor(write: (index: number, piece: Uint8Array) => void) {
    this.#write = write;
  }

  add(bytes: Uint8Array): void {
    for (let from = 0; from < bytes.length; ) {
      const part = bytes.subarray(from, from + overflowPieceMax - this.#filled);
      this.#piece.set(part, this.#filled);
      this.#filled += part.length;
      from += part.length;
      if (this.#filled === overflowPieceMax) this.#flush();
    }
  }

  /** Answers how many bytes there were. */
  finish(): number {
    const bytes = this.#written * overflowPieceMax + this.#filled;
    if (this.#filled > 0) this.#flush();
    return bytes;
  }

  #flush(): void {
    this.#write(this.#written, this.#piece.subarray(0, this.#filled));
    this.#written += 1;
    this.#filled = 0;
  }
}

/** Of what an import has stored a part is lost: it cannot be gone on with. */
export class RunLost extends DamagedData {
  constructor(what: string) {
    super(
      `What the import had stored is damaged (${what}); nothing of it was kept. Start it again.`,
    );
  }
}

/** Brings the pages of one stored run, a few at a time. */
class RunReader {
  readonly cursor: StoredCursor;
  readonly #host: SorterHost;
  readonly #end: number;
  /** Pages brought at once: all runs together stay within a bound. */
  readonly #pages: number;
  #next: number;

  constructor(host: SorterHost, run: StoredRun, runs: number) {
    this.#host = host;
    this.cursor = new StoredCursor(run.bytes);
    this.#next = run.first;
    this.#end = run.first + Math.ceil(run.bytes / overflowPieceMax);
    this.#pages = Math.max(1, Math.min(16, Math.floor(importReadBytes / recordBytesMax / runs)));
  }

  /** A few times: bytes may have been spoilt on the way. Throws RunLost and BuildLost. */
  async read(): Promise<void> {
    const last = Math.min(this.#next + this.#pages, this.#end) - 1;
    let why = '';
    for (let tries = 0; tries < repairReadsMax; tries += 1) {
      try {
        this.cursor.feed(concatBytes(...(await this.#pieces(this.#next, last))));
        this.#next = last + 1;
        return;
      } catch (error) {
        if (!(error instanceof Corruption)) throw error;
        why = error.message;
      }
    }
    // Who took the import for dead has freed its pages.
    await this.#host.writer.confirm();
    throw new RunLost(why);
  }

  async #pieces(first: number, last: number): Promise<readonly Uint8Array[]> {
    const range = { from: pageKey(first, 0), to: pageKey(last, 0) };
    const [records = []] = await this.#host.state.options.store.scan([{ space: 'page', ...range }]);
    if (records.length <= last - first) throw new Corruption(`of pages ${first} to ${last}`);
    return records.map(({ value }, at) => {
      const { id, kind } = checkPageRecord(value);
      if (id !== first + at || kind !== 'overflow') throw new Corruption(`page ${first + at}`);
      return value.subarray(pageHeaderBytes);
    });
  }
}
