/**
 * The first of the engine's two doors: pages are loaded before an operation runs again.
 *
 * Faults of one task are brought by one request to the store: one range read a page (its last image
 * and the deltas since) and `meta` in the same snapshot. A page counts only if that meta shows the
 * checkpoint this engine stands on; else the newer one is adopted first, and the run faults anew.
 * Cost: one transaction for any number of pages, about 0.1 ms, then the bytes.
 */
import { equalBytes } from '../base/bytes.ts';
import { runFaultsMax } from '../base/limits.ts';
import { PageFault } from '../pager/fault.ts';
import { Corruption, DamagedPage } from '../base/corruption.ts';
import { decodeMeta } from '../pager/meta.ts';
import { assemble, pageRange } from '../pager/versions.ts';
import { metaKey, type ScanRange } from '../port/store.ts';
import { DamageWatch } from './damage.ts';
import { adopt } from './follow.ts';
import type { EngineState } from './state.ts';

/** The pages that one run has asked for: they stay in the cache until it is over. */
export type Pins = Set<number>;

/** Pages that could not be read, each with its error. */
type Damage = ReadonlyMap<number, DamagedPage>;

export class PageLoader {
  readonly damage: DamageWatch;
  readonly #state: EngineState;
  #wanted = new Set<number>();
  /** The checkpoint whose pages are wanted. */
  #wantedOf = 0;
  #flight: Promise<Damage> | undefined;

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
    const { cache, meta } = this.#state;
    for (const id of fault.pages) {
      this.#wanted.add(id);
      if (!pins.has(id)) cache.pin(id);
      pins.add(id);
    }
    for (const id of fault.ahead) {
      if (cache.get(id) === undefined) this.#wanted.add(id);
    }
    if (this.#flight === undefined) {
      this.#wantedOf = meta.checkpoint;
      this.#flight = Promise.resolve().then(() => this.#flush());
    }
    const damage = await this.#flight;
    // Who shares the request with a run that met a damaged page does not share its error.
    let first: Error | undefined;
    for (const id of fault.pages) {
      const error = damage.get(id);
      if (error === undefined) continue;
      if (raw) throw error;
      const explained = await this.damage.explain(error, (read) => this.run(read, true));
      first ??= explained;
    }
    if (first !== undefined) throw first;
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

  async #flush(): Promise<Damage> {
    const ids = [...this.#wanted];
    const wantedOf = this.#wantedOf;
    this.#wanted = new Set();
    this.#flight = undefined;
    const state = this.#state;
    const damage = new Map<number, DamagedPage>();
    const { checkpoint } = state.meta;
    // A page of an older checkpoint may be gone: the run is to ask anew.
    if (checkpoint !== wantedOf) return damage;
    const ranges: ScanRange[] = ids.map((id) => {
      return { space: 'page', ...pageRange(id, checkpoint) };
    });
    ranges.push({ space: 'meta', from: metaKey, to: metaKey });
    const results = await state.options.store.scan(ranges);
    const stored = results[ids.length]?.[0]?.value;
    if (stored === undefined) throw new Corruption('the store has no meta record any more');
    const meta = equalBytes(stored, state.metaBytes) ? state.meta : decodeMeta(stored);
    if (meta.checkpoint !== checkpoint || state.meta.checkpoint !== checkpoint) {
      if (meta.checkpoint !== state.meta.checkpoint) await adopt(state, meta, stored);
      return damage;
    }
    const dead = new Set(meta.dead);
    for (const [index, id] of ids.entries()) {
      try {
        const page = assemble(id, results[index] ?? [], checkpoint, dead);
        if (page === undefined) throw new Corruption(`page ${id} is missing`);
        state.cache.put(page);
      } catch (error) {
        if (!(error instanceof Corruption)) throw error;
        damage.set(id, new DamagedPage(id, error.message));
      }
    }
    return damage;
  }
}
