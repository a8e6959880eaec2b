/**
 * Every limit of the engine, by name. Loops, queues, batches and caches end at one of these.
 *
 * DynamoDB's own are from reference/types-and-limits.md (section named); the others are ours, and
 * say what they bound.
 */

const KB = 1024;
const MB = 1024 * KB;

// DynamoDB: values, items and keys (sections 2, 5, 6).
export const itemBytesMax: number = 400 * KB;
export const hashKeyBytesMax: number = 2048;
export const rangeKeyBytesMax: number = 1024;
export const nestingDepthMax: number = 32;
export const numberDigitsMax: number = 38;
export const numberExponentMax: number = 125;
export const numberExponentMin: number = -130;

// DynamoDB: expressions (section 8).
export const expressionBytesMax: number = 4096;
export const operatorsMax: number = 300;
export const inOperandsMax: number = 100;
export const pathDepthMax: number = 32;
export const placeholderBytesMax: number = 255;
export const substitutionBytesMax: number = 2 * MB;

// DynamoDB: operations (section 9).
export const pageBytesMax: number = 1 * MB;
export const batchGetKeysMax: number = 100;
export const batchGetBytesMax: number = 16 * MB;
export const batchWriteRequestsMax: number = 25;
export const requestBytesMax: number = 16 * MB;
/** A longer answer is compressed for who asks (protocol.md, section 2). */
export const plainAnswerBytesMax: number = 4 * 1024;
/** How far the time of a signature may be from ours (protocol.md, section 7). */
export const signatureSkewMs: number = 15 * 60 * 1000;
export const transactionActionsMax: number = 100;
export const transactionBytesMax: number = 4 * MB;
/** Of a table with local indexes: items of one partition key with their entries there. */
export const collectionBytesMax: number = 10 * KB * MB;
export const listTablesMax: number = 100;
export const segmentsMax: number = 1_000_000;

// DynamoDB: tables (section 10).
export const globalIndexesMax: number = 20;
export const localIndexesMax: number = 5;
export const nonKeyAttributesMax: number = 20;
export const nonKeyAttributesTotalMax: number = 100;
export const indexHashPartsMax: number = 4;
export const indexRangePartsMax: number = 4;
export const tagsMax: number = 50;
export const capacityUnitsMax: number = 1_000_000_000_000;
export const tablesMax: number = 2500;

// DynamoDB: transactions (transactions-batch-partiql.md, section 3).
export const clientTokenLifeMs: number = 10 * 60 * 1000;
export const clientTokenLengthMax: number = 36;

// DynamoDB: PartiQL (sections 7 to 10 of the same).
export const statementLengthMax: number = 8192;
export const batchStatementsMax: number = 25;
export const nextTokenLengthMax: number = 32_768;
/** Reads of one key or one range that a SELECT may be taken apart into. */
export const statementReadsMax: number = 50;

// Ours: requests.
/** A list or map that a refusal quotes ends with `...` once its text is so long. */
export const quotedTextMax: number = 64 * KB;

/** What a page's filter may cost in all, in comparisons and pieces of values, */
export const filterCostMax: number = 4_000_000;
/** and of one item what never ends a page. */
export const filterCostFree: number = 2048;
export const filterPieceBytes: number = 64;
/** A longer part of a text is searched for in linear time. */
export const searchedPartMax: number = 64;
/** Lengths of a value and of what is looked for in it, from which on all is looked for together. */
export const searchedTogetherMin: number = 20_000;

