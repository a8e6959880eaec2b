/**
 * Inputs and outputs of DynamoDB's item operations. `I` is what an item in the output is.
 *
 * The legacy parameters (`Expected`, `KeyConditions`, ...) work too; they are typed as the open
 * member of `LegacyParameters`, because nobody should write them anew.
 */
import type { InputItem, PlainItem } from './value-types.ts';

export type ReturnConsumedCapacity = 'INDEXES' | 'TOTAL' | 'NONE';
export type ReturnItemCollectionMetrics = 'SIZE' | 'NONE';

/** What expressions have replaced. */
export interface LegacyParameters {
  readonly AttributesToGet?: readonly string[];
  readonly AttributeUpdates?: object;
  readonly Expected?: object;
  readonly ConditionalOperator?: 'AND' | 'OR';
  readonly KeyConditions?: object;
  readonly QueryFilter?: object;
  readonly ScanFilter?: object;
}

interface Names {
  readonly ExpressionAttributeNames?: Readonly<Record<string, string>>;
}

interface Placeholders extends Names {
  readonly ExpressionAttributeValues?: InputItem;
}

interface Condition extends Placeholders {
  readonly ConditionExpression?: string;
  readonly ReturnValuesOnConditionCheckFailure?: 'ALL_OLD' | 'NONE';
}

interface Write extends Condition, LegacyParameters {
  readonly TableName: string;
  readonly ReturnConsumedCapacity?: ReturnConsumedCapacity;
  readonly ReturnItemCollectionMetrics?: ReturnItemCollectionMetrics;
}

export interface Capacity {
  readonly CapacityUnits?: number;
  readonly ReadCapacityUnits?: number;
  readonly WriteCapacityUnits?: number;
}

export interface ConsumedCapacity extends Capacity {
  readonly TableName?: string;
  readonly Table?: Capacity;
  readonly LocalSecondaryIndexes?: Readonly<Record<string, Capacity>>;
  readonly GlobalSecondaryIndexes?: Readonly<Record<string, Capacity>>;
}

export interface ItemCollectionMetrics {
  readonly ItemCollectionKey?: PlainItem;
  readonly SizeEstimateRangeGB?: readonly number[];
}

export interface PutItemInput extends Write {
  readonly Item: InputItem;
  readonly ReturnValues?: 'NONE' | 'ALL_OLD';
}

export interface DeleteItemInput extends Write {
  readonly Key: InputItem;
  readonly ReturnValues?: 'NONE' | 'ALL_OLD';
}

export interface UpdateItemInput extends Write {
  readonly Key: InputItem;
  readonly UpdateExpression?: string;
  readonly ReturnValues?: 'NONE' | 'ALL_OLD' | 'ALL_NEW' | 'UPDATED_OLD' | 'UPDATED_NEW';
}

export interface WriteOutput<I = PlainItem> {
  readonly Attributes?: I;
  readonly ConsumedCapacity?: ConsumedCapacity;
  readonly ItemCollectionMetrics?: ItemCollectionMetrics;
}

export interface GetItemInput extends Names, LegacyParameters {
  readonly TableName: string;
  readonly Key: InputItem;
  readonly ConsistentRead?: boolean;
  readonly ProjectionExpression?: string;
  readonly ReturnConsumedCapacity?: ReturnConsumedCapacity;
}

export interface GetItemOutput<I = PlainItem> {
  readonly Item?: I;
  readonly ConsumedCapacity?: ConsumedCapacity;
}

interface Page extends Placeholders, LegacyParameters {
  readonly TableName: string;
  readonly IndexName?: string;
  readonly Select?: 'ALL_ATTRIBUTES' | 'ALL_PROJECTED_ATTRIBUTES' | 'SPECIFIC_ATTRIBUTES' | 'COUNT';
  readonly Limit?: number;
  readonly ConsistentRead?: boolean;
  readonly ExclusiveStartKey?: InputItem | undefined;
  readonly FilterExpression?: string;
  readonly ProjectionExpression?: string;
  readonly ReturnConsumedCapacity?: ReturnConsumedCapacity;
}

