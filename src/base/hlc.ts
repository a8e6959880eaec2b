/**
 * Hybrid logical time: physical milliseconds, a counter for what happened within one, and the
 * replica that made the stamp (Kulkarni et al., 2014; shared/SYNC.md).
 *
 * Invariants
 * - A stamp is greater than every stamp its maker had seen.
 * - Stamps are totally ordered: by time, then counter, then replica.
 */
import { assert } from './assert.ts';
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

/** The reading after `count` ticks of a wall clock that stands still. */
export function tickedBy(last: ClockReading, count: number): ClockReading {
  const counter = last.counter + count;
  const carry = Math.floor(counter / (counterMax + 1));
  return { ms: last.ms + carry, counter: counter % (counterMax + 1) };
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

/** Bytes of a stamp: milliseconds (6), counter (2), both big-endian, and the replica (16). */
export const stampLength = 24;

/** A stamp as bytes that compare as stamps do (docs/formats/replica.md). */
export function stampBytes({ ms, counter, replica }: Stamp): Uint8Array {
  assert(Number.isInteger(ms) && ms >= 0 && ms < 2 ** 48, `a stamp of ${ms} ms`);
  assert(counter >= 0 && counter <= counterMax && replica.length === 16, 'a malformed stamp');
  const bytes = new Uint8Array(stampLength);
  let rest = ms;
  for (let at = 5; at >= 0; at -= 1) {
    bytes[at] = rest % 0x100;
    rest = Math.floor(rest / 0x100);
  }
  bytes[6] = counter >>> 8;
  bytes[7] = counter & 0xff;
  bytes.set(replica, 8);
  return bytes;
}

export function stampOf(bytes: Uint8Array): Stamp {
  assert(bytes.length === stampLength, 'a stamp of another length');
  let ms = 0;
  for (const byte of bytes.subarray(0, 6)) ms = ms * 0x100 + byte;
  const counter = (bytes[6] as number) * 0x100 + (bytes[7] as number);
  return { ms, counter, replica: bytes.slice(8) };
}
