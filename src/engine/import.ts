/**
 * An import: items become a table of full pages without passing the log, or pass it where the table
 * has items already.
 *
 * Items are encoded and sorted by key, in memory or in stored runs; the merge of the runs is built
 * into the table's tree, and says which items remain, whose index entries are then sorted and built
 * the same way. One commit puts the trees within reach (table/import-job.ts). Cost: each page
 * written once, about 1 MB a transaction, while the next is made; no page read.
 * Invariants
 * - Until that commit the table is empty and CREATING; whatever ends the import before leaves it as
 *   it was, and this engine or another frees the pages.
 */
import { DynamoError, limitExceeded, resourceInUse } from '../base/errors.ts';
import {
  buildBeatMs,
  buildPagesReserve,
  buildPatienceMs,
  buildRangeMax,
  buildRangeMin,
  checkpointSliceMs,
  importErrorSamples,
  importMemoryBytes,
  importRunBytes,
} from '../base/limits.ts';
import type { Attach } from '../log/commit.ts';
import { decodeMeta } from '../pager/meta.ts';
import { metaKey } from '../port/store.ts';
import { type ImportJob, importJobs, noProgress, type PageRange } from '../table/import-job.ts';
import type { TableState } from '../table/state.ts';
import { TreeBuilder } from '../tree/bulk.ts';
import { entrySize } from '../tree/run.ts';
import { JsonLine } from '../value/json-line.ts';
import { PackedItem } from '../value/packed.ts';
import { addBuild, BuildLost, BuildWriter, rangesOf, removeBuild } from './build-writer.ts';
import { type AskImport, type BuildWatch, freePages } from './builds.ts';
import { AbortError } from './call.ts';
import { catchUp } from './follow.ts';
import { type EncodedItem, IndexSorters, ItemEncoder } from './import-items.ts';
import { LoggedWriter, type PutRequest } from './import-logged.ts';
import { pagesAhead, RunLost, Sorter, type SorterHost } from './import-sorter.ts';
import type {
  ImportBatch,
  ImportResult,
  ImportSession,
  ImportSettings,
  ImportState,
  RefusedItem,
} from './import-types.ts';
import type { PageLoader } from './load.ts';
import type { EngineState } from './state.ts';

/** What an import asks of the engine around it. */
export interface ImportHost {
  readonly state: EngineState;
  readonly loader: PageLoader;
  readonly builds: BuildWatch;
  readonly ask: AskImport;
  readonly put: PutRequest;
  /** The table has its trees. */
  attached(): void;
}

/** Throws ResourceNotFoundException, ResourceInUseException, LimitExceededException. */
export async function beginImport(
  host: ImportHost,
  settings: ImportSettings,
): Promise<ImportSession> {
  const { state, loader } = host;
  if (state.closing) throw new Error('The database is closed');
  if (state.ownBuilds.size > 0) throw limitExceeded('This tab has an import under way already');
  const number = randomNumber(state);
  state.ownBuilds.add(number);
  try {
    const job = (await resume(host, settings, number)) ?? (await begin(host, settings, number));
    await catchUp(state);
    const table = await loader.run(() => state.catalog().find(settings.table));
    if (table === undefined) throw resourceInUse(`The table ${settings.table} has gone`);
    return new Import(host, settings, number, table, job);
  } catch (error) {
    state.ownBuilds.delete(number);
    state.jobsNoted = true;
    throw error;
  }
}

/** The job of a new build; undefined when the table has items, and the log is the way. */
async function begin(
  { state, ask }: ImportHost,
  { table, made = false, importId = '' }: ImportSettings,
  number: number,
): Promise<ImportJob | undefined> {
  await addBuild(state, number);
  const input = { Step: 'begin', Number: number, Table: table, Made: made, ImportId: importId };
  try {
    const { Job } = await ask(input);
    if (Job === undefined) await removeBuild(state, number);
    return Job;
  } catch (error) {
    await removeBuild(state, number);
    throw error;
  }
}

