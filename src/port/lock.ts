/**
 * The Lock port: who does background work. Only a hint: the store's own expectations fence it.
 */

export interface Lock {
  /**
   * Runs `work` while holding the lock, once it is granted; `signal` ends waiting and working.
   * Resolves when the work is over or was never begun.
   */
  hold(work: (signal: AbortSignal) => Promise<void>, signal: AbortSignal): Promise<void>;
}