// Ours: the stored form (docs/formats/).
/** Chromium keeps values over 64 KB in files of their own; a Durable Object's ends at 128 KB. */
export const recordBytesMax: number = 60 * KB;
/** Commits that one log record may hold: each takes five bytes at least (log/codec.ts). */
export const commitsOfRecordMax: number = recordBytesMax / 5;
export const pageBytesTarget: number = 32 * KB;
/** A larger value lives in overflow records. */
export const inlineValueBytesMax: number = pageBytesTarget / 4;
/** A leaf below this is merged with a neighbour. */
export const pageBytesMin: number = pageBytesTarget / 4;
/** What a compaction joins with a neighbour. */
export const pageBytesSparse: number = pageBytesTarget / 2;
/** Deltas of a leaf beyond half a page, or this many, become a new image. */
export const deltaBytesMax: number = pageBytesTarget / 2;
export const deltasMax: number = 8;
/** Page key = page id x this + checkpoint number. */
export const checkpointSpan: number = 2 ** 24;
/** Pages 0 to 255 are the parts of a checkpoint's list. */
export const listPages: number = 256;
export const treeHeightMax: number = 16;
/** Pages of bulk builds have ids from here to 2^29; those of checkpoints are below. */
export const buildPagesFrom: number = 2 ** 28;
export const buildPagesEnd: number = 2 ** 29;
export const lostIdsMax: number = 2 ** 16;

// Ours: the log and the checkpoint.
/** A turn takes no more calls once its layer, twice its log, has so much; a call may have more. */
export const turnBytesAim: number = 512 * KB;
/** Of it is decided at once, some milliseconds; a turn begins with no more where nobody waits. */
export const turnSliceBytes: number = 128 * KB;
/** Log at which a checkpoint starts. */
export const checkpointLogBytes: number = 12 * MB;
/** Writes wait for checkpoints where the log has so many times as much, */
export const logWaitFactor: number = 3;
/** and are refused where it has so many times as much, and none can be made. */
export const logRefusedFactor: number = 6;
export const checkpointSliceBytes: number = 256 * KB;
/** Of a device's load and the like: a user's write waits a little longer for such a slice. */
export const checkpointLoadSliceBytes: number = 1024 * KB;
export const checkpointSliceMs: number = 4;
export const reservationPatienceMs: number = 5000;
/** Who waits for the lock of background work looks after this at what its holder does. */
export const lockLookMs: number = 500;
export const turnstileStandBackMs: number = 50;
export const lossesBeforeTurnstile: number = 3;
export const headFreshMs: number = 250;
/** Power loss may undo at most what was written so long ago: then a barrier is written. */
export const barrierDelayMs: number = 1000;
/** Commits of other engines are left to them for so many times as long. */
export const barrierPatience: number = 2;
/** A barrier that failed is tried again so often, each time after twice as long. */
export const barrierRetriesMax: number = 10;
export const appendRetriesMax: number = 1000;
/** How often one call may be run again because a page was absent. */
export const runFaultsMax: number = 4096;
/** Rounds of catching up, one after another, that may bring an engine no further. */
export const catchUpRoundsMax: number = 100;
export const catchUpRecordsMax: number = 64;
/** More than the largest operation makes: 16 MB and its index entries. */
export const turnRecordsMax: number = 16_384;

// Ours: memory.
export const cacheBytesDefault: number = 64 * MB;
/** Leaves that a range asks for ahead: at its beginning, and at most. */
export const readAheadPages: number = 8;
export const readAheadPagesMax: number = 64;
/** Roots of trees that an open brings before anyone asks. */
export const warmPagesMax: number = 16;
export const queuedRequestsMax: number = 100_000;

// Ours: background work.
export const backfillSliceItems: number = 200;
export const backfillSliceBytes: number = 256 * KB;
export const backgroundDelayMs: number = 10;

// Ours: page and worker.
/** Its code may come over a slow network, to a machine that is busy. */
export const workerStartMs: number = 20_000;
/** How often a page that waits looks whether its worker has said anything, */
export const workerSilenceTickMs: number = 2000;
/** and after how many ticks of silence, on a question too, the worker counts as dead. */
export const silentTicksMax: number = 4;
export const callsPerMessageMax: number = 1024;
export const databaseNameMax: number = 255;

