/**
 * The first of the engine's two doors: pages are loaded before an operation runs again.
 *
 * Faults of one task are brought by one request to the store: one range read a page (its last image
 * and the deltas since) and `meta` in the same snapshot. A page counts only if that meta shows the
 * checkpoint this engine stands on; else the newer one is adopted first, and the run faults anew.
 * Cost: one transaction for any number of pages, about 0.1 ms, then the bytes.
 */
import { assert } from '../base/assert.ts';
import { equalBytes } from '../base/bytes.ts';
import { runFaultsMax } from '../base/limits.ts';
import { PageFault } from '../pager/fault.ts';
import { Corruption } from '../base/corruption.ts';
import { decodeMeta } from '../pager/meta.ts';
import { assemble, pageRange } from '../pager/versions.ts';
import { metaKey, type ScanRange } from '../port/store.ts';
import { adopt } from './follow.ts';
import type { EngineState } from './state.ts';

export class PageLoader {
  readonly #state: EngineState;
  #wanted = new Set<number>();
  #flight: Promise<void> | undefined;
  #running = 0;

  constructor(state: EngineState) {
    this.#state = state;
  }

  /**
   * Resolves when the pages are in the cache, or when the checkpoint moved and all is to be run
   * again.
   */
  load(fault: PageFault): Promise<void> {
    for (const id of fault.pages) {
      this.#wanted.add(id);
      this.#state.cache.pin(id);
    }
    for (const id of fault.ahead) {
      if (this.#state.cache.get(id) === undefined) this.#wanted.add(id);
    }
    this.#flight ??= Promise.resolve().then(() => this.#flush());
    return this.#flight;
  }

  /** A run that may fault begins: pages it loads stay until every such run is over. */
  begin(): void {
    this.#running += 1;
  }

  end(): void {
    this.#running -= 1;
    assert(this.#running >= 0, 'a run ended twice');
    if (this.#running === 0) this.#state.cache.unpinAll();
  }

  /** Runs `read` until it meets no absent page, for at most runFaultsMax rounds. */
  async run<T>(read: () => T): Promise<T> {
    this.begin();
    try {
      for (let round = 0; round < runFaultsMax; round += 1) {
        try {
          return read();
        } catch (error) {
          if (!(error instanceof PageFault)) throw error;
          await this.load(error);
        }
      }
      throw new Error('too many pages were asked for by one run');
    } finally {
      this.end();
    }
  }

  /** Stands on the store's newest checkpoint. */
  async adoptNewest(): Promise<void> {
    const stored = await this.#state.options.store.get('meta', metaKey);
    if (stored !== undefined) await adopt(this.#state, decodeMeta(stored), stored);
  }

  async #flush(): Promise<void> {
    const ids = [...this.#wanted];
    this.#wanted = new Set();
    this.#flight = undefined;
    const state = this.#state;
    const { checkpoint } = state.meta;
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
      return;
    }
    const dead = new Set(meta.dead);
    for (const [index, id] of ids.entries()) {
      const page = assemble(id, results[index] ?? [], checkpoint, dead);
      if (page === undefined) throw new Corruption(`page ${id} is missing`);
      state.cache.put(page);
    }
  }
}