/** The job of a broken import of the same table under the same id, if there is one. */
async function resume(
  { state, loader, ask, builds }: ImportHost,
  { table, importId = '' }: ImportSettings,
  number: number,
): Promise<ImportJob | undefined> {
  if (importId === '') return undefined;
  const { store, scheduler } = state.options;
  // Somebody who works on it counts in this time.
  for (let waitedMs = 0; waitedMs <= buildPatienceMs + buildBeatMs; waitedMs += buildBeatMs) {
    await catchUp(state);
    const jobs = await loader.run(() => importJobs(state.published));
    const job = jobs.find((one) => one.importId === importId && one.table === table);
    if (job === undefined || job.freeing) return undefined;
    const stored = await store.get('meta', metaKey);
    if (stored === undefined || builds.isDead(decodeMeta(stored), job.number)) {
      await addBuild(state, number, job.number);
      return (await ask({ Step: 'resume', Number: number, Old: job.number })).Job;
    }
    await scheduler.delay(buildBeatMs);
  }
  throw resourceInUse(`An import with the id ${importId} is under way`);
}

/** 48 bits. */
function randomNumber({ options }: EngineState): number {
  let number = 0;
  for (const byte of options.random.bytes(6)) number = number * 0x100 + byte;
  return number;
}

/** Lines after which is judged whether they are simple. */
const linesTried = 1000;

/** Throws the refusal of what could not be read. */
function readable(raw: unknown): unknown {
  if (raw instanceof Error) throw new DynamoError('ValidationException', raw.message);
  return raw;
}

class Import implements ImportSession, SorterHost {
  readonly state: EngineState;
  readonly writer: BuildWriter;
  readonly resumed: ImportSession['resumed'];
  readonly #host: ImportHost;
  readonly #settings: ImportSettings;
  readonly #number: number;
  readonly #table: TableState;
  /** Undefined: the items pass the log. */
  readonly #job: ImportJob | undefined;
  readonly #encoder: ItemEncoder;
  readonly #sorter: Sorter;
  readonly #logged: LoggedWriter;
  readonly #errors: RefusedItem[] = [];
  #rangePages: number = buildRangeMin / 2;
  #phase: ImportState['phase'] = 'reading';
  #processed: number;
  #refused: number;
  #position: number;
  /** DynamoDB's sizes of the items of this batch. */
  #sizes = 0;
  #overwritten = 0;
  /** Lines that came as such, and those of them that had to be parsed. */
  #lines = 0;
  #parsedLines = 0;
  #breathedMs = 0;
  /** Why it ends, once that is known, and the work that undoes it. */
  #ended: Error | undefined;
  #undone: Promise<void> | undefined;

  constructor(
    host: ImportHost,
    settings: ImportSettings,
    number: number,
    table: TableState,
    job: ImportJob | undefined,
  ) {
    const { state } = host;
    this.#host = host;
    this.state = state;
    this.#settings = settings;
    this.#number = number;
    this.#table = table;
    this.#job = job;
    this.writer = new BuildWriter(state, number);
    this.#encoder = new ItemEncoder(table, settings.form);
    this.#logged = new LoggedWriter(host.put, settings);
    const { processed, errors, bytes, runs } = job?.progress ?? noProgress;
    this.#sorter = new Sorter(this, settings.runBytes ?? importRunBytes, runs);
    this.#processed = processed;
    this.#refused = errors;
    this.#position = bytes;
    this.resumed = { items: processed, bytes };
    if (job !== undefined) this.#lend(importMemoryBytes);
  }

  progress(): ImportState {
    return {
      processedItemCount: this.#processed,
      importedItemCount: this.#processed - this.#refused,
      errorCount: this.#refused,
      processedSizeBytes: this.#position,
      way: this.#job === undefined ? 'log' : 'build',
      phase: this.#phase,
    };
  }