// Ours: trees and pages in memory.
/** Trees below this id are the engine's own (table/system.ts). */
export const systemTreesMax: number = 100;
/** What a cached page costs besides its bytes. */
export const pageOverheadBytes: number = 256;
/** How often an inner page is spared by eviction before it goes. */
export const innerPageChances: number = 3;
/** Entries of a block of the tail; a fuller one is split. */
export const tailBlockEntries: number = 128;
/** How full a leaf is left by ascending inserts, and by others, in hundredths of a page. */
export const appendedFillPercent: number = 95;
export const splitFillPercent: number = 75;

// DynamoDB: the shape of an input (protocol.md, section 6).
export const constraintViolationsMax: number = 10;
export const tableArnLengthMax: number = 1024;
/** How deep the types of an attribute value are read before its nesting is judged. */
export const nestingCheckedMax: number = nestingDepthMax + 8;

// DynamoDB and ours: HTTP (protocol.md, section 1).
export const headersBytesMax: number = 16 * KB;
export const connectionsMax: number = 1024;
export const keepAliveMs: number = 60_000;
/** How long requests in flight may take once the server is asked to close. */
export const closeGraceMs: number = 5000;
/** How often connections that are idle by then are looked for meanwhile. */
export const closeLookMs: number = 50;

// Ours: checkpoints.
/** Lists kept for engines that adopt late; older ones make them drop their cache. */
export const listsKept: number = 8;
/** Page versions removed in one transaction of a sweep. */
export const sweepRangesMax: number = 256;
/** Dropped trees that one checkpoint frees. */
export const dropsPerCheckpoint: number = 64;
/** Slices of background work between two looks at whether there is still some. */
export const jobSlicesMax: number = 1_000_000;

// DynamoDB: names and texts of table requests (sections 7 and 10).
export const attributeNameMax: number = 255;
export const tagKeyMax: number = 128;
export const tagValueMax: number = 256;
export const resourceArnMax: number = 1283;
export const resourcePolicyBytesMax: number = 20_480;
/** Units per second a table on demand is warm for from the start (section 11). */
export const warmReadUnitsDefault: number = 12_000;
export const warmWriteUnitsDefault: number = 4000;
/** What DescribeLimits answers (section 10). */
export const accountCapacityMax: number = 80_000;
export const tableCapacityMax: number = 40_000;
export const endpointCacheMinutes: number = 1440;

// Ours: trees that one ForgetDropped may name.
export const forgottenTreesMax: number = 1000;

// Ours: large bodies of JSON (wire/large-json.ts).
/** Longer ones are read in slices of so many characters, and so many are parsed at once. */
export const jsonLargeBytes: number = 256 * KB;
export const jsonSliceChars: number = 256 * KB;
export const jsonPieceChars: number = 64 * KB;
/** Of one object, of one list, and of all together: more than any item of 400 KB has. */
export const jsonNamesMax: number = 140_000;
export const jsonElementsMax: number = 410_000;
export const jsonPartsMax: number = 4_000_000;
/** Elements, members and values that are gone through between two turns of others. */
export const turnParts: number = 20_000;
/**
 * Of what is read as an item: a byte at the least for each value and its place, and 2 MB of values
 * of expressions in base64. Of a request besides, far more than its lists of actions hold.
 */
export const itemPartsMax: number = 820_000;
export const itemTextMax: number = 3 * MB;
export const requestPartsMax: number = 100_000;
export const requestTextMax: number = 600 * KB;
/** Containers within each other. */
export const jsonDepthMax: number = 300_000;

// Values.
/** DynamoDB (types-and-limits.md, section 7). */
export const attributeNameBytesMax: number = 65_535;
/** No key part is longer than a partition key. */
export const keyPartBytesMax: number = hashKeyBytesMax;
/** Encoded attribute names that are remembered, as most items of a table share theirs. */
export const namesCachedMax: number = 1024;
/** A longer name is encoded anew each time. */
export const nameCachedLengthMax: number = 64;
/** Attribute names that decoders keep, one in each slot of a hash table. */
export const nameSlots: number = 256;

