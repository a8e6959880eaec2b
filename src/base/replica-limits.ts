/**
 * The limits of replicas, by name, as limits.ts has all others (shared/SYNC.md).
 *
 * A hub must take what a device may send, whatever the release of either: they are never lowered.
 */

const MB = 1024 * 1024;

/** A stamp that is further ahead of the hub's clock is replaced by one of the hub's. */
export const clockAheadMsMax: number = 60 * 1000;
/** A clock that is wrong by more than this is corrected, and entries are stamped anew. */
export const clockOffMsMax: number = 1000;
/** Epochs that a hub remembers: one for each of its starts. */
export const hubEpochsMax: number = 1000;
/** Entries of a device that wait for their answer; then its writes are refused. */
export const outboxEntriesMax: number = 1_000_000;
/** Entries, and bytes of them, of one push; bytes of changes of one page. */
export const pushEntriesMax: number = 500;
export const pushBytesMax: number = 1 * MB;
export const pullBytesMax: number = 1 * MB;
/** Messages of one connection that a hub keeps waiting; more are lost, and sent again. */
export const sessionQueueMax: number = 64;
/** Bytes of one message: the largest transaction and what comes with it (docs/formats/sync-wire.md). */
export const wireBytesMax: number = 16 * MB;
/** Of descriptions of tables in a message, and of any other text in one: bytes. */
export const wireTablesBytesMax: number = 1 * MB;
export const wireTextMax: number = 1024;
/** How long a device waits for an answer before it asks again. */
export const answerWaitMs: number = 10_000;
