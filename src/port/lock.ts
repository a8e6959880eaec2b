/**
 * The Lock port: who does background work. Only a hint: the store's own expectations fence it.
 */

export interface Lock {
  /**
   * Runs `work` while holding the lock, once it is granted; `signal` ends waiting and working, and
   * so does the loss of the lock. Resolves when the work is over or was never begun.
   */
  hold(work: (signal: AbortSignal) => Promise<void>, signal: AbortSignal): Promise<void>;
  /** The same at once: whoever holds the lock loses it. Absent where it cannot be taken away. */
  seize?(work: (signal: AbortSignal) => Promise<void>, signal: AbortSignal): Promise<void>;
}
