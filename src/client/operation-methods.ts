/**
 * The methods of a Database that are DynamoDB's operations, by type.
 *
 * `I` says what an item of the output is: by default any plain item; a type of the program's own;
 * or AttributeItem, for calls with `attributeValues: true`.
 */
import type { CallOptions } from './connection.ts';
import type * as insight from './insight-types.ts';
import type * as item from './item-types.ts';
import type * as stream from './stream-types.ts';
import type * as statement from './statement-types.ts';
import type * as table from './table-types.ts';
import type { PlainItem } from './value-types.ts';

export interface OperationMethods {
  createTable(
    input: table.CreateTableInput,
    options?: CallOptions,
  ): Promise<table.TableDescriptionOutput>;
  describeTable(input: table.TableInput, options?: CallOptions): Promise<table.DescribeTableOutput>;
  updateTable(
    input: table.UpdateTableInput,
    options?: CallOptions,
  ): Promise<table.TableDescriptionOutput>;
  deleteTable(
    input: table.TableInput,
    options?: CallOptions,
  ): Promise<table.TableDescriptionOutput>;
  listTables(input?: table.ListTablesInput, options?: CallOptions): Promise<table.ListTablesOutput>;
  tagResource(input: table.TagResourceInput, options?: CallOptions): Promise<object>;
  untagResource(input: table.UntagResourceInput, options?: CallOptions): Promise<object>;
  listTagsOfResource(
    input: table.ListTagsOfResourceInput,
    options?: CallOptions,
  ): Promise<table.ListTagsOfResourceOutput>;
  /** Says of a table, or of its stream, who may use it (docs/access.md). */
  putResourcePolicy(
    input: table.PutResourcePolicyInput,
    options?: CallOptions,
  ): Promise<table.ResourcePolicyRevision>;
  getResourcePolicy(
    input: table.ResourcePolicyInput,
    options?: CallOptions,
  ): Promise<table.ResourcePolicyOutput>;
  deleteResourcePolicy(
    input: table.DeleteResourcePolicyInput,
    options?: CallOptions,
  ): Promise<Partial<table.ResourcePolicyRevision>>;
  enableKinesisStreamingDestination(
    input: table.KinesisStreamingDestinationInput,
    options?: CallOptions,
  ): Promise<table.KinesisStreamingDestinationOutput>;
  disableKinesisStreamingDestination(
    input: table.KinesisStreamingDestinationInput,
    options?: CallOptions,
  ): Promise<table.KinesisStreamingDestinationOutput>;
  updateKinesisStreamingDestination(
    input: table.UpdateKinesisStreamingDestinationInput,
    options?: CallOptions,
  ): Promise<table.KinesisStreamingDestinationOutput>;
  describeKinesisStreamingDestination(
    input: table.TableInput,
    options?: CallOptions,
  ): Promise<table.DescribeKinesisStreamingDestinationOutput>;
  describeLimits(input?: object, options?: CallOptions): Promise<table.DescribeLimitsOutput>;
  describeEndpoints(input?: object, options?: CallOptions): Promise<table.DescribeEndpointsOutput>;
  /** Turns time to live on or off: docs/ttl.md. Once an hour and table. */
  updateTimeToLive(
    input: table.UpdateTimeToLiveInput,
    options?: CallOptions,
  ): Promise<table.UpdateTimeToLiveOutput>;
  describeTimeToLive(
    input: table.TableInput,
    options?: CallOptions,
  ): Promise<table.DescribeTimeToLiveOutput>;
  updateContributorInsights(
    input: insight.UpdateContributorInsightsInput,
    options?: CallOptions,
  ): Promise<insight.UpdateContributorInsightsOutput>;
  describeContributorInsights(
    input: insight.ContributorInsightsInput,
    options?: CallOptions,
  ): Promise<insight.DescribeContributorInsightsOutput>;
  listContributorInsights(
    input?: insight.ListContributorInsightsInput,
    options?: CallOptions,
  ): Promise<insight.ListContributorInsightsOutput>;

  putItem<I = PlainItem>(
    input: item.PutItemInput,
    options?: CallOptions,
  ): Promise<item.WriteOutput<I>>;
  getItem<I = PlainItem>(
    input: item.GetItemInput,
    options?: CallOptions,
  ): Promise<item.GetItemOutput<I>>;
  updateItem<I = PlainItem>(
    input: item.UpdateItemInput,
    options?: CallOptions,
  ): Promise<item.WriteOutput<I>>;
  deleteItem<I = PlainItem>(
    input: item.DeleteItemInput,
    options?: CallOptions,
  ): Promise<item.WriteOutput<I>>;
  query<I = PlainItem>(input: item.QueryInput, options?: CallOptions): Promise<item.PageOutput<I>>;
  scan<I = PlainItem>(input: item.ScanInput, options?: CallOptions): Promise<item.PageOutput<I>>;
  batchGetItem<I = PlainItem>(
    input: item.BatchGetItemInput,
    options?: CallOptions,
  ): Promise<item.BatchGetItemOutput<I>>;
  batchWriteItem<I = PlainItem>(
    input: item.BatchWriteItemInput,
    options?: CallOptions,
  ): Promise<item.BatchWriteItemOutput<I>>;
  transactWriteItems(
    input: item.TransactWriteItemsInput,
    options?: CallOptions,
  ): Promise<item.TransactWriteItemsOutput>;
  transactGetItems<I = PlainItem>(
    input: item.TransactGetItemsInput,
    options?: CallOptions,
  ): Promise<item.TransactGetItemsOutput<I>>;

  executeStatement<I = PlainItem>(
    input: statement.ExecuteStatementInput,
    options?: CallOptions,
  ): Promise<statement.ExecuteStatementOutput<I>>;
  batchExecuteStatement<I = PlainItem>(
    input: statement.BatchExecuteStatementInput,
    options?: CallOptions,
  ): Promise<statement.BatchExecuteStatementOutput<I>>;
  executeTransaction<I = PlainItem>(
    input: statement.ExecuteTransactionInput,
    options?: CallOptions,
  ): Promise<statement.ExecuteTransactionOutput<I>>;

  listStreams(
    input?: stream.ListStreamsInput,
    options?: CallOptions,
  ): Promise<stream.ListStreamsOutput>;
  describeStream(
    input: stream.DescribeStreamInput,
    options?: CallOptions,
  ): Promise<stream.DescribeStreamOutput>;
  getShardIterator(
    input: stream.GetShardIteratorInput,
    options?: CallOptions,
  ): Promise<stream.GetShardIteratorOutput>;
  getRecords<I = PlainItem>(
    input: stream.GetRecordsInput,
    options?: CallOptions,
  ): Promise<stream.GetRecordsOutput<I>>;
}
