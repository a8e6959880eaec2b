/** Hints between the tabs of a simulated device: late, in any order, and often lost. */
import type { Hint } from '../../src/port/hint.ts';
import { type SeededScheduler, siteOf } from './scheduler.ts';
import type { SimStore } from './sim-store.ts';

const hintSite = siteOf('hint');
const lostShare = 0.3;
const delayMsMax = 20;

export class SimHints {
  readonly #scheduler: SeededScheduler;
  readonly #hearing = new Map<SimStore, (position: number) => void>();

  constructor(scheduler: SeededScheduler) {
    this.#scheduler = scheduler;
  }

  /** Hints as one tab sees them. */
  of(store: SimStore): Hint {
    return {
      tell: (position) => this.#tell(store, position),
      listen: (heard) => {
        this.#hearing.set(store, heard);
      },
      close: () => this.forget(store),
    };
  }

  /** The tab is dead, or closed. */
  forget(store: SimStore): void {
    this.#hearing.delete(store);
  }

  #tell(from: SimStore, position: number): void {
    const { random } = this.#scheduler;
    for (const [other, heard] of this.#hearing) {
      if (other === from || random.chance(lostShare)) continue;
      void this.#scheduler.wait(hintSite, random.below(delayMsMax)).then(() => {
        if (!other.dead) heard(position);
      });
    }
  }
}
