/**
 * Loads the cities into the table: files of rows, batches of 25, eight batches in flight.
 *
 * How far it has come is an item of the table Loads. It counts rows from the first on that are all
 * in the table, so a load that was cut off goes on there, in whatever tab and after whatever end;
 * batches beyond it that were written already are put again, which changes nothing.
 */
import type { Database, WriteRequest } from 'tidetable';
import { type CityRow, cityOf } from './city.ts';
import type { RequestLog } from './requests.svelte.ts';
import { unitsOf } from './store.ts';
import { citiesTable, loadsTable } from './tables.ts';

const batchRows = 25;
const lanes = 8;
const saveEveryRows = 2500;
const triesMax = 8;
const backoffMs = 20;

/** `running` after a reload means: it was cut off. */
export type LoadState = 'running' | 'cancelled' | 'complete';

/** The item of the table Loads. */
export interface LoadProgress {
  readonly state: LoadState;
  readonly loaded: number;
  readonly total: number;
  readonly rowsPerFile: number;
  readonly source: string;
  readonly countries: readonly string[];
}

type Manifest = Pick<LoadProgress, 'total' | 'rowsPerFile' | 'source' | 'countries'>;

const key = { name: 'cities' };

/** Strongly consistent. Undefined before the first load. */
export async function readProgress(
  db: Database,
  log: RequestLog,
): Promise<LoadProgress | undefined> {
  const started = performance.now();
  const answer = await db.getItem({
    TableName: loadsTable,
    Key: key,
    ConsistentRead: true,
    ReturnConsumedCapacity: 'TOTAL',
  });
  log.addToLine({
    operation: 'GetItem',
    on: loadsTable,
    detail: 'name = cities',
    items: answer.Item === undefined ? 0 : 1,
    units: unitsOf(answer),
    ms: performance.now() - started,
    more: false,
  });
  return answer.Item as LoadProgress | undefined;
}

/** The progress before anything is loaded: what the data files say of themselves. */
export async function firstProgress(signal: AbortSignal): Promise<LoadProgress> {
  const manifest = (await readJson('manifest.json', signal)) as Manifest;
  return { ...manifest, state: 'running', loaded: 0 };
}

export async function saveProgress(db: Database, progress: LoadProgress): Promise<void> {
  await db.putItem({ TableName: loadsTable, Item: { ...key, ...progress } });
}

export interface LoadOptions {
  readonly db: Database;
  readonly log: RequestLog;
  readonly from: LoadProgress;
  /** Cancels: what is in flight is written, and nothing after it. */
  readonly signal: AbortSignal;
  /** Told after every batch. */
  readonly onProgress: (progress: LoadProgress) => void;
}

/** Resolves with `complete` or `cancelled`; rejects with the first error, progress being saved. */
export async function loadCities(options: LoadOptions): Promise<LoadProgress> {
  const load = new Load(options);
  await saveProgress(options.db, load.progress('running'));
  const results = await Promise.allSettled(Array.from({ length: lanes }, () => load.lane()));
  const failure = results.find((result) => result.status === 'rejected');
  const isComplete = load.loaded >= options.from.total;
  const state = isComplete ? 'complete' : failure === undefined ? 'cancelled' : 'running';
  const progress = load.progress(state);
  await load.saved();
  await saveProgress(options.db, progress).catch((error: unknown) => {
    // When the disk is full, what was saved before stands, and the first error says more.
    if (failure === undefined) throw error;
  });
  options.onProgress(progress);
  if (failure !== undefined && !isComplete) throw failure.reason;
  return progress;
}

class Load {
  loaded: number;
  readonly #options: LoadOptions;
  readonly #files: Map<number, Promise<readonly CityRow[]>> = new Map();
  /** First rows of batches that are written, beyond those that count. */
  readonly #written: Set<number> = new Set();
  #next: number;
  #failed = false;
  #savedRows: number;
  #saving: Promise<void> = Promise.resolve();