export interface QueryInput extends Page {
  readonly KeyConditionExpression?: string;
  readonly ScanIndexForward?: boolean;
}

export interface ScanInput extends Page {
  readonly Segment?: number;
  readonly TotalSegments?: number;
}

export interface PageOutput<I = PlainItem> {
  /** Absent with `Select: 'COUNT'`. */
  readonly Items?: readonly I[];
  readonly Count: number;
  readonly ScannedCount: number;
  /** The next page's ExclusiveStartKey; absent at the end. */
  readonly LastEvaluatedKey?: I;
  readonly ConsumedCapacity?: ConsumedCapacity;
}

export interface KeysAndAttributes<K = InputItem> extends Names {
  readonly Keys: readonly K[];
  readonly AttributesToGet?: readonly string[];
  readonly ConsistentRead?: boolean;
  readonly ProjectionExpression?: string;
}

export interface BatchGetItemInput {
  readonly RequestItems: Readonly<Record<string, KeysAndAttributes>>;
  readonly ReturnConsumedCapacity?: ReturnConsumedCapacity;
}

export interface BatchGetItemOutput<I = PlainItem> {
  readonly Responses: Readonly<Record<string, readonly I[]>>;
  readonly UnprocessedKeys: Readonly<Record<string, KeysAndAttributes<I>>>;
  readonly ConsumedCapacity?: readonly ConsumedCapacity[];
}

export interface WriteRequest<I = InputItem> {
  readonly PutRequest?: { readonly Item: I };
  readonly DeleteRequest?: { readonly Key: I };
}

export interface BatchWriteItemInput {
  readonly RequestItems: Readonly<Record<string, readonly WriteRequest[]>>;
  readonly ReturnConsumedCapacity?: ReturnConsumedCapacity;
  readonly ReturnItemCollectionMetrics?: ReturnItemCollectionMetrics;
}

export interface BatchWriteItemOutput<I = PlainItem> {
  readonly UnprocessedItems: Readonly<Record<string, readonly WriteRequest<I>[]>>;
  readonly ItemCollectionMetrics?: Readonly<Record<string, readonly ItemCollectionMetrics[]>>;
  readonly ConsumedCapacity?: readonly ConsumedCapacity[];
}

interface TransactCondition extends Condition {
  readonly TableName: string;
}

export interface TransactWriteItem {
  readonly ConditionCheck?: TransactCondition & {
    readonly Key: InputItem;
    readonly ConditionExpression: string;
  };
  readonly Put?: TransactCondition & { readonly Item: InputItem };
  readonly Delete?: TransactCondition & { readonly Key: InputItem };
  readonly Update?: TransactCondition & {
    readonly Key: InputItem;
    readonly UpdateExpression: string;
  };
}

export interface TransactWriteItemsInput {
  readonly TransactItems: readonly TransactWriteItem[];
  readonly ClientRequestToken?: string;
  readonly ReturnConsumedCapacity?: ReturnConsumedCapacity;
  readonly ReturnItemCollectionMetrics?: ReturnItemCollectionMetrics;
}

export interface TransactWriteItemsOutput {
  readonly ConsumedCapacity?: readonly ConsumedCapacity[];
  readonly ItemCollectionMetrics?: Readonly<Record<string, readonly ItemCollectionMetrics[]>>;
}

export interface TransactGetItem {
  readonly Get: Names & {
    readonly TableName: string;
    readonly Key: InputItem;
    readonly ProjectionExpression?: string;
  };
}

export interface TransactGetItemsInput {
  readonly TransactItems: readonly TransactGetItem[];
  readonly ReturnConsumedCapacity?: ReturnConsumedCapacity;
}

export interface TransactGetItemsOutput<I = PlainItem> {
  readonly Responses: readonly { readonly Item?: I }[];
  readonly ConsumedCapacity?: readonly ConsumedCapacity[];
}
