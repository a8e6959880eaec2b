/** Ours: how long an open may be busy with the log, and what of it costs how much (ADR 36, 40). */

/** A checkpoint starts where reading the log would take so long; an open takes 100 ms besides. */
export const replayMsDefault: number = 300;
export const replayTurnsPerMs: number = 100;
export const replayEntriesPerMs: number = 500;
export const replayBytesPerMs: number = 64 * 1024;
/**
 * Turns that no user waits for (a device's load, a backfill) come in bulk: that part of them
 * counts, or their checkpoints would write most pages again and again.
 */
export const replayLoadFactor: number = 2;
/** Where nothing was written for so long, a checkpoint is made of this part of a bound, or more. */
export const replayQuietMs: number = 1000;
export const replayQuietPart: number = 3;
/** A log that takes less does not tell how quick a device is. */
export const replayPaceMs: number = 25;
/** A device, or an hour in which it is busy, counts as so many times slower at most. */
export const replayPaceMax: number = 8;
