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
/** A push, a page or a chunk that the network loses again and again gets no smaller than this. */
export const tellBytesMin: number = 8 * 1024;
/** Pushes that a hub fails at before their entries go alone, and before one is given up. */
export const pushDeathsMax: number = 3;
/** Bytes of items of one chunk of a snapshot, and keys that a hub looks at for it. */
export const snapshotBytesMax: number = 1 * MB;
export const snapshotKeysMax: number = 20_000;
/** A range that has loaded so much is closed there, and the rest of it is a range of its own. */
export const rangeBytesMax: number = 256 * MB;
/** Ranges that a program may want first. */
export const rangesFirstMax: number = 100;
/** Chunks that are asked for before the last one is taken. */
export const chunksAheadMax: number = 3;
/** What a call looks for in ranges that have not come is fetched first: so many ranges of it, */
export const soughtRangesMax: number = 100;
/** so many chunks of each, */
export const seekChunksMax: number = 100;
/** and for so long at most: then it is decided on what is here. */
export const seekWaitMs: number = 2000;
/** Messages of one connection that a hub keeps waiting; more are lost, and sent again. */
export const sessionQueueMax: number = 64;
/** Refused entries that are counted, and listed at once. */
export const quarantineListMax: number = 1000;
/** Bytes of one message: the largest transaction and what comes with it. */
export const wireBytesMax: number = 16 * MB;
/** Shorter answers of a hub are not compressed. */
export const syncCodedBytesMin: number = 1024;
/** Of descriptions of tables in a message, and of any other text in one: bytes. */
export const wireTablesBytesMax: number = 1 * MB;
export const wireTextMax: number = 1024;
/** Of what a principal may read and write, as it is told: bytes. */
export const scopeBytesMax: number = 4 * MB;
/** Tables that one message names. */
export const syncTablesMax: number = 1000;
/** How long a device waits for an answer over HTTP, before it takes the hub for out of reach. */
export const syncAnswerMs: number = 30_000;
/** Signs that there may be a network are heeded so far apart, at least. */
export const hintPauseMs: number = 1000;
/** Between two tries to reach a hub: at first, and at most; half of it is left to chance. */
export const syncRetryMs: number = 500;
export const syncRetryMsMax: number = 60_000;
/** A device that no poke can reach asks so often; a hub says that it is there so often. */
export const syncPollMs: number = 30_000;
export const pokeBeatMs: number = 30_000;
/**
 * A stream of pokes that is silent for longer is dead, and with it the connection: who idles
 * learns of it then. Who asks learns it after `syncAnswerMs`.
 */
export const pokeSilenceMs: number = 60_000;
/** Pokes of one stream are so far apart, at least. */
export const pokePauseMs: number = 20;
/** A stream of pokes ends after so long: who listens must show again that they may. */
export const pokeStreamMs: number = 10 * 60_000;
export const pokeStreamsMax: number = 1000;
/**
 * A tab that leads and was not heard for so long is asked by those that wait; one that then says
 * nothing for so long, half of it left to chance, is frozen or hangs, and another one leads.
 */
export const leadSilenceMs: number = 20_000;
export const leadAnswerMs: number = 10_000;
/** What is pending and does not move for so long is begun anew. */
export const syncStuckMs: number = 60_000;
/** The status is read anew so often, at most, while the database moves. */
export const statusPauseMs: number = 50;
/** How full the storage is, is asked so often at most. */
export const storageLookMs: number = 10_000;
/** Events that a page has not fetched; older ones are dropped, and the status still counts them. */
export const syncEventsMax: number = 1000;
/** How long a device waits for an answer for an answer before it asks again. */
export const answerWaitMs: number = 10_000;
/** A request that travels has values in one another this deep, in any form of values. */
export const requestDepthMax: number = 128;
/** Bytes of items that come with an answer to a push; entries with more are asked for again. */
export const outcomeBytesMax: number = 1 * MB;
/** A hub remembers for so long what it answered to a call: within it, it is carried out once. */
export const hubCallKeptMs: number = 10 * 60_000;
/** Of older ones each call makes it forget so many. */
export const hubCallForgetMax: number = 4;
/** A device sends a call so often at most: for 8 to 15 s, in which a hub starts again. */
export const hubCallTriesMax: number = 6;
/** A write at the hub is answered when it shows here too, or after so long. */
export const hubShownMs: number = 2000;
/** Of answers that were not plainly `applied`, a device remembers those of so many entries. */
export const answeredEntriesMax: number = 10_000;
/** Entries of a tree that one step of making anew what was lost looks at. */
export const mendSliceEntries: number = 200;
/** A device in which nothing happens writes so often that all was taken. */
export const syncedEveryMs: number = 3600 * 1000;
/** Rows that a device compares with its hub in one message. */
export const surveyRowsMax: number = 500;
/** A device may be away for so long: its hub has forgotten older deletions. */
export const awayMsMax: number = 90 * 24 * 3600 * 1000;
/** A hub forgets a replica that it has not heard of for so long, and so many know it at most. */
export const replicaKeptMs: number = 400 * 24 * 3600 * 1000;
export const hubMarksMax: number = 1_000_000;
/** Of how many other replicas of its principal a new one is told at most. */
export const othersToldMax: number = 16;
/** A device forgets its deletions after so long; where the hub may lose them, later. */
export const tombstoneKeptMs: number = 7 * 24 * 3600 * 1000;
export const unsafeKeptMs: number = 30 * 24 * 3600 * 1000;
/** What nobody needs is looked for so often, in so many slices at most. */
export const tidyEveryMs: number = 3600 * 1000;
export const tidySlicesMax: number = 100_000;
/** Into so many steps the time is cut after which deletions are forgotten. */
export const milestonesMax: number = 360;
/** What lost unseen is kept in the log of conflicts for so long; so many are listed at once. */
export const conflictKeptMs: number = 30 * 24 * 3600 * 1000;
export const conflictListMax: number = 1000;
