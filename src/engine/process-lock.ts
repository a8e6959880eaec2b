/** The Lock port inside one process: first come, first served. */
import type { Lock } from '../port/lock.ts';

export class ProcessLocks {
  /** The end of the line for each name. */
  readonly #lines: Map<string, Promise<void>> = new Map();

  lock(name: string): Lock {
    return {
      hold: async (work, signal) => {
        const before = this.#lines.get(name);
        let free: () => void = () => undefined;
        const mine = new Promise<void>((resolve) => {
          free = resolve;
        });
        const line = Promise.all([before, mine]).then(() => undefined);
        this.#lines.set(name, line);
        void line.then(() => {
          if (this.#lines.get(name) === line) this.#lines.delete(name);
        });
        try {
          if (await isOurTurn(before, signal)) await work(signal);
        } finally {
          free();
        }
      },
    };
  }
}

/** False when the wait was ended first. */
function isOurTurn(before: Promise<void> | undefined, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(false);
    signal.addEventListener('abort', () => resolve(false), { once: true });
    void (before ?? Promise.resolve()).then(() => resolve(true));
  });
}
