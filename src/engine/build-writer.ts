/**
 * The pages of a bulk build on their way to the store: gathered, then written a slice at a time,
 * while the next slice is being made.
 *
 * Every slice checks in its transaction that meta still names the build, and counts in it: so a
 * build that was given up can write nothing any more, and one that counts is known to be alive.
 */
import { assert } from '../base/assert.ts';
import { importSliceBytes, buildsMax } from '../base/limits.ts';
import type { Build, Meta } from '../pager/meta.ts';
import { overflowPieceMax } from '../pager/node.ts';
import { pageKey } from '../pager/versions.ts';
import type { SpaceRecord } from '../port/store.ts';
import type { PageRange, StoredRun } from '../table/import-job.ts';
import type { PageSink } from '../tree/bulk.ts';
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
  #flight: Promise<void> | undefined;

  constructor(state: EngineState, number: number) {
    this.#state = state;
    this.#number = number;
  }

  /** Page ids at hand. */
  get left(): number {
    return this.#left;
  }

  /** A slice has gathered. */
  get isDue(): boolean {
    return this.#bytes >= importSliceBytes;
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

  /** Resolves when the slice before this one is stored; throws what became of it. */
  async flush(): Promise<void> {
    await this.settle();
    if (this.#records.length === 0) return;
    const put = this.#records;
    this.#records = [];
    this.#bytes = 0;
    this.#flight = this.#store(put);
    // Who waits for it is told of a failure, by the next `flush` or `settle`.
    this.#flight.catch(() => undefined);
  }

  /** Resolves when nothing is under way. */
  async settle(): Promise<void> {
    const flight = this.#flight;
    this.#flight = undefined;
    await flight;
  }

  /** Says that the build is alive, if nothing that says so is under way. Throws BuildLost. */
  async beat(): Promise<void> {
    if (this.#flight === undefined) await this.#store([]);
  }

  async #store(put: readonly SpaceRecord[]): Promise<void> {
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
    const others = buildsOf(meta).filter((build) => build.number !== old);
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
