/**
 * Inputs and outputs of DynamoDB's table operations. Times are seconds since the epoch.
 */

export interface AttributeDefinition {
  readonly AttributeName: string;
  readonly AttributeType: 'S' | 'N' | 'B';
}

export interface KeySchemaElement {
  readonly AttributeName: string;
  readonly KeyType: 'HASH' | 'RANGE';
}

export interface Projection {
  readonly ProjectionType?: 'ALL' | 'KEYS_ONLY' | 'INCLUDE';
  readonly NonKeyAttributes?: readonly string[];
}

export interface ProvisionedThroughput {
  readonly ReadCapacityUnits: number;
  readonly WriteCapacityUnits: number;
}

export interface OnDemandThroughput {
  readonly MaxReadRequestUnits?: number;
  readonly MaxWriteRequestUnits?: number;
}

export interface LocalSecondaryIndex {
  readonly IndexName: string;
  readonly KeySchema: readonly KeySchemaElement[];
  readonly Projection: Projection;
}

export interface GlobalSecondaryIndex extends LocalSecondaryIndex {
  readonly ProvisionedThroughput?: ProvisionedThroughput;
  readonly OnDemandThroughput?: OnDemandThroughput;
}

export interface StreamSpecification {
  readonly StreamEnabled: boolean;
  readonly StreamViewType?: 'KEYS_ONLY' | 'NEW_IMAGE' | 'OLD_IMAGE' | 'NEW_AND_OLD_IMAGES';
}

export interface SSESpecification {
  readonly Enabled?: boolean;
  readonly SSEType?: 'AES256' | 'KMS';
  readonly KMSMasterKeyId?: string;
}

export interface Tag {
  readonly Key: string;
  readonly Value: string;
}

export type BillingMode = 'PROVISIONED' | 'PAY_PER_REQUEST';
export type TableClass = 'STANDARD' | 'STANDARD_INFREQUENT_ACCESS';

export interface CreateTableInput {
  readonly TableName: string;
  readonly AttributeDefinitions: readonly AttributeDefinition[];
  readonly KeySchema: readonly KeySchemaElement[];
  readonly BillingMode?: BillingMode;
  readonly ProvisionedThroughput?: ProvisionedThroughput;
  readonly OnDemandThroughput?: OnDemandThroughput;
  readonly LocalSecondaryIndexes?: readonly LocalSecondaryIndex[];
  readonly GlobalSecondaryIndexes?: readonly GlobalSecondaryIndex[];
  readonly StreamSpecification?: StreamSpecification;
  readonly SSESpecification?: SSESpecification;
  readonly Tags?: readonly Tag[];
  readonly TableClass?: TableClass;
  readonly DeletionProtectionEnabled?: boolean;
}

export interface GlobalSecondaryIndexUpdate {
  readonly Create?: GlobalSecondaryIndex;
  readonly Update?: {
    readonly IndexName: string;
    readonly ProvisionedThroughput?: ProvisionedThroughput;
    readonly OnDemandThroughput?: OnDemandThroughput;
  };
  readonly Delete?: { readonly IndexName: string };
}

export interface UpdateTableInput {
  readonly TableName: string;
  readonly AttributeDefinitions?: readonly AttributeDefinition[];
  readonly BillingMode?: BillingMode;
  readonly ProvisionedThroughput?: ProvisionedThroughput;
  readonly OnDemandThroughput?: OnDemandThroughput;
  readonly GlobalSecondaryIndexUpdates?: readonly GlobalSecondaryIndexUpdate[];
  readonly StreamSpecification?: StreamSpecification;
  readonly SSESpecification?: SSESpecification;
  readonly TableClass?: TableClass;
  readonly DeletionProtectionEnabled?: boolean;
}

export type TableStatus = 'CREATING' | 'ACTIVE' | 'UPDATING' | 'DELETING';

export interface ThroughputDescription extends ProvisionedThroughput {
  readonly LastIncreaseDateTime?: number;
  readonly LastDecreaseDateTime?: number;
  readonly NumberOfDecreasesToday?: number;
}

export interface LocalSecondaryIndexDescription extends LocalSecondaryIndex {
  readonly IndexArn: string;
  readonly IndexSizeBytes?: number;
  readonly ItemCount?: number;
}

export interface GlobalSecondaryIndexDescription extends LocalSecondaryIndexDescription {
  readonly IndexStatus: TableStatus;
  readonly Backfilling?: boolean;
  readonly ProvisionedThroughput?: ThroughputDescription;
}