// Ours: expressions.
/** Texts whose syntax trees are kept, and the longest text that is. */
export const parsedExpressionsMax: number = 512;
export const parsedTextMax: number = 1024;
/** Parentheses and calls inside each other; more are redundant or over the operators' limit. */
export const expressionDepthMax: number = operatorsMax + 20;
/** The greatest index that a document path may name. */
export const listIndexMax: number = 2 ** 31 - 1;

// Ours: PartiQL.
/** Parentheses and calls inside each other; what recurses over a statement is no deeper. */
export const statementDepthMax: number = 100;

// Ours: storage.
/** Writes that a memory disk can undo at a power loss; older ones count as durable. */
export const memoryUndoMax: number = 100_000;
/** Answers gathered for one message leave early when they hold this many bytes of items. */
export const answerMessageBytes: number = 1 * MB;
/** How often `open` asks for a table that another tab is just making, and how long between. */
export const tableReadyRoundsMax: number = 500;
export const tableReadyDelayMs: number = 10;

/** How long the first write waits for the browser's log to be begun anew. */
export const rotationLimitMs: number = 2000;
/** How long that is left for what is asked first, where nothing is written. */
export const rotationRestMs: number = 100;

// Ours: a store that fails.
/** A transaction unanswered for so long is lost: before callStallMs, so the store speaks first. */
export const storeAnswerMs: number = 8000;
/** Limit of opening, deleting or listing databases, and of what a browser tells of storage. */
export const storeOpenMs: number = 5000;
/** How often a lost connection is opened again for one call, */
export const storeReopensMax: number = 3;
/** and how long after the first failure, twice as long each time. */
export const storeReopenWaitMs: number = 20;
/**
 * A call that waits ends when nothing of its kind has come back from the store for so long: longer
 * than a tail at its bound keeps writes waiting (tailWaitMs).
 */
export const callStallMs: number = 9000;
/** A user's call ends after so long in any case. */
export const callMsMax: number = 120_000;
/** How often it is looked for calls that have waited too long. */
export const callTickMs: number = 250;
/** A turn whose outcome is unknown is offered again for so long. */
export const appendPatienceMs: number = 10_000;
/** How long calls in flight may take once the database is asked to close. */
export const closeWaitMs: number = 10_000;
/** Notices that a page keeps for a listener that is yet to come. */
export const noticesKeptMax: number = 16;
/** How often it is looked for what hangs. */
export const watchdogTickMs: number = 500;

// Ours: transactions.
/** Expired client tokens that each new one removes, so that they become fewer. */
export const expiredTokensPerCall: number = 4;
/** A smaller buffer of items is cloned with its message, a larger one is transferred. */
export const transferBytesMin: number = 2048;
/** Items of many answers up to so long are cloned out of the buffer that they were gathered in. */
export const lendBytesMax: number = 16_384;
/** Reads of one message are answered in messages of so many, so that page and worker overlap. */
export const answersPerMessage: number = 32;
/** How long a hint to other engines waits for more to tell. */
export const hintDelayMs: number = 10;

// Ours: an engine in trouble.
/** A tail that no checkpoint could shorten takes no writes beyond so many times its bound. */
export const tailRefusedFactor: number = 3;
/** How long writes wait for a tail at its bound: longer than a dead engine's reservation lasts. */
export const tailWaitMs: number = reservationPatienceMs + 1000;
/** Background work that failed is tried again after this long, twice as long each time, */
export const backgroundRetryMs: number = 200;
/** and so often, unless there is something new. */
export const backgroundRetriesMax: number = 10;

// Ours: space.
/** Leaves that one checkpoint of a compaction rewrites. */
export const compactLeavesMax: number = 2048;
/** Checkpoints in a row that bring a compaction no further: it is at its end. */
export const compactStallsMax: number = 2;
/** Checkpoints of one compaction: more leaves than any store has. */
export const compactRoundsMax: number = 10_000;