  constructor(options: LoadOptions) {
    this.#options = options;
    this.loaded = options.from.loaded;
    this.#next = this.loaded;
    this.#savedRows = this.loaded;
  }

  progress(state: LoadState): LoadProgress {
    return { ...this.#options.from, state, loaded: this.loaded };
  }

  /** Takes batch after batch until none is left, the load is cancelled or another lane failed. */
  async lane(): Promise<void> {
    const { from, signal } = this.#options;
    try {
      while (this.#next < from.total && !signal.aborted && !this.#failed) {
        const start = this.#next;
        this.#next += batchRows;
        await this.#write(await this.#rows(start));
        this.#count(start);
      }
    } catch (error) {
      this.#failed = true;
      if (!signal.aborted) throw error;
    }
  }

  /** Resolves when no save is under way. */
  saved(): Promise<void> {
    return this.#saving;
  }

  #count(start: number): void {
    const { from, onProgress } = this.#options;
    this.#written.add(start);
    while (this.#written.delete(this.loaded)) {
      this.loaded = Math.min(this.loaded + batchRows, from.total);
    }
    onProgress(this.progress('running'));
    if (this.loaded - this.#savedRows < saveEveryRows) return;
    this.#savedRows = this.loaded;
    const progress = this.progress('running');
    const { db } = this.#options;
    // A save that fails is told by the batches, which fail too.
    this.#saving = this.#saving.then(() => saveProgress(db, progress).catch(() => undefined));
  }

  async #rows(start: number): Promise<readonly CityRow[]> {
    const { rowsPerFile, total } = this.#options.from;
    const file = Math.floor(start / rowsPerFile);
    const rows = this.#file(file);
    // The next file comes while this one is written; the one before is not needed any more.
    if ((file + 1) * rowsPerFile < total) this.#file(file + 1).catch(() => undefined);
    this.#files.delete(file - 2);
    const at = start - file * rowsPerFile;
    return (await rows).slice(at, at + batchRows);
  }

  #file(file: number): Promise<readonly CityRow[]> {
    let rows = this.#files.get(file);
    if (rows === undefined) {
      const { signal } = this.#options;
      rows = readJson(`cities-${file}.json`, signal) as Promise<readonly CityRow[]>;
      this.#files.set(file, rows);
    }
    return rows;
  }

  async #write(rows: readonly CityRow[]): Promise<void> {
    let requests: readonly WriteRequest[] = rows.map((row) => ({
      PutRequest: { Item: { ...cityOf(row) } },
    }));
    for (let attempt = 0; attempt < triesMax; attempt += 1) {
      requests = await this.#send(requests);
      if (requests.length === 0) return;
      // DynamoDB's advice for what it did not process: wait, each time twice as long.
      await new Promise((resolve) => setTimeout(resolve, backoffMs * 2 ** attempt));
    }
    throw new Error(`${requests.length} cities were not processed after ${triesMax} tries`);
  }

  /** Gives what was not processed. */
  async #send(requests: readonly WriteRequest[]): Promise<readonly WriteRequest[]> {
    const { db, log } = this.#options;
    const started = performance.now();
    const answer = await db.batchWriteItem({
      RequestItems: { [citiesTable]: requests },
      ReturnConsumedCapacity: 'TOTAL',
    });
    const left = (answer.UnprocessedItems[citiesTable] ?? []) as readonly WriteRequest[];
    log.addToLine({
      operation: 'BatchWriteItem',
      on: citiesTable,
      detail: `PutRequest × ${batchRows}, ${lanes} batches in flight`,
      items: requests.length - left.length,
      units: unitsOf(answer),
      ms: performance.now() - started,
      more: false,
    });
    return left;
  }
}

async function readJson(name: string, signal: AbortSignal): Promise<unknown> {
  const response = await fetch(`data/${name}`, { signal });
  if (!response.ok) throw new Error(`The file data/${name} was not found: ${response.status}`);
  return response.json();
}
