/**
 * The Hint port: tells other engines over the same store that there is something new.
 *
 * A hint may be late or lost: nothing depends on it but latency.
 */

export interface Hint {
  /** Tells the others that the log's head is now `position`. */
  tell(position: number): void;
  /** Calls `heard` for every hint of another engine, until `close`. */
  listen(heard: (position: number) => void): void;
  close(): void;
}
