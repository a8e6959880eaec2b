/**
 * Triggers as programs see them: the local form of a Lambda event source mapping.
 */
import type { RecordStamp } from '../stream/record.ts';
import type { TriggerPlace } from '../stream/trigger-rules.ts';
import type { TriggerRulesInput } from './trigger-settings.ts';

/** One record as a Lambda function gets it; `I` is the form of its items. */
export interface TriggerRecord<I = Readonly<Record<string, unknown>>> {
  readonly eventID: string;
  readonly eventName: 'INSERT' | 'MODIFY' | 'REMOVE';
  readonly eventVersion: string;
  readonly eventSource: 'aws:dynamodb';
  readonly awsRegion: string;
  readonly eventSourceARN: string;
  readonly dynamodb: {
    /** Epoch seconds. */
    readonly ApproximateCreationDateTime: number;
    readonly Keys: I;
    readonly NewImage?: I;
    readonly OldImage?: I;
    readonly SequenceNumber: string;
    readonly SizeBytes: number;
    readonly StreamViewType: string;
  };
  readonly userIdentity?: { readonly principalId: string; readonly type: string };
  /** With `plain`, of a replicated table: whether the change was made at this replica. */
  readonly origin?: 'here' | 'elsewhere';
  /** With it: of the version that the change left; absent where it left none. */
  readonly stamp?: RecordStamp;
}

export interface TriggerEvent<I = Readonly<Record<string, unknown>>> {
  readonly Records: readonly TriggerRecord<I>[];
}

export interface TriggerContext {
  readonly name: string;
  readonly table: string;
  readonly shardId: string;
  /** 1 at first, and one more for each failure of these records in a row. */
  readonly attempt: number;
  /**
   * Aborted when the trigger is closed, when another tab has taken it over, and, by a TimeoutError,
   * when the handler is over its `timeout`: what it does from then on counts for nothing.
   */
  readonly signal: AbortSignal;
  /**
   * Ends the trigger here, after this batch. `trigger.close()` waits for the handlers that are
   * under way: a handler that awaits it waits for itself.
   */
  close(): void;
}

/** What a handler may answer: the records that failed, by sequence number. */
export interface TriggerAnswer {
  readonly batchItemFailures?: readonly { readonly itemIdentifier: string }[] | null;
}

export type TriggerHandler<I = Readonly<Record<string, unknown>>> = (
  event: TriggerEvent<I>,
  context: TriggerContext,
) => unknown;

/**
 * Lambda's names and defaults: `window`, `maximumRecordAge` and `timeout` are seconds. Other
 * options than `startingPosition` may differ each time that a trigger is opened.
 */
export interface TriggerOptions extends TriggerRulesInput {
  /**
   * Names its cursor, among all triggers of the database; the table's name unless given. The same
   * name goes on where it was, in any tab.
   */
  readonly name?: string | undefined;
  /**
   * Where a trigger that is new begins; TRIM_HORIZON unless given. A Date, or epoch milliseconds:
   * with the records from then on.
   */
  readonly startingPosition?: 'TRIM_HORIZON' | 'LATEST' | Date | number | undefined;
  /**
   * Which replica of a table runs it (docs/sync.md): the one where the write was made, `origin`,
   * unless given; a hub, of every write that it has; or each, of every write. A database that is
   * not synced has made all of its writes itself, and is no hub.
   */
  readonly on?: TriggerPlace | undefined;
  /** Lambda's FilterCriteria. */
  readonly filter?: { readonly Filters: readonly { readonly Pattern: string }[] } | undefined;
  /**
   * What becomes of records that fail for good. They are kept until they are redriven or discarded;
   * when there is no room for more (1,000 letters, 16 MB), `stop` keeps the trigger waiting, `drop`
   * lets the oldest go. False: they are given up.
   */
  readonly deadLetter?: false | { readonly overflow: 'stop' | 'drop' } | undefined;
  /** Items as plain JavaScript values instead of DynamoDB's `{ S: 'text' }`. */
  readonly plain?: boolean | undefined;
  /** Closes it. */
  readonly signal?: AbortSignal | undefined;
}

export interface TriggerStatus {
  readonly name: string;
  readonly table: string;
  /** `waiting`: another tab runs it, or soon this one will. */
  readonly state: 'waiting' | 'running' | 'closed';
  /** Age of the oldest record that is not done with, milliseconds; 0 when there is none. */
  readonly lagMs: number;
  readonly streamArn: string;
  /** Of shards that are not done: every record up to the number is. */
  readonly positions: readonly { readonly shardId: string; readonly sequenceNumber: string }[];
  readonly deadLetters: number;
  /** Dead letters that went for want of room, and shards that were trimmed too early. */
  readonly droppedLetters: number;
  readonly trimmedShards: number;
  /** Of this tab since it was opened. */
  readonly batches: number;
  readonly records: number;
  readonly failures: number;
  readonly lastError: string | undefined;
}

/** As Lambda's on-failure record says it, and the records. */
export interface DeadLetter<I = Readonly<Record<string, unknown>>> {
  readonly id: number;
  readonly requestContext: { readonly condition: string; readonly approximateInvokeCount: number };
  readonly responseContext: { readonly functionError: string };
  readonly version: '1.0';
  readonly timestamp: string;
  readonly DDBStreamBatchInfo: {
    readonly shardId: string;
    readonly startSequenceNumber: string;
    readonly endSequenceNumber: string;
    readonly approximateArrivalOfFirstRecord: string;
    readonly approximateArrivalOfLastRecord: string;
    readonly batchSize: number;
    readonly streamArn: string;
  };
  /** Those that could be kept. */
  readonly event: TriggerEvent<I>;
}

export interface TriggerNotice {
  /**
   * `running`: this tab runs it from now on. `waiting`: it does not any more. `failure`: the
   * handler failed. `dead-letter`: records were given up. `blocked`: there is no room for dead
   * letters.
   * `error`: the database failed; it is tried again. `closed`.
   */
  readonly type: 'running' | 'waiting' | 'failure' | 'dead-letter' | 'blocked' | 'error' | 'closed';
  readonly error?: Error;
  readonly count?: number;
  readonly condition?: string;
}

export interface Trigger<I = Readonly<Record<string, unknown>>> {
  readonly name: string;
  readonly table: string;
  status(): Promise<TriggerStatus>;
  /** Answers a function that ends it. */
  on(type: TriggerNotice['type'], listener: (notice: TriggerNotice) => void): () => void;
  /** First to last. */
  deadLetters(): AsyncIterable<DeadLetter<I>>;
  /**
   * Hands dead letters to the handler again, first to last, those of `ids` or all; those it takes
   * go. Answers how many went and how many failed again.
   */
  redrive(ids?: readonly number[]): Promise<{ readonly redriven: number; readonly failed: number }>;
  /** Dead letters of `ids`, or all, go. Answers how many there were. */
  discard(ids?: readonly number[]): Promise<number>;
  /**
   * Ends it here, after the batch that the handler has, for which it waits 5 seconds; another tab
   * may go on. Called by the handler before its first wait it resolves at once; after one, a
   * handler ends its trigger by `close` of its context.
   */
  close(): Promise<void>;
  /** Closes it, and forgets its cursor and its dead letters. */
  remove(): Promise<void>;
}
