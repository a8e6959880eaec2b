/**
 * How much log there is above a checkpoint: its bytes, and how long an open is busy with them.
 *
 * Small writes make a long open of few bytes: what a turn and an entry cost does not depend on how
 * long they are. The figures are a browser's at a third visit (docs/adr/0036, 0040), and times
 * `pace`, which an open has measured of itself where the device is slower.
 */
import {
  replayBytesPerMs,
  replayEntriesPerMs,
  replayLoadFactor,
  replayPaceMax,
  replayPaceMs,
  replayTurnsPerMs,
} from '../base/replay-limits.ts';
import type { Commit } from '../log/commit.ts';
import type { Bounds } from './bounds.ts';

export class LogLength {
  bytes = 0;
  /** Milliseconds, where the device is as quick as the one that was measured. */
  ms = 0;
  /** Of both, what counts: all that users wrote, and a part of what no user waits for. */
  #weight = 1;

  /** One turn of `bytes`. */
  add(bytes: number, commits: readonly Commit[]): void {
    let entries = 0;
    let isOfUsers = false;
    for (const { mutations, caller } of commits) {
      entries += mutations.length;
      isOfUsers ||= caller === 'user';
    }
    const ms = 1 / replayTurnsPerMs + entries / replayEntriesPerMs + bytes / replayBytesPerMs;
    this.#grow(bytes, ms, isOfUsers ? 1 : 1 / replayLoadFactor);
  }

  join(other: LogLength): void {
    this.#grow(other.bytes, other.ms, other.#weight);
  }

  #grow(bytes: number, ms: number, weight: number): void {
    const sum = this.bytes + bytes;
    if (sum > 0) this.#weight = (this.bytes * this.#weight + bytes * weight) / sum;
    this.bytes = sum;
    this.ms += ms;
  }

  /** What is left where at most so many bytes are. */
  cutTo(bytes: number): void {
    if (bytes >= this.bytes) return;
    this.ms *= bytes / this.bytes;
    this.bytes = bytes;
  }

  /** Most of it is what no user waits for. */
  get isOfLoad(): boolean {
    return this.#weight < (1 + 1 / replayLoadFactor) / 2;
  }

  /** How many times as long as it is when a checkpoint starts. */
  share({ checkpointBytes, replayMs }: Bounds, pace: number): number {
    return this.#weight * Math.max(this.bytes / checkpointBytes, (this.ms * pace) / replayMs);
  }

  /** How many times as long an open took with it, from 1; of a short one nothing can be told. */
  paceOf(tookMs: number): number {
    if (this.ms < replayPaceMs) return 1;
    return Math.min(Math.max(tookMs / this.ms, 1), replayPaceMax);
  }
}
