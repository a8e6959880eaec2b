/**
 * Limits of triggers and of Kinesis destinations: what limits.ts is for the rest.
 */

const KB = 1024;
const MB = 1024 * KB;

// Lambda: event source mappings of streams (API reference, CreateEventSourceMapping).
export const triggerBatchMax: number = 10_000;
export const triggerBatchBytesMax: number = 6 * MB;
export const triggerWindowMaxMs: number = 300_000;
export const triggerRetriesMax: number = 10_000;
export const triggerLanesMax: number = 10;
export const triggerTimeoutMs: number = 15 * 60 * 1000;
export const recordAgeMaxMs: number = 604_800_000;
/** Patterns of one FilterCriteria, and characters of one. */
export const filterPatternsMax: number = 10;
export const filterPatternBytesMax: number = 4096;

// Ours: triggers.
export const triggerNameMax: number = 255;
/** After a failure a batch waits about so long, twice as long each time, at most so long. */
export const triggerBackoffMs: number = 100;
export const triggerBackoffMaxMs: number = 60_000;
/** Records that wait to be durable ask for a barrier after so long. */
export const triggerBarrierMs: number = 20;
/** How often it is looked for records, or at the holder, if nobody says that there are any. */
export const triggerLookMs: number = 2000;
/** A holder with a batch in hand says so often that it is alive, */
export const triggerBeatMs: number = 1000;
/** and is taken over when it has not got on for so long though there were records. */
export const triggerPatienceMs: number = 10_000;
/** Records that were passed over are behind a cursor after so long. */
export const triggerSkipMs: number = 1000;
/** Records that one read looks at. */
export const triggerScanMax: number = 1000;
/** How long `close` waits for a handler. */
export const triggerCloseMs: number = 5000;
/** Dead letters of one trigger: how many, their records' bytes, and those of one of them. */
export const deadLettersMax: number = 1000;
export const deadLettersBytesMax: number = 16 * MB;
export const deadLetterBytesMax: number = 256 * KB;
/** Dead letters in one answer. */
export const deadLettersPageMax: number = 20;

// DynamoDB: Kinesis destinations (reference/types-and-limits.md).
export const kinesisDestinationsMax: number = 2;
/** Ours: how often it is looked which destinations are on. */
export const destinationLookMs: number = 1000;
