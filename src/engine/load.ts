/**
 * The first of the engine's two doors: pages are loaded before an operation runs again.
 *
 * Faults of one task are brought by one request to the store, with `meta` in the same snapshot; the
 * farther half of what they name ahead comes by a second one that nobody waits for, so that a long
 * range is read while the run works. A page counts only if meta shows the checkpoint this engine
 * stands on; else the newer one is adopted first, and the run faults anew. Cost: one transaction
 * for any number of pages, one range read in it for each run of neighbouring ids, about 0.1 ms,
 * then the bytes.
 */
import { equalBytes } from '../base/bytes.ts';
import { checkpointSpan, runFaultsMax } from '../base/limits.ts';
import { PageFault } from '../pager/fault.ts';
import { Corruption, DamagedPage } from '../base/corruption.ts';
import { decodeMeta } from '../pager/meta.ts';
import { assemble, pageRange } from '../pager/versions.ts';
import { metaKey, type ScanRange, type StoreRecord } from '../port/store.ts';
import { DamageWatch } from './damage.ts';
import type { Pages } from '../tree/search.ts';
import { adopt } from './follow.ts';
import { ourMeta } from './identity.ts';
import type { EngineState } from './state.ts';

/** The pages that one run has asked for: they stay in the cache until it is over. */
export type Pins = Set<number>;

/** Pages that could not be read, each with its error. */
type Damage = ReadonlyMap<number, DamagedPage>;

/** Pages that one request brings. */
interface Batch {
  readonly ids: Set<number>;
  /** The checkpoint whose pages are wanted. */
  readonly checkpoint: number;
  readonly flight: Promise<Damage>;
}

export class PageLoader {
  readonly damage: DamageWatch;
  readonly #state: EngineState;
  /** What this task asks for, and what it will ask for next. */
  #near: Batch | undefined;
  #far: Batch | undefined;
  /** Pages under way. */
  readonly #coming = new Map<number, Batch>();

  constructor(state: EngineState) {
    this.#state = state;
    this.damage = new DamageWatch(state);
  }

  /**
   * Resolves when the pages are in the cache, or when the checkpoint moved and all is to be run
   * again. Throws DamagedData when one of them is damaged (`raw`: the DamagedPage as it was found),
   * StoreFailure when none could be read.
   */
  async load(fault: PageFault, pins: Pins, raw = false): Promise<void> {
    const { cache } = this.#state;
    const awaited = new Set<Batch>();
    for (const id of fault.pages) {
      if (!pins.has(id)) cache.pin(id);
      pins.add(id);
      awaited.add(this.#want(id, 'near'));
    }
    const half = Math.ceil(fault.ahead.length / 2);
    for (const [index, id] of fault.ahead.entries()) {
      if (!cache.has(id)) this.#want(id, index < half ? 'near' : 'far');
    }
    // Who shares the request with a run that met a damaged page does not share its error.
    let first: Error | undefined;
    for (const { flight } of awaited) {
      const damage = await flight;
      for (const id of fault.pages) {
        const error = damage.get(id);
        if (error === undefined) continue;
        if (raw) throw error;
        const explained = await this.damage.explain(error, (read) => this.run(read, true));
        first ??= explained;
      }
    }
    if (first !== undefined) throw first;
  }

  get pages(): Pages {
    return this.#state.cache;
  }

  /** A run that may fault begins: pages it loads stay until its `end`. */
  begin(): Pins {
    return new Set();
  }

  end(pins: Pins): void {
    this.#state.cache.unpin(pins);
    pins.clear();
  }

  /** Runs `read` until it meets no absent page, for at most runFaultsMax rounds. */
  async run<T>(read: () => T, raw = false): Promise<T> {
    const pins = this.begin();
    try {
      for (let round = 0; round < runFaultsMax; round += 1) {
        try {
          return read();
        } catch (error) {
          if (!(error instanceof PageFault)) throw error;
          await this.load(error, pins, raw);
        }
      }
      throw new Error('too many pages were asked for by one run');
    } finally {
      this.end(pins);
    }
  }

  /** Stands on the store's newest checkpoint. */
  async adoptNewest(): Promise<void> {
    const stored = await this.#state.options.store.get('meta', metaKey);
    if (stored !== undefined) await adopt(this.#state, decodeMeta(stored), stored);
  }

  /** The request that brings a page: one that is under way, or this task's. */
  #want(id: number, which: 'near' | 'far'): Batch {
    const { checkpoint } = this.#state.meta;
    const coming = this.#coming.get(id);
    if (coming !== undefined && coming.checkpoint === checkpoint) return coming;
    const batch = (which === 'near' ? this.#near : this.#far) ?? this.#begin(which, checkpoint);
    batch.ids.add(id);
    this.#coming.set(id, batch);
    return batch;
  }

  #begin(which: 'near' | 'far', checkpoint: number): Batch {
    const ids = new Set<number>();
    const flight = Promise.resolve().then(() => {
      if (which === 'near') this.#near = undefined;
      else this.#far = undefined;
      return this.#bring(ids, checkpoint).finally(() => {
        for (const id of ids) if (this.#coming.get(id) === batch) this.#coming.delete(id);
      });
    });
    // What nobody waits for fails in silence, and is asked for again by who needs it.
    flight.catch(() => undefined);
    const batch: Batch = { ids, checkpoint, flight };
    if (which === 'near') this.#near = batch;
    else this.#far = batch;
    return batch;
  }

