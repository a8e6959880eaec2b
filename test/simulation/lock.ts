/** A lock as the tabs of a simulated device share it: first come, first served, freed by death. */
import type { Lock } from '../../src/port/lock.ts';

interface Claim {
  readonly holder: object;
  readonly granted: () => void;
  /** Nobody need say any more that it is given up. */
  readonly forget: () => void;
}

export class SimLock {
  readonly #claims: Claim[] = [];

  /** The lock as one tab sees it. */
  of(holder: object): Lock {
    return {
      hold: async (work, signal) => {
        const claim = await this.#claim(holder, signal);
        if (claim === undefined) return;
        try {
          await work(signal);
        } finally {
          this.#leave(claim);
        }
      },
    };
  }

  /** The tab is dead: what it held or waited for is free. */
  release(holder: object): void {
    for (const claim of this.#claims.filter((one) => one.holder === holder)) this.#leave(claim);
  }

  #claim(holder: object, signal: AbortSignal): Promise<Claim | undefined> {
    return new Promise((resolve) => {
      if (signal.aborted) {
        resolve(undefined);
        return;
      }
      const aborted = (): void => {
        if (this.#claims[0] === claim) return;
        this.#leave(claim);
        resolve(undefined);
      };
      const forget = (): void => signal.removeEventListener('abort', aborted);
      const claim: Claim = { holder, granted: () => resolve(claim), forget };
      signal.addEventListener('abort', aborted);
      this.#claims.push(claim);
      if (this.#claims.length === 1) claim.granted();
    });
  }

  #leave(claim: Claim): void {
    const at = this.#claims.indexOf(claim);
    if (at < 0) return;
    this.#claims.splice(at, 1);
    claim.forget();
    if (at === 0) this.#claims[0]?.granted();
  }
}
