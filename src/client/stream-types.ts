/**
 * Inputs and outputs of the Streams API, as DynamoDB documents them. Instants are epoch seconds.
 */
import type { RecordStamp } from '../stream/record.ts';
import type { KeySchemaElement } from './table-types.ts';

export type { RecordStamp };

export type StreamViewType = 'NEW_IMAGE' | 'OLD_IMAGE' | 'NEW_AND_OLD_IMAGES' | 'KEYS_ONLY';

export interface ListStreamsInput {
  readonly TableName?: string;
  readonly Limit?: number;
  readonly ExclusiveStartStreamArn?: string;
}

export interface ListStreamsOutput {
  readonly Streams: readonly {
    readonly StreamArn: string;
    readonly TableName: string;
    readonly StreamLabel: string;
  }[];
  readonly LastEvaluatedStreamArn?: string;
}

export interface DescribeStreamInput {
  readonly StreamArn: string;
  readonly Limit?: number;
  readonly ExclusiveStartShardId?: string;
  readonly ShardFilter?: { readonly Type?: 'CHILD_SHARDS'; readonly ShardId?: string };
}

export interface StreamShard {
  readonly ShardId: string;
  readonly SequenceNumberRange: {
    readonly StartingSequenceNumber: string;
    /** Of a shard that takes no more records. */
    readonly EndingSequenceNumber?: string;
  };
  readonly ParentShardId?: string;
}

export interface DescribeStreamOutput {
  readonly StreamDescription: {
    readonly StreamArn: string;
    readonly StreamLabel: string;
    readonly StreamStatus: 'ENABLED' | 'DISABLED';
    readonly StreamViewType: StreamViewType;
    readonly CreationRequestDateTime: number;
    readonly TableName: string;
    readonly KeySchema: readonly KeySchemaElement[];
    readonly Shards: readonly StreamShard[];
    readonly LastEvaluatedShardId?: string;
  };
}

export interface GetShardIteratorInput {
  readonly StreamArn: string;
  readonly ShardId: string;
  readonly ShardIteratorType:
    | 'TRIM_HORIZON'
    | 'LATEST'
    | 'AT_SEQUENCE_NUMBER'
    | 'AFTER_SEQUENCE_NUMBER';
  readonly SequenceNumber?: string;
}

export interface GetShardIteratorOutput {
  readonly ShardIterator: string;
}

export interface GetRecordsInput {
  readonly ShardIterator: string;
  readonly Limit?: number;
}

export interface StreamRecord<I> {
  /** The same whoever reads the record, and of no other record. */
  readonly eventID: string;
  readonly eventName: 'INSERT' | 'MODIFY' | 'REMOVE';
  readonly eventVersion: string;
  readonly eventSource: string;
  readonly awsRegion: string;
  readonly dynamodb: {
    readonly ApproximateCreationDateTime: number;
    readonly Keys: I;
    readonly NewImage?: I;
    readonly OldImage?: I;
    readonly SequenceNumber: string;
    readonly SizeBytes: number;
    readonly StreamViewType: StreamViewType;
  };
  /** Of an item that was deleted because its time was over. */
  readonly userIdentity?: { readonly PrincipalId: string; readonly Type: string };
  /** With plain values, of a replicated table: whether the change was made at this replica. */
  readonly origin?: 'here' | 'elsewhere';
  /** With it: of the version that the change left; absent where it left none. */
  readonly stamp?: RecordStamp;
}

export interface GetRecordsOutput<I> {
  readonly Records: readonly StreamRecord<I>[];
  /** Absent at the end of a shard that is closed. */
  readonly NextShardIterator?: string;
}