  write(batch: ImportBatch): Promise<void> {
    return this.#guard(async () => {
      const runs = this.#sorter.runs.length;
      for (const raw of batch.items) {
        this.#take(raw);
        if (this.#sorter.buffer.isFull) this.#overwritten += await this.#sorter.spill();
      }
      this.#position = batch.position ?? this.#position + this.#sizes;
      this.#sizes = 0;
      if (this.#job === undefined) this.#overwritten += await this.#logged.flush();
      else if (this.#sorter.isFull) this.#overwritten += await this.#sorter.spill();
      if (this.#sorter.runs.length > runs && this.#settings.importId) await this.#save();
      await this.pause();
    });
  }

  beat(): Promise<void> {
    if (this.#job === undefined) return Promise.resolve();
    return this.#guard(() => this.writer.beat());
  }

  finish(): Promise<ImportResult> {
    return this.#guard(async () => {
      this.#phase = 'building';
      if (this.#job !== undefined) await this.#attach(this.#job, await this.#build(this.#job));
      this.#phase = 'done';
      this.#leave();
      const { phase: _, ...counts } = this.progress();
      return { ...counts, overwrittenItemCount: this.#overwritten, errors: this.#errors };
    });
  }

  async abort(keep = false): Promise<void> {
    if (this.#phase === 'done') return;
    this.#ended ??= new AbortError(false);
    this.#undone ??= this.#undo(keep);
    await this.#undone;
  }

  async reserve(pages: number): Promise<void> {
    if (this.writer.left >= pages) return;
    this.#rangePages = Math.min(buildRangeMax, this.#rangePages * 2);
    const input = { Step: 'grow', Pages: Math.max(pages, this.#rangePages) };
    this.writer.use((await this.#step(input)).ranges.at(-1) as PageRange);
  }

  async pause(): Promise<void> {
    const { clock, scheduler } = this.state.options;
    if (this.writer.isDue) await this.writer.flush();
    if (clock.monoMs() - this.#breathedMs >= checkpointSliceMs) {
      await scheduler.breathe();
      this.#breathedMs = clock.monoMs();
    }
    if (this.#ended !== undefined) throw this.#ended;
  }

  /** Any failure undoes the import, before it is told. */
  async #guard<T>(work: () => Promise<T>): Promise<T> {
    try {
      if (this.#ended !== undefined) throw this.#ended;
      return await work();
    } catch (error) {
      this.#ended ??= error instanceof Error ? error : new Error(String(error));
      // What was stored can be gone on with, unless it is that which is damaged.
      this.#undone ??= this.#undo(!(error instanceof RunLost));
      await this.#undone;
      throw this.#ended;
    }
  }

  #take(raw: unknown): void {
    const index = this.#processed;
    this.#processed += 1;
    try {
      const { keyed, keyEnd, annexEnd, value, size } = this.#encode(raw);
      this.#sizes += size;
      if (this.#job === undefined) this.#logged.add(keyed.subarray(0, keyEnd), raw);
      else this.#sorter.buffer.addKeyed(keyed, keyEnd, annexEnd, value, size);
    } catch (error) {
      if (!(error instanceof DynamoError)) throw error;
      this.#refused += 1;
      const { message } = error;
      if (this.#errors.length < importErrorSamples) this.#errors.push({ index, message });
      if (this.#refused > (this.#settings.maxErrors ?? Number.POSITIVE_INFINITY)) throw error;
    }
  }

  #encode(raw: unknown): EncodedItem {
    if (raw instanceof PackedItem) return this.#encoder.encodePacked(raw);
    if (!(raw instanceof JsonLine)) return this.#encoder.encode(readable(raw));
    const encoded = this.#encoder.encodeLine(raw);
    this.#lines += 1;
    if (encoded !== undefined) return encoded;
    this.#parsedLines += 1;
    return this.#encoder.encode(readable(raw.parse()));
  }

  /** Where most lines have to be parsed all the same, many together cost less. */
  get wantsLines(): boolean {
    const { form } = this.#settings;
    if (this.#job === undefined || form !== 'plain') return false;
    return this.#lines < linesTried || this.#parsedLines * 2 < this.#lines;
  }

  async #save(): Promise<void> {
    const progress = {
      processed: this.#processed,
      errors: this.#refused,
      bytes: this.#position,
      runs: this.#sorter.runs,
    };
    await this.#step({ Step: 'save', Progress: progress });
  }

  /** The roots of the trees that have entries. */
  async #build(job: ImportJob): Promise<readonly Attach[]> {
    const { writer } = this;
    const indexes = new IndexSorters(this, this.#table, this.#settings.runBytes ?? importRunBytes);
    const builder = new TreeBuilder(writer);
    // What comes from stored runs is gone when its pages are written.
    const isInMemory = this.#sorter.runs.length === 0;
    const trees = 1 + this.#table.indexes.length;
    await this.reserve(pagesAhead(this.#sorter.bytes * trees));
    const wants = (): boolean =>
      writer.left < buildPagesReserve || writer.isDue || indexes.isFull();
    const wait = async (): Promise<void> => {
      await this.reserve(buildPagesReserve);
      await indexes.spillFull();
      await this.pause();
    };
    this.#overwritten += await this.#sorter.drain((cursor) => {
      const { bytes, at } = cursor;
      builder.add(cursor.cell(), entrySize(bytes, at));
      indexes.add(bytes, at, isInMemory);
      return wants();
    }, wait);
    const roots = [builder.finish(), ...(await indexes.build(wants, wait))];
    await writer.flush();
    await writer.settle();
    return roots.flatMap((root, at) =>
      root === undefined ? [] : [{ tree: job.trees[at] as number, ...root }],
    );
  }

  async #attach(job: ImportJob, roots: readonly Attach[]): Promise<void> {
    // What lies in the ranges of an earlier life is runs, or was never finished.
    const free = [...job.ranges, ...rangesOf(this.#sorter.runs)];
    const { Job, Done } = await this.#alive(() =>
      this.#host.ask({ Step: 'attach', Number: this.#number, Roots: roots, Ranges: free }),
    );
    if (Done !== true) throw new BuildLost();
    this.#phase = 'done';
    this.#host.attached();
    // What is left to do now can be left to others: the table is there.
    try {
      await removeBuild(this.state, this.#number);
      if (Job !== undefined) await this.#free(Job);
    } catch {
      this.state.jobsNoted = true;
    }
  }

  async #free(job: ImportJob): Promise<void> {
    await freePages(this.state, job.ranges);
    await this.#host.ask({ Step: 'free', Number: this.#number });
  }

  async #step(input: object): Promise<ImportJob> {
    const { Job } = await this.#alive(() => this.#host.ask({ Number: this.#number, ...input }));
    if (Job === undefined) throw new BuildLost();
    return Job;
  }

  /** A turn may wait for a checkpoint, longer than a build may be silent. */
  async #alive<T>(work: () => Promise<T>): Promise<T> {
    const { scheduler } = this.state.options;
    const over = new AbortController();
    const { signal } = over;
    const beats = async (): Promise<void> => {
      await scheduler.delay(buildBeatMs, signal);
      while (!signal.aborted) {
        // Who took it for dead all the same tells by the answer.
        await this.writer.beat().catch(() => undefined);
        await scheduler.delay(buildBeatMs, signal);
      }
    };
    void beats();
    try {
      return await work();
    } finally {
      over.abort();
    }
  }

  /** Never rejects: what cannot be undone now will be, by any engine. */
  async #undo(keep: boolean): Promise<void> {
    try {
      if (this.#job === undefined || this.#phase === 'done') return;
      await this.writer.settle().catch(() => undefined);
      await removeBuild(this.state, this.#number);
      if (keep && this.#job.importId !== '') return;
      const { Job } = await this.#host.ask({ Step: 'abandon', Number: this.#number });
      if (Job !== undefined) await this.#free(Job);
    } catch {
      this.state.deadBuilds.add(this.#number);
      this.state.jobsNoted = true;
    } finally {
      this.#leave();
    }
  }

  #leave(): void {
    this.#lend(0);
    this.state.ownBuilds.delete(this.#number);
  }

  #lend(bytes: number): void {
    this.state.lentBytes = bytes;
    this.state.fitCache();
  }
}
