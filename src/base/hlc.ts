/**
 * Hybrid logical time: physical milliseconds, a counter for what happened within one, and the
 * replica that made the stamp (Kulkarni et al., 2014; shared/SYNC.md).
 *
 * Invariants
 * - A stamp is greater than every stamp its maker had seen.
 * - Stamps are totally ordered: by time, then counter, then replica.
 */
import { compareBytes } from './bytes.ts';

export interface Stamp {
  /** Milliseconds since the epoch, at most 2^48 - 1. */
  readonly ms: number;
  /** 0 to 65,535. */
  readonly counter: number;
  /** 16 bytes. */
  readonly replica: Uint8Array;
}

/** A clock's highest stamp so far, without its replica. */
export interface ClockReading {
  readonly ms: number;
  readonly counter: number;
}

export const clockZero: ClockReading = { ms: 0, counter: 0 };
const counterMax = 0xffff;

/** The reading after `last`, at wall time `nowMs`: never lower, whatever the wall clock does. */
export function tick(last: ClockReading, nowMs: number): ClockReading {
  if (nowMs > last.ms) return { ms: nowMs, counter: 0 };
  if (last.counter < counterMax) return { ms: last.ms, counter: last.counter + 1 };
  return { ms: last.ms + 1, counter: 0 };
}

/** The greater of two readings. */
export function latest(a: ClockReading, b: ClockReading): ClockReading {
  return compareReadings(a, b) >= 0 ? a : b;
}

export function compareReadings(a: ClockReading, b: ClockReading): number {
  return a.ms - b.ms || a.counter - b.counter;
}

export function compareStamps(a: Stamp, b: Stamp): number {
  return compareReadings(a, b) || compareBytes(a.replica, b.replica);
}