// Ours: damage.
/** By how many entries one commit moves the counters of a tree. */
export const counterStepMax: number = 10_000;
/** Slices of one comparison of a table with its indexes. */
export const scrubSlicesMax: number = 10_000_000;
/** A scrub begins by itself after so long without a write, and so long after the last one. */
export const scrubIdleMs: number = 60_000;
export const scrubDayMs: number = 24 * 60 * 60 * 1000;
/** A pause after each of its slices, and a longer one when a call came meanwhile. */
export const scrubPaceMs: number = 20;
export const scrubYieldMs: number = 250;
/** How long it holds the lock at a time. */
export const scrubHoldMs: number = 1000;
/** How often it is looked whether one is due. */
export const scrubLookMs: number = 60 * 60 * 1000;
/** How often a repair reads a damaged page before it gives up what it held. */
export const repairReadsMax: number = 3;
/** Entries that one commit puts back. */
export const restoredEntriesMax: number = 100;
/** Damaged pages that are noted one after another before a checkpoint is given up. */
export const damageRoundsMax: number = 64;
/** Damage that could not be put on record is tried again, when it is met, so much later. */
export const damageAgainMs: number = 5000;
/** Damage that is kept in memory and shown by `status`; what comes later is counted only. */
export const damageShownMax: number = 256;
/** Pages that a walk over a tree reads with one request. */
export const walkPagesAtOnce: number = 16;
/** How long an opening waits for another engine to save what a damaged log said. */
export const logDamagePatienceMs: number = 500;
/** How often an opening tries to set damaged log records aside. */
export const logDamageTriesMax: number = 20;
/** Log records that are copied aside in one transaction. */
export const asideRecordsMax: number = 64;
/** Checkpoint numbers that count as dead after the meta record was restored from its copy. */
export const metaRecoveryNumbers: number = 64;
/** How often a walk begins again because a checkpoint came between. */
export const walkTriesMax: number = 20;

// Ours: bulk builds.
/** Entries that an import sorts in memory, in bytes; beyond this, sorted runs are stored. */
export const importRunBytes: number = 24 * MB;
/** Memory an import takes from the cache's bound: a run of the table, one of its indexes. */
export const importMemoryBytes: number = 2 * importRunBytes;
/** Memory that entries are gathered in; how many: their numbers share a double's bits. */
export const runChunkBytes: number = 1 * MB;
export const runEntriesMax: number = 2 ** 20;
/** Stored runs that can be merged: an import of a tree is at most so many times importRunBytes. */
export const importRunsMax: number = 400;
/** Bytes of pages that a build writes in one transaction, and where no call has met the last; */
export const importSliceBytes: number = 1 * MB;
export const importAloneSliceBytes: number = 4 * MB;
export const buildFlightsMax: number = 2; // So many of them are being stored at once.
export const importReadBytes: number = 16 * MB; // Of all its runs, at once.
/** Page ids that a build takes at first; twice as many each time it runs out, up to the second. */
export const buildRangeMin: number = 512;
export const buildRangeMax: number = 32_768;
/** Ids that must be at hand before an entry is built: its overflow pages, a page of each height. */
export const buildPagesReserve: number = 64;
/** Ranges of page ids of one build. */
export const buildRangesMax: number = 1000;
/** Builds at once in one database. */
export const buildsMax: number = 16;
/** A build says at least this often that it is alive, and is dead when it did not for so long. */
export const buildBeatMs: number = 1000;
export const buildPatienceMs: number = 10_000;
/** How long the runs of an import that can be resumed are kept. */
export const importResumeMs: number = 24 * 60 * 60 * 1000;
/** Refused items that an import tells of in its result. */
export const importErrorSamples: number = 20;
export const importIdLengthMax: number = 255;
/** Page ids freed in one transaction. */
export const buildFreePages: number = 256;
/** Pages that are freed, so many at once, have marks in front of their ranges. */
export const buildMarkedPages: number = 1024;
/** A piece of a file that is read at once, and how long it is read before the page hears of it. */
export const importBlobBytes: number = 1 * MB;
export const importReadMs: number = 100;
/** Objects that a page hands over at once: of about so many bytes, at most so many. */
export const importBatchBytes: number = 256 * KB;
export const importBatchItems: number = 2000;
/** How many such batches are under way at once. */
export const importBatchesMax: number = 4;
/** How often a page asks how far its import is. */
export const importProgressMs: number = 200;

