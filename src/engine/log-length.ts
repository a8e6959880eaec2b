/**
 * How much log there is above a checkpoint: its bytes, and how long an open is busy with them.
 *
 * Small writes make a long open of few bytes: what a turn and an entry cost does not depend on how
 * long they are. The figures are a browser's, its code just loaded (docs/adr/0036), and times
 * `pace`, which an open has measured of itself where the device is slower.
 */
import {
  replayBytesPerMs,
  replayEntriesPerMs,
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

  /** One turn of `bytes`. */
  add(bytes: number, commits: readonly Commit[]): void {
    let entries = 0;
    for (const { mutations } of commits) entries += mutations.length;
    this.bytes += bytes;
    this.ms += 1 / replayTurnsPerMs + entries / replayEntriesPerMs + bytes / replayBytesPerMs;
  }

  join({ bytes, ms }: LogLength): void {
    this.bytes += bytes;
    this.ms += ms;
  }

  /** What is left where at most so many bytes are. */
  cutTo(bytes: number): void {
    if (bytes >= this.bytes) return;
    this.ms *= bytes / this.bytes;
    this.bytes = bytes;
  }

  /** How many times as long as it is when a checkpoint starts. */
  share({ checkpointBytes, replayMs }: Bounds, pace: number): number {
    return Math.max(this.bytes / checkpointBytes, (this.ms * pace) / replayMs);
  }

  /** How many times as long an open took with it, from 1; of a short one nothing can be told. */
  paceOf(tookMs: number): number {
    if (this.ms < replayPaceMs) return 1;
    return Math.min(Math.max(tookMs / this.ms, 1), replayPaceMax);
  }
}
