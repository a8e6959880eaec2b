/**
 * The registry: every operation there is, by name.
 *
 * A row drives checks, access, metering, the command line and the console; adding an operation is
 * adding its file and one line here. Internal rows are the engine's requests to itself.
 */
import { DescribeContributorInsights } from './insight/describe-contributor-insights.ts';
import { ListContributorInsights } from './insight/list-contributor-insights.ts';
import { UpdateContributorInsights } from './insight/update-contributor-insights.ts';
import { AdvanceImport } from './internal/advance-import.ts';
import { AdvanceJob } from './internal/advance-job.ts';
import { AdvanceStreams } from './internal/advance-streams.ts';
import { ExpireItems } from './internal/expire-items.ts';
import { ForgetDropped } from './internal/forget-dropped.ts';
import { NoteDamage } from './internal/note-damage.ts';
import { GiveUp, Restore } from './internal/restore.ts';
import { CorrectCounters, Scrub } from './internal/scrub.ts';
import { SetDurability } from './internal/set-durability.ts';
import { BatchGetItem } from './item/batch-get-item.ts';
import { BatchWriteItem } from './item/batch-write-item.ts';
import { DeleteItem } from './item/delete-item.ts';
import { GetItem } from './item/get-item.ts';
import { PutItem } from './item/put-item.ts';
import { Query } from './item/query.ts';
import { Scan } from './item/scan.ts';
import { TransactGetItems } from './item/transact-get-items.ts';
import { TransactWriteItems } from './item/transact-write-items.ts';
import { UpdateItem } from './item/update-item.ts';
import {
  DescribeKinesisStreamingDestination,
  DisableKinesisStreamingDestination,
  EnableKinesisStreamingDestination,
  UpdateKinesisStreamingDestination,
} from './kinesis/kinesis-destination.ts';
import { ListDestinations } from './kinesis/list-destinations.ts';
import type { Operation } from './operation.ts';
import { DeleteResourcePolicy } from './policy/delete-resource-policy.ts';
import { GetResourcePolicy } from './policy/get-resource-policy.ts';
import { PutResourcePolicy } from './policy/put-resource-policy.ts';
import { BatchExecuteStatement } from './statement/batch-execute-statement.ts';
import { ExecuteStatement } from './statement/execute-statement.ts';
import { ExecuteTransaction } from './statement/execute-transaction.ts';
import { DescribeStream } from './stream/describe-stream.ts';
import { GetRecords } from './stream/get-records.ts';
import { GetShardIterator } from './stream/get-shard-iterator.ts';
import { ListStreams } from './stream/list-streams.ts';
import { CreateTable } from './table/create-table.ts';
import { DeleteTable } from './table/delete-table.ts';
import { DescribeEndpoints } from './table/describe-endpoints.ts';
import { DescribeLimits } from './table/describe-limits.ts';
import { DescribeTable } from './table/describe-table.ts';
import { DescribeTimeToLive } from './table/describe-time-to-live.ts';
import { ListTables } from './table/list-tables.ts';
import { ListTagsOfResource } from './table/list-tags-of-resource.ts';
import { TagResource } from './table/tag-resource.ts';
import { UntagResource } from './table/untag-resource.ts';
import { UpdateTable } from './table/update-table.ts';
import { UpdateTimeToLive } from './table/update-time-to-live.ts';
import { DiscardDeadLetters, ListDeadLetters } from './trigger/dead-letters.ts';
import { ClaimTrigger, OpenTrigger, RemoveTrigger } from './trigger/open-trigger.ts';
import { PeekTrigger, ReadTrigger } from './trigger/read-trigger.ts';
import { SaveTrigger } from './trigger/save-trigger.ts';

export const operations: readonly Operation[] = [
  // item
  BatchGetItem,
  BatchWriteItem,
  DeleteItem,
  GetItem,
  PutItem,
  Query,
  Scan,
  TransactGetItems,
  TransactWriteItems,
  UpdateItem,
  // statement
  BatchExecuteStatement,
  ExecuteStatement,
  ExecuteTransaction,
  // stream
  DescribeStream,
  GetRecords,
  GetShardIterator,
  ListStreams,
  // kinesis
  DescribeKinesisStreamingDestination,
  DisableKinesisStreamingDestination,
  EnableKinesisStreamingDestination,
  UpdateKinesisStreamingDestination,
  // table
  CreateTable,
  DeleteTable,
  DescribeEndpoints,
  DescribeLimits,
  DescribeTable,
  DescribeTimeToLive,
  ListTables,
  ListTagsOfResource,
  TagResource,
  UntagResource,
  UpdateTable,
  UpdateTimeToLive,
  // policy
  DeleteResourcePolicy,
  GetResourcePolicy,
  PutResourcePolicy,
  // insight
  DescribeContributorInsights,
  ListContributorInsights,
  UpdateContributorInsights,
  // internal
  AdvanceImport,
  AdvanceJob,
  AdvanceStreams,
  ExpireItems,
  ForgetDropped,
  NoteDamage,
  Restore,
  GiveUp,
  Scrub,
  CorrectCounters,
  SetDurability,
  // kinesis
  ListDestinations,
  // trigger
  OpenTrigger,
  ClaimTrigger,
  RemoveTrigger,
  PeekTrigger,
  ReadTrigger,
  SaveTrigger,
  ListDeadLetters,
  DiscardDeadLetters,
];

const byName: ReadonlyMap<string, Operation> = new Map(operations.map((row) => [row.name, row]));

/** The operation of that name, or undefined: UnknownOperationException. */
export function findOperation(name: string): Operation | undefined {
  return byName.get(name);
}
