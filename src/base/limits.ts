/**
 * Every limit of the engine, by name. Loops, queues, batches and caches end at one of these.
 *
 * DynamoDB's own are from reference/types-and-limits.md (section named); the others are ours, and
 * say what they bound.
 */

const KB = 1024;
const MB = 1024 * KB;

// DynamoDB: values, items and keys (sections 2, 5, 6).
export const itemBytesMax = 400 * KB;
export const hashKeyBytesMax = 2048;
export const rangeKeyBytesMax = 1024;
export const nestingDepthMax = 32;
export const numberDigitsMax = 38;
export const numberExponentMax = 125;
export const numberExponentMin = -130;

// DynamoDB: expressions (section 8).
export const expressionBytesMax = 4096;
export const operatorsMax = 300;
export const inOperandsMax = 100;
export const pathDepthMax = 32;
export const placeholderBytesMax = 255;
export const substitutionBytesMax = 2 * MB;

// DynamoDB: operations (section 9).
export const pageBytesMax = 1 * MB;
export const batchGetKeysMax = 100;
export const batchGetBytesMax = 16 * MB;
export const batchWriteRequestsMax = 25;
export const requestBytesMax = 16 * MB;
export const transactionActionsMax = 100;
export const transactionBytesMax = 4 * MB;
export const listTablesMax = 100;
export const tagsPageMax = 10;
export const segmentsMax = 1_000_000;

// DynamoDB: tables (section 10).
export const globalIndexesMax = 20;
export const localIndexesMax = 5;
export const nonKeyAttributesMax = 20;
export const nonKeyAttributesTotalMax = 100;
export const indexHashPartsMax = 4;
export const indexRangePartsMax = 4;
export const tagsMax = 50;
export const capacityUnitsMax = 1_000_000_000_000;
export const tablesMax = 2500;

// DynamoDB: transactions (transactions-batch-partiql.md, section 3).
export const clientTokenLifeMs = 10 * 60 * 1000;
export const clientTokenLengthMax = 36;

// Ours: the stored form (docs/formats/).
/** Chromium keeps values over 64 KB in files of their own; a Durable Object's value ends at 128 KB. */
export const recordBytesMax = 60 * KB;
export const pageBytesTarget = 32 * KB;
/** A larger value lives in overflow records. */
export const inlineValueBytesMax = pageBytesTarget / 4;
/** A leaf below this is merged with a neighbour. */
export const pageBytesMin = pageBytesTarget / 4;
/** Deltas of a leaf beyond half a page, or this many, become a new image. */
export const deltaBytesMax = pageBytesTarget / 2;
export const deltasMax = 8;
/** Page key = page id x this + checkpoint number. */
export const checkpointSpan = 2 ** 24;
/** Pages 0 to 255 are the parts of a checkpoint's list. */
export const listPages = 256;
export const treeHeightMax = 16;

// Ours: the log and the checkpoint.
export const turnBytesMax = 1 * MB;
export const checkpointLogBytes = 4 * MB;
export const checkpointSliceBytes = 256 * KB;
export const checkpointSliceMs = 4;
/** An engine whose tail is this large makes a checkpoint before it takes another write. */
export const tailBytesMax = 32 * MB;
/** What an entry of the tail costs besides its bytes. */
export const tailEntryBytes = 200;
export const reservationPatienceMs = 5000;
export const turnstileStandBackMs = 50;
export const lossesBeforeTurnstile = 3;
export const headFreshMs = 250;
export const appendRetriesMax = 1000;
export const runRetriesMax = 64;
/** How often a caught-up engine may find the log moved again before it gives the call up. */
export const catchUpRoundsMax = 100;
export const catchUpRecordsMax = 64;

// Ours: memory.
export const cacheBytesDefault = 64 * MB;
export const readAheadPages = 8;
export const queuedRequestsMax = 100_000;

// Ours: background work.
export const backfillSliceItems = 200;
export const backfillSliceBytes = 256 * KB;
export const backgroundDelayMs = 10;

// Ours: page and worker.
export const workerStartMs = 5000;
export const callsPerMessageMax = 1024;
export const databaseNameMax = 255;
