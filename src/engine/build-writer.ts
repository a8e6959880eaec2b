/**
 * The pages of a bulk build on their way to the store: gathered, then written a slice at a time,
 * while the next slices are being made.
 *
 * Every slice checks in its transaction that meta still names the build: one that was given up can
 * write nothing any more. Now and then one counts in meta, so that the build is known to be alive.
 * Cost of a slice: one transaction, a get and a put for each page; of one that counts, two more
 * gets and a put, and it meets other writers of meta.
 */
import { assert } from '../base/assert.ts';
import {
  appendRetriesMax,
  buildBeatMs,
  buildFlightsMax,
  buildsMax,
  importAloneSliceBytes,
  importSliceBytes,
} from '../base/limits.ts';
import { type Build, decodeMeta, type Meta } from '../pager/meta.ts';
import { overflowPieceMax } from '../pager/node.ts';
import { pageKey } from '../pager/versions.ts';
import { type SpaceRecord, StoreFailure } from '../port/store.ts';
import type { PageRange, StoredRun } from '../table/import-job.ts';
import type { PageSink } from '../tree/bulk.ts';
import { ourMeta } from './identity.ts';
import { updateMeta } from './meta-update.ts';
import type { EngineState } from './state.ts';

/** Another engine took the build for dead and gave it up, or goes on with it. */
export class BuildLost extends Error {
  override readonly name = 'ImportLost';

  constructor() {
    super('The import was taken for dead by another tab; nothing of it was kept. Start it again.');
  }
}

export class BuildWriter implements PageSink {
  readonly #state: EngineState;
  readonly #number: number;
  #next = 0;
  #left = 0;
  #records: SpaceRecord[] = [];
  #bytes = 0;
  /** Slices that are being stored, in order. */
  #flights: Promise<void>[] = [];
  #beatMs = Number.NEGATIVE_INFINITY;
  /** Of the engine, when the last slice was full: what has moved since was moved by others. */
  #seen = { head: -1, reads: -1 };

  constructor(state: EngineState, number: number) {
    this.#state = state;
    this.#number = number;
  }

  /** Page ids at hand. */
  get left(): number {
    return this.#left;
  }

  /**
   * A slice has gathered. A transaction costs some 2 ms of a core besides its bytes, and whatever
   * else wants the store waits for it: slices are long where no call came since the last.
   */
  get isDue(): boolean {
    if (this.#bytes < importSliceBytes) return false;
    const { head, progress } = this.#state;
    const isAlone = head === this.#seen.head && progress.reads === this.#seen.reads;
    return !isAlone || this.#bytes >= importAloneSliceBytes;
  }

  /** Ids are taken from this range from now on; what is left of the last one stays unused. */
  use({ first, pages }: PageRange): void {
    this.#next = first;
    this.#left = pages;
  }

  allocate(pages: number): number {
    assert(pages <= this.#left, 'a build without page ids');
    const first = this.#next;
    this.#next += pages;
    this.#left -= pages;
    return first;
  }

  write(page: number, bytes: Uint8Array): void {
    this.#records.push({ space: 'page', key: pageKey(page, 0), value: bytes });
    this.#bytes += bytes.length;
  }

  /** Resolves when few enough slices are under way; throws what became of one. */
  async flush(): Promise<void> {
    const { head, progress } = this.#state;
    // Before the wait: whoever comes in it has met the slices that are under way.
    this.#seen = { head, reads: progress.reads };
    while (this.#flights.length >= buildFlightsMax) await this.#flights.shift();
    if (this.#records.length === 0) return;
    const put = this.#records;
    this.#records = [];
    this.#bytes = 0;
    const flight = this.#store(put);
    // Who waits for it is told of a failure, by a later `flush` or `settle`.
    flight.catch(() => undefined);
    this.#flights.push(flight);
  }

  /** Resolves when nothing is under way. */
  async settle(): Promise<void> {
    const flights = this.#flights;
    this.#flights = [];
    for (const flight of flights) await flight;
  }

  /** Says that the build is alive, if nothing that says so is under way. Throws BuildLost. */
  async beat(): Promise<void> {
    if (this.#flights.length === 0) await this.#count([]);
  }

  /** Throws BuildLost where another engine has given the build up. */
  async confirm(): Promise<void> {
    await this.settle();
    await this.#count([]);
  }

  #store(put: readonly SpaceRecord[]): Promise<void> {
    const silentMs = this.#state.options.clock.monoMs() - this.#beatMs;
    return silentMs < buildBeatMs / 2 ? this.#put(put) : this.#count(put);
  }

  async #put(put: readonly SpaceRecord[]): Promise<void> {
    const { store, scheduler } = this.#state.options;
    for (let tries = 0; tries < appendRetriesMax; tries += 1) {
      const result = await store.write({ put, expectMeta: (stored) => this.#isNamed(stored) });
      if (result.kind === 'done') {
        this.#state.progress.writes += 1;
        return;
      }
      if (result.kind === 'refused') {
        if (result.why === 'meta' || result.why === 'taken') throw new BuildLost();
        throw new StoreFailure(result.why, 'a slice of a build could not be written', result.cause);
      }
      // Putting the same twice is putting it once.
      await scheduler.delay(1);
    }
    throw new StoreFailure('lost', 'a slice of a build could not be written');
  }

  #isNamed(stored: Uint8Array | undefined): boolean {
    const meta = decodeMeta(ourMeta(this.#state, stored));
    return buildsOf(meta).some(({ number }) => number === this.#number);
  }

  async #count(put: readonly SpaceRecord[]): Promise<void> {
    this.#beatMs = this.#state.options.clock.monoMs();
    const alive = (meta: Meta): Meta | undefined => {
      const builds = buildsOf(meta);
      const own = builds.find(({ number }) => number === this.#number);
      if (own === undefined) return undefined;
      const counted = { ...own, slices: own.slices + 1 };
      return { ...meta, builds: builds.map((build) => (build === own ? counted : build)) };
    };
    if ((await updateMeta(this.#state, alive, { put })) === undefined) throw new BuildLost();
  }
}

export function buildsOf({ builds = [] }: Meta): readonly Build[] {
  return builds;
}

/** Meta names the build from now on; without one that is named, in the place of that. */
export async function addBuild(state: EngineState, number: number, old?: number): Promise<void> {
  await updateMeta(state, (meta) => {
    // Its own is there when what became of the write before this one is unknown.
    const others = buildsOf(meta).filter(
      (build) => build.number !== old && build.number !== number,
    );
    // So many at once are not alive: the oldest is fenced off.
    return { ...meta, builds: [...others.slice(1 - buildsMax), { number, slices: 0 }] };
  });
}

/** A build of that number writes nothing any more. */
export async function removeBuild(state: EngineState, number: number): Promise<void> {
  await updateMeta(state, (meta) => {
    const builds = buildsOf(meta);
    const others = builds.filter((build) => build.number !== number);
    return others.length === builds.length ? undefined : { ...meta, builds: others };
  });
}

/** The pages that stored runs are in. */
export function rangesOf(runs: readonly StoredRun[]): readonly PageRange[] {
  return runs.map(({ first, bytes }) => ({ first, pages: Math.ceil(bytes / overflowPieceMax) }));
}