  async #bring(ids: ReadonlySet<number>, wantedOf: number): Promise<Damage> {
    const state = this.#state;
    const damage = new Map<number, DamagedPage>();
    const { checkpoint } = state.meta;
    // A page of an older checkpoint may be gone: the run is to ask anew.
    if (checkpoint !== wantedOf) return damage;
    const runs = neighbours(ids);
    const ranges: ScanRange[] = runs.map(({ first, last }) => {
      return {
        space: 'page',
        from: pageRange(first, checkpoint).from,
        to: pageRange(last, checkpoint).to,
      };
    });
    ranges.push({ space: 'meta', from: metaKey, to: metaKey });
    const results = await state.options.store.scan(ranges);
    state.progress.reads += 1;
    const stored = ourMeta(state, results[runs.length]?.[0]?.value);
    const meta = equalBytes(stored, state.metaBytes) ? state.meta : decodeMeta(stored);
    if (meta.checkpoint !== checkpoint || state.meta.checkpoint !== checkpoint) {
      if (meta.checkpoint !== state.meta.checkpoint) await adopt(state, meta, stored);
      return damage;
    }
    const dead = new Set(meta.dead);
    for (const [index, run] of runs.entries()) {
      const versions = results[index] as readonly StoreRecord[];
      for (let at = 0, id = run.first; id <= run.last; id += 1) {
        const from = at;
        while (at < versions.length && pageOf(versions[at] as StoreRecord) === id) at += 1;
        try {
          const page = assemble(id, versions.slice(from, at), checkpoint, dead);
          if (page === undefined) throw new Corruption(`page ${id} is missing`);
          state.cache.put(page);
        } catch (error) {
          if (!(error instanceof Corruption)) throw error;
          damage.set(id, new DamagedPage(id, error.message));
        }
      }
    }
    return damage;
  }
}

function pageOf({ key }: StoreRecord): number {
  return Math.floor(key / checkpointSpan);
}

/** Page ids as runs of neighbours, which one range read brings. */
function neighbours(ids: ReadonlySet<number>): readonly { first: number; last: number }[] {
  const runs: { first: number; last: number }[] = [];
  for (const id of [...ids].sort((a, b) => a - b)) {
    const run = runs.at(-1);
    if (run !== undefined && run.last + 1 === id) run.last = id;
    else runs.push({ first: id, last: id });
  }
  return runs;
}
