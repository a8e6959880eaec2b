/** The Scheduler port: how the engine lets time pass and lets others run. */

export interface Scheduler {
  /**
   * Resolves after at least `delayMs`; earlier when `signal` is aborted. Never rejects. One that is
   * `idle` does not keep a program from ending.
   */
  delay(delayMs: number, signal?: AbortSignal, idle?: boolean): Promise<void>;
  /** Resolves in a task of its own, so that waiting messages and transactions get their turn. */
  breathe(): Promise<void>;
  /**
   * Calls `act` about every `everyMs`, until the function it answers is called. A host that has no
   * such thing (a simulation whose time jumps) has no deadlines for calls that wait.
   */
  every?(everyMs: number, act: () => void): () => void;
}
