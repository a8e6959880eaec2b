/** Ours: how long an open may be busy with the log, and what of it costs how much (ADR 36). */

/** A checkpoint starts where reading the log would take so long; an open takes 100 ms besides. */
export const replayMsDefault: number = 300;
export const replayTurnsPerMs: number = 50;
export const replayEntriesPerMs: number = 250;
export const replayBytesPerMs: number = 32 * 1024;
/**
 * Turns that no user waits for (a device's load, a backfill) come in bulk: that part of them
 * counts, or their checkpoints would write most pages again and again.
 */
export const replayLoadFactor: number = 3;
/** A log that takes less does not tell how quick a device is. */
export const replayPaceMs: number = 50;
/** A device, or an hour in which it is busy, counts as so many times slower at most. */
export const replayPaceMax: number = 4;