// Ours: conversion of an older format.
/** How often a conversion tries its next step, others having come first, before it gives up. */
export const convertTriesMax: number = 1000;
/** Slices of one conversion. */
export const convertSlicesMax: number = 100_000_000;
/** How often it is looked whether another engine's conversion gets on. */
export const convertLookMs: number = 200;
/** Looks without a change after which it is taken over. */
export const convertLooksMax: number = reservationPatienceMs / convertLookMs;

// DynamoDB: streams (reference/streams-ttl-backup-globaltables.md, section 2).
export const streamRetentionMs: number = 24 * 60 * 60 * 1000;
export const shardLifeMs: number = 4 * 60 * 60 * 1000;
export const iteratorLifeMs: number = 15 * 60 * 1000;
export const streamRecordsMax: number = 1000;
/** Of a shard in a second, where capacity is enforced. */
export const shardReadsMax: number = 5;
export const streamRecordsBytesMax: number = 1 * MB;
export const listStreamsMax: number = 100;
export const listShardsMax: number = 100;
/** A partition that is larger splits. */
export const partitionBytesDefault: number = 10 * 1024 * MB;

// Ours: streams.
/** Hashes of keys are below this. */
export const hashesEnd: number = 2 ** 32;
/** Live shards of a stream. */
export const streamShardsMax: number = 256;
/** Shards that one step of upkeep closes, or trims. */
export const shardsPerStep: number = 64;
/** Milliseconds in a row in which a table may have got a stream each. */
export const streamLabelTriesMax: number = 100_000;
/** Steps of upkeep in a row, and how often it is looked whether there is one, at most and least. */
export const upkeepStepsMax: number = 10_000;
export const upkeepLookMs: number = 60 * 60 * 1000;
export const upkeepPauseMs: number = 1000;

// Time to live: DynamoDB's five years and its hour between changes; ours: items and bytes a turn,
// turns in a row, the next look after a write, and the least often that an idle engine looks.
export const expiryPastSeconds: number = 5 * 365 * 24 * 60 * 60;
export const expiryChangeMs: number = 60 * 60 * 1000;
export const expiryBatchItems: number = 100;
export const expiryBatchBytes: number = 256 * 1024;
export const expiryBatchesMax: number = 10_000;
export const expiryLookMs: number = 1000;
export const expiryWaitMs: number = 60 * 60 * 1000;

// Contributor insights: DynamoDB's page; ours: keys told apart in a minute of one table and rule,
// minutes that are kept, sums in all of them, and what a report has unless it is asked for more.
export const listInsightsMax: number = 100;
export const contributorKeysMax: number = 10_000;
export const contributorMinutesMax: number = 60;
export const contributorSumsMax: number = 100_000;
export const contributorWindowMs: number = 10 * 60_000;
export const contributorsTopDefault: number = 10;
export const contributorsTopMax: number = 1000;

// Ours: live queries (docs/live.md).
/** Of one engine; items and bytes that one of them holds, and bytes that all of them do. */
export const liveQueriesMax: number = 10_000;
export const liveItemsMax: number = 20_000;
export const liveBytesMax: number = 16 * MB;
export const liveBytesTotalMax: number = 64 * MB;
/** What an item that is held costs besides its bytes. */
export const liveEntryBytes: number = 160;
/** Entries held beyond a Limit: as many again, but within these. */
export const liveSlackMin: number = 16;
export const liveSlackMax: number = 256;
/** Bytes of entries that are read at once. */
export const liveReadBytes: number = 1 * MB;
/** How often an engine with live queries asks for the head that no hint spoke of. */
export const liveLookMs: number = 1000;
/** The pace of results where there are no frames, and where frames do not come. */
export const livePaceMs: number = 16;
export const liveFrameWaitMs: number = 100;