export interface TableDescription {
  readonly TableName: string;
  readonly TableId: string;
  readonly TableArn: string;
  readonly TableStatus: TableStatus;
  readonly CreationDateTime: number;
  readonly AttributeDefinitions?: readonly AttributeDefinition[];
  readonly KeySchema?: readonly KeySchemaElement[];
  readonly ItemCount?: number;
  readonly TableSizeBytes?: number;
  readonly ProvisionedThroughput?: ThroughputDescription;
  readonly BillingModeSummary?: {
    readonly BillingMode: BillingMode;
    readonly LastUpdateToPayPerRequestDateTime?: number;
  };
  readonly LocalSecondaryIndexes?: readonly LocalSecondaryIndexDescription[];
  readonly GlobalSecondaryIndexes?: readonly GlobalSecondaryIndexDescription[];
  readonly StreamSpecification?: StreamSpecification;
  readonly LatestStreamArn?: string;
  readonly LatestStreamLabel?: string;
  readonly TableClassSummary?: { readonly TableClass: TableClass };
  readonly DeletionProtectionEnabled?: boolean;
}

export interface TableInput {
  readonly TableName: string;
}

export interface TableDescriptionOutput {
  readonly TableDescription: TableDescription;
}

export interface DescribeTableOutput {
  readonly Table: TableDescription;
}

export interface ListTablesInput {
  readonly Limit?: number;
  readonly ExclusiveStartTableName?: string;
}

export interface ListTablesOutput {
  readonly TableNames: readonly string[];
  readonly LastEvaluatedTableName?: string;
}

export interface TagResourceInput {
  readonly ResourceArn: string;
  readonly Tags: readonly Tag[];
}

export interface UntagResourceInput {
  readonly ResourceArn: string;
  readonly TagKeys: readonly string[];
}

export interface ListTagsOfResourceInput {
  readonly ResourceArn: string;
  readonly NextToken?: string;
}

export interface ResourcePolicyInput {
  /** Of a table or of its stream. */
  readonly ResourceArn: string;
}

export interface PutResourcePolicyInput extends ResourcePolicyInput {
  /** JSON, at most 20,480 bytes. */
  readonly Policy: string;
  /** The revision it takes the place of; `NO_POLICY` where there must be none. */
  readonly ExpectedRevisionId?: string;
  readonly ConfirmRemoveSelfResourceAccess?: boolean;
}

export interface DeleteResourcePolicyInput extends ResourcePolicyInput {
  readonly ExpectedRevisionId?: string;
}

export interface ResourcePolicyRevision {
  readonly RevisionId: string;
}

export interface ResourcePolicyOutput extends ResourcePolicyRevision {
  readonly Policy: string;
}

export interface ListTagsOfResourceOutput {
  readonly Tags: readonly Tag[];
  readonly NextToken?: string;
}

export interface DescribeLimitsOutput {
  readonly AccountMaxReadCapacityUnits: number;
  readonly AccountMaxWriteCapacityUnits: number;
  readonly TableMaxReadCapacityUnits: number;
  readonly TableMaxWriteCapacityUnits: number;
}

export interface DescribeEndpointsOutput {
  readonly Endpoints: readonly {
    readonly Address: string;
    readonly CachePeriodInMinutes: number;
  }[];
}

/** `AttributeName` is of a top-level attribute that holds epoch seconds. */
export interface TimeToLiveSpecification {
  readonly Enabled: boolean;
  readonly AttributeName: string;
}

export interface UpdateTimeToLiveInput extends TableInput {
  readonly TimeToLiveSpecification: TimeToLiveSpecification;
}

export interface UpdateTimeToLiveOutput {
  readonly TimeToLiveSpecification: TimeToLiveSpecification;
}

export interface DescribeTimeToLiveOutput {
  readonly TimeToLiveDescription: {
    readonly TimeToLiveStatus: 'ENABLING' | 'ENABLED' | 'DISABLING' | 'DISABLED';
    /** While it is on. */
    readonly AttributeName?: string;
  };
}

export interface KinesisStreamingDestinationInput extends TableInput {
  readonly StreamArn: string;
  readonly EnableKinesisStreamingConfiguration?: KinesisStreamingConfiguration;
}

export interface UpdateKinesisStreamingDestinationInput extends TableInput {
  readonly StreamArn: string;
  readonly UpdateKinesisStreamingConfiguration: KinesisStreamingConfiguration;
}

export interface KinesisStreamingConfiguration {
  readonly ApproximateCreationDateTimePrecision?: 'MILLISECOND' | 'MICROSECOND';
}

export interface KinesisStreamingDestinationOutput {
  readonly TableName: string;
  readonly StreamArn: string;
  readonly DestinationStatus: 'ENABLING' | 'DISABLING' | 'UPDATING';
  readonly EnableKinesisStreamingConfiguration?: KinesisStreamingConfiguration;
  readonly UpdateKinesisStreamingConfiguration?: KinesisStreamingConfiguration;
}

export interface DescribeKinesisStreamingDestinationOutput {
  readonly TableName: string;
  readonly KinesisDataStreamDestinations: readonly {
    readonly StreamArn: string;
    readonly DestinationStatus: 'ACTIVE' | 'DISABLED';
    readonly ApproximateCreationDateTimePrecision: 'MILLISECOND' | 'MICROSECOND';
  }[];
}
